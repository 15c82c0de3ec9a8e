package runner

import (
	"context"
	"net"
	"slices"
	"time"

	"plan/agent"
	"plan/containers"
	"plan/engine"
	"plan/internal/units"
	"plan/plans"
	"plan/runner/journal"
	"plan/runner/lasting"
	"plan/runner/locust"
)

// driver makes the load of one trial.
type driver interface {
	// Run returns when the load or ctx ends. The result is nil where no user had
	// begun by then; the error is the environment's. Beside a result it is that of
	// the removal of what made the load.
	Run(ctx context.Context) (*engine.Result, journal.Source, error)
}

// driver returns the driver that the plan names, the built-in one where it names
// none.
func (p *phases) driver(load engine.Load) driver {
	service, foreign := p.spec.stage.Service, p.spec.stage.Load.Driver
	if foreign == nil {
		return builtIn{agents: p.agents, observer: p.observer, exchanges: p.exchanges, trial: p.spec.id, status: p.status,
			load: load, addresses: p.replicas.addresses()}
	}
	host, hosts := p.replicas.target(service, p.environment.networks.Shared(service))
	var files []locust.File
	for _, f := range foreign.Files {
		files = append(files, locust.File(f))
	}
	var bounds []string
	for _, o := range p.spec.stage.Threshold {
		bounds = append(bounds, o.Metric)
	}
	return locust.Driver{
		File: foreign.File, Data: foreign.Data, Image: foreign.Image, ImageID: p.environment.images.Pinned(foreign.Image),
		Trial: p.spec.id, Load: load, Host: host, Hosts: hosts, Networks: p.environment.spec(service).Networks,
		Start: func(ctx context.Context, spec containers.Spec) (locust.Container, error) {
			return p.environment.platform.Start(ctx, spec)
		},
		Environment: foreign.Environment, Args: foreign.Args, Tags: foreign.Tags, Requirements: foreign.Requirements,
		Shape: foreign.Shape, Bounds: bounds,
		Files: files, Folder: foreign.Folder,
		Fetch: p.agent.Fetch, Status: p.status, Window: p.observer.Window, Note: p.observer.Note,
	}
}

// builtIn is the driver that runs in the agent.
type builtIn struct {
	agents    []lasting.Client // that the load is divided over, at least one
	observer  Observer
	exchanges ExchangeRecorder // may be nil
	trial     string           // id
	status    func(doing string)
	load      engine.Load
	addresses []string // that the load is spread over
}

func (b builtIn) Run(ctx context.Context) (*engine.Result, journal.Source, error) {
	b.status("load for " + units.Duration(b.load.Runtime))
	source := journal.Source{
		Driver: journal.OwnEngine, Way: journal.Network, Began: time.Now(), RisesUntil: b.load.RisesUntil().Seconds(),
	}
	load, rec := b.load, recorder{observer: b.observer}
	if b.exchanges != nil {
		load.Exchanges, rec.exchanges = true, b.exchanges
		rec.load = ExchangeLoad{b.trial, slices.Concat(load.Requests, load.OnStart), b.addresses}
	}
	result, err := b.send(ctx, load, rec)
	if err != nil {
		return nil, source, err
	}
	return &result, source, nil
}

// send sends the load from its agents.
func (b builtIn) send(ctx context.Context, load engine.Load, rec engine.Recorder) (engine.Result, error) {
	if len(b.agents) == 1 {
		return b.agents[0].Load(ctx, load, b.addresses, rec)
	}
	var agents []agent.Loader
	for _, a := range b.agents {
		agents = append(agents, a)
	}
	return agent.DividedLoad(ctx, agents, load, b.addresses, rec)
}

// recorder passes on the windows of a load, and its exchanges where they are asked for.
type recorder struct {
	observer  Observer
	exchanges ExchangeRecorder // may be nil
	load      ExchangeLoad
}

func (r recorder) Record(w engine.Window) {
	if r.exchanges != nil && len(w.Exchanges) > 0 {
		r.exchanges.RecordExchanges(r.load, w.Exchanges)
		w.Exchanges = nil
	}
	r.observer.Window(w)
}

// target returns the one host:port behind which all replicas are: the service's
// name, or the one that they share; and the addresses of names that the networks do
// not resolve.
func (t replicas) target(service plans.Service, shared string) (host string, hosts map[string]string) {
	address, port, _ := net.SplitHostPort(t[0].Address())
	switch {
	case len(t) > 1:
		return net.JoinHostPort(shared, port), nil
	case net.ParseIP(address) == nil:
		return t[0].Address(), nil
	}
	return net.JoinHostPort(service.Name, port), map[string]string{service.Name: address}
}
