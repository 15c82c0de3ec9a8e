package runner

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"plan/containers"
	"plan/engine"
	"plan/inference"
	"plan/internal/exchange"
	"plan/internal/units"
	"plan/internal/wait"
	"plan/plans"
	"plan/runner/journal"
	"plan/runner/judge"
	"plan/runner/lasting"
	"plan/runner/readiness"
	"plan/runner/requests"
)

// phases takes the replicas of one trial through its phases, and notes what is
// observed.
type phases struct {
	agent       lasting.Client
	agents      []lasting.Client // that the load is divided over; the first is agent
	observer    Observer
	exchanges   ExchangeRecorder // may be nil
	environment *environment
	status      func(doing string)
	spec        trialSpec
	replicas    replicas
	observed    judge.Observation
	leftover    error // of a generator that could not be removed after its load
	lost        bool  // the load ended early, because the trial has failed
}

// run goes on until a phase ends the trial. The error is the environment's.
func (p *phases) run(ctx context.Context) error {
	p.observed = judge.Observation{Phase: journal.PhaseStart, Replicas: p.replicas.observed(p.spec.startLimits())}
	begun := time.Now()
	p.status("waiting until it is ready")
	service := p.spec.stage.Service
	deadline := begun.Add(service.Ready.Within) // of all replicas
	var ready []readiness.Result
	var plain replicas
	for i, instance := range p.replicas {
		service.Ready.Within = time.Until(deadline)
		p.observed.Asked = i
		got, err := readiness.Wait(ctx, p.agent, instance, service, containers.Subject)
		p.observed.NotReady = got.NotReady
		if got.Note != "" {
			p.observed.Notes = append(p.observed.Notes, p.replicas.prefix(i)+got.Note)
		}
		if got.NotReady != "" || err != nil || ctx.Err() != nil {
			return err
		}
		ready = append(ready, got)
		if got.Plain {
			plain = append(plain, instance)
		}
	}
	p.observed.ReadyAfter = time.Since(begun)
	if own := limitsOf(p.spec.limits); p.spec.startLimits() != own {
		for i, instance := range p.replicas {
			if err := instance.SetCPUs(ctx, own.CPUs); err != nil {
				return err
			}
			p.observed.Replicas[i].Limits = own
		}
	}
	if len(plain) > 0 {
		p.status("waiting until its memory is stable")
		p.observed.Notes = append(p.observed.Notes, readiness.Settle(ctx, plain)...)
	}
	if ctx.Err() != nil {
		return nil
	}
	p.observed.ReadyAt = time.Now()
	for i, instance := range p.replicas {
		p.observed.Replicas[i].Rest, _ = instance.Usage()
	}
	var err error
	switch {
	case p.spec.load != nil:
		if err = p.askRoot(ctx, ready); err == nil && ctx.Err() == nil {
			err = p.load(ctx, deadline)
		}
	case p.spec.asks != nil:
		_, err = p.askFirst(ctx, *p.spec.asks, deadline)
	}
	if err != nil || ctx.Err() != nil || !allOK(p.observed.First) {
		return err
	}
	p.observed.Phase = journal.PhaseHold
	p.status("checking that it stays up")
	held := time.Now().Add(plans.Hold(p.spec.load))
	if p.spec.growth != nil || p.lost { // trials with all of their load prove what windows show; what has failed proves no more
		held = time.Now()
	}
	if p.spec.load != nil || p.spec.asks != nil {
		if err := p.askAfterLoad(ctx, ready); err != nil || ctx.Err() != nil {
			return err
		}
	}
	if wait.For(ctx, time.Until(held)); ctx.Err() == nil {
		p.observed.Phase = journal.PhaseEnd
	}
	return nil
}

// askRoot asks for / before a load whose requests are not known, where readiness was
// no response: what gets one, of whatever status, is asked again after the load.
func (p *phases) askRoot(ctx context.Context, ready []readiness.Result) error {
	unasked := func(r readiness.Result) bool { return !r.HTTP && !r.Plain }
	if len(p.spec.load.Requests) > 0 || !slices.ContainsFunc(ready, unasked) {
		return nil
	}
	p.observed.Phase = journal.PhaseFirst
	errs, silent := make([]error, len(p.replicas)), make([]bool, len(p.replicas))
	p.replicas.each(func(i int, instance Instance) {
		if !unasked(ready[i]) {
			return
		}
		address, request := readiness.Request(p.spec.stage.Service, instance)
		got, err := p.agent.Again(ctx, address, []exchange.Request{request})
		ready[i].HTTP, errs[i] = err == nil && got[0].Status > 0, err
		silent[i] = !ready[i].HTTP
	})
	if slices.Contains(silent, true) { // a dying service breaks the connection before the engine reports its end
		wait.For(ctx, requests.Settle)
	}
	return firstError(errs...)
}

// load sends one request of each kind to every replica, where the load says
// which there are, then puts the load on them. Until early ends the service may
// still be coming up.
func (p *phases) load(ctx context.Context, early time.Time) (err error) {
	load, known := *p.spec.load, len(p.spec.load.Requests) > 0 // those of a foreign driver are known to its own file alone
	if known {
		load, err = p.askFirst(ctx, load, early)
		if err != nil || ctx.Err() != nil || !allOK(p.observed.First) {
			return err
		}
	}
	p.observed.Phase = journal.PhaseLoad
	for i, instance := range p.replicas {
		p.observed.Replicas[i].Loaded, _ = instance.Usage()
	}
	p.observed.LoadStarted = time.Now()
	if enough := p.spec.enough(); enough != nil {
		var end context.CancelCauseFunc
		ctx, end = context.WithCancelCause(ctx)
		defer end(nil)
		p.observer = &ending{Observer: p.observer, enough: enough, end: end}
	}
	p.observed.Load, p.observed.Source, err = p.driver(load).Run(ctx)
	if p.observed.Load != nil { // it is judged all the same
		p.leftover, err = err, nil
	}
	if cause, is := errors.AsType[lost](context.Cause(ctx)); is && p.observed.Load != nil {
		p.lost = true
		p.observed.Notes = append(p.observed.Notes, fmt.Sprintf("its load ended after %s of %s: %v",
			units.Duration(units.Seconds(p.observed.Load.Seconds)), units.Duration(load.Runtime), cause))
	}
	if p.observed.Load != nil && !known {
		paths := requests.Paths(*p.observed.Load, p.spec.stage.Service)
		p.observed.Again = slices.Repeat([][]exchange.Request{paths}, len(p.replicas))
	}
	return err
}

// askFirst sends one request of each kind of a load to every replica, until one fails,
// then to every process of each, and returns the load that is left. Until early ends one
// that is refused or answered 503 is sent again.
func (p *phases) askFirst(ctx context.Context, load engine.Load, early time.Time) (engine.Load, error) {
	p.observed.Phase = journal.PhaseFirst
	p.status("one request of each kind")
	first, err := requests.NewFirst(load)
	if err != nil {
		return load, err
	}
	var repeats [][]exchange.Request
	for i, instance := range p.replicas {
		kinds, err := first.Next()
		if err != nil { // what is observed stays that of the replica before
			return load, err
		}
		p.observed.Asked, p.observed.Requests, p.observed.First = i, kinds, nil
		var answers inference.Answers
		for range requests.FirstTries(p.spec.stage.Threshold) {
			answers, err = p.agent.First(ctx, instance.Address(), kinds, max(0, time.Until(early)))
			if err != nil || judge.Unanswered(answers.Outcomes) < 0 {
				break
			}
		}
		p.observed.First = answers.Outcomes
		again := requests.WithCookies(kinds[len(load.OnStart):], answers.Cookies)
		p.observed.Again = append(p.observed.Again, again)
		if err != nil || ctx.Err() != nil {
			return load, err
		}
		if !allOK(p.observed.First) { // a dying service breaks the connection before the engine reports its end
			wait.For(ctx, requests.Settle)
			return load, nil
		}
		repeats = append(repeats, first.Repeatable(again, len(load.OnStart)))
	}
	within, cancel := context.WithTimeout(ctx, plans.Spread)
	defer cancel()
	errs, notes := make([]error, len(p.replicas)), make([]string, len(p.replicas))
	p.replicas.each(func(i int, instance Instance) {
		p.observed.Replicas[i].Processes, notes[i], errs[i] = requests.Spread(within, p.agent, instance, repeats[i])
	})
	for i, note := range notes {
		if note != "" {
			p.observed.Notes = append(p.observed.Notes, p.replicas.prefix(i)+note)
		}
	}
	if err := firstError(errs...); err != nil || ctx.Err() != nil {
		return load, err
	}
	return first.Rest(load)
}

// askAfterLoad asks every replica once more: what showed that it is ready, where
// that was a response, and one of each request, where it is known. A service that
// lost requests under the load may lose one of these too, so a request without a
// response is sent again, at once as often as that can be chance.
func (p *phases) askAfterLoad(ctx context.Context, ready []readiness.Result) error {
	kinds, n := p.observed.Again, len(p.replicas)
	again, answers, errs := make([][]exchange.Request, n), make([][]exchange.Outcome, n), make([]error, n)
	p.observed.Again, p.observed.Answers = again, answers
	p.replicas.each(func(i int, instance Instance) {
		ask := func(address string, all []exchange.Request) (answered bool) {
			for _, q := range all {
				var got []exchange.Outcome
				got, errs[i] = p.agent.Again(ctx, address, []exchange.Request{q})
				if more := requests.Tries(p.observed.Load, q.Name) - 1; errs[i] == nil && judge.Unanswered(got) >= 0 && more > 0 {
					got, errs[i] = p.firstAnswer(ctx, address, q, more)
				}
				again[i], answers[i] = append(again[i], q), append(answers[i], got...)
				if errs[i] != nil || judge.Unanswered(got) >= 0 {
					return false
				}
			}
			return true
		}
		if ready[i].HTTP {
			address, request := readiness.Request(p.spec.stage.Service, instance)
			if !ask(address, []exchange.Request{request}) {
				return
			}
		}
		if i < len(kinds) {
			ask(instance.Address(), kinds[i])
		}
	})
	return firstError(errs...)
}

// firstAnswer sends a request several times at once, and returns the first response; where there is none, the outcome
// of one of them.
func (p *phases) firstAnswer(ctx context.Context, address string, q exchange.Request, times int) ([]exchange.Outcome, error) {
	type answer struct {
		outcomes []exchange.Outcome
		err      error
	}
	ctx, cancel := context.WithCancel(ctx)
	answers := make(chan answer, times)
	var asking sync.WaitGroup
	defer asking.Wait()
	defer cancel()
	for range times {
		asking.Go(func() {
			outcomes, err := p.agent.Again(ctx, address, []exchange.Request{q})
			answers <- answer{outcomes, err}
		})
	}
	var last answer
	for range times {
		if last = <-answers; last.err != nil || judge.Unanswered(last.outcomes) < 0 {
			break
		}
	}
	return last.outcomes, last.err
}

func allOK(first []exchange.Outcome) bool {
	for _, o := range first {
		if o.Class != exchange.OK {
			return false
		}
	}
	return true
}
