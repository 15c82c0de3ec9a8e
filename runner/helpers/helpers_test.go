package helpers

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"plan/agent"
	"plan/containers"
	"plan/inference"
	"plan/plans"
	"plan/runner/journal"
	"plan/runner/judge"
)

// container is one at host:port, which is asked for nothing else.
type container struct {
	Container
	address string
}

func (c container) Address() string { return c.address }

func at(address string) Container { return container{address: address} }

// prober notes what is probed.
type prober struct {
	never  bool // nothing answers
	probes []inference.Probe
}

func (p *prober) Ready(_ context.Context, probe inference.Probe) (plain bool, err error) {
	p.probes = append(p.probes, probe)
	if p.never {
		return false, &agent.NotReady{Last: "connection refused"}
	}
	return probe.TCP != "", nil
}

// helped is a stage with a helper, of which something was heard after a
// minute; the trial begins a second later.
func helped(t *testing.T, check func(s *Helpers, stage plans.Stage, h *helper, begun time.Time)) {
	synctest.Test(t, func(t *testing.T) {
		database := plans.Service{Address: "service.database", Name: "database"}
		h := &helper{service: database, instance: at("10.0.0.1:8000"), running: true}
		s := New(Needs{})
		s.started[database.Address] = h
		time.Sleep(time.Minute)
		check(s, plans.Stage{Helpers: []plans.Service{database}}, h, time.Now().Add(time.Second))
	})
}

func TestWhatIsBlamedOnADependency(t *testing.T) {
	broken := func(reason journal.Reason) judge.Verdict {
		return judge.Verdict{Verdict: journal.Failed, Reason: reason, Why: "it failed", Failures: []string{"it failed", "and more"}}
	}
	const gone = "service.database ended: exit code 1"
	blamed := judge.Verdict{Verdict: journal.Inconclusive, Reason: journal.Dependency, Why: gone + "; the failure does not count: it failed", Failures: []string{"and more"}}
	starts := judge.Verdict{Verdict: journal.Passed, Why: "starts"}
	interrupted, late := judge.Because(journal.User, "interrupted"), judge.Because(journal.Generator, "it was late")
	for _, c := range []struct{ v, want judge.Verdict }{ // want: where the dependency is gone; else v stays
		{starts, judge.Verdict{Verdict: journal.Passed, Why: "starts", Notes: []string{"during the trial, " + gone}}},
		{broken(journal.Errors), blamed},
		{broken(journal.Exit), blamed},
		{broken(journal.OOMStart), broken(journal.OOMStart)},
		{broken(journal.OOMLoad), broken(journal.OOMLoad)},
		{broken(journal.OOMWorker), broken(journal.OOMWorker)},
		{interrupted, interrupted},
		{late, late},
	} {
		helped(t, func(s *Helpers, stage plans.Stage, h *helper, begun time.Time) {
			if diff := cmp.Diff(c.v, s.Attribute(context.Background(), stage, begun, c.v)); diff != "" {
				t.Errorf("with a helper that lives (-before +after):\n%s", diff)
			}
			time.Sleep(2 * time.Second)
			h.handle(containers.Event{Kind: containers.Died, Detail: "exit code 1"})
			if diff := cmp.Diff(c.want, s.Attribute(context.Background(), stage, begun, c.v)); diff != "" {
				t.Errorf("with a helper that ended (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatIsHeardOfAHelper(t *testing.T) {
	const oom, died = "ran out of memory", "ended: exit code 1"
	for name, c := range map[string]struct {
		kinds    []containers.EventKind
		end      string
		endSince string // of a trial that had begun before
	}{
		"it starts":                         {[]containers.EventKind{containers.Started}, "", ""},
		"it ended":                          {[]containers.EventKind{containers.Died}, died, died},
		"one of its processes is killed":    {[]containers.EventKind{containers.OOM}, "", oom},
		"of one end the first sign":         {[]containers.EventKind{containers.OOM, containers.Died}, oom, oom},
		"it lives again":                    {[]containers.EventKind{containers.Died, containers.Started}, "", died},
		"it lives again, and ended again":   {[]containers.EventKind{containers.OOM, containers.Died, containers.Started, containers.Died}, died, died},
		"killed for memory, it lives again": {[]containers.EventKind{containers.OOM, containers.Died, containers.Started}, "", oom},
		"the engine is no sign of its end":  {[]containers.EventKind{containers.Lost}, "", ""},
	} {
		helped(t, func(_ *Helpers, _ plans.Stage, h *helper, begun time.Time) {
			time.Sleep(time.Second) // the trial begins at the very moment
			for _, kind := range c.kinds {
				h.handle(containers.Event{Kind: kind, Detail: "exit code 1"})
			}
			if h.endReason() != c.end || h.endReasonSince(begun) != c.endSince {
				t.Errorf("%s: %q, since then %q", name, h.endReason(), h.endReasonSince(begun))
			}
		})
	}
	helped(t, func(_ *Helpers, _ plans.Stage, h *helper, begun time.Time) { // before the trial
		h.handle(containers.Event{Kind: containers.Died, Detail: "exit code 1"})
		if h.endReasonSince(begun) != died {
			t.Errorf("ended before the trial, and stays so: %q", h.endReasonSince(begun))
		}
		h.handle(containers.Event{Kind: containers.Started})
		if h.endReasonSince(begun) != "" {
			t.Errorf("lived again before the trial: %q", h.endReasonSince(begun))
		}
	})
	for after, want := range map[time.Duration]string{killEnds: oom, killEnds + 1: died} {
		helped(t, func(_ *Helpers, _ plans.Stage, h *helper, _ time.Time) {
			h.handle(containers.Event{Kind: containers.OOM})
			time.Sleep(after)
			if h.handle(containers.Event{Kind: containers.Died, Detail: "exit code 1"}); h.endReason() != want {
				t.Errorf("ended %s after a process of it was killed: %q", after, h.endReason())
			}
		})
	}
	helped(t, func(_ *Helpers, _ plans.Stage, h *helper, begun time.Time) {
		h.handle(containers.Event{Kind: containers.OOM})
		if h.endReason() != "" || h.endReasonSince(begun) != "" {
			t.Errorf("a process of it was killed before the trial: %q, since then %q", h.endReason(), h.endReasonSince(begun))
		}
		time.Sleep(time.Minute)
		h.handle(containers.Event{Kind: containers.Died, Detail: "exit code 1"})
		if h.endReason() != died || h.endReasonSince(begun) != died {
			t.Errorf("ended long after that: %q, since then %q", h.endReason(), h.endReasonSince(begun))
		}
	})
}

func TestAHelperThatLivesAndDoesNotAnswerIsGone(t *testing.T) {
	for never, want := range map[bool]string{true: "service.database no longer answers at 10.0.0.1:8000: connection refused", false: ""} {
		helped(t, func(s *Helpers, stage plans.Stage, _ *helper, begun time.Time) {
			stage.Helpers[0].Ready = plans.Ready{Path: "/health", Within: time.Minute}
			s.Agent = &prober{never: never}
			if got := s.failedDependency(context.Background(), stage, begun); got != want {
				t.Errorf("%q, want %q", got, want)
			}
		})
	}
}

// A helper without a path is asked nothing that it may not understand.
func TestAHelperWithoutAPathIsAskedForAConnection(t *testing.T) {
	helped(t, func(s *Helpers, stage plans.Stage, _ *helper, begun time.Time) {
		stage.Helpers[0].Ready = plans.Ready{TCP: 8000, Within: time.Minute}
		a := &prober{}
		s.Agent = a
		got := s.failedDependency(context.Background(), stage, begun)
		if got != "" || len(a.probes) != 1 || a.probes[0].TCP == "" || a.probes[0].URL != "" {
			t.Errorf("%q: %+v", got, a.probes)
		}
	})
}
