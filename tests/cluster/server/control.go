package main

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"time"
)

// control is an HTTP endpoint by which tests break the cluster. Its URL has a random first segment, so that only
// who read the ready line can use it.
type control struct {
	url    string
	server *http.Server
}

// status is the answer to all but /compact.
type status struct {
	State string `json:"state"` // of the API server: "running", though perhaps not ready yet, or "stopped"
	PID   int    `json:"pid,omitempty"`
}

// compacted is the answer to /compact.
type compacted struct {
	Revision int64 `json:"revision"` // every resourceVersion that was handed out before is lower
}

func startControl(ctx context.Context, server *apiServer, store *etcd) (*control, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	prefix := "/" + randomToken()
	c := &control{
		url: "http://" + listener.Addr().String() + prefix,
		server: &http.Server{
			Handler:           http.StripPrefix(prefix, controlHandler(ctx, server, store)),
			ReadHeaderTimeout: 5 * time.Second,
		},
	}
	go c.server.Serve(listener)
	return c, nil
}

func (c *control) close() { c.server.Close() }

// controlHandler answers when the thing is done:
//
//	POST /restart  SIGTERM, then start on the same port; answers when /readyz is 200 again
//	POST /kill     SIGKILL; the server stays down, its port refuses connections
//	POST /start    start if it is down; answers when /readyz is 200
//	POST /compact  compact etcd to its current revision; what the API server itself remembers is another matter
//	GET  /healthz  200 whenever this endpoint works, whatever the API server does
//
// After /compact the API server's watch caches still serve older resourceVersions: exact lists and next pages up to
// 15 seconds longer, watches as long as the events are in memory. With /restart after it, all of them get 410. A watch
// needs no more than /restart for that, as a watch cache begins anew. Secrets have no watch cache (see newAPIServer):
// for them /compact is enough, and /restart is harmless.
//
// A failure is 500 with its cause as text. Changes wait for each other, and go on to their end when the client
// leaves: a test that was stopped must not leave a cluster half started to the next.
func controlHandler(ctx context.Context, server *apiServer, store *etcd) http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, act func() (any, error)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, _ *http.Request) {
			answer, err := act()
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(answer) // fails only when the client is gone
		})
	}
	current := func() status {
		if pid := server.pid(); pid != 0 {
			return status{State: "running", PID: pid}
		}
		return status{State: "stopped"}
	}
	handle("GET /healthz", func() (any, error) { return current(), nil })
	handle("POST /restart", func() (any, error) {
		err := server.restart(ctx)
		return current(), err
	})
	handle("POST /start", func() (any, error) {
		err := server.start(ctx)
		return current(), err
	})
	handle("POST /kill", func() (any, error) {
		server.kill()
		return current(), nil
	})
	handle("POST /compact", func() (any, error) {
		revision, err := store.compact(ctx)
		return compacted{Revision: revision}, err
	})
	return mux
}
