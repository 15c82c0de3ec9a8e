package runner

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plan/containers"
	"plan/internal/units"
	"plan/runner/journal"
)

// lazyPlan searches with one user and ramps at what is recommended, as `plan
// init` writes it.
func lazyPlan(strategy, steps string) string {
	plan := strings.ReplaceAll(searchPlan(strategy)+rampPlan, "search.memory.found.memory", "search.memory.recommended.memory")
	return strings.Replace(plan, "[10, 100, 1000]", steps, 1)
}

// lazy needs 650M with one user, and 1460M with ten.
var lazy = fakeService{start: 560 * units.MiB, perUser: 90 * units.MiB}

func megas(n int) *journal.Point { return &journal.Point{Memory: new(int64(n) << 20)} }

func TestASearchGoesOnAboveADisprovedAnswer(t *testing.T) {
	for strategy, want := range map[string]string{
		"anchored": "4G? 700M+ 600M- 900M? 1000M+ 1200M? 1300M+ 1500M?",
		"bisect":   "2300M+ 1300M+ 800M+ 600M- 700M+ 900M? 1000M+ 1200M? 1500M?", // 1300M had passed
		"ladder":   "500M- 600M- 700M+ 900M? 1000M+ 1200M? 1300M+ 1500M?",
	} {
		in(t, lazyPlan(strategy, "[10, 20]"), lazy, nil, func(t *testing.T, b *bench, r journal.Run) {
			s, ramp := r.Stages[0], r.Stages[1]
			if got := way(s); got != want || s.Verdict != journal.Passed {
				t.Errorf("%s: %s, want %s", strategy, got, want)
			}
			if diff := cmp.Diff([]journal.Disproof{
				{Found: *megas(700), Recommended: *megas(900), At: *megas(900), Trial: "ramp.users/1", Why: "out of memory under load (exit 137)"},
				{Found: *megas(1000), Recommended: *megas(1200), At: *megas(1200), Trial: "ramp.users/2", Why: "out of memory under load (exit 137)"},
			}, s.Disproved); diff != "" {
				t.Errorf("%s (-want +got):\n%s", strategy, diff)
			}
			if diff := cmp.Diff([]*journal.Point{megas(1300), megas(1500)}, []*journal.Point{s.Found, s.Recommended}); diff != "" || !slices.Equal(s.Certificate.Failed, []string{"ramp.users/2"}) {
				t.Errorf("%s: %s, certificate %+v", strategy, diff, s.Certificate)
			}
			if ramp.SetAside != 2 || len(ramp.Trials) != 4 || ramp.Held == nil || *ramp.Held != 10 || ramp.Certificate.Passed != "ramp.users/3" || !slices.Equal(ramp.Certificate.Failed, []string{"ramp.users/4"}) {
				t.Errorf("%s: %d set aside of %d, held %v, certificate %+v", strategy, ramp.SetAside, len(ramp.Trials), ramp.Held, ramp.Certificate)
			}
			if r.Run.ExitCode != ExitMet || r.Outputs["memory"] != "1500M" {
				t.Errorf("%s: exit %d, outputs %v", strategy, r.Run.ExitCode, r.Outputs)
			}
			var again journal.Run // nothing is written over: what is read again is the same
			answers := 0
			for _, line := range b.journal.lines {
				journal.Apply(&again, line)
				if line.Type == journal.AnswerLine {
					answers++
				}
			}
			if diff := cmp.Diff(r, again, cmp.AllowUnexported(journal.Stage{})); diff != "" || answers != 4 {
				t.Errorf("%s: %d answers in the journal, which differs:\n%s", strategy, answers, diff)
			}
		})
	}
}

func TestNothingLeftUpToTheTopIsDisproved(t *testing.T) {
	plan := strings.Replace(lazyPlan("anchored", "[10, 20]"), `to   = "4G"`, `to   = "1200M"`, 1)
	in(t, plan, lazy, nil, func(t *testing.T, _ *bench, r journal.Run) {
		s, ramp := r.Stages[0], r.Stages[1]
		if s.Verdict != journal.Failed || s.FailedBy != journal.Disproved || s.Found != nil || s.Certificate != nil || len(s.Disproved) != 2 {
			t.Errorf("%s (%s), found %v, %d disproved", s.Verdict, s.FailedBy, s.Found, len(s.Disproved))
		}
		if ramp.Verdict != journal.Skipped || ramp.SetAside != 2 || ramp.Held != nil || r.Run.ExitCode != ExitNotMet {
			t.Errorf("ramp %s, %d set aside, exit %d", ramp.Verdict, ramp.SetAside, r.Run.ExitCode)
		}
	})
}

func TestAHeavierLoadIsTheRampsOwn(t *testing.T) {
	in(t, lazyPlan("anchored", "[5, 10]"), fakeService{start: 560 * units.MiB, perUser: 60 * units.MiB}, nil, func(t *testing.T, _ *bench, r journal.Run) {
		s, ramp := r.Stages[0], r.Stages[1]
		if len(s.Disproved) != 0 || *s.Recommended.Memory != 900<<20 || ramp.SetAside != 0 || ramp.Held == nil || *ramp.Held != 5 || len(ramp.Trials) != 2 {
			t.Errorf("%d disproved, ramp held %v with %d trials", len(s.Disproved), ramp.Held, len(ramp.Trials))
		}
	})
}

// What used the old answer runs again, over however many hops; what did not
// stays as it is, also where its trial is what speaks against the answer.
func TestOnlyWhatUsedTheAnswerRunsAgain(t *testing.T) {
	plan := searchPlan("ladder") + `
search "cpus" {
  service = service.api
  set {
    memory = search.memory.recommended.memory
  }
  vary "cpus" {
    from = 1
    to   = 2
    step = 1
  }
}
check "apart" {
  service    = service.api
  depends_on = [search.cpus]
  set {
    memory = "2G"
  }
}
check "both" {
  service    = service.api
  depends_on = [check.apart]
  set {
    memory = %s
    cpus   = search.cpus.found.cpus
  }
  load {
    scenario = scenario.predict
    users    = 1
    runtime  = "30s"
  }
}
`
	// The container of the check needs more than those before it.
	more := fakeService{sizes: func(_ units.Bytes, number int) units.Bytes {
		if number >= 7 {
			return 800 * units.MiB
		}
		return 650 * units.MiB
	}}
	for memory, want := range map[string]string{
		"search.memory.recommended.memory": "search.memory: 500M- 600M- 700M+ 900M?; search.cpus: 2; check.apart: 1; check.both: 1",
		"search.memory.found.memory":       "search.memory: 500M- 600M- 700M+ 900M? 800M+ 1000M?; search.cpus: 2+2; check.apart: 1; check.both: 1+1",
		`"700M"`:                           "search.memory: 500M- 600M- 700M+ 900M? 800M+ 1000M?; search.cpus: 2+2; check.apart: 1; check.both: 1+1",
	} {
		in(t, fmt.Sprintf(plan, memory), more, nil, func(t *testing.T, _ *bench, r journal.Run) {
			texts := []string{"search.memory: " + way(r.Stages[0])}
			for _, s := range r.Stages[1:] {
				text := fmt.Sprint(s.Address, ": ", len(s.Trials)-s.SetAside)
				if s.SetAside > 0 {
					text = fmt.Sprint(s.Address, ": ", s.SetAside, "+", len(s.Trials)-s.SetAside)
				}
				texts = append(texts, text)
			}
			if got := strings.Join(texts, "; "); got != want {
				t.Errorf("at %s: %s\nwant %s", memory, got, want)
			}
		})
	}
}

// A service that takes 500M where its limit is 700M or more, and 60M below,
// fails from 700M to 900M where it needs as much as 1000M.
func TestLessMayBeEnough(t *testing.T) {
	plan := func(strategy string) string {
		return strings.NewReplacer(`from = "500M"`, `from = "100M"`, `to   = "4G"`, `to   = "2000M"`).Replace(searchPlan(strategy))
	}
	own := fakeService{sizes: func(limit units.Bytes, _ int) units.Bytes {
		if limit >= 700*units.MiB {
			return 950 * units.MiB
		}
		return 160 * units.MiB
	}}
	for strategy, want := range map[string]string{
		"anchored": "2000M? 1000M+ 900M- 500M? 500M+ 200M+ 100M- 300M?",
		"bisect":   "1000M+ 500M+ 200M+ 100M- 300M?",
		"ladder":   "100M- 200M+ 300M?",
	} {
		in(t, plan(strategy), own, nil, func(t *testing.T, _ *bench, r journal.Run) {
			s := r.Stages[0]
			if got := way(s); got != want || s.Found == nil || *s.Found.Memory != 200<<20 {
				t.Errorf("%s: %s, found %v", strategy, got, s.Found)
			}
			told := map[bool]string{true: "more is not always easier: 500M passed (search.memory/5) though 900M failed (search.memory/3)"}[strategy == "anchored"]
			if s.Reason != told {
				t.Errorf("%s: %q", strategy, s.Reason)
			}
		})
	}
}

// What was tried below an answer and tells nothing leaves the answer as it is.
func TestAProbeThatDecidesNothingLeavesThePair(t *testing.T) {
	probes := func(b *bench) { b.runtime.kill = []int{4, 5} } // killed from outside, and when it was repeated
	in(t, searchPlan("anchored"), fakeService{start: 1243 * units.MiB, first: 100 * units.MiB, sizes: func(limit units.Bytes, number int) units.Bytes {
		if number >= 4 {
			return 100 * units.MiB
		}
		return 1243 * units.MiB
	}}, probes, func(t *testing.T, _ *bench, r journal.Run) {
		s := r.Stages[0]
		if got, want := way(s), "4G? 1300M+ 1200M- 900M!? 900M!? 1500M?"; got != want || s.Verdict != journal.Passed || *s.Found.Memory != 1300<<20 {
			t.Errorf("%s: %s, found %v", s.Verdict, got, s.Found)
		}
		if want := "lower values are undecided: search.memory/5 at 900M: killed from outside"; !strings.HasPrefix(s.Reason, want) {
			t.Errorf("%q", s.Reason)
		}
	})
}

func TestWhatIsRecommendedIsTried(t *testing.T) {
	for name, c := range map[string]struct {
		plan      string
		service   fakeService
		change    func(*bench)
		way       string
		tried     string // id
		notTried  string
		recommend int // MiB
	}{
		"it passes":                  {searchPlan("ladder"), fakeService{start: 600 * units.MiB}, nil, "500M- 600M+ 700M?", "search.memory/3", "", 700},
		"a strategy tried it":        {searchPlan("bisect"), fakeService{start: 600 * units.MiB}, nil, "2300M+ 1300M+ 800M+ 600M+ 500M- 700M?", "search.memory/6", "", 700},
		"it is what was found":       {strings.Replace(searchPlan("ladder"), "  vary", "  margin = \"0%\"\n  vary", 1), fakeService{start: 600 * units.MiB}, nil, "500M- 600M+", "", "", 600},
		"it was killed from outside": {searchPlan("ladder"), fakeService{start: 600 * units.MiB}, func(b *bench) { b.runtime.kill = []int{3, 4} }, "500M- 600M+ 700M!? 700M!?", "", "killed from outside, not by the kernel for memory (exit 137)", 700},
		"the host cannot spare it": {searchPlan("ladder"), fakeService{start: 600 * units.MiB}, func(b *bench) {
			b.free.Store(int64(24*units.GiB/10 + agentMemory + userMemory + 650*units.MiB))
		}, "500M- 600M+", "", "the guard keeps", 700},
		"it is killed there": {searchPlan("ladder"), fakeService{sizes: func(_ units.Bytes, number int) units.Bytes {
			return map[bool]units.Bytes{true: 800 * units.MiB, false: 600 * units.MiB}[number >= 3]
		}}, nil, "500M- 600M+ 700M-? 800M+ 1000M?", "search.memory/5", "", 1000},
	} {
		in(t, c.plan, c.service, c.change, func(t *testing.T, _ *bench, r journal.Run) {
			s := r.Stages[0]
			if got := way(s); got != c.way || s.Verdict != journal.Passed || *s.Recommended.Memory != int64(c.recommend)<<20 {
				t.Fatalf("%s: %s, %s, recommended %v", name, s.Verdict, got, s.Recommended)
			}
			if s.Certificate.Recommended != c.tried || !strings.HasPrefix(s.NotTried, c.notTried) || (s.NotTried == "") != (c.notTried == "") {
				t.Errorf("%s: certificate %+v, not tried %q", name, s.Certificate, s.NotTried)
			}
		})
	}
}

// What is recommended was tried in full by a search without a load: where what
// was found is disproved, that is the next answer at once.
func TestWhatWasRecommendedIsTheNextAnswer(t *testing.T) {
	plan := head + `
search "memory" {
  service  = service.api
  strategy = "ladder"
  vary "memory" {
    from = "500M"
    to   = "4G"
    step = "100M"
  }
}
` + strings.Replace(rampPlan, "[10, 100, 1000]", "[10]", 1)
	in(t, plan, fakeService{start: 550 * units.MiB, perUser: 10 * units.MiB}, nil, func(t *testing.T, _ *bench, r journal.Run) {
		s, ramp := r.Stages[0], r.Stages[1]
		if got, want := way(s), "500M- 600M+ 700M+ 900M+"; got != want || *s.Found.Memory != 700<<20 || s.Certificate.Passed != "search.memory/3" || *ramp.Held != 10 {
			t.Errorf("%s, want %s; found %v by %+v", got, want, s.Found, s.Certificate)
		}
	})
}

// An engine that is lost while what is recommended is tried leaves no answer.
func TestAnEngineThatIsLostAtWhatIsRecommended(t *testing.T) {
	lost := func(b *bench) {
		b.runtime.asked = func() {
			if b.runtime.started == 3 {
				b.runtime.noState.Store(&containers.Error{Summary: "the engine is gone"})
			}
		}
	}
	in(t, searchPlan("ladder"), fakeService{start: 600 * units.MiB}, lost, func(t *testing.T, _ *bench, r journal.Run) {
		if s := r.Stages[0]; len(s.Trials) != 3 || s.Verdict != journal.Aborted || s.AbortedBy != journal.EngineLost || s.Reason != "the engine is gone" || s.Found != nil || s.Certificate != nil || r.Run.ExitCode != ExitEnvironment {
			t.Errorf("%d trials, %s by %q: %s; found %v, exit %d", len(s.Trials), s.Verdict, s.AbortedBy, s.Reason, s.Found, r.Run.ExitCode)
		}
	})
}

// A run that is stopped at any moment leaves no answer that is disproved, and no
// stage that used one.
func TestAStageThatDidNotRunAgainHasNoAnswer(t *testing.T) {
	takenBack := 0
	for seconds := 90; seconds < 240; seconds += 3 {
		plan := fmt.Sprintf("guard {\n  runtime = \"%ds\"\n}\n", seconds) + strings.Replace(lazyPlan("ladder", "[10, 20]"), "ramp \"users\"", `check "starts" {
  service = service.api
  set {
    memory = search.memory.recommended.memory
  }
}
ramp "users"`, 1)
		in(t, plan, lazy, nil, func(t *testing.T, _ *bench, r journal.Run) {
			for _, s := range r.Stages {
				if trial, is := r.Disproof(s); is || s.Verdict == "" {
					t.Errorf("after %d s: %s is %q, disproved by %q", seconds, s.Address, s.Verdict, trial.ID)
				}
			}
			last := r.Stages[len(r.Stages)-1]
			if strings.HasPrefix(last.Reason, "an answer that it used is disproved") && strings.HasPrefix(r.Stages[1].Reason, "an answer that it used is disproved") {
				takenBack++
			}
			if finished := last.Kind == "ramp" && last.Verdict == journal.Passed; finished != (r.Run.ExitCode == ExitMet) || !finished && r.Run.ExitCode != ExitGuard {
				t.Errorf("after %d s: exit %d, %s is %s: %s", seconds, r.Run.ExitCode, last.Address, last.Verdict, last.Reason)
			}
		})
	}
	if takenBack < 3 {
		t.Errorf("%d runs were stopped before the ramp ran again", takenBack)
	}
}

// A stage that starts the service with another environment says nothing of the answer of
// a search: it fails by itself.
func TestAnotherEnvironmentDisprovesNothing(t *testing.T) {
	heap := func(b *bench) { // without it the service takes more than the search tries
		b.runtime.adapts = func(spec containers.Spec, s *fakeService) {
			if s.start = 700 * units.MiB; spec.Environment["HEAP"] == "" {
				s.start = 9 * units.GiB
			}
		}
	}
	const set = "  set {\n    environment = {\n      HEAP = \"${floor(vary.memory_bytes * 0.7)}\"\n    }\n  }\n  load {"
	in(t, strings.Replace(searchPlan("anchored"), "  load {", set, 1)+rampPlan, fakeService{}, heap, func(t *testing.T, _ *bench, r journal.Run) {
		s, ramp := r.Stages[0], r.Stages[1]
		if s.Verdict != journal.Passed || s.Disproved != nil || *s.Found.Memory != int64(700*units.MiB) {
			t.Errorf("%s: found %+v, disproved %+v", s.Verdict, s.Found, s.Disproved)
		}
		if ramp.Verdict != journal.Failed || len(ramp.Trials) != 1 || *ramp.Trials[0].Reason != journal.OOMStart || r.Run.ExitCode != ExitNotMet {
			t.Errorf("the ramp is %s after %d trials; exit %d", ramp.Verdict, len(ramp.Trials), r.Run.ExitCode)
		}
	})
}

// A check of as many users with another scenario has a load of its own: a kill under it is
// its answer.
func TestAnotherScenarioDisprovesNothing(t *testing.T) {
	const batch = `
scenario "batch" {
  request "predict" {
    method = "POST"
    path   = "/predict"
    json   = { inputs = [1, 2, 3, 4] }
  }
}
`
	check := `
check "batch" {
  service = service.api
  set {
    memory = search.memory.recommended.memory
  }
  load {
    scenario = scenario.NAME
    users    = 1
    runtime  = "30s"
  }
}
`
	for name, disproves := range map[string]bool{"predict": true, "batch": false} {
		starts := map[units.Bytes]int{}
		needy := func(b *bench) { // the check's load takes more: its container is the second one at 900M
			b.runtime.adapts = func(spec containers.Spec, s *fakeService) {
				s.start = 700 * units.MiB
				if starts[spec.Limits.Memory]++; spec.Limits.Memory == 900*units.MiB && starts[spec.Limits.Memory] == 2 {
					s.load = 9 * units.GiB
				}
			}
		}
		in(t, searchPlan("anchored")+batch+strings.Replace(check, "NAME", name, 1), fakeService{}, needy, func(t *testing.T, _ *bench, r journal.Run) {
			s, check := r.Stages[0], r.Stages[1]
			if (len(s.Disproved) > 0) != disproves || s.Verdict != journal.Passed {
				t.Errorf("%s: %s, disproved %+v after %s", name, s.Verdict, s.Disproved, way(s))
			}
			if (check.Verdict == journal.Failed && *check.Trials[0].Reason == journal.OOMLoad) == disproves {
				t.Errorf("%s: the check is %s: %s", name, check.Verdict, check.Reason)
			}
		})
	}
}
