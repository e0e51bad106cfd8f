package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"k8s.io/cri-streaming/pkg/streaming/portforward"
	"k8s.io/cri-streaming/pkg/streaming/remotecommand"
	"k8s.io/klog/v2"
)

const (
	streamIdleTimeout     = 4 * time.Hour // the kubelet's default
	streamCreationTimeout = remotecommand.DefaultStreamCreationTimeout
)

// kubelet is the part of one that kube-apiserver calls for exec, attach, port-forward and logs, with the kubelet's
// own code for the protocols. There are no containers: a "container" runs its commands as processes of this
// machine (see exec.go), and its network is the loopback interface.
type kubelet struct {
	port     int32
	server   *http.Server
	dir      string // working directory and home of all commands
	closing  context.Context
	cancel   context.CancelFunc
	commands sync.WaitGroup
}

func startKubelet(files directory) (*kubelet, error) {
	cert, err := tls.LoadX509KeyPair(files.path("kubelet.crt"), files.path("kubelet.key"))
	if err != nil {
		return nil, err
	}
	ca, err := os.ReadFile(files.path("ca.crt"))
	if err != nil {
		return nil, err
	}
	clients := x509.NewCertPool()
	clients.AppendCertsFromPEM(ca)
	log, err := os.OpenFile(files.path("kubelet.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	// Else each command that cannot be started is an "Unhandled Error" among the output of the tests.
	klog.SetSlogLogger(slog.New(slog.NewTextHandler(log, nil)))
	k := &kubelet{dir: files.path("container")}
	if err := os.Mkdir(k.dir, 0o700); err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	k.port = int32(listener.Addr().(*net.TCPAddr).Port)
	k.closing, k.cancel = context.WithCancel(context.Background())
	k.server = &http.Server{
		Handler:           k.handler(),
		ReadHeaderTimeout: 5 * time.Second,
		TLSConfig: &tls.Config{
			Certificates: []tls.Certificate{cert},
			// Who reaches this can run commands, so it has to be kube-apiserver.
			ClientAuth: tls.RequireAndVerifyClientCert,
			ClientCAs:  clients,
			NextProtos: []string{"http/1.1"}, // only it has upgrades to a stream
		},
	}
	go k.server.ServeTLS(listener, "", "")
	return k, nil
}

// close ends all commands and returns when they have ended.
func (k *kubelet) close() {
	k.cancel()
	k.server.Close()
	k.commands.Wait()
}

func (k *kubelet) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/exec/{namespace}/{pod}/{container}", func(w http.ResponseWriter, r *http.Request) {
		options, err := remotecommand.NewOptions(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		remotecommand.ServeExec(w, r, k, r.PathValue("pod"), "", r.PathValue("container"), r.URL.Query()["command"],
			options, streamIdleTimeout, streamCreationTimeout, remotecommand.SupportedStreamingProtocols)
	})
	mux.HandleFunc("/attach/{namespace}/{pod}/{container}", func(w http.ResponseWriter, r *http.Request) {
		options, err := remotecommand.NewOptions(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		remotecommand.ServeAttach(w, r, k, r.PathValue("pod"), "", r.PathValue("container"),
			options, streamIdleTimeout, streamCreationTimeout, remotecommand.SupportedStreamingProtocols)
	})
	mux.HandleFunc("/portForward/{namespace}/{pod}", func(w http.ResponseWriter, r *http.Request) {
		options, err := portforward.NewV4Options(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		portforward.ServePortForward(w, r, k, r.PathValue("pod"), "", options,
			streamIdleTimeout, streamCreationTimeout, portforward.SupportedProtocols)
	})
	mux.HandleFunc("GET /containerLogs/{namespace}/{pod}/{container}", containerLog{started: time.Now()}.serve)
	return mux
}

// PortForward connects the stream with a port of this machine, each direction until its end.
func (k *kubelet) PortForward(ctx context.Context, pod, uid string, port int32, stream io.ReadWriteCloser) error {
	connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return err
	}
	defer connection.Close()
	// When one side breaks off, the copy of the other direction ends too, so neither error says anything new.
	var directions sync.WaitGroup
	directions.Go(func() {
		_, _ = io.Copy(connection, stream)
		_ = connection.(*net.TCPConn).CloseWrite()
	})
	directions.Go(func() {
		_, _ = io.Copy(stream, connection)
		_ = stream.Close()
	})
	directions.Wait()
	return nil
}
