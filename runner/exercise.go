package runner

import (
	"context"
	"slices"
	"time"

	"plan/containers"
	"plan/engine"
	"plan/internal/exchange"
	"plan/internal/wait"
	"plan/plans"
	"plan/runner/journal"
	"plan/runner/judge"
	"plan/runner/readiness"
	"plan/runner/requests"
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
	if plain := t.those(func(i int) bool { return ready[i].Plain }); len(plain) > 0 {
		r.status(o, "waiting until its memory comes to rest")
		seen.Notes = append(seen.Notes, readiness.Settle(ctx, plain)...)
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

// await waits until every replica is ready; all of them have the same time. It
// gives what came of each.
func (r *run) await(ctx context.Context, t team, service plans.Service, seen *judge.Observation) (all []readiness.Result, err error) {
	deadline := time.Now().Add(service.Ready.Within)
	for i, instance := range t {
		service.Ready.Within = time.Until(deadline)
		seen.Asked = i
		got, err := readiness.Wait(ctx, r.agent, instance, service, containers.Subject)
		seen.NotReady = got.NotReady
		if got.Note != "" {
			seen.Notes = append(seen.Notes, t.who(i)+got.Note)
		}
		all = append(all, got)
		if seen.NotReady != "" || err != nil || ctx.Err() != nil {
			return nil, err
		}
	}
	return all, nil
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
		seen.Again = slices.Repeat([][]exchange.Request{requests.Paths(*seen.Load, o.stage.Service)}, len(t))
	}
	return err
}

// first sends one request of each kind to every replica, until one fails, and
// gives the load that is then to come. Until early ends one that is refused or
// answered 503 is sent again.
func (r *run) first(ctx context.Context, t team, o order, early time.Time, seen *judge.Observation) (engine.Load, error) {
	seen.Phase = journal.PhaseFirst
	r.status(o, "one request of each kind")
	p, err := requests.NewFirst(*o.load)
	if err != nil {
		return engine.Load{}, err
	}
	var repeats [][]exchange.Request
	for i, instance := range t {
		seen.Asked = i
		if seen.Requests, err = p.Next(); err != nil {
			return engine.Load{}, err
		}
		answers, err := r.agent.First(ctx, instance.Address(), seen.Requests, max(0, time.Until(early)))
		seen.First = answers.Outcomes
		seen.Again = append(seen.Again, requests.AsUser(seen.Requests[len(o.load.OnStart):], answers.Cookies))
		if err != nil || ctx.Err() != nil {
			return engine.Load{}, err
		}
		if !answered(seen.First) { // a dying service breaks the connection before its end is told
			wait.For(ctx, requests.Settle)
			return engine.Load{}, nil
		}
		repeats = append(repeats, p.Repeatable(seen.Again[i], len(o.load.OnStart)))
	}
	if err := r.spread(ctx, t, repeats, seen); err != nil || ctx.Err() != nil {
		return engine.Load{}, err
	}
	return p.Rest(*o.load)
}

// spread sends one of each request to every process of each replica, for
// plans.Spread at most. What they come to decides nothing, but for the end of
// what they kill.
func (r *run) spread(ctx context.Context, t team, kinds [][]exchange.Request, seen *judge.Observation) error {
	within, cancel := context.WithTimeout(ctx, plans.Spread)
	defer cancel()
	errs, notes := make([]error, len(t)), make([]string, len(t))
	t.each(func(i int, instance Instance) {
		seen.Replicas[i].Processes, notes[i], errs[i] = requests.Spread(within, r.agent, instance, kinds[i])
	})
	for i, note := range notes {
		if note != "" {
			seen.Notes = append(seen.Notes, t.who(i)+note)
		}
	}
	return firstError(errs...)
}

// askAfterLoad asks every replica once more after a load, whatever drove it: what
// showed that it is ready, where that was an answer, and one of each request,
// where it is known.
func (r *run) askAfterLoad(ctx context.Context, t team, o order, ready []readiness.Result, seen *judge.Observation) error {
	kinds := seen.Again
	seen.Again, seen.Answers = make([][]exchange.Request, len(t)), make([][]exchange.Outcome, len(t))
	errs := make([]error, len(t))
	t.each(func(i int, instance Instance) {
		ask := func(address string, all []exchange.Request) (answered bool) {
			var got []exchange.Outcome
			got, errs[i] = r.agent.Again(ctx, address, all)
			seen.Again[i], seen.Answers[i] = append(seen.Again[i], all...), append(seen.Answers[i], got...)
			return errs[i] == nil && judge.Unanswered(got) < 0
		}
		if ready[i].HTTP {
			if address, request := readiness.Request(o.stage.Service, instance); !ask(address, []exchange.Request{request}) {
				return
			}
		}
		if i < len(kinds) {
			ask(instance.Address(), kinds[i])
		}
	})
	return firstError(errs...)
}

func answered(first []exchange.Outcome) bool {
	for _, o := range first {
		if o.Class != exchange.OK {
			return false
		}
	}
	return true
}
