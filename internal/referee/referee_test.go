package referee

import (
	"context"
	"flag"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"plan/internal/units"
	"plan/plans/lang"
	"plan/runner"
	"plan/runner/journal"
	"plan/runner/lasting"
)

var (
	runs = flag.Int("runs", 1000, "how many runs are drawn")
	seed = flag.Uint64("seed", 1, "of what is drawn")
)

// TestOnlyTheServerMakesAnAnswer: under any disturbance no answer is wrong, and
// without a relevant disturbance there is an answer.
func TestOnlyTheServerMakesAnAnswer(t *testing.T) {
	outcomes := map[journal.Verdict]int{}
	wrong, unanswered := 0, 0
	for n := range *runs {
		w := draw(rand.New(rand.NewPCG(*seed, uint64(n))))
		record, lacked := carryOut(t, w)
		if len(record.Stages) != 1 {
			t.Fatalf("run %d: no answer: %s\n%s", n, record.Run.Problem, w)
		}
		s := record.Stages[0]
		outcomes[s.Verdict]++
		switch {
		case s.Verdict.Counts() && !w.isTrue(s):
			wrong++
			t.Errorf("run %d: %s is wrong: found %v, held %v\n%s%s", n, s.Verdict, found(s), held(s), w, told(s))
		case !s.Verdict.Counts() && w.answerable(lacked):
			unanswered++
			t.Errorf("run %d: %s (%s), and there is an answer\n%s%s", n, s.Verdict, s.Reason, w, told(s))
		}
	}
	t.Logf("%d runs: %v, %d wrong, %d without an answer that there is", *runs, outcomes, wrong, unanswered)
	if outcomes[journal.Passed] < *runs/3 || outcomes[journal.Failed] < *runs/40 || outcomes[journal.Inconclusive] < *runs/20 || outcomes[journal.Invalid] < *runs/50 {
		t.Errorf("some kinds of outcome are rare: %v", outcomes)
	}
}

// carryOut runs a plan with the runner, and reports whether the service ever
// lacked CPU.
func carryOut(t *testing.T, w *world) (record journal.Run, lacked bool) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "plan.hcl")
	if err := os.WriteFile(path, []byte(w.plan()), 0o644); err != nil {
		t.Fatal(err)
	}
	p, diags := lang.Load(path, lang.Options{Version: "0.1.0"})
	if diags.HasErrors() {
		t.Fatalf("%s\n%s", diags.Error(), w.plan())
	}
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(w)
		r := runner.Runner{
			Plan: p, Platform: &runtime{machine: m}, Journal: lines{}, Observer: silent{}, Seed: 1, Direct: m.figures,
			Dial:   func(context.Context, io.ReadWriteCloser) (lasting.Client, error) { return asker{m}, nil },
			Header: journal.Header{ID: "test", Started: time.Now(), Host: journal.Host{Memory: int64(24 * units.GiB), CPUs: hostCPUs}},
		}
		done := make(chan struct{})
		go m.run(done)
		record = r.Run(context.Background())
		close(done)
		lacked = m.everLacked
	})
	return record, lacked
}

// isTrue compares an answer with the truth.
func (w *world) isTrue(s journal.Stage) bool {
	passed := s.Verdict == journal.Passed
	switch w.kind {
	case "check":
		return passed == w.holds(w.cpus, units.GiB, 100)
	case "ramp":
		most := 0
		for _, users := range []int{25, 50, 100, 200, 400} {
			if !w.holds(w.cpus, units.GiB, users) {
				break
			}
			most = users
		}
		return held(s) == most && passed == (most > 0)
	case "search cpus":
		least := 0.0
		for cpus := 1.5; cpus >= cpuStep && w.holds(cpus, units.GiB, 100); cpus -= cpuStep {
			least = cpus
		}
		return passed == (least > 0) && (!passed || *s.Found.CPUs == least)
	}
	least := units.Bytes(0)
	for memory := 1500 * units.MiB; memory >= memoryStep && w.holds(1.5, memory, 100); memory -= memoryStep {
		least = memory
	}
	return passed == (least > 0) && (!passed || *s.Found.Memory == int64(least))
}

// answerable reports whether there must be an answer: no disturbance, or only a
// temporary one.
func (w *world) answerable(lacked bool) bool {
	if lacked && !w.endsSoon() {
		return false
	}
	switch w.deed {
	case nothing, probing:
		return true
	case supervisor:
		return w.kind == "search memory"
	case hostKiller, killing:
		return w.kind != "search memory"
	}
	return w.times == 1
}

func found(s journal.Stage) any {
	if s.Found == nil {
		return nil
	}
	if s.Found.Memory != nil {
		return units.Bytes(*s.Found.Memory)
	}
	return *s.Found.CPUs
}

func held(s journal.Stage) int {
	if s.Held == nil {
		return 0
	}
	return *s.Held
}

func told(s journal.Stage) (text string) {
	for _, one := range s.Trials {
		text += "\n  " + one.ID + " " + string(one.Verdict) + ": " + one.Why
	}
	return text
}
