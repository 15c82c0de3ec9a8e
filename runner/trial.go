package runner

import (
	"context"
	"fmt"
	"time"

	"plan/containers"
	"plan/engine"
	"plan/plans"
	"plan/runner/journal"
	"plan/runner/judge"
)

const (
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
	longer    *time.Duration // of a search: by how much its loads have to be longer to have enough samples; nil: that is not sought
}

// trial runs fresh containers at given limits and says what they showed. The
// error is the environment's; the trial that comes with it may be aborted.
func (r *run) trial(ctx context.Context, o order) (journal.Trial, error) {
	t := r.blank(o)
	if s := r.admit(o); s != (judge.Stop{}) {
		return finished(t, s.Verdict()), nil
	}
	r.status(o, "starting")
	r.evict(ctx, o.stage.Service, &t)
	w := &watch{beside: r.beside.Readings, figures: r.figures, floor: r.floor}
	if f, ok := r.figures(); ok { // what is counted from here on is of this trial
		w.fine.Host = append(w.fine.Host, sampleOf(f))
	}
	team, err := r.start(ctx, o)
	if err != nil {
		return r.notStarted(ctx, t, err)
	}
	w.team = team
	live := w.begin(ctx)
	seen, err := r.exercise(live, team, o)
	if live.Err() != nil {
		err = nil // what was being asked was given up, and says nothing of its own
	}
	return r.conclude(ctx, live, t, o, w, seen, err)
}

// notStarted tells an interruption and a lost engine from what the plan or
// the image is to blame for.
func (r *run) notStarted(ctx context.Context, t journal.Trial, err error) (journal.Trial, error) {
	if s := stopOf(ctx); s != (judge.Stop{}) {
		return finished(t, s.Verdict()), nil
	}
	return r.lost(t, err)
}

// stopOf is why a context ended, where the service is not the reason.
func stopOf(ctx context.Context) judge.Stop {
	switch cause := context.Cause(ctx).(type) {
	case nil:
		return judge.Stop{}
	case judge.Stop:
		return cause
	}
	return judge.Stop{Reason: journal.User, Why: "interrupted"}
}

// conclude reads how the containers ended, removes them and judges what was
// seen. fault is what the environment did not do while the trial ran.
func (r *run) conclude(ctx, live context.Context, t journal.Trial, o order, w *watch, seen judge.Observation, fault error) (journal.Trial, error) {
	seen.Stop = stopOf(live) // what comes from here on ends nothing early
	if live.Err() != nil && seen.Stop == errEnded {
		w.settle()
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTime)
	defer cancel()
	states, err := w.team.states(last)
	for i, instance := range w.team {
		seen.Replicas[i].State = states[i]
		seen.Replicas[i].End, _ = instance.Usage()
	}
	cut := make([]bool, len(w.team))
	w.team.each(func(i int, instance Instance) {
		seen.Replicas[i].Resident, cut[i] = instance.Resident(last), instance.LogCut(last)
	})
	for i := range cut {
		if cut[i] {
			seen.Notes = append(seen.Notes, fmt.Sprintf("%sits log became longer than %s: older lines are lost", w.team.who(i), containers.LogLimit))
		}
	}
	w.sample()
	w.end() // that the containers are removed is no event of the service
	w.add(&seen)
	seen.Log, _ = w.team[seen.Decisive()].Logs(last, logLines)
	r.status(o, "removing it")
	removeErr := w.team.remove(last)
	record(&t, seen, o.limits.CPUs, r.Header.Host.CPUs)
	if err := firstError(err, fault, cannotStart(o.stage.Service, seen)); err != nil {
		return r.lost(t, err)
	}
	return finished(t, r.blamed(context.WithoutCancel(ctx), o, t.Started, r.judged(seen, t, o))), removeErr
}

// judged evaluates the assertions only where nothing else decided before them.
func (r *run) judged(seen judge.Observation, t journal.Trial, o order) judge.Verdict {
	criteria := judge.Criteria{
		Within: o.stage.Service.Ready.Within, Threshold: o.stage.Threshold, FirstLook: o.firstLook, Horizon: o.stage.LeakHorizon,
		Limits: limitsOf(o.limits), CPUs: r.Header.Host.CPUs, Others: r.Plan.Guard.Others(),
	}
	v := judge.Judge(seen, criteria)
	if len(o.stage.Asserts) == 0 || (v.Verdict != journal.Passed && seen.Load == nil) {
		return v
	}
	asserts, diags := r.Plan.Assert(o.stage.Address, r.known, trialValues(t))
	if diags.HasErrors() {
		asserts = append(asserts, plans.AssertFailure{Name: "assert", Message: diags.Error()})
	}
	criteria.Asserts = asserts
	return judge.Judge(seen, criteria)
}

// cannotStart is the error of a command that the image does not have.
func cannotStart(service plans.Service, seen judge.Observation) error {
	code := judge.CannotStart(seen)
	if code == 0 {
		return nil
	}
	return &containers.Error{
		Kind:    containers.CannotStart,
		Summary: fmt.Sprintf("the command of %s ended with %d: it does not exist in the image, or may not be run", service.Address, code),
		Help:    "check `command` of the service and the image's own entrypoint",
	}
}

// lost gives a trial up that the environment ended.
func (r *run) lost(t journal.Trial, err error) (journal.Trial, error) {
	what, _ := inWords(err)
	return finished(t, judge.Because(journal.EngineLost, what)), err
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func finished(t journal.Trial, v judge.Verdict) journal.Trial {
	t.Seconds.Total = time.Since(t.Started).Seconds()
	return decided(t, v)
}

// decided gives a trial a verdict.
func decided(t journal.Trial, v judge.Verdict) journal.Trial {
	t.Verdict, t.Why, t.Failures = v.Verdict, v.Why, v.Failures
	if v.Reason != "" {
		t.Reason = &v.Reason
	}
	return t
}
