package main

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"plan/runner"
)

// interrupts handles signals: the first one cancels the context, the second one
// calls the function of onSecond and ends the process. A closed output, such as
// that of tee after the same Ctrl-C, does not end the process: it still has to
// remove what it made.
type interrupts struct {
	signals chan os.Signal
	cancel  context.CancelFunc
	mu      sync.Mutex
	second  func()
}

func interruptible(ctx context.Context) (context.Context, *interrupts) {
	ctx, cancel := context.WithCancel(ctx)
	i := &interrupts{signals: make(chan os.Signal, 2), cancel: cancel, second: func() {}}
	signal.Ignore(syscall.SIGPIPE)
	signal.Notify(i.signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		if _, open := <-i.signals; !open {
			return
		}
		i.cancel()
		if _, open := <-i.signals; !open {
			return
		}
		i.mu.Lock()
		defer i.mu.Unlock()
		i.second()
		os.Exit(runner.ExitInterrupted)
	}()
	return ctx, i
}

func (i *interrupts) onSecond(do func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.second = do
}

func (i *interrupts) stop() {
	signal.Stop(i.signals)
	close(i.signals)
	i.cancel()
}
