package sample

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"sync"
)

// processVariable marks a process that serves a listener of its parent. The
// process gets the arguments of the parent.
const processVariable = "PLAN_SAMPLE_PROCESS"

// sharedListener is the number of the listener's file descriptor in such a
// process.
const sharedListener = 3

// serveShared runs such a process. It serves until its parent ends.
func serveShared(ctx context.Context, config Config, stdin io.Reader) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		_, _ = io.Copy(io.Discard, stdin) // wait for the end of stdin
		cancel()
	}()
	listener, err := net.FileListener(os.NewFile(sharedListener, "listener"))
	if err != nil {
		return err
	}
	s, err := start(ctx, config)
	if err != nil {
		return ignoreStop(ctx, err)
	}
	defer s.close()
	return s.serve(ctx, listener)
}

// supervise listens and starts processes that serve, until ctx ends or all of
// them have ended. It does not restart them.
func supervise(ctx context.Context, config Config, stdout io.Writer) error {
	listener, err := net.Listen("tcp", config.Address)
	if err != nil {
		return err
	}
	defer listener.Close()
	file, err := listener.(*net.TCPListener).File()
	if err != nil {
		return err
	}
	defer file.Close()
	path, err := os.Executable()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var running sync.WaitGroup
	defer running.Wait()
	errs := make([]error, config.Processes)
	for i := range errs {
		command := exec.CommandContext(ctx, path, os.Args[1:]...)
		command.Env, command.ExtraFiles, command.Stderr = append(os.Environ(), processVariable+"=1"), []*os.File{file}, os.Stderr
		if _, err := command.StdinPipe(); err != nil { // the pipe closes when this process ends
			return err
		}
		if err := command.Start(); err != nil {
			cancel()
			return fmt.Errorf("cannot start a process: %w", err)
		}
		running.Go(func() { errs[i] = command.Wait() })
	}
	fmt.Fprintf(stdout, "listening on %s\n", listener.Addr())
	running.Wait()
	return ignoreStop(ctx, errors.Join(errs...))
}
