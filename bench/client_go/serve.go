package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/client-go/kubernetes/scheme"
)

const protobufType = "application/vnd.kubernetes.protobuf"

// What is sent in Protobuf: the pods of the data server, encoded once.
type data struct {
	list []byte
	// Of each pod an event that adds it, and two that change it, as frames of a watch.
	added, changed, changedAgain [][]byte
	bookmark                     []byte
	events                       int
}

// Serves what a data server (bench/server.ts) has in Protobuf, which that one cannot write. Prints its URL, and ends
// when its input ends.
func serve(from, caFile, certFile, keyFile string, events int) {
	pods := load(from, caFile)
	d := encode(pods, events)
	mux := http.NewServeMux()
	mux.HandleFunc("/api/v1/pods", d.answer)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	scheme := "http"
	if certFile != "" {
		scheme = "https"
		go func() { check(http.ServeTLS(listener, mux, certFile, keyFile)) }()
	} else {
		go func() { check(http.Serve(listener, mux)) }()
	}
	print(map[string]string{"url": fmt.Sprintf("%s://%s", scheme, listener.Addr())})
	io.Copy(io.Discard, os.Stdin)
}

func load(from, caFile string) []v1.Pod {
	client := http.DefaultClient
	if caFile != "" {
		pem, err := os.ReadFile(caFile)
		check(err)
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(pem)
		client = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
	}
	var pods []v1.Pod
	for token := ""; ; {
		response, err := client.Get(from + "/api/v1/pods?limit=500&continue=" + token)
		check(err)
		var page v1.PodList
		check(json.NewDecoder(response.Body).Decode(&page))
		response.Body.Close()
		pods = append(pods, page.Items...)
		if token = page.Continue; token == "" {
			return pods
		}
	}
}

func encode(pods []v1.Pod, events int) *data {
	serializer := protobuf.NewSerializer(scheme.Scheme, scheme.Scheme)
	whole := func(object runtime.Object, kind string) []byte {
		object.GetObjectKind().SetGroupVersionKind(v1.SchemeGroupVersion.WithKind(kind))
		bytes, err := runtime.Encode(serializer, object)
		check(err)
		return bytes
	}
	frame := func(kind string, object runtime.Object) []byte {
		event := metav1.WatchEvent{Type: kind, Object: runtime.RawExtension{Raw: whole(object, "Pod")}}
		bytes, err := event.Marshal()
		check(err)
		return append(binary.BigEndian.AppendUint32(nil, uint32(len(bytes))), bytes...)
	}
	list := v1.PodList{ListMeta: metav1.ListMeta{ResourceVersion: "9000000"}, Items: pods}
	d := &data{list: whole(&list, "PodList"), events: events}
	for _, pod := range pods {
		version := pod.ResourceVersion
		d.added = append(d.added, frame("ADDED", &pod))
		if events == 0 {
			continue
		}
		pod.ResourceVersion = "2" + version[1:]
		d.changed = append(d.changed, frame("MODIFIED", &pod))
		pod.ResourceVersion = "3" + version[1:]
		d.changedAgain = append(d.changedAgain, frame("MODIFIED", &pod))
	}
	end := v1.Pod{ObjectMeta: metav1.ObjectMeta{
		ResourceVersion: "9000000",
		Annotations:     map[string]string{"k8s.io/initial-events-end": "true"},
	}}
	d.bookmark = frame("BOOKMARK", &end)
	return d
}

func (d *data) answer(response http.ResponseWriter, request *http.Request) {
	if !strings.HasPrefix(request.Header.Get("Accept"), protobufType) {
		http.Error(response, "only Protobuf", http.StatusNotAcceptable)
		return
	}
	query := request.URL.Query()
	if query.Get("watch") == "" {
		response.Header().Set("Content-Type", protobufType)
		response.Write(d.list)
		return
	}
	response.Header().Set("Content-Type", protobufType+";stream=watch")
	if query.Get("sendInitialEvents") == "true" {
		for _, frame := range d.added {
			response.Write(frame)
		}
		response.Write(d.bookmark)
	}
	for count := 0; count < d.events; count++ {
		round, index := count/len(d.added), count%len(d.added)
		frames := d.changed
		if round%2 == 1 {
			frames = d.changedAgain
		}
		if _, err := response.Write(frames[index]); err != nil {
			return
		}
	}
	response.(http.Flusher).Flush()
	<-request.Context().Done()
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
