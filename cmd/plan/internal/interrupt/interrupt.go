// Package interrupt ends a context by the signals of a process.
package interrupt

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"plan/runner"
)

// Signals are handled until Stop: the first one cancels the context, the second one
// calls the function of OnSecond and ends the process with its code. SIGQUIT does so at
// once. A closed output, such as that of tee after the same Ctrl-C, does not end the
// process: it still has to remove what it made.
type Signals struct {
	signals chan os.Signal
	cancel  context.CancelFunc
	mu      sync.Mutex
	second  func() (code int)
}

// Handle returns a context that ends with the first signal.
func Handle(ctx context.Context) (context.Context, *Signals) {
	ctx, cancel := context.WithCancel(ctx)
	i := &Signals{
		signals: make(chan os.Signal, 2), cancel: cancel, second: func() int { return runner.ExitInterrupted },
	}
	signal.Ignore(syscall.SIGPIPE)
	signal.Notify(i.signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	go func() {
		first, open := <-i.signals
		if !open {
			return
		}
		i.cancel()
		if first != syscall.SIGQUIT {
			if _, open := <-i.signals; !open {
				return
			}
		}
		i.mu.Lock()
		defer i.mu.Unlock()
		os.Exit(i.second())
	}()
	return ctx, i
}

// OnSecond replaces the function that returns the exit code after the second signal.
func (i *Signals) OnSecond(do func() (code int)) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.second = do
}

// Stop handles signals no longer, and ends the context.
func (i *Signals) Stop() {
	signal.Stop(i.signals)
	close(i.signals)
	i.cancel()
}
