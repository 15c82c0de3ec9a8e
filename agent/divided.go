package agent

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"plan/engine"
)

// Loader is what DividedLoad needs of a Client.
type Loader interface {
	Hello() Hello
	HeldLoad(context.Context, engine.Load, []string, func(context.Context), engine.Recorder) (engine.Result, error)
}

// LostShare is the error of a divided load of which one agent sent no result:
// what the others measured is not the load.
type LostShare struct {
	Agent, Of int // Agent counts from 1
	Err       error
}

func (e *LostShare) Error() string { return fmt.Sprintf("agent %d of %d: %v", e.Agent, e.Of, e.Err) }

// Unwrap returns why there is no result.
func (e *LostShare) Unwrap() error { return e.Err }

// DividedLoad sends a load from several agents, each its share, and returns what
// one agent would have measured. They start together, when all have prepared
// their shares. If one of them sends no result, the others stop, and the error
// is a *LostShare.
func DividedLoad(
	ctx context.Context, agents []Loader, load engine.Load, addresses []string, rec engine.Recorder,
) (engine.Result, error) {
	load.Agents = len(agents)
	windows := engine.NewWindows(len(agents), rec)
	parts, errs := make([]engine.Part, len(agents)), make([]error, len(agents))
	sending, stop := context.WithCancel(ctx)
	defer stop()
	start := &barrier{missing: len(agents), open: make(chan struct{})}
	var running sync.WaitGroup
	for i, a := range agents {
		running.Go(func() {
			defer windows.End(i)
			hello := a.Hello()
			parts[i].Machine, parts[i].CPUs = hello.BootID, hello.CPUs
			parts[i].Result, errs[i] = a.HeldLoad(sending, load.Share(i), addresses, start.await, windows.Of(i))
			if errs[i] != nil {
				stop()
			}
		})
	}
	running.Wait()
	if err := lostShare(errs); err != nil {
		return engine.Result{}, err
	}
	series, err := windows.Series()
	if err != nil {
		return engine.Result{}, err
	}
	return engine.Merge(parts, series)
}

// lostShare returns the error of the agent that failed, not of one that was
// stopped because of it.
func lostShare(errs []error) error {
	var first error
	for i, err := range errs {
		switch {
		case err == nil:
		case !errors.Is(err, context.Canceled):
			return &LostShare{i + 1, len(errs), err}
		case first == nil:
			first = &LostShare{i + 1, len(errs), err}
		}
	}
	return first
}

// barrier is passed when so many have reached it.
type barrier struct {
	mu      sync.Mutex
	missing int
	open    chan struct{}
}

// await waits until all have come, or ctx ends.
func (b *barrier) await(ctx context.Context) {
	b.mu.Lock()
	if b.missing--; b.missing == 0 {
		close(b.open)
	}
	b.mu.Unlock()
	select {
	case <-b.open:
	case <-ctx.Done():
	}
}
