package runner

import (
	"strings"
	"testing"

	"plan/internal/units"
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
		if s.Verdict != journal.Passed || *s.Found.Memory != int64(600*units.MiB) || len(s.Trials) != 3 {
			t.Fatalf("%s after %d trials: %+v", s.Verdict, len(s.Trials), s.Found)
		}
		few, enough := s.Trials[1], s.Trials[2]
		if few.Verdict != journal.Inconclusive || *few.Reason != journal.Samples || few.Why != "p95 cannot be told from 30 answers: it needs 90" {
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

func TestSamplesThatWouldTakeTooLong(t *testing.T) {
	lasting := func(runtime string) string {
		return strings.Replace(withP95(searchPlan("ladder")), `"30s"`, runtime, 1)
	}
	for name, c := range map[string]struct {
		plan   string
		trials int
	}{
		"no bound":               {lasting(`"30s"`), 2},
		"a guard that has time":  {"guard {\n  runtime = \"10m\"\n}\n" + lasting(`"30s"`), 2},
		"a guard that has none":  {"guard {\n  runtime = \"2m\"\n}\n" + lasting(`"30s"`), 1},
		"more than ten times it": {lasting(`"8s"`), 1},
		"ten times it, or less":  {lasting(`"10s"`), 2},
	} {
		in(t, c.plan, fakeService{start: 100 * units.MiB}, nil, func(t *testing.T, _ *bench, r journal.Run) {
			s := r.Stages[0]
			if len(s.Trials) != c.trials || c.trials == 1 && (s.Verdict != journal.Inconclusive || r.Run.ExitCode != ExitInconclusive) {
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
