package watch

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"plan/containers"
	"plan/internal/host"
	"plan/internal/units"
	"plan/runner/guard"
	"plan/runner/journal"
	"plan/runner/judge"
)

// named is a container of that name, which nothing is heard of.
type named string

func (n named) Name() string                    { return string(n) }
func (n named) Events() <-chan containers.Event { return nil }
func (n named) Usage() (containers.Usage, bool) { return containers.Usage{}, false }

// A container that never ran leaves its network when its start fails: the event
// of that start follows, and says why.
func TestAContainerThatLeavesItsNetwork(t *testing.T) {
	for name, c := range map[string]struct {
		before []containers.EventKind
		ended  bool
	}{
		"before its start":       {nil, false},
		"after its start":        {[]containers.EventKind{containers.Started}, true},
		"after its second start": {[]containers.EventKind{containers.Started, containers.Started}, true},
	} {
		w, ctx := watching(0, 0)
		w.handle(1, containers.Event{Kind: containers.Started, At: time.Now()}) // of another replica
		for _, kind := range c.before {
			w.handle(0, containers.Event{Kind: kind, At: time.Now()})
		}
		w.handle(0, containers.Event{Kind: containers.Disconnected, At: time.Now()})
		if ended := errors.Is(context.Cause(ctx), errServiceEnded); ended != c.ended {
			t.Errorf("%s: %v", name, context.Cause(ctx))
		}
	}
}

// watching is a watch of so many replicas, each of which was told to start so
// often; what ends its trial ends the context.
func watching(starts ...int) (*Watch, context.Context) {
	w := New(Sources{
		Stats:   func() []containers.Reading { return nil },
		Guard:   &guard.Guard{Figures: func() (host.Figures, bool) { return host.Figures{}, false }},
		Sampled: func([]containers.Usage, []containers.Reading, journal.HostSample) {},
	})
	w.allDied, w.starts, w.deaths = make(chan struct{}), starts, make([]int, len(starts))
	w.samples.Own = make([][]containers.Usage, len(starts))
	for i := range starts {
		w.containers = append(w.containers, named(fmt.Sprintf("api-%d", i+1)))
	}
	var ctx context.Context
	ctx, w.cancel = context.WithCancelCause(context.Background())
	return w, ctx
}

func TestAServiceThatIsStartedTwiceWasRestarted(t *testing.T) {
	w, _ := watching(0, 0, 0, 0)
	seen := judge.Observation{Replicas: make([]judge.Replica, 4)}
	for i, starts := range []int{0, 1, 2, 3} {
		for range starts {
			w.handle(i, containers.Event{Kind: containers.Started})
		}
	}
	w.addTo(&seen)
	for i, want := range []bool{false, false, true, true} {
		if r := seen.Replicas[i]; r.Starts != i || r.Restarted() != want {
			t.Errorf("after %d starts: %d, restarted %v", i, r.Starts, r.Restarted())
		}
	}
}

// What an event of one of two replicas, each running, comes to.
func TestWhatEndsATrial(t *testing.T) {
	for name, c := range map[string]struct {
		kind containers.EventKind
		ends bool
		want judge.Stop
	}{
		"it starts":     {containers.Started, false, judge.Stop{}},
		"it ended":      {containers.Died, true, errServiceEnded},
		"out of memory": {containers.OOM, true, errServiceEnded},
		"engine lost":   {containers.Lost, true, judge.Stop{Reason: journal.EngineLost, Why: "the engine no longer answers: refused"}},
	} {
		w, ctx := watching(1, 1)
		w.handle(1, containers.Event{Kind: c.kind, Detail: "refused"})
		if ended := ctx.Err() != nil; ended != c.ends || ended && context.Cause(ctx) != error(c.want) {
			t.Errorf("%s: %v", name, context.Cause(ctx))
		}
		if e := w.events; len(e) != 1 || e[0].Kind != c.kind || e[0].Container != w.containers[1].Name() {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

func TestAReasonFromOutsideEndsATrial(t *testing.T) {
	w, ctx := watching(1)
	if w.Cancel(judge.Stop{}); ctx.Err() != nil {
		t.Errorf("ended without a reason: %v", context.Cause(ctx))
	}
	stood := judge.Stop{Reason: journal.Suspended, Why: "plan stood still for 8s"}
	if w.Cancel(stood); context.Cause(ctx) != error(stood) {
		t.Errorf("%v, want %v", context.Cause(ctx), stood)
	}
}

// allDead says whether a watch has told that every replica ended.
func allDead(w *Watch) bool {
	select {
	case <-w.allDied:
		return true
	default:
		return false
	}
}

func TestAllHaveEndedWhenEachHas(t *testing.T) {
	w, _ := watching(1, 1)
	for i, want := range []bool{false, false, true, true} {
		w.handle(i/2, containers.Event{Kind: containers.Died}) // each may end twice
		if allDead(w) != want {
			t.Errorf("after %d ends: %v", i+1, !want)
		}
	}
}

func TestTheGuardEndsATrialUnderItsFloor(t *testing.T) {
	for free, want := range map[units.Bytes]journal.Reason{units.GiB: "", units.GiB - 1: journal.GuardStop} {
		for _, known := range []bool{true, false} {
			w, ctx := watching()
			w.Guard.Floor = units.GiB
			w.Guard.Figures = func() (host.Figures, bool) {
				return host.Figures{MemoryAvailable: int64(free), At: time.Unix(1, 0)}, known
			}
			w.sample()
			stop, _ := errors.AsType[judge.Stop](context.Cause(ctx))
			if got := stop.Reason; known && got != want || !known && got != "" {
				t.Errorf("%s left, known %v: %q", free, known, got)
			}
		}
	}
}

func TestWhatCountsAsAStandstill(t *testing.T) {
	last := time.Now()
	for gap, want := range map[time.Duration]string{
		200 * time.Millisecond: "", standstill + Every: "", standstill + Every + time.Millisecond: "plan stood still for 2.2s",
		8 * time.Second: "plan stood still for 8s", time.Hour: "plan stood still for 1h",
	} {
		got := suspension(last, last.Add(gap))
		if got.Why != want || (got != judge.Stop{}) != (want != "") || want != "" && got.Reason != journal.Suspended {
			t.Errorf("%v: %+v", gap, got)
		}
		// A suspended machine stops the monotonic clock: only that of the wall goes on.
		if got := suspension(last.Round(0), last.Round(0).Add(gap)); got.Why != want {
			t.Errorf("%v of the wall clock: %+v", gap, got)
		}
	}
	if got := suspension(last, last.Add(-time.Hour)); got != (judge.Stop{}) {
		t.Errorf("a clock that was set back: %+v", got)
	}
}

// TestAClock: what is asked before the next tick counts, and the first time stays.
func TestAClock(t *testing.T) {
	c := &Clock{last: time.Now()}
	if got := c.Stood(); got != (judge.Stop{}) {
		t.Errorf("at once: %+v", got)
	}
	c.last = time.Now().Add(-8 * time.Second)
	first := c.Stood()
	if first.Reason != journal.Suspended {
		t.Fatalf("after 8 s: %+v", first)
	}
	c.last = time.Now().Add(-time.Hour)
	if got := c.Stood(); got != first {
		t.Errorf("later: %+v, want %+v", got, first)
	}
	synctest.Test(t, func(t *testing.T) {
		c := StartClock()
		defer c.Stop()
		time.Sleep(time.Hour)
		if got := c.Stood(); got != (judge.Stop{}) {
			t.Errorf("a clock that ticks: %+v", got)
		}
	})
}

func TestTheRecordHasOneSampleASecond(t *testing.T) {
	from := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var usage []containers.Usage
	var host []journal.HostSample
	for i := range 14 {
		at := from.Add(time.Duration(i) * Every)
		usage = append(usage, containers.Usage{At: at})
		host = append(host, journal.HostSample{At: at, CPUBusy: float64(i % 5)})
	}
	kept := thin(usage)
	if len(kept) != 3 || !kept[1].At.Equal(from.Add(time.Second)) || !kept[2].At.Equal(from.Add(2*time.Second)) {
		t.Errorf("%+v", kept)
	}
	samples := thinHost(host)
	if len(samples) != 4 || !samples[3].At.Equal(host[13].At) {
		t.Fatalf("%+v", samples)
	}
	for _, s := range samples[1:] {
		if math.Abs(s.CPUBusy-2) > 1e-9 { // the mean of 1, 2, 3, 4 and 0
			t.Errorf("%+v", s)
		}
	}
}
