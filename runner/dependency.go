package runner

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

// dependencyTimeout is how long what a service needs may take to answer after a trial
// that did not pass: one attempt may take half of it.
const dependencyTimeout = 10 * time.Second

// attribute makes a failure inconclusive where something that the service needs
// no longer answers. Running out of memory is the service's own doing. A trial
// that passed without a helper has passed, and says so.
func (s *helpers) attribute(ctx context.Context, stage plans.Stage, begun time.Time, v judge.Verdict) judge.Verdict {
	if v.Verdict == journal.Passed {
		if ended := s.endedHelper(stage, begun); ended != "" {
			v.Why += "; " + ended + ", meanwhile"
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
	inconclusive := judge.Because(journal.Dependency, failed+"; with that, the trial says nothing: "+v.Why)
	inconclusive.Failures = v.Failures[1:]
	return inconclusive
}

// failedDependency names the first thing that the service of a stage needs and that ended
// after a trial had begun, or does not answer; "" when all of them do.
func (s *helpers) failedDependency(ctx context.Context, stage plans.Stage, begun time.Time) string {
	if ended := s.endedHelper(stage, begun); ended != "" {
		return ended
	}
	for _, service := range stage.Helpers {
		if service.Ready.Ended {
			continue // it is done
		}
		h := s.started[service.Address]
		service.Ready.Within, service.Ready.Log = dependencyTimeout, "" // what it printed once it has printed
		if got, err := readiness.Wait(ctx, s.agent, h.instance, service, containers.Helper); err == nil && got.NotReady != "" {
			return fmt.Sprintf("%s no longer answers at %s: %s", service.Address, cmp.Or(h.instance.Address(), service.Name), got.NotReady)
		}
	}
	for _, p := range s.preflights {
		if notReady, err := readiness.Preflight(ctx, s.agent, p, dependencyTimeout); err == nil && notReady != "" {
			return fmt.Sprintf("%s no longer answers at %s: %s", p.Address, cmp.Or(p.URL, p.TCP), notReady)
		}
	}
	return ""
}

// endedHelper names the first helper of a stage that ended after a trial had begun;
// "" when none did.
func (s *helpers) endedHelper(stage plans.Stage, begun time.Time) string {
	for _, service := range stage.Helpers {
		if why := s.started[service.Address].endReasonSince(begun); why != "" {
			return service.Address + " " + why
		}
	}
	return ""
}
