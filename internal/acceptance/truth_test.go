package acceptance

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	searches "plan/runner/search"
)

var seed = flag.Uint64("seed", uint64(time.Now().UnixNano()), "of the memory that services are given")

const (
	lowest, highest, step = 300, 1200, 100 // MiB: the grid of testdata/least.hcl
	clear                 = 15             // MiB between a need and the grid values beside it
	overhead              = 20             // MiB that a service may need besides what it is told to
)

// need draws what a service is to need, in MiB up to most, well between two
// grid values.
func need(t *testing.T, stream uint64, most int) int {
	random := rand.New(rand.NewPCG(*seed, stream))
	for {
		if n := lowest + random.IntN(most-lowest); n%step >= clear && n%step <= step-clear-overhead {
			t.Logf("-seed %d: it is told to need %dM", *seed, n)
			return n
		}
	}
}

// TestLeastMemoryIsTheTruth holds the answer of every strategy against a ladder
// of plain docker runs, for services that die in different ways.
func TestLeastMemoryIsTheTruth(t *testing.T) {
	needEngine(t)
	image := sample(t)
	for i, c := range []struct {
		name  string
		flags func(need int) []string
	}{
		{"at start", func(n int) []string { return []string{"--memory", mib(n)} }},
		{"a peak at start", func(n int) []string {
			return []string{"--memory", mib(n / 2), "--peak", mib(n - n/2), "--peak-time", "200ms"}
		}},
		{"on the first prediction", func(n int) []string {
			return []string{"--memory", mib(n / 2), "--first-memory", mib(n - n/2)}
		}},
		{"in a worker", func(n int) []string {
			return []string{"--memory", mib(20), "--worker-memory", mib(n - 20)}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			flags := c.flags(need(t, uint64(i), 1100))
			sameAnswer(t, image, flags, "command="+texts(flags...))
		})
	}
}

// TestFastAPI does the same with a real application under uvicorn.
func TestFastAPI(t *testing.T) {
	needEngine(t)
	t.Parallel()
	image := fastAPI(t)
	model := strconv.Itoa(need(t, 99, 1000) - overhead) // Python itself needs about that
	truth := least(t, image, nil, []string{"-e", "MODEL_MIB=" + model}, lowest, highest, step)
	agrees(t, truth, "image="+image, fmt.Sprintf("environment={MODEL_MIB = %q}", model))
}

func sameAnswer(t *testing.T, image string, flags []string, variable string) {
	t.Helper()
	truth := least(t, image, flags, nil, lowest, highest, step)
	for _, strategy := range searches.Strategies() {
		agrees(t, truth, "image="+image, variable, "strategy="+strategy.Name)
	}
}

// agrees says that plan finds the truth and proves it: the trial that passed
// there, and the one a step below that was killed for memory.
func agrees(t *testing.T, truth int, variables ...string) {
	t.Helper()
	read, r := search(t, t.TempDir(), variables...)
	s := read.only(t)
	t.Logf("%s: exit %d, %dM in %d trials, %s", variables[len(variables)-1], r.code, s.found(), len(s.Trials), r.took.Round(time.Second))
	if r.code != 0 || s.found() != truth {
		t.Fatalf("plan found %dM (exit %d), docker run %dM%s", s.found(), r.code, truth, s.told())
	}
	if s.Certificate == nil || len(s.Certificate.Failed) != 1 {
		t.Fatalf("the answer has no proof%s", s.told())
	}
	passed, failed := s.trialAt(t, s.Certificate.Passed), s.trialAt(t, s.Certificate.Failed[0])
	if *passed.Set.Memory != int64(truth)*mebibyte || passed.Verdict != "passed" {
		t.Errorf("the proof that passed is %s at %d bytes", passed.Verdict, *passed.Set.Memory)
	}
	if *failed.Set.Memory != int64(truth-step)*mebibyte || failed.Verdict != "failed" || !outOfMemory(failed) {
		t.Errorf("the proof that failed is %s (%s) at %d bytes", failed.Verdict, failed.reason(), *failed.Set.Memory)
	}
	if left := made(t, read.Run.ID); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func outOfMemory(one trial) bool {
	switch one.reason() {
	case "oom_start", "oom_load", "oom_worker":
		return true
	}
	return false
}

func mib(n int) string { return strconv.Itoa(n) + "M" }
