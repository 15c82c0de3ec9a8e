package runner

import (
	"context"
	"slices"
	"time"

	"plan/engine"
	"plan/internal/exchange"
	"plan/internal/wait"
	"plan/plans"
	"plan/runner/journal"
	"plan/runner/judge"
)

// exercise takes the service through its phases until one ends it. The error is
// the environment's.
func (r *run) exercise(ctx context.Context, t team, o order) (seen judge.Observation, err error) {
	seen = judge.Observation{Phase: journal.PhaseStart, Replicas: t.replicas()}
	begun := time.Now()
	r.status(o, "waiting until it is ready")
	ready, err := r.await(ctx, t, o.stage.Service, &seen)
	if err != nil || seen.NotReady != "" || ctx.Err() != nil {
		return seen, err
	}
	seen.ReadyAfter = time.Since(begun)
	if plain := t.those(func(i int) bool { return ready[i].plain }); len(plain) > 0 {
		r.status(o, "waiting until its memory comes to rest")
		seen.Notes = append(seen.Notes, settle(ctx, plain)...)
	}
	if ctx.Err() != nil {
		return seen, nil
	}
	seen.ReadyAt = time.Now()
	for i, instance := range t {
		seen.Replicas[i].Rest, _ = instance.Usage()
	}
	if o.load != nil {
		if err := r.askAll(ctx, t, o, begun.Add(o.stage.Service.Ready.Within), &seen); err != nil || ctx.Err() != nil || !answered(seen.First) {
			return seen, err
		}
	}
	seen.Phase = journal.PhaseHold
	r.status(o, "watching it live on")
	held := time.Now().Add(plans.Hold)
	if o.load != nil {
		if err := r.askAfterLoad(ctx, t, o, ready, &seen); err != nil || ctx.Err() != nil {
			return seen, err
		}
	}
	if wait.For(ctx, time.Until(held)); ctx.Err() == nil {
		seen.Phase = journal.PhaseEnd
	}
	return seen, nil
}

// loading notes what each replica had used before the load.
func (t team) loading(seen *judge.Observation) {
	seen.Phase = journal.PhaseLoad
	for i, instance := range t {
		seen.Replicas[i].Loaded, _ = instance.Usage()
	}
}

// askAll sends one request of each kind to every replica, where the load says
// which there are, then the load. Until early ends the service may still be
// coming up.
func (r *run) askAll(ctx context.Context, t team, o order, early time.Time, seen *judge.Observation) error {
	load, known := *o.load, len(o.load.Requests) > 0 // those of another driver are known to its own file alone
	if known {
		var err error
		load, err = r.first(ctx, t, o, early, seen)
		if err != nil || ctx.Err() != nil || !answered(seen.First) {
			return err
		}
	}
	t.loading(seen)
	var err error
	seen.Load, seen.Source, err = r.driver(t, o, load).Run(ctx)
	if err == nil && seen.Load != nil && !known {
		seen.Again = slices.Repeat([][]exchange.Request{pathsOf(*seen.Load, o.stage.Service)}, len(t))
	}
	return err
}

// first sends one request of each kind to every replica, until one fails, and
// gives the load that is then to come. Until early ends one that is refused or
// answered 503 is sent again.
func (r *run) first(ctx context.Context, t team, o order, early time.Time, seen *judge.Observation) (engine.Load, error) {
	seen.Phase = journal.PhaseFirst
	r.status(o, "one request of each kind")
	p, err := newProbe(*o.load)
	if err != nil {
		return engine.Load{}, err
	}
	var repeats [][]exchange.Request
	for i, instance := range t {
		seen.Asked = i
		if seen.Requests, err = p.requests(); err != nil {
			return engine.Load{}, err
		}
		answers, err := r.agent.First(ctx, instance.Address(), seen.Requests, max(0, time.Until(early)))
		seen.First = answers.Outcomes
		seen.Again = append(seen.Again, asUser(seen.Requests[len(o.load.OnStart):], answers.Cookies))
		if err != nil || ctx.Err() != nil {
			return engine.Load{}, err
		}
		if !answered(seen.First) { // a dying service breaks the connection before its end is told
			wait.For(ctx, settleTime)
			return engine.Load{}, nil
		}
		repeats = append(repeats, p.repeatable(seen.Again[i], len(o.load.OnStart)))
	}
	if err := r.spread(ctx, t, repeats, seen); err != nil || ctx.Err() != nil {
		return engine.Load{}, err
	}
	return p.rest(*o.load)
}

func answered(first []exchange.Outcome) bool {
	for _, o := range first {
		if o.Class != exchange.OK {
			return false
		}
	}
	return true
}
