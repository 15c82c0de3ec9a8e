package runner

import (
	"slices"
	"strings"
	"testing"

	"plan/containers"
	"plan/internal/units"
	"plan/plans"
	"plan/runner/journal"
)

// refusing is a platform that admits no container of the service with more memory or CPUs than these; 0 is no bound.
func refusing(most containers.Limits, kind containers.Kind) func(*bench) {
	return func(b *bench) {
		b.runtime.refuses = func(spec containers.Spec) error {
			over := most.Memory > 0 && spec.Limits.Memory > most.Memory || most.CPUs > 0 && spec.Limits.CPUs > most.CPUs
			if spec.Role == containers.Helper || !over {
				return nil
			}
			return &containers.Error{Kind: kind, Summary: "the quota of the namespace sizing does not allow it"}
		}
	}
}

// A value that the platform refuses bounds the search, as one that the guard stops does. Other faults end the run.
func TestASearchBelowWhatIsRefused(t *testing.T) {
	for _, strategy := range []string{"anchored", "bisect", "ladder"} {
		for name, c := range map[string]struct {
			needs, most units.Bytes
			kind        containers.Kind
			exit        int
			found       units.Bytes // 0: none
		}{
			"the answer is below":              {1243 * units.MiB, 2 * units.GiB, containers.TooLarge, ExitMet, 1300 * units.MiB},
			"the answer is the most":           {1243 * units.MiB, 1300 * units.MiB, containers.TooLarge, ExitMet, 1300 * units.MiB},
			"the answer may be a refused one":  {1243 * units.MiB, 1299 * units.MiB, containers.TooLarge, ExitGuard, 0},
			"all is refused":                   {1243 * units.MiB, 1, containers.TooLarge, ExitGuard, 0},
			"an image that cannot be pulled":   {1243 * units.MiB, 1, containers.NoImage, ExitEnvironment, 0},
			"a permission is missing":          {1243 * units.MiB, 1, containers.NoLogin, ExitEnvironment, 0},
			"a fault of the container's start": {1243 * units.MiB, 1, containers.CannotStart, ExitEnvironment, 0},
		} {
			in(t, searchPlan(strategy), fakeService{start: c.needs}, refusing(containers.Limits{Memory: c.most}, c.kind),
				func(t *testing.T, b *bench, r journal.Run) {
					s := r.Stages[0]
					if r.Run.ExitCode != c.exit || (s.Found != nil) != (c.found != 0) {
						t.Fatalf("%s, %s: exit %d, %s by %q: found %v: %s", strategy, name, r.Run.ExitCode, s.Verdict, s.AbortedBy, s.Found, s.Reason)
					}
					if c.found != 0 {
						certified(t, s, c.found, c.found-100*units.MiB)
					}
					if says := "the quota of the namespace sizing"; c.exit == ExitGuard &&
						(s.AbortedBy != journal.GuardStop || !strings.Contains(s.Reason, says) || !strings.Contains(s.Reason, "not started with ")) {
						t.Errorf("%s, %s: by %q: %s", strategy, name, s.AbortedBy, s.Reason)
					}
					refused := func(t journal.Trial) bool { return t.StoppedByGuard() }
					if c.exit != ExitEnvironment && c.most < 1300*units.MiB && !slices.ContainsFunc(s.Trials, refused) {
						t.Errorf("%s, %s: no trial says that it was refused", strategy, name)
					}
				})
		}
	}
}

// The message of a trial that is refused has all of its limits.
func TestWhatIsRefusedIsNamed(t *testing.T) {

	in(t, severalPlan("prefer = \"memory\""), twoNeeds, refusing(containers.Limits{CPUs: 1}, containers.TooLarge), func(t *testing.T, _ *bench, r journal.Run) {
		s := r.Stages[0]
		first := s.Trials[0]
		want := "not started with " + units.Bytes(*first.Set.Memory).String() + " and " + plans.CPUs.Text(int64(1000**first.Set.CPUs))
		if r.Run.ExitCode != ExitGuard || !first.StoppedByGuard() || !strings.HasPrefix(first.Why, want) {
			t.Errorf("exit %d, %q, want %q", r.Run.ExitCode, first.Why, want)
		}
	})
}

// What refuses a helper ends the run: no value of the search changes it.
func TestAHelperThatIsRefused(t *testing.T) {
	refuses := func(b *bench) {
		b.runtime.refuses = func(spec containers.Spec) error {
			if spec.Role != containers.Helper {
				return nil
			}
			return &containers.Error{Kind: containers.TooLarge, Summary: "the quota does not allow it"}
		}
	}
	in(t, helpedPlan, fakeService{}, refuses, func(t *testing.T, _ *bench, r journal.Run) {
		if r.Run.ExitCode != ExitEnvironment || !strings.Contains(r.Run.Problem, "the quota does not allow it") {
			t.Errorf("exit %d: %s", r.Run.ExitCode, r.Run.Problem)
		}
	})
}
