package watch

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"plan/containers"
	"plan/internal/host"
	"plan/runner/guard"
)

// A host of two CPUs, a quarter of which others may use: 0.5, on average over three
// seconds. It is looked at once a second.
func TestWaitingForAQuietHost(t *testing.T) {
	const most = 10 * time.Second
	after := func(seconds int, busy float64) func(int) float64 { // 2 CPUs before
		return func(second int) float64 {
			if second < seconds {
				return 2
			}
			return busy
		}
	}
	for _, c := range []struct {
		name    string
		busy    func(second int) float64 // CPUs since the look before
		every   int                      // seconds between two readings of the host; 0: 1
		unknown int                      // the look from which on the host is not known; 0: never
		ends    time.Duration            // of what waits; 0: never
		want    time.Duration
	}{
		{name: "quiet from the beginning", busy: after(0, 0.5), want: 3 * time.Second},
		{name: "a little too much", busy: after(0, 0.51), want: most},
		{name: "quiet after four seconds", busy: after(5, 0), want: 7 * time.Second},
		{name: "busy for a second", busy: after(2, 0), want: 4 * time.Second},
		{name: "quiet on average", busy: func(second int) float64 {
			if second == 1 {
				return 1.5
			}
			return 0
		}, want: 3 * time.Second},
		{name: "quiet too late", busy: after(7, 0), want: 9 * time.Second},
		{name: "no longer known", busy: after(9, 0), unknown: 2, want: 2 * time.Second},
		{name: "what waits ends", busy: after(9, 0), ends: 1500 * time.Millisecond, want: 1500 * time.Millisecond},
		{name: "readings are too far apart to say", busy: after(0, 0), every: 5, want: most},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begun, look := time.Now(), 0
				from := Sources{Stats: func() []containers.Reading { return nil }, Guard: &guard.Guard{Figures: func() (host.Figures, bool) {
					second := look * max(1, c.every)
					known := c.unknown == 0 || look < c.unknown
					look++
					return host.Figures{At: begun.Add(time.Duration(second) * time.Second), CPUBusy: c.busy(second)}, known
				}}}
				ctx := t.Context()
				if c.ends > 0 {
					limited, stop := context.WithTimeout(ctx, c.ends)
					defer stop()
					ctx = limited
				}
				WaitForQuiet(ctx, from, most, 0.25, 2)
				if took := time.Since(begun); took != c.want {
					t.Errorf("it waited %s, want %s", took, c.want)
				}
			})
		})
	}
}

// A host that is not known, or a wait of no time, is not waited for.
func TestNotWaitingForAQuietHost(t *testing.T) {
	for name, c := range map[string]struct {
		known bool
		most  time.Duration
	}{
		"not known": {false, time.Minute}, "no time": {true, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			begun := time.Now()
			from := Sources{Stats: func() []containers.Reading { return nil }, Guard: &guard.Guard{Figures: func() (host.Figures, bool) {
				return host.Figures{At: time.Now(), CPUBusy: 2}, c.known
			}}}
			WaitForQuiet(t.Context(), from, c.most, 0.25, 2)
			if took := time.Since(begun); took != 0 {
				t.Errorf("%s: it waited %s", name, took)
			}
		})
	}
}

// The host is read more often than its figures are new.
func TestEachReadingOfTheHostIsOneSample(t *testing.T) {
	w, _ := watching()
	at := time.Unix(1, 0)
	w.Guard.Figures = func() (host.Figures, bool) { return host.Figures{At: at}, true }
	for _, c := range []struct {
		later time.Duration
		want  int
	}{{0, 1}, {0, 1}, {time.Second, 2}, {0, 2}, {-time.Second, 2}} {
		at = at.Add(c.later)
		if w.sample(); len(w.samples.Host) != c.want {
			t.Errorf("%d samples at %s, want %d", len(w.samples.Host), at, c.want)
		}
	}
}
