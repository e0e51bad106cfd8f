package main

import (
	"bytes"
	"fmt"
	"net/http"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	_ "k8s.io/kubernetes/pkg/apis/core/install" // the conversion from a query to PodLogOptions
)

const (
	logLines       = 100
	followInterval = 200 * time.Millisecond
)

// containerLog is what each container has printed: "line 0" to "line 99", one a second, the last of them when the
// cluster started. Who follows it gets "tick 0", "tick 1" and so on, five a second.
type containerLog struct{ started time.Time }

func (l containerLog) serve(w http.ResponseWriter, r *http.Request) {
	var options corev1.PodLogOptions
	err := legacyscheme.ParameterCodec.DecodeParameters(r.URL.Query(), corev1.SchemeGroupVersion, &options)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if options.Previous {
		// The kubelet's words.
		message := fmt.Sprintf("previous terminated container %q in pod %q not found",
			r.PathValue("container"), r.PathValue("pod"))
		http.Error(w, message, http.StatusBadRequest)
		return
	}
	written := l.lines(options)
	if limit := options.LimitBytes; limit != nil && int64(len(written)) >= *limit {
		_, _ = w.Write(written[:*limit]) // fails when the client is gone, here and below
		return
	}
	_, _ = w.Write(written)
	if !options.Follow {
		return
	}
	ticker := time.NewTicker(followInterval)
	defer ticker.Stop()
	for i := 0; ; i++ {
		_ = http.NewResponseController(w).Flush()
		select {
		case now := <-ticker.C:
			_, _ = w.Write(logLine(options, now, fmt.Sprintf("tick %d", i)))
		case <-r.Context().Done():
			return
		}
	}
}

func (l containerLog) lines(options corev1.PodLogOptions) []byte {
	first := 0
	if tail := options.TailLines; tail != nil && *tail < logLines {
		first = logLines - int(*tail)
	}
	var since time.Time
	if options.SinceTime != nil {
		since = options.SinceTime.Time
	} else if options.SinceSeconds != nil {
		since = time.Now().Add(-time.Duration(*options.SinceSeconds) * time.Second)
	}
	var written bytes.Buffer
	for i := first; i < logLines; i++ {
		if at := l.started.Add(time.Duration(i+1-logLines) * time.Second); !at.Before(since) {
			written.Write(logLine(options, at, fmt.Sprintf("line %d", i)))
		}
	}
	return written.Bytes()
}

func logLine(options corev1.PodLogOptions, at time.Time, text string) []byte {
	if options.Timestamps {
		return fmt.Appendf(nil, "%s %s\n", at.UTC().Format(time.RFC3339Nano), text)
	}
	return fmt.Appendf(nil, "%s\n", text)
}
