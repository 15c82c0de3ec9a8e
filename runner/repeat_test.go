package runner

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"plan/engine"
	"plan/internal/host"
	"plan/internal/units"
	"plan/plans"
	"plan/runner/journal"
	"plan/runner/record"
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
		"never busy":                  {slowPlan, -1, []journal.Reason{journal.Latency}, 0, ExitNotMet},
		"quiet after 60 s":            {slowPlan, 60 * time.Second, []journal.Reason{journal.Disturbed, journal.Latency}, 0, ExitNotMet},
		"never quiet":                 {slowPlan, time.Hour, []journal.Reason{journal.Disturbed, journal.Disturbed}, 80 * time.Second, ExitInconclusive},
		"quiet, and none may be used": {"guard {\n  host_cpu_others = \"0%\"\n}\n" + slowPlan, 60 * time.Second, []journal.Reason{journal.Disturbed, journal.Latency}, 0, ExitNotMet},
		"all is believed":             {"guard {\n  host_cpu_others = \"100%\"\n}\n" + slowPlan, time.Hour, []journal.Reason{journal.Latency}, 0, ExitNotMet},
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
			if second.Repeats != first.ID || c.gap > 0 && gap.Round(time.Second) != c.gap || c.gap == 0 && (quiet < c.busy+3*time.Second || quiet > c.busy+5*time.Second) {
				t.Errorf("%s: the repetition of %q began %v after its end, %v after the begin", name, second.Repeats, gap, quiet)
			}
			if n := said.all; len(n) != 1 || !strings.Contains(n[0], "p95 1s over 500ms: the trial runs again when other programs use at most ") || !strings.HasSuffix(n[0], " of the host's CPUs, or after 1m20s") {
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

// TestTheReasonsOfRepeats has a row for each reason: whether the runner repeats a trial, and
// whether the longest time of the plan has that repetition.
func TestTheReasonsOfRepeats(t *testing.T) {
	repeated := map[journal.Reason]bool{
		journal.OOMStart: false, journal.OOMLoad: false, journal.OOMWorker: false, journal.Exit: false, journal.NotReady: false,
		journal.Errors: false, journal.Latency: false, journal.Throughput: false, journal.Hung: false, journal.Thrash: false,
		journal.Assert: false, journal.Disproved: false,
		journal.Leak: true, journal.Samples: true, journal.Killed: true, journal.Disturbed: true, journal.Interfered: true, journal.Evicted: true,
		journal.Suspended: true, journal.Away: true,
		journal.Dependency: false, journal.Generator: false, journal.GuardStop: false, journal.BudgetUsed: false,
		journal.EngineLost: false, journal.User: false,
	}
	runs := 1 // of one trial, at most
	few := &journal.Load{Judged: engine.Judged{Seconds: 10, OK: 11}}
	for _, e := range journal.Explanations {
		want, known := repeated[e.Reason]
		if !known {
			t.Errorf("%s has no row here: does it repeat a trial? Those that do are in plans/repeat.go", e.Reason)
		}
		if want = want && e.Verdict != journal.Failed; want { // leak and killed have two verdicts
			runs++
		}
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t, slowPlan, fakeService{start: 100 * units.MiB})
			r := newRun(&b.runner)
			ctx, cancel := context.WithCancel(t.Context())
			cancel() // nothing is waited for
			r.stats, _ = b.runtime.ContainerStats(ctx)
			r.guard.Figures = func() (host.Figures, bool) { return host.Figures{}, false }
			spec := trialSpec{load: &engine.Load{Runtime: 10 * time.Second}, extraRuntime: new(time.Duration)}
			spec.stage.Threshold = []plans.Objective{{Metric: "p95", Limit: 1}}
			if got := r.prepareRetry(ctx, &spec, journal.Trial{Verdict: e.Verdict, Reason: &e.Reason, Load: few}); got != want {
				t.Errorf("%s, %s: repeated %v, want %v", e.Verdict, e.Reason, got, want)
			}
			longer := *spec.extraRuntime > 0 && spec.load.Runtime == 10*time.Second+*spec.extraRuntime
			if short := e.Reason == journal.Samples || e.Reason == journal.Leak; longer != (want && short) {
				t.Errorf("%s, %s: its load takes %s, and later ones %s more", e.Verdict, e.Reason, spec.load.Runtime, spec.extraRuntime)
			}
		})
	}
	s := plans.Stage{
		Kind: plans.Search, Strategy: "ladder", Vary: []plans.Vary{{Dimension: plans.Memory, From: 500, To: 1000, Step: 500}},
		Threshold: []plans.Objective{{Metric: "p95"}}, Load: &plans.Workload{Runtime: time.Second}, LeakHorizon: time.Hour,
	}
	before := s.Bounds()
	s.Service.Ready.Within = time.Second // each trial may take a second more
	more := (s.Bounds().Longest - before.Longest) / time.Second
	if want := runs * before.Trials; int(more) != want {
		t.Errorf("the longest time has %d trials, want %d: each %d times", more, want, runs)
	}
}

// Each reason repeats a trial once, also one after the other.
func TestOneReasonAfterTheOther(t *testing.T) {
	change, _ := busyUntil(time.Hour)
	in(t, slowPlan, fakeService{killed: 1, paused: 2, evicted: 3, p95: tooSlow}, change, func(t *testing.T, _ *bench, r journal.Run) {
		want := []journal.Reason{journal.Killed, journal.Interfered, journal.Evicted, journal.Disturbed, journal.Disturbed}
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
			if s.Certificate.Recommended == "" {
				t.Errorf("%s: the recommended value was not tried", strategy)
			}
			for _, trial := range s.Trials {
				want := journal.Inconclusive
				switch at := units.Bytes(*trial.Set.Memory); {
				case at == 800*units.MiB:
					want = journal.Failed
				case at >= 900*units.MiB:
					continue
				}
				if trial.Verdict != want || *trial.Reason != journal.Killed || !trial.Unexplained || (want == journal.Failed) != strings.HasSuffix(trial.Why, ", twice at this limit and not at the next higher one") {
					t.Errorf("%s: %s at %v: %s", strategy, trial.Verdict, *trial.Set.Memory, trial.Why)
				}
			}
			seconds := 0
			for _, line := range b.journal.lines {
				if line.Type == journal.TrialLine && line.Trial.Verdict == journal.Failed && line.Trial.Unexplained {
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

// TestARunThatIsResumedRepeatsWhatItDid: whether a trial is repeated stands in the journal.
func TestARunThatIsResumedRepeatsWhatItDid(t *testing.T) {
	killed := journal.Trial{ID: "search.memory/1", Verdict: journal.Inconclusive, Reason: new(journal.Killed)}
	for name, c := range map[string]struct {
		next journal.Line
		want bool
	}{
		"the repetition":  {journal.Line{Type: journal.TrialLine, Trial: &journal.Trial{ID: "search.memory/2", Repeats: killed.ID}}, true},
		"another trial":   {journal.Line{Type: journal.TrialLine, Trial: &journal.Trial{ID: "search.memory/2"}}, false},
		"the stage's end": {journal.Line{Type: journal.StageLine, Stage: &journal.Stage{}}, false},
	} {
		r := &run{record: record.New(nil, nil, []journal.Line{c.next})}
		if got := r.prepareRetry(t.Context(), &trialSpec{}, killed); got != c.want {
			t.Errorf("%s is next: %v, want %v", name, got, c.want)
		}
	}
}
