package runner

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"plan/engine"
	"plan/internal/units"
	"plan/plans"
	"plan/runner/journal"
)

// withP95 gives the last stage of a plan a threshold, of ninety samples: with
// one user for 30 s there are thirty.
func withP95(plan string) string {
	end := strings.LastIndex(plan, "}")
	return plan[:end] + "  threshold {\n    p95 = \"500ms\"\n  }\n}\n"
}

func TestASearchBringsTheSamplesThatLack(t *testing.T) {
	in(t, withP95(searchPlan("ladder")), fakeService{start: 600 * units.MiB}, nil, func(t *testing.T, _ *bench, r journal.Run) {
		s := r.Stages[0]
		if s.Verdict != journal.Passed || *s.Found.Memory != int64(600*units.MiB) || len(s.Trials) != 4 || !s.Trials[3].FirstLook {
			t.Fatalf("%s after %d trials: %+v", s.Verdict, len(s.Trials), s.Found)
		}
		few, enough := s.Trials[1], s.Trials[2]
		if few.Verdict != journal.Inconclusive || *few.Reason != journal.Samples || few.Why != "p95 cannot be determined from 30 responses: it needs 90" {
			t.Errorf("%s: %s", few.Verdict, few.Why)
		}
		if enough.Repeats != few.ID || enough.Load.Seconds != 0 && enough.Load.Seconds < 99 || s.Certificate.Passed != enough.ID {
			t.Errorf("%+v repeats %q, certificate %+v", enough.Load.Seconds, enough.Repeats, s.Certificate)
		}
	})
}

// What a search learnt of the time that it needs holds for its later trials; a
// first look is short all the same.
func TestALaterTrialIsLongFromItsStart(t *testing.T) {
	in(t, withP95(searchPlan("anchored")), fakeService{start: 600 * units.MiB, load: 650 * units.MiB}, nil, func(t *testing.T, _ *bench, r journal.Run) {
		s := r.Stages[0]
		repeated, passed := 0, 0
		for i, trial := range s.Trials {
			if trial.Repeats != "" {
				repeated++
			}
			if trial.Verdict == journal.Passed && !trial.FirstLook {
				passed++
			}
			if i == 0 && (!trial.FirstLook || trial.Verdict != journal.Passed || trial.Seconds.Total > 60) {
				t.Errorf("the first look took %v s: %s", trial.Seconds.Total, trial.Why)
			}
		}
		if repeated != 1 || passed < 1 || *s.Found.Memory != int64(700*units.MiB) {
			t.Errorf("%d repeated, %d passed, found %v", repeated, passed, s.Found)
		}
	})
}

// A service that answers less at a lower limit lacks samples there again.
func TestASecondTrialThatLacksSamples(t *testing.T) {
	in(t, withP95(searchPlan("bisect")), fakeService{start: 600 * units.MiB, halves: 1000 * units.MiB}, nil, func(t *testing.T, _ *bench, r journal.Run) {
		s := r.Stages[0]
		repeated := 0
		for _, trial := range s.Trials {
			if trial.Repeats != "" {
				repeated++
			}
		}
		if s.Verdict != journal.Passed || *s.Found.Memory != int64(600*units.MiB) || repeated != 2 {
			t.Errorf("%s, found %v, %d repeated: %s", s.Verdict, s.Found, repeated, s.Reason)
		}
	})
}

func TestSamplesThatWouldTakeTooLong(t *testing.T) {
	lasting := func(runtime string) string {
		return strings.Replace(withP95(searchPlan("ladder")), `"30s"`, runtime, 1)
	}
	for name, c := range map[string]struct {
		plan   string
		trials int
	}{
		"no bound":               {lasting(`"30s"`), 3}, // the last one is the look at what is recommended
		"a guard that has time":  {"guard {\n  runtime = \"10m\"\n}\n" + lasting(`"30s"`), 3},
		"a guard that has none":  {"guard {\n  runtime = \"2m\"\n}\n" + lasting(`"30s"`), 1},
		"more than ten times it": {lasting(`"8s"`), 1},
		"ten times it, or less":  {lasting(`"10s"`), 3},
	} {
		in(t, c.plan, fakeService{start: 100 * units.MiB}, nil, func(t *testing.T, _ *bench, r journal.Run) {
			s := r.Stages[0]
			if len(s.Trials) != c.trials || c.trials > 1 && !s.Trials[2].FirstLook || c.trials == 1 && (s.Verdict != journal.Inconclusive || r.Run.ExitCode != ExitInconclusive) {
				t.Errorf("%s: %d trials, %s, exit %d: %s", name, len(s.Trials), s.Verdict, r.Run.ExitCode, s.Reason)
			}
		})
	}
}

// A ramp goes on after a step that has too few samples, and never holds it.
func TestARampGoesOnAfterAStepWithoutSamples(t *testing.T) {
	plan := strings.Replace(head+rampPlan, "search.memory.found.memory", `"1G"`, 2)
	plan = strings.Replace(plan, `"20s"`, `"8s"`, 1) // 80 answers of 10 users
	in(t, plan, fakeService{}, nil, func(t *testing.T, _ *bench, r journal.Run) {
		s := r.Stages[0]
		if len(s.Trials) != 3 || *s.Trials[0].Reason != journal.Samples || *s.Held != 1000 || s.Verdict != journal.Passed {
			t.Errorf("%d trials, held %v, %s", len(s.Trials), s.Held, s.Verdict)
		}
	})
	for name, c := range map[string]struct {
		p95     func(users int) float64
		held    int
		verdict journal.Verdict
	}{
		"the second step fails": {func(users int) float64 { return float64(users) / 150 }, 0, journal.Failed},
		"the third step fails":  {func(users int) float64 { return float64(users) / 1500 }, 100, journal.Passed},
	} {
		in(t, plan, fakeService{p95: c.p95}, nil, func(t *testing.T, _ *bench, r journal.Run) {
			if s := r.Stages[0]; s.Verdict != c.verdict || c.held == 0 && s.Held != nil || c.held > 0 && *s.Held != c.held {
				t.Errorf("%s: held %v, %s", name, s.Held, s.Verdict)
			}
		})
	}
}

func TestHowMuchLongerALoadHasToBe(t *testing.T) {
	const ten = 10 * time.Second
	few := journal.Trial{Reason: new(journal.Samples), Seconds: journal.Seconds{Total: 20}, Load: &journal.Load{Judged: engine.Judged{Seconds: 10, OK: 11}}}
	other := few
	other.Reason = new(journal.Latency)
	grew := journal.Trial{
		Reason: new(journal.Leak), Seconds: journal.Seconds{Total: 60},
		Load: &journal.Load{Judged: engine.Judged{From: 10, Seconds: 40}, RisesUntil: 20},
	}
	fewest := few
	fewest.Load = &journal.Load{Judged: engine.Judged{Seconds: 10, OK: 9}}
	for name, c := range map[string]struct {
		trial  journal.Trial
		stages []engine.Stage
		left   time.Duration // of the guard's runtime; 0 is no bound
		want   time.Duration
	}{
		"another reason":                 {other, nil, 0, 0},
		"passed":                         {journal.Trial{}, nil, 0, 0},
		"99 of 11 in ten seconds":        {few, nil, 0, 80 * time.Second},
		"ten times its runtime":          {fewest, nil, 0, 0},
		"the guard has time":             {few, nil, 101 * time.Second, 80 * time.Second},
		"the guard has a second too few": {few, nil, 99 * time.Second, 0},
		"30 s without a rise":            {grew, nil, 0, 273 * time.Second},
		"and a guard with enough time":   {grew, nil, 334 * time.Second, 273 * time.Second},
		"and a guard with too little":    {grew, nil, 332 * time.Second, 0},
		"under a load that rises":        {grew, []engine.Stage{{Users: 1}, {Users: 2, Over: ten}}, 0, 273 * time.Second},
		"under a load that falls":        {grew, []engine.Stage{{Users: 2}, {Users: 1, Over: ten}}, 0, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx := t.Context()
			if c.left > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, c.left)
				defer cancel()
			}
			spec := trialSpec{load: &engine.Load{Runtime: ten, Stages: c.stages}}
			spec.stage.Threshold = []plans.Objective{{Metric: "p95", Limit: 1}}
			if got := new(run).missingRuntime(ctx, spec, c.trial); got != c.want {
				t.Errorf("%s: %v, want %v", name, got, c.want)
			}
		})
	}
	for spare, runtime := range map[time.Duration]time.Duration{0: 80 * time.Second / 9, 80 * time.Second: 9 * time.Second} { // just over, and under, ten times
		spec := trialSpec{load: &engine.Load{Runtime: runtime}}
		spec.stage.Threshold = []plans.Objective{{Metric: "p95", Limit: 1}}
		if spare == 0 {
			spec.load.Runtime -= time.Millisecond
		}
		if got := new(run).missingRuntime(t.Context(), spec, few); got != spare {
			t.Errorf("runtime %v: %v, want %v", spec.load.Runtime, got, spare)
		}
	}
	for extra, want := range map[time.Duration]time.Duration{ // 80 s more: ten times the planned time, and a little more
		100 * time.Second: 80 * time.Second, 101 * time.Second: 0,
	} {
		spec := trialSpec{load: &engine.Load{Runtime: 20*time.Second + extra}, extraRuntime: &extra}
		spec.stage.Threshold = []plans.Objective{{Metric: "p95", Limit: 1}}
		if got := new(run).missingRuntime(t.Context(), spec, few); got != want {
			t.Errorf("%v longer already: %v, want %v", extra, got, want)
		}
	}
}
