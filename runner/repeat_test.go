package runner

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"plan/containers"
	"plan/internal/units"
	"plan/runner/journal"
)

// slowPlan is a check that its service does not hold.
const slowPlan = head + `
check "users" {
  service = service.api
  set {
    memory = "1G"
  }
  load {
    scenario = scenario.predict
    users    = 10
    runtime  = "20s"
  }
  threshold {
    p95 = "500ms"
  }
}
`

func tooSlow(int) float64 { return 1 }

// heeded keeps what is said.
type heeded struct {
	silent
	all []string
}

func (n *heeded) Note(text string) { n.all = append(n.all, text) }

// busyUntil is a host that others use up for some time.
func busyUntil(end time.Duration) (func(*bench), *heeded) {
	said := &heeded{}
	return func(b *bench) {
		b.runner.Observer = said
		begun := time.Now()
		b.busy = func() float64 {
			if time.Since(begun) <= end {
				return 2
			}
			return 0
		}
	}, said
}

func TestADisturbedFailureIsTriedAgainOnceTheHostIsQuiet(t *testing.T) {
	for name, c := range map[string]struct {
		plan    string
		busy    time.Duration
		reasons []journal.Reason
		gap     time.Duration // between the trials
		code    int
	}{
		"never busy":       {slowPlan, -1, []journal.Reason{journal.Latency}, 0, ExitNotMet},
		"quiet after 60 s": {slowPlan, 60 * time.Second, []journal.Reason{journal.Disturbed, journal.Latency}, 0, ExitNotMet},
		"never quiet":      {slowPlan, time.Hour, []journal.Reason{journal.Disturbed, journal.Disturbed}, 80 * time.Second, ExitInconclusive},
		"all is believed":  {"guard {\n  host_cpu_others = \"100%\"\n}\n" + slowPlan, time.Hour, []journal.Reason{journal.Latency}, 0, ExitNotMet},
	} {
		change, said := busyUntil(c.busy)
		in(t, c.plan, fakeService{p95: tooSlow}, change, func(t *testing.T, _ *bench, r journal.Run) {
			trials := r.Stages[0].Trials
			if got := reasons(trials); !slices.Equal(got, c.reasons) || r.Run.ExitCode != c.code {
				t.Fatalf("%s: %v, exit %d", name, got, r.Run.ExitCode)
			}
			if len(trials) == 1 {
				return
			}
			first, second := trials[0], trials[1]
			gap := second.Started.Sub(first.Started) - units.Seconds(first.Seconds.Total)
			quiet := second.Started.Sub(r.Run.Started)
			if second.Repeats != first.ID || c.gap > 0 && gap.Round(time.Second) != c.gap || c.gap == 0 && (quiet < c.busy+quietFor || quiet > c.busy+quietFor+2*time.Second) {
				t.Errorf("%s: the repetition of %q began %v after its end, %v after the begin", name, second.Repeats, gap, quiet)
			}
			if n := said.all; len(n) != 1 || !strings.HasSuffix(n[0], "p95 1s over 500ms: once more when others use no more than 5 % of the host's CPUs, after 1m20s at the latest") {
				t.Errorf("%s: said %q", name, n)
			}
		})
	}
}

func TestAPassBesideOthersStands(t *testing.T) {
	change, _ := busyUntil(time.Hour)
	in(t, slowPlan, fakeService{}, change, func(t *testing.T, _ *bench, r journal.Run) {
		if trials := r.Stages[0].Trials; len(trials) != 1 || trials[0].Verdict != journal.Passed {
			t.Errorf("%v", reasons(trials))
		}
	})
}

func TestAWaitForQuietEndsWithTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, slowPlan, fakeService{p95: tooSlow})
		change, _ := busyUntil(time.Hour)
		change(b)
		ctx, cancel := context.WithTimeoutCause(t.Context(), 50*time.Second, context.Canceled)
		defer cancel()
		if r := b.runner.Run(ctx); r.Run.ExitCode != ExitInterrupted || r.Run.Seconds > 51 {
			t.Errorf("exit %d after %v s", r.Run.ExitCode, r.Run.Seconds)
		}
	})
}

func reasons(trials []journal.Trial) []journal.Reason {
	var all []journal.Reason
	for _, t := range trials {
		if t.Reason == nil {
			all = append(all, "")
			continue
		}
		all = append(all, *t.Reason)
	}
	return all
}

func TestInterferenceIsTriedAgainOnce(t *testing.T) {
	for paused, want := range map[int][]journal.Reason{0: {""}, 1: {journal.Interfered, ""}, 2: {journal.Interfered, journal.Interfered}} {
		in(t, slowPlan, fakeService{paused: paused}, nil, func(t *testing.T, _ *bench, r journal.Run) {
			trials := r.Stages[0].Trials
			if !slices.Equal(reasons(trials), want) || (r.Run.ExitCode == ExitMet) != (paused < 2) {
				t.Errorf("%d pauses: %v, exit %d", paused, reasons(trials), r.Run.ExitCode)
			}
			if paused > 0 && trials[0].Seconds.Total > 6 { // it is given up at once
				t.Errorf("%v s", trials[0].Seconds.Total)
			}
		})
	}
}

// Each reason repeats a trial once, also one after the other.
func TestOneReasonAfterTheOther(t *testing.T) {
	change, _ := busyUntil(time.Hour)
	in(t, slowPlan, fakeService{killed: 1, paused: 2, p95: tooSlow}, change, func(t *testing.T, _ *bench, r journal.Run) {
		want := []journal.Reason{journal.Killed, journal.Interfered, journal.Disturbed, journal.Disturbed}
		if got := reasons(r.Stages[0].Trials); !slices.Equal(got, want) {
			t.Errorf("%v", got)
		}
	})
}

func TestAKillThatDependsOnTheLimit(t *testing.T) {
	for _, strategy := range []string{"anchored", "bisect", "ladder"} {
		in(t, searchPlan(strategy), fakeService{start: 100 * units.MiB, unexplained: 900 * units.MiB}, nil, func(t *testing.T, b *bench, r journal.Run) {
			s := r.Stages[0]
			if s.Verdict != journal.Passed || *s.Found.Memory != int64(900*units.MiB) || r.Run.ExitCode != ExitMet {
				t.Fatalf("%s: %s, exit %d, found %v", strategy, s.Verdict, r.Run.ExitCode, s.Found)
			}
			certified(t, s, 900*units.MiB, 800*units.MiB)
			for _, trial := range s.Trials {
				want := journal.Inconclusive
				switch at := units.Bytes(*trial.Set.Memory); {
				case at == 800*units.MiB:
					want = journal.Failed
				case at >= 900*units.MiB:
					continue
				}
				if trial.Verdict != want || *trial.Reason != journal.Killed || !trial.Unexplained || (want == journal.Failed) != strings.HasSuffix(trial.Why, "it depends on the limit; the sender is not known") {
					t.Errorf("%s: %s at %v: %s", strategy, trial.Verdict, *trial.Set.Memory, trial.Why)
				}
			}
			seconds := 0
			for _, line := range b.journal.lines {
				if line.Trial != nil && line.Trial.Verdict == journal.Failed && line.Trial.Unexplained {
					seconds++
				}
			}
			if seconds != 2 {
				t.Errorf("%s: %d lines of the journal say that it depends on the limit", strategy, seconds)
			}
		})
	}
}

// Without a higher limit that passes nothing shows that it depends on the limit.
func TestAKillAtEveryLimit(t *testing.T) {
	for _, strategy := range []string{"anchored", "bisect", "ladder"} {
		in(t, searchPlan(strategy), fakeService{start: 100 * units.MiB, unexplained: 9 * units.GiB}, nil, func(t *testing.T, _ *bench, r journal.Run) {
			s := r.Stages[0]
			if s.Verdict != journal.Inconclusive || r.Run.ExitCode != ExitInconclusive || s.Reason != "got SIGKILL (exit 137) from an unknown sender" {
				t.Errorf("%s: %s, exit %d: %s", strategy, s.Verdict, r.Run.ExitCode, s.Reason)
			}
		})
	}
}

func TestAKillIsNoFailureOfAStageWithOneLimit(t *testing.T) {
	in(t, slowPlan, fakeService{unexplained: 9 * units.GiB}, nil, func(t *testing.T, _ *bench, r journal.Run) {
		if s := r.Stages[0]; s.Verdict != journal.Inconclusive || len(s.Trials) != 2 || s.Trials[1].Verdict != journal.Inconclusive {
			t.Errorf("%s after %d trials", s.Verdict, len(s.Trials))
		}
	})
}

func TestTheRecordHasOneSampleASecond(t *testing.T) {
	from := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var usage []containers.Usage
	var host []journal.HostSample
	for i := range 14 {
		at := from.Add(time.Duration(i) * sampleEvery)
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
