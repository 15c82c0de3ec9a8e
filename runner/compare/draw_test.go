package compare

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"plan/internal/units"
	"plan/plans"
	"plan/runner/answer"
	"plan/runner/journal"
)

// recorded is a run on a real engine: a search for memory and a ramp, which broke its
// threshold of 500 ms.
func recorded(t *testing.T) journal.Run {
	t.Helper()
	run, err := journal.Read("../../report/html/testdata/resources.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// service is one whose trials are drawn from those of a recorded run: it needs so much
// more memory, and so much more CPU for a request, than the recorded one.
type service struct {
	memory, work float64 // factors
	noise        float64 // standard deviation of the logarithm of what a trial measures
	random       *rand.Rand
}

func (s service) drawn(v, noise float64) float64 { return v * math.Exp(noise*s.random.NormFloat64()) }

// searched draws a search for memory: the trials of the recorded search, at the values
// that the strategy asks for.
func (s service) searched(r journal.Run, grid []int64) journal.Stage {
	recorded := r.Stages[0]
	stage := recorded
	stage.Trials, stage.Certificate, stage.Found, stage.Recommended, stage.Verdict = nil, nil, nil, nil, ""
	stage.Grid = nil
	for _, v := range grid {
		stage.Grid = append(stage.Grid, float64(v))
	}
	vary := plans.Vary{Dimension: plans.Memory, From: grid[0], To: grid[len(grid)-1], Step: grid[1] - grid[0]}
	load := plans.Workload{Users: 1}
	h := answer.New(plans.Stage{Address: stage.Address, Kind: plans.Search, Vary: []plans.Vary{vary}, Load: &load, Strategy: "bisect", Margin: stage.Margin}, &stage)
	for step := h.Next(true); !step.Done; step = h.Next(true) {
		limit := grid[step.Cell[plans.Memory.Axis()]]
		t := recorded.Trials[1] // one that passed
		needed := int64(s.drawn(s.memory*float64(*t.Memory.Peak), s.noise))
		if needed > limit {
			t, needed = recorded.Trials[3], limit // one that was killed
		}
		t.ID, t.Set.Memory, t.FirstLook = fmt.Sprintf("%s/%d", stage.Address, len(stage.Trials)+1), &limit, step.FirstLook
		t.Instances = slices.Clone(t.Instances)
		t.Instances[0].Memory.Peak, t.Instances[0].Memory.Anonymous, t.Instances[0].Files = &needed, &needed, nil
		t.Instances[0].Limits.Memory = units.Bytes(limit)
		stage.Trials = append(stage.Trials, t)
		h.Add(step, t)
	}
	h.Conclude()
	return stage
}

// p95 is the recorded latency under a load, interpolated in logarithms.
func p95(r journal.Run, users float64) float64 {
	trials := r.Stages[1].Trials
	i := slices.IndexFunc(trials, func(t journal.Trial) bool { return float64(*t.Users) >= users })
	i = max(1, i)
	if users > float64(*trials[len(trials)-1].Users) {
		i = len(trials) - 1
	}
	x, y := math.Log(float64(*trials[i-1].Users)), math.Log(float64(*trials[i].Users))
	u, v := math.Log(*trials[i-1].Load.Judged.Latency.P95), math.Log(*trials[i].Load.Judged.Latency.P95)
	return math.Exp(u + (v-u)*(math.Log(users)-x)/(y-x))
}

// ramped draws a ramp over steps.
func (s service) ramped(r journal.Run, steps []int) journal.Stage {
	recorded := r.Stages[1]
	stage := recorded
	stage.Steps, stage.Trials, stage.Held, stage.Certificate, stage.Verdict = steps, nil, nil, nil, journal.Failed
	for _, users := range steps {
		latency := s.drawn(p95(r, s.work*float64(users)), s.noise)
		t := recorded.Trials[0]
		failed := latency > 0.5
		if failed {
			t = recorded.Trials[3]
		}
		t.ID, t.Users = fmt.Sprintf("%s/%d", stage.Address, len(stage.Trials)+1), &users
		load := *t.Load
		load.Judged.Latency.P95 = &latency
		t.Load = &load
		stage.Trials = append(stage.Trials, t)
		if failed {
			if stage.Certificate != nil {
				stage.Certificate.Failed = []string{t.ID}
			}
			break
		}
		stage.Held, stage.Certificate, stage.Verdict = &users, &journal.Certificate{Passed: t.ID}, journal.Passed
	}
	return stage
}

// grid from a value to another one, by a step, in MiB.
func grid(from, to, step int64) []int64 {
	var all []int64
	for m := from; m <= to; m += step {
		all = append(all, m<<20)
	}
	return all
}

func runOf(id string, r journal.Run, stages ...journal.Stage) journal.Run {
	r.Run.ID, r.Stages = id, stages
	return r
}

// TestIdenticalRuns compares 1,000 pairs of runs of one service each, with up to 1 % of
// noise in memory and 20 % in latency, at every distance from the next step. Many of the
// answers differ. None of them is a regression.
func TestIdenticalRuns(t *testing.T) {
	r := recorded(t)
	random := rand.New(rand.NewPCG(16, 1))
	changes, differing := map[Change]int{}, 0
	for pair := range 1000 {
		s := service{memory: 0.9 + 0.2*random.Float64(), work: 0.5 + random.Float64(), random: random}
		values := grid(500, 2000, []int64{10, 20, 50, 100}[random.IntN(4)])
		steps := [][]int{{10, 50, 100, 250}, {60, 70, 80, 90, 100, 110, 120, 130, 140, 150, 160, 170, 180, 190, 200, 220, 240}}[random.IntN(2)]
		draw := func(id string) journal.Run {
			s.noise = []float64{0.001, 0.004, 0.01}[pair%3]
			found := s.searched(r, values)
			s.noise = []float64{0.05, 0.1, 0.2}[pair%3]
			return runOf(id, r, found, s.ramped(r, steps))
		}
		a, b := draw("a"), draw("b")
		c := Runs(a, b)
		changes[c.Change()]++
		for _, s := range c.Stages {
			if x, y := first(a, s.A).answer(), second(b, s.B).answer(); x != y {
				differing++
			}
			if s.Change == Worse {
				t.Errorf("pair %d: %s: %s", pair, s.Address, s.Why)
			}
		}
	}
	t.Logf("changes: %v; answers that differ: %d of 2000", changes, differing)
	if differing < 400 {
		t.Errorf("%d of 2000 answers differ: the draws show little", differing)
	}
	if changes[Unclear] > 500 {
		t.Errorf("%d of 1000 comparisons are unclear", changes[Unclear])
	}
}

// TestOneStepMore: a service that needs one step more of memory, or holds one step less
// of users, is found each time.
func TestOneStepMore(t *testing.T) {
	r := recorded(t)
	random := rand.New(rand.NewPCG(16, 2))
	peak := float64(*r.Stages[0].Trials[1].Memory.Peak)
	for pair := range 10 {
		before := service{memory: 0.95 + 0.1*random.Float64(), work: 1, noise: 0.004, random: random}
		after := before
		after.memory += 100 * (1 << 20) / peak
		after.work = 2 // 100 users are to it what 200 were
		values, steps := grid(500, 2000, 100), []int{10, 50, 100, 250}
		a := runOf("a", r, before.searched(r, values), before.ramped(r, steps))
		b := runOf("b", r, after.searched(r, values), after.ramped(r, steps))
		for _, s := range Runs(a, b).Stages {
			if s.Change != Worse {
				t.Errorf("pair %d: %s: %s: %s", pair, s.Address, s.Change, s.Why)
			}
		}
		for _, s := range Runs(b, a).Stages {
			if s.Change != Better {
				t.Errorf("pair %d, the other way: %s: %s: %s", pair, s.Address, s.Change, s.Why)
			}
		}
	}
}
