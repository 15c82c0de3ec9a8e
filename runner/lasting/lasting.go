// Package lasting keeps an agent for a whole run, which may need several.
package lasting

import (
	"context"
	"sync"
	"time"

	"plan/agent"
	"plan/engine"
	"plan/inference"
	"plan/internal/exchange"
	"plan/internal/host"
)

// Client is what a run needs of the client of its agent.
type Client interface {
	Hello() agent.Hello
	Ready(ctx context.Context, probe inference.Probe) (plain bool, err error)
	First(ctx context.Context, address string, requests []exchange.Request, within time.Duration) (inference.Answers, error)
	Again(ctx context.Context, address string, requests []exchange.Request) ([]exchange.Outcome, error)
	Connect(ctx context.Context, address string, number int) (agent.Connections, error)
	Over(ctx context.Context, connections agent.Connections, number int, requests []exchange.Request) ([]exchange.Outcome, error)
	HangUp(connections agent.Connections)
	Load(ctx context.Context, load engine.Load, addresses []string, rec engine.Recorder) (engine.Result, error)
	HeldLoad(ctx context.Context, load engine.Load, addresses []string, prepared func(context.Context),
		rec engine.Recorder) (engine.Result, error)
	Fetch(ctx context.Context, page agent.Page) (agent.Answer, error)
	Host() (host.Figures, bool)
	Lost() bool // it has ended
	Close() error
}

// Agent is the agent of a run. It is started again between trials where it has ended, for example because the
// command was stopped for longer than an agent waits: nothing in it outlasts a trial.
type Agent struct {
	Client  // the present one
	start   func(context.Context) (Client, error)
	present *present
}

// New returns an agent that is not started yet: Renew is called before all else.
func New(start func(context.Context) (Client, error)) *Agent {
	p := &present{}
	return &Agent{p, start, p}
}

// Renew starts the agent if there is none, or if it has ended.
func (a *Agent) Renew(ctx context.Context) (renewed bool, err error) {
	old := a.present.current()
	if old != nil && !old.Lost() {
		return false, nil
	}
	if old != nil {
		_ = old.Close() // its container has ended
	}
	next, err := a.start(ctx)
	if err != nil {
		return false, err
	}
	a.present.mu.Lock()
	defer a.present.mu.Unlock()
	a.present.now = next
	return true, nil
}

// present passes calls on to the client that is current.
type present struct {
	mu  sync.Mutex
	now Client // nil before the first
}

func (p *present) current() Client {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now
}

func (p *present) Hello() agent.Hello { return p.current().Hello() }
func (p *present) Lost() bool         { return p.current().Lost() }
func (p *present) Close() error       { return p.current().Close() }

func (p *present) Host() (host.Figures, bool) { return p.current().Host() }

func (p *present) Ready(ctx context.Context, probe inference.Probe) (plain bool, err error) {
	return p.current().Ready(ctx, probe)
}

func (p *present) First(ctx context.Context, address string, requests []exchange.Request,
	within time.Duration) (inference.Answers, error) {
	return p.current().First(ctx, address, requests, within)
}

func (p *present) Again(ctx context.Context, address string,
	requests []exchange.Request) ([]exchange.Outcome, error) {
	return p.current().Again(ctx, address, requests)
}

func (p *present) Connect(ctx context.Context, address string, number int) (agent.Connections, error) {
	return p.current().Connect(ctx, address, number)
}

func (p *present) Over(ctx context.Context, c agent.Connections, number int,
	requests []exchange.Request) ([]exchange.Outcome, error) {
	return p.current().Over(ctx, c, number, requests)
}

func (p *present) HangUp(c agent.Connections) { p.current().HangUp(c) }

func (p *present) Load(ctx context.Context, load engine.Load, addresses []string,
	rec engine.Recorder) (engine.Result, error) {
	return p.current().Load(ctx, load, addresses, rec)
}

func (p *present) HeldLoad(ctx context.Context, load engine.Load, addresses []string,
	prepared func(context.Context), rec engine.Recorder) (engine.Result, error) {
	return p.current().HeldLoad(ctx, load, addresses, prepared, rec)
}

func (p *present) Fetch(ctx context.Context, page agent.Page) (agent.Answer, error) {
	return p.current().Fetch(ctx, page)
}
