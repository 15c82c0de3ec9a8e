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

// Serve starts up as configured and serves until ctx ends or the process is
// asked to terminate, which is no error. It returns *Exit where the
// configuration has it end by itself. Once it listens it says so on stdout.
func Serve(ctx context.Context, config Config, stdout io.Writer) error {
	if size, ok := os.LookupEnv(workerVariable); ok {
		return runWorker(size, os.Stdin, stdout)
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	defer debug.SetGCPercent(debug.SetGCPercent(25)) // a small heap: memory is to be what is held
	if _, ok := os.LookupEnv(processVariable); ok {
		return serveShared(ctx, config, os.Stdin)
	}
	if config.Processes > 0 {
		return supervise(ctx, config, stdout)
	}
	s, err := start(ctx, config)
	if err != nil {
		return ignoreStop(ctx, err)
	}
	defer s.close()
	return s.listen(ctx, stdout)
}

// start does what a service does before it listens.
func start(ctx context.Context, config Config) (*service, error) {
	if err := sleep(ctx, config.StartDelay); err != nil {
		return nil, err
	}
	if config.ExitCode != nil {
		return nil, &Exit{Code: *config.ExitCode}
	}
	s := newService(config)
	if err := s.takeMemory(ctx); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// takeMemory takes the memory, after it the peak for its time, and starts the worker.
func (s *service) takeMemory(ctx context.Context) (err error) {
	if s.memory, err = allocate(s.config.memorySize("/sys/fs/cgroup")); err != nil {
		return err
	}
	if s.config.Peak > 0 {
		if err := holdPeak(ctx, s.config); err != nil {
			return err
		}
	}
	if s.config.WorkerMemory > 0 {
		s.worker, err = startWorker(ctx, s.config.WorkerMemory)
	}
	return err
}

func holdPeak(ctx context.Context, config Config) error {
	peak, err := allocate(config.Peak)
	if err != nil {
		return err
	}
	return errors.Join(sleep(ctx, config.PeakTime), peak.release())
}

func (s *service) listen(ctx context.Context, stdout io.Writer) error {
	listener, err := net.Listen("tcp", s.config.Address)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "listening on %s\n", listener.Addr())
	return s.serve(ctx, listener)
}

func (s *service) serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{Handler: s.routes(), BaseContext: func(net.Listener) context.Context { return ctx }}
	defer context.AfterFunc(ctx, func() { server.Close() })()
	return ignoreStop(ctx, server.Serve(listener))
}

// ignoreStop makes the end that was asked for no error.
func ignoreStop(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// sleep waits, or ends with ctx.
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
