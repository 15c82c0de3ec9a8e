package sample

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"
)

// Serve starts the service and serves until ctx ends, or until SIGTERM or
// SIGINT; then it returns nil. It returns *Exit if the configuration has an
// exit code. It prints its address to stdout when it listens.
func Serve(ctx context.Context, config Config, stdout io.Writer) error {
	if size, ok := os.LookupEnv(workerVariable); ok {
		return runWorker(size, os.Stdin, stdout)
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	defer debug.SetGCPercent(debug.SetGCPercent(25)) // a small Go heap, so that allocated blocks dominate
	if _, ok := os.LookupEnv(processVariable); ok {
		return serveShared(ctx, config, os.Stdin)
	}
	if config.Processes > 0 {
		return supervise(ctx, config, stdout)
	}
	var listener net.Listener
	if config.EarlyPort {
		early, err := listen(config.Address, stdout)
		if err != nil {
			return err
		}
		defer early.Close()
		listener = early
	}
	s, err := start(ctx, config)
	if err != nil {
		return ignoreStop(ctx, err)
	}
	defer s.close()
	if listener == nil {
		if listener, err = listen(config.Address, stdout); err != nil {
			return err
		}
	}
	return s.serve(ctx, listener)
}

// start runs the start-up before listening.
func start(ctx context.Context, config Config) (*service, error) {
	if err := sleep(ctx, config.StartDelay); err != nil {
		return nil, err
	}
	if config.ExitCode != nil {
		return nil, &Exit{Code: *config.ExitCode}
	}
	s := &service{config: config, burnSlots: make(chan struct{}, burners)}
	if config.Slots > 0 {
		s.slots = make(chan struct{}, config.Slots)
	}
	started := false
	defer func() {
		if !started {
			s.close()
		}
	}()
	var err error
	if s.memory, err = allocate(config.memorySize("/sys/fs/cgroup")); err != nil {
		return nil, err
	}
	if config.SharedMemory > 0 {
		if s.shared, err = writeShared("/dev/shm", config.SharedMemory); err != nil {
			return nil, err
		}
	}
	if config.Peak > 0 {
		peak, err := allocate(config.Peak)
		if err != nil {
			return nil, err
		}
		if err := errors.Join(sleep(ctx, config.PeakTime), peak.release()); err != nil {
			return nil, err
		}
	}
	if config.WorkerMemory > 0 {
		if s.worker, err = startWorker(ctx, config.WorkerMemory); err != nil {
			return nil, err
		}
	}
	started = true
	return s, nil
}

func listen(address string, stdout io.Writer) (net.Listener, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(stdout, "listening on %s\n", listener.Addr())
	return listener, nil
}

func (s *service) serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{Handler: s.routes(), BaseContext: func(net.Listener) context.Context { return ctx }}
	defer context.AfterFunc(ctx, func() { server.Close() })()
	return ignoreStop(ctx, server.Serve(listener))
}

// ignoreStop returns nil if ctx has ended, else err.
func ignoreStop(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// sleep waits, or returns an error when ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
