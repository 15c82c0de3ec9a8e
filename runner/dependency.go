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

// askAgain is how long what a service needs may take to answer after a trial
// that did not pass: one attempt may take half of it.
const askAgain = 10 * time.Second

// blamed makes a failure inconclusive where something that the service needs
// no longer answers. Running out of memory is the service's own doing. A trial
// that passed without a helper has passed, and says so.
func (r *run) blamed(ctx context.Context, o order, begun time.Time, v judge.Verdict) judge.Verdict {
	if v.Verdict == journal.Passed {
		if fallen := r.fallen(o.stage, begun); fallen != "" {
			v.Why += "; " + fallen + ", meanwhile"
		}
		return v
	}
	if v.Verdict != journal.Failed || v.Reason.Explain().OOM {
		return v
	}
	gone := r.gone(ctx, o.stage, begun)
	if gone == "" {
		return v
	}
	inconclusive := judge.Because(journal.Dependency, gone+"; with that, the trial says nothing: "+v.Why)
	inconclusive.Failures = v.Failures[1:]
	return inconclusive
}

// gone names the first thing that the service of a stage needs and that ended
// after a trial had begun, or does not answer; "" when all of them do.
func (r *run) gone(ctx context.Context, stage plans.Stage, begun time.Time) string {
	if fallen := r.fallen(stage, begun); fallen != "" {
		return fallen
	}
	for _, service := range stage.Helpers {
		if service.Ready.Ended {
			continue // it is done
		}
		h := r.helpers[service.Address]
		service.Ready.Within, service.Ready.Log = askAgain, "" // what it printed once it has printed
		if got, err := readiness.Wait(ctx, r.agent, h.instance, service, containers.Helper); err == nil && got.NotReady != "" {
			return fmt.Sprintf("%s no longer answers at %s: %s", service.Address, cmp.Or(h.instance.Address(), service.Name), got.NotReady)
		}
	}
	for _, p := range r.Plan.Preflights {
		if notReady, err := readiness.Preflight(ctx, r.agent, p, askAgain); err == nil && notReady != "" {
			return fmt.Sprintf("%s no longer answers at %s: %s", p.Address, cmp.Or(p.URL, p.TCP), notReady)
		}
	}
	return ""
}

// fallen names the first helper of a stage that ended after a trial had begun;
// "" when none did.
func (r *run) fallen(stage plans.Stage, begun time.Time) string {
	for _, service := range stage.Helpers {
		if why := r.helpers[service.Address].endSince(begun); why != "" {
			return service.Address + " " + why
		}
	}
	return ""
}
