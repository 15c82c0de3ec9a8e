package sample

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync/atomic"

	"plan/internal/units"
)

// workerVariable marks a process that is the worker of its parent. The worker
// gets the arguments of the parent, so that it also calls Serve.
const workerVariable = "PLAN_SAMPLE_WORKER"

// runWorker runs the worker: it allocates memory, prints "ready", and waits for
// the end of its parent.
func runWorker(size string, stdin io.Reader, stdout io.Writer) error {
	bytes, err := units.ParseBytes(size)
	if err != nil {
		return err
	}
	memory, err := allocate(bytes)
	if err != nil {
		return err
	}
	defer memory.release()
	fmt.Fprintln(stdout, "ready")
	_, err = io.Copy(io.Discard, stdin)
	return err
}

// worker is a process of the service.
type worker struct {
	dead atomic.Bool
	end  func() // ends the process and waits for it
}

// startWorker starts a worker and waits until it is ready or dead.
func startWorker(ctx context.Context, size units.Bytes) (*worker, error) {
	path, err := os.Executable()
	if err != nil {
		return nil, err
	}
	command := exec.CommandContext(ctx, path, os.Args[1:]...)
	command.Env = append(os.Environ(), fmt.Sprintf("%s=%db", workerVariable, size))
	command.Stderr = os.Stderr
	stdin, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("cannot start the worker: %w", err)
	}
	w, ended := &worker{}, make(chan struct{})
	ready := make([]byte, len("ready\n"))
	_, err = io.ReadFull(stdout, ready)
	w.dead.Store(err != nil)
	go func() {
		defer close(ended)
		_ = command.Wait() // only the end matters
		w.dead.Store(true)
	}()
	w.end = func() {
		stdin.Close()
		<-ended
	}
	return w, nil
}
