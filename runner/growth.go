package runner

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"plan/engine"
	"plan/internal/wait"
	"plan/plans"
	"plan/runner/journal"
	"plan/runner/judge"
	"plan/runner/search"
)

// growth watches a load that grows, and ends it as soon as its windows show enough.
type growth struct {
	Observer
	windows   []plans.Window
	threshold []plans.Objective
	seconds   []engine.Window
	end       context.CancelFunc
}

// Window takes the figures of one more second.
func (g *growth) Window(w engine.Window) {
	g.Observer.Window(w)
	g.seconds = append(g.seconds, w)
	var targets []int
	for _, w := range g.windows {
		targets = append(targets, w.Users)
	}
	if search.Stops(targets, windowsOf(windowsIn(g.windows, g.seconds, g.threshold))) {
		g.end()
	}
}

// windowsIn returns the windows of a load that grew which are over. A window without
// all of its seconds is not.
func windowsIn(windows []plans.Window, seconds []engine.Window, threshold []plans.Objective) []journal.Window {
	var all []journal.Window
	for _, w := range windows {
		if w.To > len(seconds) {
			break
		}
		own := seconds[w.From:w.To]
		figures := judge.Figures(own)
		all = append(all, journal.Window{
			Users: w.Users, Seconds: figures.Seconds, OK: figures.OK, Failed: figures.Failed, OKRate: figures.OKRate,
			Broken: judge.Window(own, threshold),
		})
	}
	return all
}

// grew returns the windows of a trial whose load grew. Where the service ended, or was
// never asked, the window that it did not reach is broken.
func grew(spec trialSpec, t journal.Trial) []journal.Window {
	var seconds []engine.Window
	if t.Evidence != nil {
		seconds = t.Evidence.Series
	}
	all := windowsIn(spec.windows, seconds, spec.stage.Threshold)
	survived := t.Phase == journal.PhaseHold || t.Phase == journal.PhaseEnd
	if n := len(all); t.Verdict.Counts() && !survived && n < len(spec.windows) && (n == 0 || all[n-1].Broken == "") {
		all = append(all, journal.Window{Users: spec.windows[n].Users, Broken: t.Why})
	}
	return all
}

// windowsOf returns windows as the search for the most users takes them.
func windowsOf(windows []journal.Window) []search.Window {
	var all []search.Window
	for _, w := range windows {
		all = append(all, search.Window{Users: w.Users, OK: w.OK, Rate: w.OKRate, Broken: w.Broken != ""})
	}
	return all
}

// findUsers runs the trials of a ramp that finds its users itself.
func (r *run) findUsers(ctx context.Context, stage plans.Stage, s *journal.Stage) error {
	s.Auto = r.autoUsers(stage)
	if err := r.record.Begin(*s); err != nil {
		return err
	}
	*s.Auto = *r.record.Run.Stages[r.record.Index(s.Address)].Auto // as it was when a resumed run began the stage
	users := search.Users{
		From: s.Auto.From, To: s.Auto.To, Step: s.Auto.Step, Growth: s.Auto.Growth, Least: stage.AtLeast,
	}
	var tried []search.Loaded
	var last journal.Trial
	var err error
	var longer time.Duration // of each load, to have enough samples
	for step := users.Next(tried); !step.Done; step = users.Next(tried) {
		last, err = r.runWithRetry(ctx, s, r.usersSpec(stage, step, &longer))
		if err != nil {
			concludeUsers(s, users, tried)
			s.Verdict, s.Reason = journal.Aborted, last.Why
			return err
		}
		most := mostPassed(tried, step, last)
		switch {
		case last.Verdict.Counts():
			tried = append(tried, loadedOf(step, last))
		case stoppedByGuard(last) && ctx.Err() == nil && most >= users.From:
			// What the host cannot hold is not tried again: the search goes on below.
			users.To, s.Auto.To, s.Auto.Cut = most, max(most, users.Answer(tried).Held), last.Why
			if step.Grow != nil {
				tried = append(tried, loadedOf(step, last))
			}
			if r.record.Live() {
				wait.For(ctx, plans.Recover)
			}
		default:
			s.Reason = last.Why
			concludeUsers(s, users, tried)
			concludeRamp(ctx, s, last)
			return nil
		}
	}
	concludeUsers(s, users, tried)
	concludeRamp(ctx, s, last)
	if s.Verdict == journal.Failed && users.Answer(tried).Failed == 0 {
		s.Verdict = journal.Inconclusive
		text := fmt.Sprintf("no trial failed, and more than %d users were not tried: %s", users.To, s.Auto.Cut)
		s.Reason = strings.TrimSuffix(text, ": ")
	}
	return nil
}

// mostPassed returns the most users that passed in trials or windows, also those of the
// last trial, which the guard stopped. Where that had all of its load, they are fewer than
// its users: the host cannot hold these for as long.
func mostPassed(tried []search.Loaded, step search.UsersStep, last journal.Trial) int {
	most := 0
	passed := func(users int) {
		if step.Grow != nil || users < step.Users {
			most = max(most, users)
		}
	}
	for _, t := range append(slices.Clone(tried), loadedOf(step, last)) {
		if t.Windows == nil && t.Passed {
			passed(t.Users)
		}
		for _, w := range t.Windows {
			if !w.Broken {
				passed(w.Users)
			}
		}
	}
	return most
}

// loadedOf returns a trial as the search for the most users takes it.
func loadedOf(step search.UsersStep, t journal.Trial) search.Loaded {
	if step.Grow == nil {
		return search.Loaded{Users: step.Users, Passed: t.Verdict == journal.Passed}
	}
	l := search.Loaded{Windows: windowsOf(t.Windows)}
	switch {
	case l.Windows != nil:
	case t.Verdict.Counts(): // it was not begun
		l.Windows = []search.Window{{Users: step.Grow[0], Broken: true}}
	default: // it was stopped before, which says nothing of its users
		l.Windows = []search.Window{}
	}
	return l
}

// usersSpec returns the trial of a step.
func (r *run) usersSpec(stage plans.Stage, step search.UsersStep, longer *time.Duration) trialSpec {
	if step.Grow == nil {
		spec := r.newTrialSpec(stage, step.Users, false)
		spec.chosen, spec.extraRuntime = step.Why, longer
		spec.load.Runtime += *longer
		return spec
	}
	spec := r.newTrialSpec(stage, step.Grow[len(step.Grow)-1], false)
	load, windows := stage.Load.Grow(step.Grow, r.Seed)
	spec.load.Stages, spec.load.Runtime, spec.load.SpawnRate, spec.load.WarmUp = load.Stages, load.Runtime, 0, 0
	spec.firstLook, spec.windows, spec.chosen = true, windows, step.Why
	return spec
}

// concludeUsers sets the answer of the trials so far.
func concludeUsers(s *journal.Stage, users search.Users, tried []search.Loaded) {
	a := users.Answer(tried)
	if a.Knee > 0 {
		s.Knee = &a.Knee
	}
	if a.Held == 0 {
		return
	}
	s.Held, s.Certificate = &a.Held, &journal.Certificate{Failed: []string{}}
	if a.Mixed > 0 {
		s.Mixed = &a.Mixed
	}
	for _, t := range s.Trials {
		switch {
		case t.FirstLook: // its load grew
		case *t.Users == a.Held && t.Verdict == journal.Passed:
			s.Certificate.Passed = t.ID
		case *t.Users == a.Failed && t.Verdict == journal.Failed && a.Failed-a.Held <= users.StepAt(a.Held):
			s.Certificate.Failed = []string{t.ID}
		}
	}
}

// autoUsers returns the range of a ramp that finds its users itself: up to what the plan
// says and the guard admits. A tenth of the users that the host can hold now is left
// out, since the guard reads the free memory again before each trial.
func (r *run) autoUsers(stage plans.Stage) *journal.AutoUsers {
	u := journal.AutoUsers{
		From: stage.Auto.From, To: stage.Auto.To, Step: stage.Auto.Step, Growth: stage.Auto.Growth,
	}
	most, cut := plans.MostAutoUsers, "the plan has no `to`"
	if u.To > 0 {
		most, cut = u.To, ""
	}
	if n, known := r.guard.Users(stage.AgentsOf(), stage.Limits()); known && n-n/10 < most {
		most, cut = n-n/10, "the driver would use more memory than the guard admits"
	}
	if files := int(r.agent.Hello().Files); files > 0 && (files-engine.SpareFiles)*stage.AgentsOf() < most {
		most, cut = (files-engine.SpareFiles)*stage.AgentsOf(), "the driver may not open more files"
	}
	u.To, u.Cut = max(u.From, most), cut
	return &u
}
