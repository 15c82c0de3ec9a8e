package search

import (
	"math/rand/v2"
	"testing"
)

// anyAnswer answers a trial as no service would: with any probability, estimate and
// duration, and at the top also by an exit, or a first look that decides nothing.
func anyAnswer(random *rand.Rand, g Grid, step Step, passes float64) Tried {
	t := Tried{Cell: step.Cell, FirstLook: step.FirstLook, Seconds: 1 + 60*random.Float64(), Passed: random.Float64() < passes}
	if g.Top(step.Cell) {
		t.Passed = random.IntN(10) > 0
		t.Exited, t.Undecided = !t.Passed && random.IntN(2) == 0, !t.Passed && step.FirstLook && random.IntN(2) == 0
	}
	for axis, n := range g.Sizes {
		if t.Needs[axis] = (Need{-1, -1}); t.Passed && random.IntN(3) > 0 {
			t.Needs[axis] = Need{random.IntN(n), random.IntN(n)}
		}
	}
	return t
}

// No search of several dimensions takes more trials than its bound, whatever the
// answers, estimates and durations are.
func TestNoSearchOfSeveralExceedsItsBound(t *testing.T) {
	draws := uint64(3000)
	if testing.Short() {
		draws = 300
	}
	for seed := range draws {
		random := rand.New(rand.NewPCG(seed, 33))
		g := priced(random, Cell{1 + random.IntN(9), 1 + random.IntN(9), 1 + random.IntN(3), 1 + random.IntN(2)})
		if seed%3 == 0 {
			most := 1 + random.IntN(g.count())
			g.Fits = func(c Cell) bool { return (c[0]+1)*(c[1]+1)*(c[2]+1) <= most }
		}
		passes := random.Float64()
		for _, strategy := range OfSeveral() {
			var tried []Tried
			for step := g.Next(strategy.Name, seed%2 == 0, tried); !step.Done; step = g.Next(strategy.Name, seed%2 == 0, tried) {
				if len(tried) >= g.Most(strategy.Name) {
					t.Fatalf("seed %d, %s of %v: more than %d trials: %s", seed, strategy.Name, g.Sizes, g.Most(strategy.Name), way(g, tried))
				}
				tried = append(tried, anyAnswer(random, g, step, passes))
			}
		}
	}
}

// A border takes as many trials as its bound where each goes one value across.
func TestTheBoundOfABorderIsReached(t *testing.T) {
	g := byMemory(Cell{5, 4, 1, 1})
	longest := 0
	for need := range 5 {
		tried, _ := gridService{grid: g, needs: []Cell{{need, 0}}}.run(t, "walk", false)
		longest = max(longest, len(tried))
	}
	if longest != g.Most("walk") {
		t.Errorf("at most %d trials, the bound is %d", longest, g.Most("walk"))
	}
}

func TestTheMostTrialsOfSeveral(t *testing.T) {
	for _, c := range []struct {
		strategy string
		sizes    Cell
		want     int
	}{
		{"corner", Cell{5, 4, 1, 1}, 16}, // 8 until every corner of a plane is found, and 8 along the border
		{"corner", Cell{5, 5, 1, 1}, 18},
		{"corner", Cell{16, 36, 1, 1}, 64},
		{"corner", Cell{2, 2, 1, 1}, 5}, // all cells, and the top once more
		{"corner", Cell{5, 4, 1, 3}, 48},
		{"corner", Cell{1, 1, 1, 3}, 6},
		{"corner", Cell{5, 0, 1, 1}, 0},
		{"walk", Cell{5, 4, 1, 1}, 8},
		{"walk", Cell{5, 4, 3, 2}, 48},
		{"full", Cell{5, 4, 3, 1}, 60},
	} {
		if got := (Grid{Sizes: c.sizes}).Most(c.strategy); got != c.want {
			t.Errorf("%s of %v: %d, want %d", c.strategy, c.sizes, got, c.want)
		}
	}
}
