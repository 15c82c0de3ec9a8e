package runner

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"plan/engine"
	"plan/internal/units"
	"plan/plans"
	"plan/runner/journal"
)

// autoPlan finds the most users with 1300M.
func autoPlan(lines string) string {
	return strings.Replace(searchPlan("anchored")+rampPlan, "users = [10, 100, 1000]", "users = \"auto\"\n"+lines, 1)
}

// from a number of users on, a service is too slow.
func slowFrom(users int) func(int) float64 {
	return func(n int) float64 {
		if n >= users {
			return 2
		}
		return 0.1
	}
}

func TestRampFindsItsUsers(t *testing.T) {
	for name, c := range map[string]struct {
		lines   string
		service fakeService
		change  func(*bench)
		held    int // 0: none
		failed  int // 0: none
		knee    int
		verdict journal.Verdict
		growing int // trials
		cut     string
		code    int
	}{
		"a limit":                   {"to = 1000", fakeService{p95: slowFrom(171)}, nil, 169, 171, 0, journal.Passed, 2, "", ExitMet},
		"a step of one":             {"to = 1000\nstep = 1", fakeService{p95: slowFrom(171)}, nil, 170, 171, 0, journal.Passed, 2, "", ExitMet},
		"a step of a share":         {"to = 1000\nstep = \"5%\"", fakeService{p95: slowFrom(171)}, nil, 169, 177, 0, journal.Passed, 2, "", ExitMet},
		"none":                      {"to = 1000\nfrom = 5", fakeService{p95: slowFrom(5)}, nil, 0, 0, 0, journal.Failed, 1, "", ExitNotMet},
		"all":                       {"to = 100", fakeService{}, nil, 100, 0, 0, journal.Passed, 1, "", ExitMet},
		"one number":                {"from = 7\nto = 7", fakeService{}, nil, 7, 0, 0, journal.Passed, 0, "", ExitMet},
		"saturated":                 {"to = 1000", fakeService{saturates: 64}, nil, 256, 0, 128, journal.Passed, 2, "", ExitMet},
		"too few":                   {"to = 1000\nat_least = 200", fakeService{p95: slowFrom(171)}, nil, 169, 171, 0, journal.Failed, 2, "", ExitNotMet},
		"as many as are asked for":  {"to = 100\nat_least = 100", fakeService{}, nil, 100, 0, 0, journal.Passed, 1, "", ExitMet},
		"more than are tried":       {"to = 100\nat_least = 200", fakeService{}, nil, 100, 0, 0, journal.Inconclusive, 1, "", ExitInconclusive},
		"more than the host admits": {"at_least = 20000", fakeService{}, func(b *bench) { b.free.Store(int64(5 * units.GiB)) }, 10_000, 0, 0, journal.Inconclusive, 1, "the plan has no `to`", ExitInconclusive},
		"saturated with fewer":      {"to = 1000\nat_least = 500", fakeService{saturates: 64}, nil, 500, 0, 128, journal.Passed, 2, "", ExitMet},
		"saturated, all are tried":  {"to = 400\nat_least = 500", fakeService{saturates: 64}, nil, 400, 0, 128, journal.Inconclusive, 2, "", ExitInconclusive},
		"killed for memory":         {"to = 1000", fakeService{start: 300 * units.MiB, perUser: units.MiB}, nil, 0, 0, 0, "", 2, "", ExitMet},
		"what is admitted":          {"", fakeService{}, func(b *bench) { b.free.Store(int64(5 * units.GiB)) }, 10_000, 0, 0, journal.Passed, 1, "the plan has no `to`", ExitMet},
		"what fits the host":        {"", fakeService{}, func(b *bench) { b.free.Store(int64(3090 * units.MiB)) }, 0, 0, 0, "", 1, "the driver would use more memory than the guard admits", ExitMet},
	} {
		t.Run(name, func(t *testing.T) {
			in(t, autoPlan(c.lines), c.service, c.change, func(t *testing.T, _ *bench, r journal.Run) {
				s := r.Stages[1]
				growing := 0
				for _, trial := range s.Trials {
					if trial.Windows != nil {
						growing++
						if !trial.FirstLook {
							t.Errorf("%s grew, and proves something", trial.ID)
						}
					}
				}
				if s.Auto == nil || s.Steps != nil || growing != c.growing || s.Auto.Cut != c.cut {
					t.Errorf("%+v, %d trials grew, want %d", s.Auto, growing, c.growing)
				}
				if r.Run.ExitCode != c.code {
					t.Errorf("exit %d, want %d", r.Run.ExitCode, c.code)
				}
				if c.verdict == "" {
					if s.Held == nil || s.Certificate == nil {
						t.Fatalf("%+v", s)
					}
					return
				}
				held, knee := orZero(s.Held), orZero(s.Knee)
				if held != c.held || knee != c.knee || s.Verdict != c.verdict {
					t.Errorf("%d users held, knee %d, %s; want %d, %d, %s: %s", held, knee, s.Verdict, c.held, c.knee, c.verdict, way(s))
				}
				if held == 0 {
					return
				}
				at := func(id string) int { return *s.Trials[s.Find(id)].Users }
				failed := 0
				if len(s.Certificate.Failed) > 0 {
					failed = at(s.Certificate.Failed[0])
				}
				if at(s.Certificate.Passed) != c.held || c.failed == 0 != (failed == 0) || failed > c.failed {
					t.Errorf("the proof is %d and %d users, want %d and at most %d", at(s.Certificate.Passed), failed, c.held, c.failed)
				}
			})
		})
	}
}

func orZero(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}

// A load that grows ends with the window that breaks, and the trials that follow are of
// users that it has shown.
func TestGrowingLoadEnds(t *testing.T) {
	in(t, autoPlan("to = 1000"), fakeService{p95: slowFrom(100)}, nil, func(t *testing.T, _ *bench, r journal.Run) {
		var users []int
		for _, w := range r.Stages[1].Trials[0].Windows {
			users = append(users, w.Users)
		}
		if want := []int{1, 2, 4, 8, 16, 32, 64, 128}; !slices.Equal(users, want) {
			t.Errorf("windows of %v users, want %v", users, want)
		}
		last := r.Stages[1].Trials[0].Windows[7]
		if last.Broken != "p95 2s over 500ms" || last.OK == 0 || last.OKRate != float64(last.OK)/last.Seconds {
			t.Errorf("%+v", last)
		}
	})
}

// A service is not watched for plans.Hold of its load's runtime after a load that grows,
// which proves nothing, or one that has shown that it fails.
func TestWhichLoadsEndTheirTrial(t *testing.T) {
	in(t, autoPlan("to = 1000"), fakeService{p95: slowFrom(100)}, nil, func(t *testing.T, _ *bench, r journal.Run) {
		for _, trial := range r.Stages[1].Trials {
			after := trial.Seconds.Total - *trial.Seconds.Ready - float64(len(trial.Evidence.Series))
			if held := after >= plans.Hold(&engine.Load{}).Seconds(); trial.Phase != journal.PhaseEnd || held == (trial.Windows != nil || trial.Verdict == journal.Failed) {
				t.Errorf("%s ended in %s, %.1f s after its load", trial.ID, trial.Phase, after)
			}
		}
	})
}

// Beyond the knee no load has more than a tenth more users than one that passed, also on the
// way to the users that are asked for.
func TestUsersThatAreAskedForBeyondTheKnee(t *testing.T) {
	in(t, autoPlan("to = 2000\nat_least = 1500"), fakeService{saturates: 64, p95: slowFrom(400)}, nil, func(t *testing.T, _ *bench, r journal.Run) {
		s := r.Stages[1]
		passed := 0
		for i, trial := range s.Trials {
			windows := trial.Windows
			if windows == nil {
				windows = []journal.Window{{Users: *trial.Users, Broken: trial.Why}}
			}
			for _, w := range windows {
				if i > 0 && w.Users > passed+passed/10 {
					t.Errorf("%s: %d users after %d", trial.ID, w.Users, passed)
				}
				if w.Broken == "" {
					passed = max(passed, w.Users)
				}
			}
		}
		if held := orZero(s.Held); held < 390 || held > 399 || s.Verdict != journal.Failed || len(s.Certificate.Failed) != 1 {
			t.Errorf("%d users held, %s: %s", held, s.Verdict, way(s))
		}
	})
}

// What the guard stops is not tried again: the ramp holds what passed below.
func TestGuardBoundsTheUsers(t *testing.T) {
	in(t, autoPlan("to = 1000"), fakeService{}, func(b *bench) {
		b.runtime.service.p95 = func(users int) float64 {
			if users >= 64 {
				b.free.Store(int64(100 * units.MiB))
				time.AfterFunc(3*time.Second, func() { b.free.Store(int64(20 * units.GiB)) })
			}
			return 0.1
		}
	}, func(t *testing.T, _ *bench, r journal.Run) {
		s := r.Stages[1]
		if orZero(s.Held) != 32 || s.Verdict != journal.Passed || len(s.Certificate.Failed) != 0 || s.Auto.To != 32 ||
			!strings.HasPrefix(s.Auto.Cut, "stopped by the guard") {
			t.Errorf("%d users held, %s, %+v: %+v", orZero(s.Held), s.Verdict, s.Auto, s.Certificate)
		}
		first, second := s.Trials[0], s.Trials[1]
		if first.Verdict != journal.Aborted || len(first.Windows) != 6 {
			t.Errorf("%s after %d windows", first.Verdict, len(first.Windows))
		}
		pause := second.Started.Sub(first.Started) - units.Seconds(first.Seconds.Total)
		if len(s.Trials) != 2 || *second.Users != 32 || pause.Round(time.Millisecond) != 5*time.Second {
			t.Errorf("%d trials, the second one of %d users after %v", len(s.Trials), *second.Users, pause)
		}
	})
}

// draining is a journal beside which others take a megabyte of the host's memory as each
// stage begins.
type draining struct {
	*memoryJournal
	bench *bench
}

func (d draining) Append(l journal.Line) (journal.Line, error) {
	if l.Type == journal.StageLine {
		d.bench.free.Add(-int64(units.MiB))
	}
	return d.memoryJournal.Append(l)
}

// The guard reads the free memory again before each trial.
func TestUsersThatTheHostHoldsHaveAReserve(t *testing.T) {
	plan := strings.Replace(head+rampPlan[:strings.Index(rampPlan, "output")], "search.memory.found.memory", `"1G"`, 1)
	plan = strings.Replace(plan, "users = [10, 100, 1000]", `users = "auto"`, 1)
	in(t, plan, fakeService{}, func(b *bench) {
		b.free.Store(int64(24*units.GiB/10 + agentMemory + units.GiB + 1000*userMemory))
		b.runner.Journal = draining{b.journal, b}
	}, func(t *testing.T, _ *bench, r journal.Run) {
		s := r.Stages[0]
		if s.Auto.To != 900 || s.Verdict != journal.Passed || orZero(s.Held) != 900 || r.Run.ExitCode != ExitMet {
			t.Errorf("%d users held of %d, %s, exit %d: %s", orZero(s.Held), s.Auto.To, s.Verdict, r.Run.ExitCode, s.Reason)
		}
	})
}

// What a ramp does where a trial is stopped that says nothing of its users.
func TestUsersThatAreNotDecided(t *testing.T) {
	alone := strings.Replace(head+rampPlan[:strings.Index(rampPlan, "output")], "search.memory.found.memory", `"1G"`, 1)
	auto := func(lines string) string {
		return strings.Replace(alone, "users = [10, 100, 1000]", "users = \"auto\"\n"+lines, 1)
	}
	drains := func(from int, after ...time.Duration) func(*bench) { // memory, so long after so many users were active
		return func(b *bench) {
			var once sync.Once
			b.runtime.service.p95 = func(users int) float64 {
				if users >= from {
					once.Do(func() {
						for _, after := range after {
							time.AfterFunc(after, func() { b.free.Store(int64(100 * units.MiB)) })
							time.AfterFunc(after+3*time.Second, func() { b.free.Store(int64(20 * units.GiB)) })
						}
					})
				}
				return 0.1
			}
		}
	}
	// stops ends each trial in full of so many users, from the nth on. From so many users on the service is
	// too slow in windows, and in trials in full.
	stops := func(at, nth, window, full int) func(*bench) {
		return func(b *bench) {
			b.runtime.service.p95 = func(users int) float64 {
				if b.runtime.started <= 2 { // their loads grow
					return slowFrom(window)(users)
				}
				if users == at {
					nth--
				}
				if users == at && nth <= 0 {
					b.free.Store(int64(100 * units.MiB))
					time.AfterFunc(3*time.Second, func() { b.free.Store(int64(20 * units.GiB)) })
				}
				return slowFrom(full)(users)
			}
		}
	}
	for name, c := range map[string]struct {
		lines   string
		change  func(*bench)
		held    int
		verdict journal.Verdict
		trials  int
		to      int
		reason  string
	}{
		"the guard, above the fewest": {"from = 32\nto = 1000", drains(64, 0), 32, journal.Passed, 2, 32, ""},
		"the guard, at the fewest": {"from = 64\nto = 1000", drains(64, 0), 0, journal.Aborted, 1, 1000,
			"stopped by the guard"},
		"the guard, in the trial of the most": {"to = 100", drains(100, 20*time.Second), 64, journal.Passed, 3, 64, ""},
		"the guard, in the trials of both": {"from = 64\nto = 100", drains(100, 20*time.Second, 45*time.Second), 0,
			journal.Aborted, 3, 64, "stopped by the guard"},
		"the guard, in the only trial": {"from = 100\nto = 100", drains(100, 0), 0, journal.Aborted, 1, 100,
			"stopped by the guard"},
		"the guard, before the first window of the second load": {"to = 1000", func(b *bench) {
			b.runtime.service.p95 = slowFrom(171)
			var once sync.Once
			b.runtime.onSample = func() {
				if b.runtime.started == 2 {
					once.Do(func() {
						b.free.Store(int64(100 * units.MiB))
						time.AfterFunc(3*time.Second, func() { b.free.Store(int64(20 * units.GiB)) })
					})
				}
			}
		}, 128, journal.Passed, 3, 128, ""},
		"the guard, below a trial that failed": {"to = 1000", stops(173, 1, 171, 171), 169, journal.Passed, 5, 169, ""},
		"the guard, below windows that held":   {"to = 1000", stops(161, 1, 171, 160), 154, journal.Passed, 9, 154, ""},
		"the guard, in a confirmation":         {"to = 1000", stops(169, 2, 160, 175), 169, journal.Passed, 6, 169, ""},
		"the engine fails": {"to = 1000", func(b *bench) { b.runtime.startErr = errors.New("no space left") }, 0,
			journal.Aborted, 1, 1000, "no space left"},
		"killed by someone": {"to = 1000",
			func(b *bench) { b.runtime.service.p95, b.runtime.kill = slowFrom(171), []int{3, 4} },
			0, journal.Inconclusive, 4, 1000, "killed"},
	} {
		t.Run(name, func(t *testing.T) {
			in(t, auto(c.lines), fakeService{}, c.change, func(t *testing.T, _ *bench, r journal.Run) {
				s := r.Stages[0]
				if orZero(s.Held) != c.held || s.Verdict != c.verdict || len(s.Trials) != c.trials || s.Auto.To != c.to ||
					!strings.Contains(s.Reason, c.reason) || (s.Reason == "") != (c.reason == "") {
					t.Errorf("%d users held, %s after %d trials, to %d: %q",
						orZero(s.Held), s.Verdict, len(s.Trials), s.Auto.To, s.Reason)
				}
			})
		})
	}
}
