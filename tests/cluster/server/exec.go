package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
	"k8s.io/cri-streaming/pkg/streaming/remotecommand"
	utilexec "k8s.io/utils/exec"
)

// ExecInContainer runs a command and reports its exit code. What it left in the background ends with it.
func (k *kubelet) ExecInContainer(ctx context.Context, pod, uid, container string, argv []string, in io.Reader,
	out, errOut io.WriteCloser, tty bool, resize <-chan remotecommand.TerminalSize, timeout time.Duration) error {
	k.commands.Add(1)
	defer k.commands.Done()
	command := exec.Command(argv[0], argv[1:]...)
	command.Dir = k.dir
	command.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + k.dir, "TMPDIR=" + k.dir, "HOSTNAME=" + pod}
	var err error
	if tty {
		err = k.runInTerminal(ctx, command, in, out, resize)
	} else {
		err = k.runWithPipes(ctx, command, in, out, errOut)
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return err
	}
	code := exit.ExitCode()
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		code = 128 + int(status.Signal()) // as container runtimes report it
	}
	return utilexec.CodeExitError{Err: err, Code: code}
}

// AttachContainer stands in for the container's main process, which says "attached" and then repeats its input.
func (k *kubelet) AttachContainer(ctx context.Context, pod, uid, container string, in io.Reader,
	out, errOut io.WriteCloser, tty bool, resize <-chan remotecommand.TerminalSize) error {
	mainProcess := []string{"sh", "-c", "echo attached; cat"}
	return k.ExecInContainer(ctx, pod, uid, container, mainProcess, in, out, errOut, tty, resize, 0)
}

func (k *kubelet) runWithPipes(ctx context.Context, command *exec.Cmd, in io.Reader, out, errOut io.WriteCloser) error {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Stdout, command.Stderr = out, errOut
	if in != nil {
		// Not command.Stdin: a command that ends before its input does would wait for the rest.
		stdin, err := command.StdinPipe()
		if err != nil {
			return err
		}
		go func() {
			_, _ = io.Copy(stdin, in) // fails when the command has ended, and its exit code says more
			_ = stdin.Close()
		}()
	}
	return k.run(ctx, command)
}

func (k *kubelet) runInTerminal(ctx context.Context, command *exec.Cmd, in io.Reader, out io.Writer,
	resize <-chan remotecommand.TerminalSize) error {
	control, terminal, err := openTerminal()
	if err != nil {
		return err
	}
	defer control.Close()
	if out == nil {
		out = io.Discard // somebody has to read, or the command could not write
	}
	command.Env = append(command.Env, "TERM=xterm")
	command.Stdin, command.Stdout, command.Stderr = terminal, terminal, terminal
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if in != nil {
		go io.Copy(control, in) // ends with the stream, which is closed once we return
	}
	if resize != nil {
		go resizeTerminal(control, resize) // likewise
	}
	printed := make(chan struct{})
	go func() {
		defer close(printed)
		_, _ = io.Copy(out, control) // always fails: the end of a terminal is an EIO
	}()
	err = k.run(ctx, command, terminal)
	<-printed
	return err
}

func resizeTerminal(control *os.File, sizes <-chan remotecommand.TerminalSize) {
	connection, err := control.SyscallConn()
	if err != nil {
		return // it is closed
	}
	for size := range sizes {
		_ = connection.Control(func(fd uintptr) { // fails only when it is closed
			_ = unix.IoctlSetWinsize(int(fd), unix.TIOCSWINSZ, &unix.Winsize{Col: size.Width, Row: size.Height})
		})
	}
}

// run starts a command, which is the leader of its process group, and returns when it has ended. It closes what
// the command has inherited.
func (k *kubelet) run(ctx context.Context, command *exec.Cmd, inherited ...io.Closer) error {
	// Linux ends the command with the thread that started it, so that thread has to stay.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	endWithParent(command.SysProcAttr)
	err := command.Start()
	for _, file := range inherited {
		_ = file.Close()
	}
	if err != nil {
		return err
	}
	killGroup := func() {
		_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL) // fails when nothing of the group is left
	}
	defer killGroup()
	defer context.AfterFunc(ctx, killGroup)()
	defer context.AfterFunc(k.closing, killGroup)()
	return command.Wait()
}
