package runner

import (
	"context"
	"fmt"
	"time"

	"plan/containers"
	"plan/engine"
	"plan/plans"
	"plan/runner/evidence"
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

// trial runs fresh containers at given limits and returns what they showed. The
// error is the environment's; the trial that comes with it may be aborted.
func (r *run) trial(ctx context.Context, o order) (journal.Trial, error) {
	t := newTrial(o)
	if s := r.guard.admit(o); s != (judge.Stop{}) {
		return finished(t, s.Verdict()), nil
	}
	status := func(doing string) { r.progress.trial(o, doing) }
	status("starting")
	r.environment.evict(ctx, o.stage.Service, &t)
	w := &watch{stats: r.stats.Readings, guard: r.guard}
	if f, ok := r.guard.figures(); ok { // what is counted from here on is of this trial
		w.fine.Host = append(w.fine.Host, sampleOf(f))
	}
	started, err := r.environment.start(ctx, o)
	if err != nil {
		return notStarted(ctx, t, err)
	}
	w.replicas = started
	live := w.begin(ctx)
	p := &phases{agent: r.agent, observer: r.Observer, environment: r.environment, status: status, order: o, replicas: started}
	err = p.run(live)
	if live.Err() != nil {
		err = nil // what was being asked was given up, and says nothing of its own
	}
	return r.conclude(ctx, live, t, o, w, p.observed, err)
}

// newTrial returns the record of a trial before it has begun.
func newTrial(o order) journal.Trial {
	t := journal.Trial{ID: o.id, Repeats: o.repeats, FirstLook: o.firstLook, Phase: journal.PhaseStart, Started: time.Now(), Instances: []journal.Instance{}}
	set := o.limits
	set.Replicas = replicaCount(set)
	t.Set = journal.SettingsOf(set)
	if o.load != nil {
		t.Users, t.Staged = &o.users, len(o.load.Stages) > 0
		if o.load.Open() {
			t.Arrivals = new(o.load.MostArrivals())
		}
	}
	return t
}

// notStarted tells an interruption and a lost engine from what the plan or
// the image is to blame for.
func notStarted(ctx context.Context, t journal.Trial, err error) (journal.Trial, error) {
	if s := stopOf(ctx); s != (judge.Stop{}) {
		return finished(t, s.Verdict()), nil
	}
	return lost(t, err)
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
	states, err := w.replicas.states(last)
	for i, instance := range w.replicas {
		seen.Replicas[i].State = states[i]
		seen.Replicas[i].End, _ = instance.Usage()
	}
	cut := make([]bool, len(w.replicas))
	w.replicas.each(func(i int, instance Instance) {
		seen.Replicas[i].Resident, cut[i] = instance.Resident(last), instance.LogCut(last)
	})
	for i := range cut {
		if cut[i] {
			seen.Notes = append(seen.Notes, fmt.Sprintf("%sits log became longer than %s: older lines are lost", w.replicas.who(i), containers.LogLimit))
		}
	}
	w.sample()
	w.end() // that the containers are removed is no event of the service
	w.add(&seen)
	seen.Log, _ = w.replicas[seen.Decisive()].Logs(last, logLines)
	r.progress.trial(o, "removing it")
	removeErr := w.replicas.remove(last)
	evidence.Record(&t, seen, o.limits.CPUs, r.Header.Host.CPUs)
	if err := firstError(err, fault, cannotStart(o.stage.Service, seen)); err != nil {
		return lost(t, err)
	}
	return finished(t, r.helpers.attribute(context.WithoutCancel(ctx), o.stage, t.Started, r.judged(seen, t, o))), removeErr
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
	asserts, diags := r.Plan.Assert(o.stage.Address, r.record.known, evidence.Values(t))
	if diags.HasErrors() {
		asserts = append(asserts, plans.Failure{Name: "assert", Message: diags.Error()})
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
func lost(t journal.Trial, err error) (journal.Trial, error) {
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
