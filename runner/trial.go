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

// trialSpec says what one trial does.
type trialSpec struct {
	stage     plans.Stage
	id        string
	repeats   string // id of the trial that it repeats
	limits    plans.Settings
	users     int
	load      *engine.Load // nil: the service only has to start
	firstLook bool
	// extraRuntime is by how much the loads of a search are longer than planned, to
	// have enough samples; nil: it is not adapted.
	extraRuntime *time.Duration
}

// trial runs fresh containers at given limits and returns what they showed. The
// error is the environment's; the trial that comes with it may be aborted.
func (r *run) trial(ctx context.Context, spec trialSpec) (journal.Trial, error) {
	t := newTrial(spec)
	if s := r.guard.admit(spec); s != (judge.Stop{}) {
		return conclude(t, s.Verdict()), nil
	}
	status := func(doing string) { r.progress.inTrial(spec, doing) }
	status("starting")
	r.environment.evict(ctx, spec.stage.Service, &t)
	w := &watch{stats: r.stats.Readings, guard: r.guard}
	if f, ok := r.guard.figures(); ok { // counters of the host count from here
		w.samples.Host = append(w.samples.Host, sampleOf(f))
	}
	started, err := r.environment.start(ctx, spec)
	if err != nil {
		if s := stopOf(ctx); s != (judge.Stop{}) {
			return conclude(t, s.Verdict()), nil
		}
		return abortTrial(t, err) // the plan or the image is to blame, or the engine is lost
	}
	w.replicas = started
	live := w.begin(ctx)
	p := &phases{
		agent: r.agent, observer: r.Observer, environment: r.environment, status: status, spec: spec, replicas: started,
	}
	err = p.run(live)
	if live.Err() != nil {
		err = nil // the request was cancelled, which is no fault
	}
	return r.finishTrial(ctx, live, t, spec, w, p.observed, err)
}

// newTrial returns the record of a trial before it has begun.
func newTrial(spec trialSpec) journal.Trial {
	t := journal.Trial{
		ID: spec.id, Repeats: spec.repeats, FirstLook: spec.firstLook, Phase: journal.PhaseStart, Started: time.Now(),
		Instances: []journal.Instance{},
	}
	set := spec.limits
	set.Replicas = replicaCount(set)
	t.Set = journal.SettingsOf(set)
	if spec.load != nil {
		t.Users, t.Staged = &spec.users, len(spec.load.Stages) > 0
		if spec.load.Open() {
			t.Arrivals = new(spec.load.MostArrivals())
		}
	}
	return t
}

// stopOf returns why a context ended; the zero Stop where it has not, or the
// service is the reason.
func stopOf(ctx context.Context) judge.Stop {
	switch cause := context.Cause(ctx).(type) {
	case nil:
		return judge.Stop{}
	case judge.Stop:
		return cause
	}
	return judge.Stop{Reason: journal.User, Why: "interrupted"}
}

// finishTrial reads how the containers ended, removes them, and judges what was
// observed. live is the context of the trial, fault the error of the environment
// while it ran.
func (r *run) finishTrial(ctx, live context.Context, t journal.Trial, spec trialSpec, w *watch, observed judge.Observation, fault error) (journal.Trial, error) {
	observed.Stop = stopOf(live) // what happens from here on does not end the trial early
	if live.Err() != nil && observed.Stop == errServiceEnded {
		w.waitForEnds()
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTime)
	defer cancel()
	states, err := w.replicas.states(last)
	for i, instance := range w.replicas {
		observed.Replicas[i].State = states[i]
		observed.Replicas[i].End, _ = instance.Usage()
	}
	cut := make([]bool, len(w.replicas))
	w.replicas.each(func(i int, instance Instance) {
		observed.Replicas[i].Resident, cut[i] = instance.Resident(last), instance.LogCut(last)
	})
	for i := range cut {
		if cut[i] {
			observed.Notes = append(observed.Notes, fmt.Sprintf("%sits log became longer than %s: older lines are lost",
				w.replicas.prefix(i), containers.LogLimit))
		}
	}
	w.sample()
	w.end() // before the containers are removed, which is no event of the service
	w.addTo(&observed)
	observed.Log, _ = w.replicas[observed.Decisive()].Logs(last, logLines)
	r.progress.inTrial(spec, "removing it")
	removeErr := w.replicas.remove(last)
	evidence.Record(&t, observed, spec.limits.CPUs, r.Header.Host.CPUs)
	if err := firstError(err, fault, cannotStartError(spec.stage.Service, observed)); err != nil {
		return abortTrial(t, err)
	}
	v := r.helpers.attribute(context.WithoutCancel(ctx), spec.stage, t.Started, r.judge(observed, t, spec))
	return conclude(t, v), removeErr
}

// judge returns the verdict. The assertions are evaluated only where nothing else
// has decided before.
func (r *run) judge(observed judge.Observation, t journal.Trial, spec trialSpec) judge.Verdict {
	criteria := judge.Criteria{
		Within: spec.stage.Service.Ready.Within, Threshold: spec.stage.Threshold,
		FirstLook: spec.firstLook, Horizon: spec.stage.LeakHorizon,
		Limits: limitsOf(spec.limits), CPUs: r.Header.Host.CPUs, Others: r.Plan.Guard.Others(),
	}
	v := judge.Judge(observed, criteria)
	if len(spec.stage.Asserts) == 0 || (v.Verdict != journal.Passed && observed.Load == nil) {
		return v
	}
	asserts, diags := r.Plan.Assert(spec.stage.Address, r.record.known, evidence.Values(t))
	if diags.HasErrors() {
		asserts = append(asserts, plans.AssertFailure{Name: "assert", Message: diags.Error()})
	}
	criteria.Asserts = asserts
	return judge.Judge(observed, criteria)
}

// cannotStartError returns the error of a command that the image does not have;
// nil where the command could start.
func cannotStartError(service plans.Service, observed judge.Observation) error {
	code := judge.CannotStart(observed)
	if code == 0 {
		return nil
	}
	return &containers.Error{
		Kind:    containers.CannotStart,
		Summary: fmt.Sprintf("the command of %s ended with %d: it does not exist in the image, or may not be run", service.Address, code),
		Help:    "check `command` of the service and the image's own entrypoint",
	}
}

// abortTrial returns a trial that the environment ended, and the error.
func abortTrial(t journal.Trial, err error) (journal.Trial, error) {
	what, _ := describe(err)
	return conclude(t, judge.Because(journal.EngineLost, what)), err
}

// firstError returns the first error that is not nil.
func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// conclude ends a trial now, with its verdict.
func conclude(t journal.Trial, v judge.Verdict) journal.Trial {
	t.Seconds.Total = time.Since(t.Started).Seconds()
	return withVerdict(t, v)
}

// withVerdict returns a trial with its verdict.
func withVerdict(t journal.Trial, v judge.Verdict) journal.Trial {
	t.Verdict, t.Why, t.Failures = v.Verdict, v.Why, v.Failures
	if v.Reason != "" {
		t.Reason = &v.Reason
	}
	return t
}
