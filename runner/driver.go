package runner

import (
	"context"
	"net"
	"time"

	"plan/containers"
	"plan/engine"
	"plan/internal/units"
	"plan/plans"
	"plan/runner/journal"
	"plan/runner/locust"
)

// driver makes the load of one trial.
type driver interface {
	// Run returns when the load or ctx ends. The result is nil where no user had
	// begun by then; the error is the environment's.
	Run(ctx context.Context) (*engine.Result, journal.Source, error)
}

// driver returns the driver that the plan names, the built-in one where it names
// none.
func (p *phases) driver(load engine.Load) driver {
	service, foreign := p.spec.stage.Service, p.spec.stage.Load.Driver
	if foreign == nil {
		return builtIn{agent: p.agent, observer: p.observer, status: p.status, load: load, addresses: p.replicas.addresses()}
	}
	host, hosts := p.replicas.target(service, p.environment.alias(service))
	return locust.Driver{
		File: foreign.File, Data: foreign.Data, Image: foreign.Image, ImageID: p.environment.pinned(foreign.Image),
		Trial: p.spec.id, Load: load, Host: host, Hosts: hosts, Networks: p.environment.spec(service).Networks,
		Start: func(ctx context.Context, spec containers.Spec) (locust.Container, error) {
			return p.environment.runtime.Start(ctx, spec)
		},
		Fetch: p.agent.Fetch, Status: p.status, Window: p.observer.Window, Note: p.observer.Note,
	}
}

// builtIn is the driver that runs in the agent.
type builtIn struct {
	agent     Agent
	observer  Observer
	status    func(doing string)
	load      engine.Load
	addresses []string // that the load is spread over
}

func (b builtIn) Run(ctx context.Context) (*engine.Result, journal.Source, error) {
	b.status("load for " + units.Duration(b.load.Runtime))
	source := journal.Source{Driver: journal.OwnEngine, Way: journal.Network, Began: time.Now()}
	result, err := b.agent.Load(ctx, b.load, b.addresses, recorder{b.observer})
	if err != nil {
		return nil, source, err
	}
	return &result, source, nil
}

type recorder struct{ Observer }

func (r recorder) Record(w engine.Window) { r.Window(w) }

// target returns the one host:port behind which all replicas are: the service's
// name, or the alias that only they share; and the addresses of names that the
// networks do not resolve.
func (t replicas) target(service plans.Service, alias string) (host string, hosts map[string]string) {
	address, port, _ := net.SplitHostPort(t[0].Address())
	switch {
	case len(t) > 1:
		return net.JoinHostPort(alias, port), nil
	case net.ParseIP(address) == nil:
		return t[0].Address(), nil
	}
	return net.JoinHostPort(service.Name, port), map[string]string{service.Name: address}
}
