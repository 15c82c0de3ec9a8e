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

// processVariable makes a process one of several that serve a listener of their
// parent. Like the worker it is started with the arguments of the parent.
const processVariable = "PLAN_SAMPLE_PROCESS"

// sharedListener is its number among the files of such a process.
const sharedListener = 3

// serveShared is the whole life of one of several processes: it serves until
// its parent goes.
func serveShared(ctx context.Context, config Config, stdin io.Reader) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		_, _ = io.Copy(io.Discard, stdin) // the end of it is all that matters
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

// supervise listens, and has processes serve until ctx ends or all of them have.
// One that ends is not started again.
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
		if _, err := command.StdinPipe(); err != nil { // it ends with this process
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
