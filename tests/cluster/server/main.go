// Command cluster is the real server of Coxswain's tests: etcd, kube-apiserver and the streaming half of a
// kubelet in one binary, so that a test run needs neither containers nor anything installed but Go.
//
//	cluster -dir DIR [-- FLAG...]    serve from the empty directory DIR; FLAGs go to kube-apiserver
//	cluster apiserver FLAG...        kube-apiserver alone, which the first form starts as its child
//	cluster kubectl ARGUMENT...      kubectl, for tests that compare with it
//	cluster informer KUBECONFIG [FEATURE=BOOLEAN...]
//	                                 client-go's shared informer of ConfigMaps, for tests of the server in memory
//
// kube-apiserver cannot be started twice in one process, and tests want it to die while its data lives on. So
// etcd, the kubelet and the control endpoint live in the parent and the API server in a child.
//
// The parent prints one line of JSON on stdout once all of it works (see ready), and runs until SIGINT, SIGTERM,
// SIGHUP or the end of its stdin, whichever is first. Its child and the commands run by exec end with it, however
// it ends. It listens on the loopback interface only and writes in DIR only.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

// ready is the line on stdout that says where everything is.
type ready struct {
	Ready      bool   `json:"ready"`
	Server     string `json:"server"`     // of the API server, the same after a restart
	Kubeconfig string `json:"kubeconfig"` // absolute path; see writeKubeconfig for its contexts
	Control    string `json:"control"`    // what to put before /restart and the others, see controlHandler
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == apiServerCommand {
		os.Exit(runAPIServer(os.Args[2:]))
	}
	if len(os.Args) > 1 && os.Args[1] == kubectlCommand {
		os.Exit(runKubectl(os.Args[2:]))
	}
	if len(os.Args) > 2 && os.Args[1] == informerCommand {
		if err := runInformer(os.Args[2], os.Args[3:]...); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	// A set of its own: packages of Kubernetes put theirs into the global one.
	flags := flag.NewFlagSet("cluster", flag.ExitOnError)
	dir := flags.String("dir", "", "empty or absent directory that everything is written to")
	_ = flags.Parse(os.Args[1:]) // ExitOnError: it does not return one
	if *dir == "" {
		flags.Usage()
		os.Exit(2)
	}

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		defer cancel()
		_, _ = io.Copy(io.Discard, os.Stdin) // an error means what the end does: nobody holds the other side
	}()
	if err := serve(ctx, *dir, flags.Args()); err != nil && ctx.Err() == nil {
		fmt.Fprintln(os.Stderr, "cluster:", err)
		os.Exit(1)
	}
}

// serve brings everything up, says so, and takes it down again when ctx ends.
func serve(ctx context.Context, dir string, extraFlags []string) error {
	files, err := createDir(dir)
	if err != nil {
		return err
	}
	identities, err := createIdentities(files)
	if err != nil {
		return fmt.Errorf("making certificates: %w", err)
	}

	store, err := startEtcd(ctx, files)
	if err != nil {
		return fmt.Errorf("starting etcd: %w", err)
	}
	defer store.Close()

	kubelet, err := startKubelet(files)
	if err != nil {
		return fmt.Errorf("starting the kubelet: %w", err)
	}
	defer kubelet.close()

	server, err := newAPIServer(files, identities, store.url, extraFlags)
	if err != nil {
		return fmt.Errorf("preparing the API server: %w", err)
	}
	defer server.close()
	if err := server.start(ctx); err != nil {
		return err
	}

	serviceAccountToken, err := createObjects(ctx, server.clientConfig(identities), kubelet.port)
	if err != nil {
		return fmt.Errorf("creating the first objects: %w", err)
	}
	kubeconfig, err := writeKubeconfig(files, server.url, identities, serviceAccountToken)
	if err != nil {
		return fmt.Errorf("writing the kubeconfig: %w", err)
	}

	control, err := startControl(ctx, server, store)
	if err != nil {
		return fmt.Errorf("starting the control endpoint: %w", err)
	}
	defer control.close()

	line := ready{Ready: true, Server: server.url, Kubeconfig: kubeconfig, Control: control.url}
	if err := json.NewEncoder(os.Stdout).Encode(line); err != nil {
		return fmt.Errorf("saying that it is ready: %w", err)
	}
	<-ctx.Done()
	return nil
}

// directory is the absolute path of the only directory that is written to.
type directory string

// createDir insists on an empty directory: data of an earlier run would not fit the new certificates.
func createDir(dir string) (directory, error) {
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(absolute, 0o700); err != nil {
		return "", err
	}
	entries, err := os.ReadDir(absolute)
	if err != nil {
		return "", err
	}
	if len(entries) > 0 {
		return "", errors.New(dir + " is not empty")
	}
	return directory(absolute), nil
}

func (d directory) path(name string) string { return filepath.Join(string(d), name) }

// write is for keys and tokens too: nobody else may read.
func (d directory) write(name string, content []byte) error {
	return os.WriteFile(d.path(name), content, 0o600)
}
