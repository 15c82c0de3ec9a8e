package runner

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"plan/agent"
	"plan/containers"
	"plan/engine"
	"plan/plans"
	"plan/runner/evidence"
	"plan/runner/journal"
	"plan/runner/judge"
	"plan/runner/ramp"
	"plan/runner/watch"
)

const (
	stateTime   = time.Minute      // for states: longer than any platform waits for what is late
	stoppedTime = 15 * time.Second // for states of a trial that was stopped: nothing late is waited for
	cleanupTime = 30 * time.Second
	logLines    = 50
)

// trialSpec says what one trial does.
type trialSpec struct {
	stage     plans.Stage
	id        string
	repeats   string // id of the trial that it repeats
	limits    plans.Settings
	vary      map[string]any // values of the settings that a search varies
	users     int
	load      *engine.Load // nil: the service only has to start, and to answer asks
	asks      *engine.Load // without a load: one of each of its requests is asked; nil: none
	firstLook bool
	growth    *ramp.Growth // of a load that grows; nil of any other
	chosen    string       // why a search runs it, for people
	// configuration and scenario number what it is run with, as the journal has them.
	configuration, scenario int
	// extraRuntime is by how much the loads of a search are longer than planned, to
	// have enough samples or to show a leak; nil: it is not adapted.
	extraRuntime *time.Duration
}

// agents returns how many make the load, at least 1.
func (s trialSpec) agents() int {
	if s.load == nil {
		return 1
	}
	return max(1, s.load.Agents)
}

// startLimits are those of each container until it is ready.
func (s trialSpec) startLimits() containers.Limits {
	limits := limitsOf(s.limits)
	if limits.CPUs > 0 {
		limits.CPUs = max(limits.CPUs, s.stage.Service.StartCPUs)
	}
	return limits
}

// trial runs fresh containers at given limits and returns what they showed. The
// error is the environment's; the trial that comes with it may be aborted.
func (r *run) trial(ctx context.Context, spec trialSpec) (journal.Trial, error) {
	t := newTrial(spec)
	agents := spec.agents()
	clock := watch.StartClock()
	defer clock.Stop()
	if s := r.guard.Admit(spec.users, agents, spec.limits); s != (judge.Stop{}) {
		return conclude(t, s.Verdict()), nil
	}
	if err := r.agents.renew(ctx, agents, r.Observer.Note); err != nil {
		return abortTrial(t, err)
	}
	status := func(doing string) { r.progress.inTrial(spec, doing) }
	if spec.stage.Service.RestartHelpers {
		restart := func() error { return r.helpers.Restart(ctx, spec.stage) }
		if err := r.steadily(ctx, restart); err != nil {
			return cannotStart(ctx, t, err)
		}
	}
	status(strings.TrimSuffix("starting: "+spec.chosen, ": "))
	r.environment.evict(ctx, spec.stage.Service, &t)
	w := watch.New(watch.Sources{Stats: r.stats.Readings, Guard: r.guard,
		Sampled: func(own []containers.Usage, others []containers.Reading, host journal.HostSample) {
			r.Observer.Sample(Sample{Replicas: own, Limits: spec.limits.Limits, Others: others, Host: host})
		}})
	started, err := r.environment.start(ctx, spec)
	if s := clock.Stood(); err != nil && ctx.Err() == nil && s != (judge.Stop{}) {
		return conclude(t, s.Verdict()), nil
	}
	if s := r.guard.Refused(spec.limits, err); ctx.Err() == nil && s != (judge.Stop{}) {
		return conclude(t, s.Verdict()), nil
	}
	if err != nil {
		return cannotStart(ctx, t, err)
	}
	live := w.Begin(ctx, started.watched())
	p := &phases{
		agent: r.agent, agents: r.agents.first(agents), observer: r.Observer,
		exchanges: r.Exchanges, environment: r.environment, status: status,
		spec: spec, replicas: started,
	}
	err = p.run(live)
	w.Check() // what waited while the command stood still, or the agent that ended then, shows nothing
	w.Cancel(lostWhile(clock.Stood(), err))
	if live.Err() != nil {
		err = nil // the request was cancelled, which is no fault
	}
	if share, is := errors.AsType[*agent.LostShare](err); is {
		p.observed.LostShare, err = share.Error(), nil
	}
	return r.finishTrial(ctx, live, t, p, w, err)
}

// lostWhile returns for how long the process stood still since the trial began, where an agent has ended, which may
// have been while the containers started; else the zero Stop: what does not need the agent has continued.
func lostWhile(stood judge.Stop, err error) judge.Stop {
	if _, lost := errors.AsType[*agent.Lost](err); !lost {
		return judge.Stop{}
	}
	return stood
}

// cannotStart ends a trial of which a container does not start: the plan or the image is
// to blame, or the engine is lost, unless the run was stopped.
func cannotStart(ctx context.Context, t journal.Trial, err error) (journal.Trial, error) {
	if s := stopOf(ctx); s != (judge.Stop{}) {
		return conclude(t, s.Verdict()), nil
	}
	return abortTrial(t, err)
}

// newTrial returns the record of a trial before it has begun.
func newTrial(spec trialSpec) journal.Trial {
	t := journal.Trial{
		ID: spec.id, Repeats: spec.repeats, FirstLook: spec.firstLook, Chosen: spec.chosen, Phase: journal.PhaseStart, Started: time.Now(),
		Configuration: spec.configuration, Scenario: spec.scenario, Instances: []journal.Instance{},
	}
	set := spec.limits
	set.Replicas = set.Containers()
	t.Set = journal.SettingsOf(set)
	t.Set.Vary = spec.vary
	if spec.load != nil {
		t.Users, t.Staged = &spec.users, len(spec.load.Stages) > 0 || isShaped(spec.stage)
		if spec.load.Open() {
			t.Arrivals = new(spec.load.MostArrivals())
		}
	}
	return t
}

// isShaped reports whether the driver of a stage sets the number of users itself.
func isShaped(stage plans.Stage) bool {
	return stage.Load != nil && stage.Load.Driver != nil && stage.Load.Driver.Shape
}

// mostUsers returns the most users that were active in a second of a load.
func mostUsers(load engine.Result) int {
	most := 0
	for _, w := range load.Series {
		most = max(most, w.Users)
	}
	return most
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
// observed. live is the context of the trial, p what it went through, fault the error of
// the environment while it ran.
func (r *run) finishTrial(ctx, live context.Context, t journal.Trial, p *phases, w *watch.Watch, fault error,
) (journal.Trial, error) {
	spec, started, observed := p.spec, p.replicas, p.observed
	observed.Stop = stopOf(live) // what happens from here on does not end the trial early
	w.WaitForEnds(live)
	within := stateTime
	if observed.Stop != (judge.Stop{}) || fault != nil { // it has its verdict
		started.skipCounters()
		within = stoppedTime
	}
	asking, answered := context.WithTimeout(context.WithoutCancel(ctx), within)
	states, err := started.states(asking)
	answered()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTime)
	defer cancel()
	for i, instance := range started {
		observed.Replicas[i].State = states[i]
		observed.Replicas[i].End, _ = instance.Usage()
	}
	cut := make([]bool, len(started))
	started.each(func(i int, instance Instance) {
		observed.Replicas[i].Resident, cut[i] = instance.Resident(last), instance.LogCut(last)
	})
	for i := range cut {
		if cut[i] {
			observed.Notes = append(observed.Notes, fmt.Sprintf("%sits log became longer than %s: older lines are lost",
				started.prefix(i), containers.LogLimit))
		}
	}
	for i, state := range states {
		for _, note := range state.Notes {
			observed.Notes = append(observed.Notes, started.prefix(i)+note)
		}
	}
	w.End(&observed) // before the containers are removed, which is no event of the service
	observed.Log, _ = started[observed.Decisive()].Logs(last, logLines)
	r.progress.inTrial(spec, "removing it")
	removeErr := started.remove(last)
	if isShaped(spec.stage) && observed.Load != nil {
		t.Users = new(mostUsers(*observed.Load))
	}
	evidence.Record(&t, observed, spec.limits.CPUs, r.Header.Host.CPUs)
	if err := firstError(err, fault, cannotStartError(spec.stage.Service, observed)); err != nil {
		return abortTrial(t, err)
	}
	v := r.helpers.Attribute(context.WithoutCancel(ctx), spec.stage, t.Started, r.judge(observed, &t, spec))
	t = conclude(t, v)
	if spec.growth != nil {
		t.Windows = spec.growth.Shown(t)
	}
	return t, firstError(removeErr, p.leftover)
}

// judge returns the verdict. The assertions are evaluated only where nothing else
// has decided before; the evidence has those that are false.
func (r *run) judge(observed judge.Observation, t *journal.Trial, spec trialSpec) judge.Verdict {
	criteria := judge.Criteria{
		Within: spec.stage.Service.Ready.Within, Threshold: spec.stage.Threshold,
		FirstLook: spec.firstLook, Horizon: spec.stage.LeakHorizon,
		CPUs: r.Header.Host.CPUs, Others: r.Plan.Guard.Others(),
	}
	v := judge.Judge(observed, criteria)
	if len(spec.stage.Asserts) == 0 || (v.Verdict != journal.Passed && observed.Load == nil) {
		return v
	}
	asserts, diags := r.Plan.Assert(spec.stage.Address, r.record.Known, evidence.Values(*t))
	if diags.HasErrors() {
		asserts = append(asserts, plans.AssertFailure{Name: "assert", Message: diags.Error()})
	}
	criteria.Asserts = asserts
	for _, a := range asserts {
		t.Evidence.Asserts = append(t.Evidence.Asserts, journal.FalseAssert(a))
	}
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
	t.Notes = append(t.Notes, v.Notes...)
	if v.Reason != "" {
		t.Reason = &v.Reason
	}
	return t
}
