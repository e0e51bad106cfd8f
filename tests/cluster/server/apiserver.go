package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
	"k8s.io/client-go/rest"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
)

const (
	// apiServerCommand makes this binary a kube-apiserver.
	apiServerCommand = "apiserver"
	// A start takes 2.5 seconds on two idle cores; the rest is for machines that are slow and busy.
	startTimeout = 90 * time.Second
	// How long requests that never end by themselves (a followed log, say) may hold up a graceful end.
	// kube-apiserver itself would give them its request time-out, a minute.
	stopTimeout = 5 * time.Second
	// Readiness is asked for this often.
	readyInterval = 50 * time.Millisecond
)

// runAPIServer is the child. Its stdin is a pipe that the parent holds: when it ends, so has the parent.
func runAPIServer(args []string) int {
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(1)
	}()
	command := app.NewAPIServerCommand()
	command.SetArgs(args)
	if err := command.Execute(); err != nil {
		return 1 // cobra has printed it
	}
	return 0
}

// apiServer starts and ends children that are kube-apiserver, one at a time, all on one port.
type apiServer struct {
	url    string
	args   []string
	log    *os.File
	probe  *http.Client
	port   int // socket that keeps the port ours while no child listens
	change sync.Mutex
	child  atomic.Pointer[child] // nil while there is none
}

func newAPIServer(files directory, id identities, etcdURL string, extraFlags []string) (*apiServer, error) {
	log, err := os.OpenFile(files.path("apiserver.log"), os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	socket, port, err := reservePort()
	if err != nil {
		log.Close()
		return nil, fmt.Errorf("reserving a port: %w", err)
	}
	s := &apiServer{url: fmt.Sprintf("https://127.0.0.1:%d", port), log: log, port: socket}
	transport, err := rest.TransportFor(s.clientConfig(id))
	if err != nil {
		s.close()
		return nil, err
	}
	s.probe = &http.Client{Transport: transport, Timeout: 5 * time.Second}
	s.args = append([]string{
		apiServerCommand,
		"--bind-address=127.0.0.1",
		"--advertise-address=127.0.0.1",
		fmt.Sprintf("--secure-port=%d", port),
		"--permit-port-sharing", // with the socket that reserves it
		"--cert-dir=" + files.path("apiserver"),
		"--tls-cert-file=" + files.path("apiserver.crt"),
		"--tls-private-key-file=" + files.path("apiserver.key"),

		"--etcd-servers=" + etcdURL,
		"--etcd-cafile=" + files.path("ca.crt"),
		"--etcd-certfile=" + files.path("apiserver-client.crt"),
		"--etcd-keyfile=" + files.path("apiserver-client.key"),
		// Tests say when, not the clock. Never (0) would also switch off what tells the watch caches of it.
		"--etcd-compaction-interval=24h",

		"--client-ca-file=" + files.path("ca.crt"),
		"--token-auth-file=" + files.path("tokens.csv"),
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + files.path("service-account.key"),
		"--service-account-signing-key-file=" + files.path("service-account.key"),
		"--authorization-mode=RBAC",
		// Without controllers nobody makes the ServiceAccount "default" that each pod would have to name.
		"--disable-admission-plugins=ServiceAccount",

		"--service-cluster-ip-range=10.0.0.0/24",
		"--endpoint-reconciler-type=none",
		"--allow-privileged=true",
		// Watches of secrets come from etcd itself: after a restart they go on where they were, while a watch
		// cache begins anew and answers 410 to every version that is older.
		"--watch-cache-sizes=secrets#0",
		"--kubelet-certificate-authority=" + files.path("ca.crt"),
		"--kubelet-client-certificate=" + files.path("apiserver-client.crt"),
		"--kubelet-client-key=" + files.path("apiserver-client.key"),
		"--kubelet-preferred-address-types=InternalIP",

		// Else a graceful end waits a minute for open watches, and then cuts them off. They end at once; this is
		// how long that may take.
		"--shutdown-watch-termination-grace-period=5s",
	}, extraFlags...)
	return s, nil
}

// clientConfig is that of an administrator.
func (s *apiServer) clientConfig(id identities) *rest.Config {
	return &rest.Config{
		Host:  s.url,
		QPS:   -1, // no limit
		Proxy: http.ProxyURL(nil),
		TLSClientConfig: rest.TLSClientConfig{
			CAData:   id.ca,
			CertData: id.admin.cert,
			KeyData:  id.admin.key,
		},
	}
}

// reservePort binds a free port on the loopback interface without listening there. A client that tries it while
// the API server is down is refused, as it should be. And it stays ours: otherwise some other connection of this
// machine could get it, even the client's own, which would then talk to itself.
func reservePort() (socket, port int, err error) {
	socket, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		return 0, 0, err
	}
	unix.CloseOnExec(socket)
	if err = unix.SetsockoptInt(socket, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1); err == nil {
		err = unix.Bind(socket, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})
	}
	if err == nil {
		var address unix.Sockaddr
		if address, err = unix.Getsockname(socket); err == nil {
			return socket, address.(*unix.SockaddrInet4).Port, nil
		}
	}
	unix.Close(socket)
	return 0, 0, err
}

// pid is that of the running child, or 0.
func (s *apiServer) pid() int {
	if child := s.child.Load(); child != nil && child.running() {
		return child.command.Process.Pid
	}
	return 0
}

// start returns when the API server is ready. It does nothing more when it already was.
func (s *apiServer) start(ctx context.Context) error {
	s.change.Lock()
	defer s.change.Unlock()
	return s.startLocked(ctx)
}

// restart ends the API server as an upgrade would and starts it again, with the same data.
func (s *apiServer) restart(ctx context.Context) error {
	s.change.Lock()
	defer s.change.Unlock()
	if child := s.child.Load(); child != nil {
		child.stop(syscall.SIGTERM, stopTimeout)
	}
	return s.startLocked(ctx)
}

// kill ends the API server as a power cut would.
func (s *apiServer) kill() {
	s.change.Lock()
	defer s.change.Unlock()
	if child := s.child.Load(); child != nil {
		child.stop(syscall.SIGKILL, stopTimeout)
	}
}

func (s *apiServer) close() {
	if child := s.child.Load(); child != nil {
		_ = child.command.Process.Kill() // at once, even if a graceful end is under way; fails only when it has ended
	}
	s.kill()
	unix.Close(s.port)
	s.log.Close()
}

func (s *apiServer) startLocked(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, startTimeout, fmt.Errorf("not ready after %v", startTimeout))
	defer cancel()
	current := s.child.Load()
	if current == nil || !current.running() {
		if ctx.Err() != nil {
			return context.Cause(ctx) // we are closing
		}
		started, err := startChild(s.args, s.log)
		if err != nil {
			return fmt.Errorf("starting kube-apiserver: %w", err)
		}
		s.child.Store(started)
		current = started
	}
	for !s.isReady(ctx) {
		select {
		case <-current.ended:
			return fmt.Errorf("kube-apiserver ended while it started: %v\n%s", current.command.ProcessState, s.logTail())
		case <-ctx.Done():
			current.stop(syscall.SIGKILL, stopTimeout)
			return fmt.Errorf("starting kube-apiserver: %w\n%s", context.Cause(ctx), s.logTail())
		case <-time.After(readyInterval):
		}
	}
	return nil
}

func (s *apiServer) isReady(ctx context.Context) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/readyz", nil)
	if err != nil {
		return false
	}
	response, err := s.probe.Do(request)
	if err != nil {
		return false
	}
	response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// logTail is what a person needs who cannot look into the directory any more.
func (s *apiServer) logTail() []byte {
	const size = 4096
	info, err := s.log.Stat()
	if err != nil {
		return nil
	}
	tail := make([]byte, size)
	n, _ := s.log.ReadAt(tail, max(0, info.Size()-size))
	return bytes.TrimSpace(tail[:n])
}

// child is a running process, or one that has ended.
type child struct {
	command *exec.Cmd
	ended   chan struct{}
}

func startChild(args []string, log *os.File) (*child, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	command := exec.Command(program, args...)
	command.Stdout, command.Stderr = log, log
	command.SysProcAttr = endWithParent(&syscall.SysProcAttr{
		Setpgid: true, // a Ctrl-C in the terminal is for the parent, which decides what becomes of the child
	})
	if _, err := command.StdinPipe(); err != nil { // never written to: its end tells the child that we are gone
		return nil, err
	}
	c := &child{command: command, ended: make(chan struct{})}
	started := make(chan error)
	go func() {
		// Linux ends the child with the thread that started it, so that thread has to stay.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := command.Start()
		started <- err
		if err == nil {
			_ = command.Wait() // how it ended is in ProcessState
			close(c.ended)
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return c, nil
}

func (c *child) running() bool {
	select {
	case <-c.ended:
		return false
	default:
		return true
	}
}

// stop returns when the child has ended, after SIGKILL if the given signal was not enough.
func (c *child) stop(signal syscall.Signal, timeout time.Duration) {
	_ = c.command.Process.Signal(signal) // fails only when it has ended
	select {
	case <-c.ended:
	case <-time.After(timeout):
		_ = c.command.Process.Kill()
		<-c.ended
	}
}
