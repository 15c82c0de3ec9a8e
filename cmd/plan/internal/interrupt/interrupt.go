// Package interrupt ends a context by the signals of a process.
package interrupt

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"plan/runner"
)

// Signals are handled until Stop: the first one cancels the context, the second one
// calls the function of OnSecond and ends the process with its code. SIGQUIT does so at
// once. What that function prints is waited for until a further signal, and at most for
// sayTime: the output may be a pipe that is full. A closed output, such as that of tee
// after the same Ctrl-C, does not end the process: it still has to remove what it made.
type Signals struct {
	signals chan os.Signal
	watched chan struct{} // closed when no signal is handled any more
	exit    func(code int)
	cancel  context.CancelFunc
	mu      sync.Mutex
	second  func() (code int, say func())
}

// sayTime is how long what is printed after the second signal may take.
const sayTime = 10 * time.Second

// Handle returns a context that ends with the first signal.
func Handle(ctx context.Context) (context.Context, *Signals) {
	ctx, cancel := context.WithCancel(ctx)
	i := &Signals{
		signals: make(chan os.Signal, 2), watched: make(chan struct{}), exit: os.Exit, cancel: cancel,
		second: func() (int, func()) { return runner.ExitInterrupted, func() {} },
	}
	signal.Ignore(syscall.SIGPIPE)
	signal.Notify(i.signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	go i.watch()
	return ctx, i
}

// watch handles the signals until Stop.
func (i *Signals) watch() {
	defer close(i.watched)
	first, open := <-i.signals
	if !open {
		return
	}
	if first != syscall.SIGQUIT { // which prints what is in progress: that must not be cancelled before
		i.cancel()
		if _, open := <-i.signals; !open {
			return
		}
	}
	i.exit(i.end())
}

// end calls the function of OnSecond, and returns the exit code.
func (i *Signals) end() int {
	i.mu.Lock()
	second := i.second
	i.mu.Unlock()
	code, say := second()
	said := make(chan struct{})
	go func() {
		say()
		close(said)
	}()
	signals, late := i.signals, time.After(sayTime)
	for {
		select {
		case <-said:
			return code
		case _, open := <-signals:
			if open {
				return code
			}
			signals = nil // Stop was called, which waits
		case <-late:
			return code
		}
	}
}

// OnSecond replaces the function that is called after the second signal. It returns the
// exit code, and what prints how far the command has got.
func (i *Signals) OnSecond(do func() (code int, say func())) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.second = do
}

// Stop handles signals no longer, and ends the context. After a second signal it does not
// return: what is being printed would be cut by the end of the command.
func (i *Signals) Stop() {
	signal.Stop(i.signals)
	close(i.signals)
	i.cancel()
	<-i.watched
}
