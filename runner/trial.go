package runner

import (
	"context"
	"fmt"
	"time"

	"plan/containers"
	"plan/engine"
	"plan/plans"
	"plan/runner/journal"
)

const (
	holdTime    = 5 * time.Second // a service must live on for, after its load
	cleanupTime = 30 * time.Second
	logLines    = 50
)

// order is what one trial is to do.
type order struct {
	stage     plans.Stage
	id        string
	repeats   string // id of the trial that it repeats
	limits    plans.Settings
	users     int
	load      *engine.Load // nil: the service only has to start
	firstLook bool
}

// trial runs fresh containers at given limits and says what they showed. The
// error is the environment's; the trial that comes with it may be aborted.
func (r *run) trial(ctx context.Context, o order) (journal.Trial, error) {
	t := r.blank(o)
	if s := r.admit(o); s.reason != "" {
		return finished(t, aborted(s)), nil
	}
	r.status(o, "starting")
	team, err := r.start(ctx, o)
	if err != nil {
		return r.notStarted(ctx, t, err)
	}
	w := &watch{team: team, beside: r.beside.Readings, figures: r.figures, floor: r.floor}
	live := w.begin(ctx)
	x := r.exercise(live, team, o)
	if live.Err() != nil {
		x.err = nil // what was being asked was given up, and says nothing of its own
	}
	return r.conclude(ctx, live, t, o, w, x)
}

// notStarted tells an interruption and a lost engine from what the plan or
// the image is to blame for.
func (r *run) notStarted(ctx context.Context, t journal.Trial, err error) (journal.Trial, error) {
	if s := stopOf(ctx); s.reason != "" {
		return finished(t, aborted(s)), nil
	}
	return r.lost(t, err)
}

// stopOf is why a context ended, where the service is not the reason.
func stopOf(ctx context.Context) stop {
	switch cause := context.Cause(ctx).(type) {
	case nil:
		return stop{}
	case stop:
		return cause
	}
	return stop{journal.User, "interrupted"}
}

// conclude reads how it ended, removes the containers and judges.
func (r *run) conclude(ctx, live context.Context, t journal.Trial, o order, w *watch, x exercised) (journal.Trial, error) {
	early := stopOf(live) // what comes from here on ends nothing early
	if live.Err() != nil && early == errEnded {
		w.settle()
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTime)
	defer cancel()
	states, err := w.team.states(last)
	e := evidence{team: w.team, states: states, end: w.team.usages(), x: x}
	restarted := w.restarted()
	one := decisive(states, restarted, x.at)
	e.log, _ = w.team[one].Logs(last, logLines)
	w.end() // that they are removed is no event of the service
	e.series = w.seen()
	r.status(o, "removing it")
	removeErr := w.team.remove(last)
	e.fill(&t, o, one, r.Header.Host.CPUs)
	if err := firstError(err, x.err); err != nil {
		return r.lost(t, err)
	}
	s := seen{
		phase: x.phase, stop: early, state: states[one], restarted: restarted[one], ready: o.stage.Service.Ready,
		notReady: x.notReady, requests: x.asked, first: x.first, load: x.load, threshold: o.stage.Threshold,
	}
	if len(states) > 1 {
		s.replica = one + 1
	}
	if err := cannotStart(o.stage.Service, s); err != nil && early.reason == "" {
		return r.lost(t, err)
	}
	return finished(t, r.blamed(context.WithoutCancel(ctx), o, t.Started, r.judged(s, t, o))), removeErr
}

// judged adds the assertions to a trial that nothing else decided.
func (r *run) judged(s seen, t journal.Trial, o order) verdict {
	v := judge(s)
	if len(o.stage.Asserts) == 0 || (v.verdict != journal.Passed && s.load == nil) {
		return v
	}
	asserts, diags := r.Plan.Assert(o.stage.Address, r.known, trialValues(t))
	if diags.HasErrors() {
		asserts = append(asserts, plans.Failure{Name: "assert", Message: diags.Error()})
	}
	s.asserts = asserts
	return judge(s)
}

// cannotStart is a command that the image does not have, told by the shell in
// it: the plan's or the image's fault, not a verdict.
func cannotStart(service plans.Service, s seen) error {
	code := s.state.ExitCode
	if s.phase != phaseStart || code == nil || (*code != 126 && *code != 127) || len(s.state.Witnesses) > 0 {
		return nil
	}
	return &containers.Error{
		Kind:    containers.CannotStart,
		Summary: fmt.Sprintf("the command of %s ended with %d: it does not exist in the image, or may not be run", service.Address, *code),
		Help:    "check `command` of the service and the image's own entrypoint",
	}
}

// lost gives a trial up that the environment ended.
func (r *run) lost(t journal.Trial, err error) (journal.Trial, error) {
	what, _ := inWords(err)
	return finished(t, aborted(stop{journal.EngineLost, what})), err
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func finished(t journal.Trial, v verdict) journal.Trial {
	t.Verdict, t.Why, t.Failures = v.verdict, v.why, v.failures
	if v.reason != "" {
		t.Reason = &v.reason
	}
	t.Seconds.Total = time.Since(t.Started).Seconds()
	return t
}
