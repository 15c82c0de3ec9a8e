package helpers

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"plan/containers"
	"plan/plans"
	"plan/runner/journal"
	"plan/runner/judge"
	"plan/runner/readiness"
)

// dependencyTimeout is how long a dependency may take to respond after a trial that
// did not pass. One attempt may take half of it.
const dependencyTimeout = 10 * time.Second

// Attribute makes a failure inconclusive where a dependency of the service no longer
// responds. Running out of memory is the service's own failure. A trial that passed
// although a helper ended has passed, and says so.
func (s *Helpers) Attribute(ctx context.Context, stage plans.Stage, begun time.Time, v judge.Verdict) judge.Verdict {
	if v.Verdict == journal.Passed {
		if ended := s.endedHelper(stage, begun); ended != "" {
			v.Notes = append(v.Notes, "during the trial, "+ended)
		}
		return v
	}
	if v.Verdict != journal.Failed || v.Reason.Explain().OOM {
		return v
	}
	failed := s.failedDependency(ctx, stage, begun)
	if failed == "" {
		return v
	}
	inconclusive := judge.Because(journal.Dependency, failed+"; the failure does not count: "+v.Why)
	inconclusive.Failures = v.Failures[1:]
	return inconclusive
}

// failedDependency names the first dependency of a stage that ended after a trial
// had begun, or does not respond; "" where all of them respond.
func (s *Helpers) failedDependency(ctx context.Context, stage plans.Stage, begun time.Time) string {
	if ended := s.endedHelper(stage, begun); ended != "" {
		return ended
	}
	for _, service := range stage.Helpers {
		if service.Ready.Ended {
			continue // it is a job that is done
		}
		h := s.started[service.Address]
		service.Ready.Within, service.Ready.Log = dependencyTimeout, "" // a line that it has printed stays printed
		got, err := readiness.Wait(ctx, s.Agent, h.instance, service, containers.Helper)
		if err == nil && got.NotReady != "" {
			at := cmp.Or(h.instance.Address(), service.Name)
			return fmt.Sprintf("%s no longer answers at %s: %s", service.Address, at, got.NotReady)
		}
	}
	for _, p := range s.Preflights {
		if notReady, err := readiness.Preflight(ctx, s.Agent, p, dependencyTimeout); err == nil && notReady != "" {
			return fmt.Sprintf("%s no longer answers at %s: %s", p.Address, cmp.Or(p.URL, p.TCP), notReady)
		}
	}
	return ""
}

// endedHelper names the first helper of a stage that ended after a trial had begun;
// "" where none did.
func (s *Helpers) endedHelper(stage plans.Stage, begun time.Time) string {
	for _, service := range stage.Helpers {
		if why := s.started[service.Address].endReasonSince(begun); why != "" {
			return service.Address + " " + why
		}
	}
	return ""
}
