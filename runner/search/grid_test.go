package search

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// gridService is one whose truth is known: it passes at the cells above one of its
// needs. More never hurts.
type gridService struct {
	grid  Grid
	needs []Cell
	shows bool // its trials show the need of the first two dimensions
	tells bool // a failure shows whether it was short of the first dimension
}

func (s gridService) passes(c Cell) bool {
	return slices.ContainsFunc(s.needs, func(need Cell) bool { return need.Under(c) })
}

func (s gridService) try(step Step) Tried {
	t := Tried{Cell: step.Cell, FirstLook: step.FirstLook, Passed: s.passes(step.Cell), Seconds: 4}
	if t.Passed {
		t.Seconds = 60
	}
	for axis := range t.Needs {
		t.Needs[axis] = Need{-1, -1}
		short := func(need Cell) bool { return need.On(0, 0).Under(t.Cell) }
		if t.Ample[0] = s.tells && !t.Passed && !slices.ContainsFunc(s.needs, short); s.shows && t.Passed && axis < 2 {
			t.Needs[axis] = Need{s.needs[0][axis], s.needs[0][axis]}
		}
	}
	return t
}

// run runs a whole search, and checks each step and the proof.
func (s gridService) run(t *testing.T, strategy string, looks bool) ([]Tried, Proof) {
	t.Helper()
	var tried []Tried
	for {
		step := s.grid.Next(strategy, looks, tried)
		if step.Done {
			break
		}
		if len(tried) == 1 && s.grid.Next(strategy, looks, tried) != step {
			t.Fatalf("%s of %+v: %v and another step follow %s, and --resume asks again: seed random numbers from the arguments", strategy, s, step.Cell, steps(tried))
		}
		for _, old := range tried {
			if old.Cell == step.Cell && !(old.FirstLook && old.Passed && !step.FirstLook) {
				t.Fatalf("%s of %+v: %v is tried again after %s", strategy, s, step.Cell, steps(tried))
			}
		}
		if step.Why == "" || !s.grid.fits(step.Cell) || len(tried) >= s.grid.Most(strategy) {
			t.Fatalf("%s of %+v: %+v after %s", strategy, s, step, steps(tried))
		}
		tried = append(tried, s.try(step))
	}
	proof := s.grid.Conclude(tried)
	if complaint := s.complaint(tried, proof); complaint != "" {
		t.Fatalf("%s of %+v: %s: %+v after %s", strategy, s, complaint, proof, steps(tried))
	}
	return tried, proof
}

// complaint checks an answer and its proof against the truth, by trying every cell.
func (s gridService) complaint(tried []Tried, p Proof) string {
	var least *Cell
	for _, b := range s.grid.boxes() {
		b.cells(func(c Cell) {
			if s.passes(c) && (least == nil || s.grid.before(c, *least)) {
				least = &c
			}
		})
	}
	switch {
	case least == nil && p.Passed < 0:
		return ""
	case least == nil || p.Passed < 0:
		return "there is one answer too many or too few"
	case tried[p.Passed].Cell != *least || !tried[p.Passed].Passed || tried[p.Passed].FirstLook:
		return "that is not the preferred cell, or it did not pass"
	}
	complaint := ""
	for _, b := range s.grid.boxes() {
		b.cells(func(c Cell) {
			covers := func(i int) bool { return c.Under(tried[i].Cell) && !tried[i].Passed }
			if s.grid.before(c, *least) && !slices.ContainsFunc(p.Failed, covers) {
				complaint = fmt.Sprintf("no failure covers %v", c)
			}
		})
	}
	return complaint
}

func steps(tried []Tried) string {
	text := ""
	for _, t := range tried {
		sign := map[bool]string{true: "+", false: "-"}[t.Passed]
		if t.FirstLook {
			sign += "?"
		}
		text += fmt.Sprint(t.Cell[0], "/", t.Cell[1], "/", t.Cell[2], "/", t.Cell[3], sign, " ")
	}
	return text
}

// priced is a grid with a price for each value of each dimension.
func priced(random *rand.Rand, sizes Cell) Grid {
	var price [Setting]float64
	for axis := range price {
		price[axis] = 0.05 + random.Float64()
	}
	base := random.Float64() * 4
	cost := func(c Cell) float64 {
		return float64(c[2]+1) * (price[0]*float64(c[0]+1) + price[1]*float64(c[1]+1) + base)
	}
	return Grid{Sizes: sizes, Before: func(a, b Cell) bool {
		if cost(a) != cost(b) {
			return cost(a) < cost(b)
		}
		for _, axis := range []int{2, 0, 1, Setting} {
			if a[axis] != b[axis] {
				return a[axis] < b[axis]
			}
		}
		return false
	}}
}

// oneCorner draws a service with one corner for each number of replicas and each
// setting: with more replicas each of them needs no more.
func oneCorner(random *rand.Rand, sizes Cell) []Cell {
	var needs []Cell
	for setting := range sizes[Setting] {
		a, b := random.IntN(sizes[0]), random.IntN(sizes[1])
		for replicas := range sizes[2] {
			needs = append(needs, Cell{a, b, replicas, setting})
			a, b = random.IntN(a+1), random.IntN(b+1)
		}
	}
	return needs
}

func TestTheShareOfCellsOfACorner(t *testing.T) {
	for _, c := range []struct {
		sizes Cell
		most  float64
		draws int
	}{
		{Cell{8, 16, 1, 1}, 0.075, 300}, {Cell{16, 36, 1, 1}, 0.025, 100}, {Cell{16, 36, 4, 1}, 0.02, 20},
	} {
		if testing.Short() {
			c.draws /= 10
		}
		for _, shows := range []bool{false, true} {
			trials, longest := 0, 0
			for seed := range uint64(c.draws) {
				random := rand.New(rand.NewPCG(seed, 31))
				s := gridService{grid: priced(random, c.sizes), needs: oneCorner(random, c.sizes), shows: shows}
				tried, _ := s.run(t, "corner", seed%2 == 0)
				trials, longest = trials+len(tried), max(longest, len(tried))
			}
			mean := float64(trials) / float64(c.draws)
			share := mean / float64(c.sizes[0]*c.sizes[1]*c.sizes[2])
			t.Logf("%v, shows %v: %.1f trials (at most %d), %.2f%% of the cells", c.sizes, shows, mean, longest, 100*share)
			if share > c.most {
				t.Errorf("%v, shows %v: %.2f%% of the cells", c.sizes, shows, 100*share)
			}
		}
	}
}

// Services with any border: every strategy has the same answer, with a proof.
func TestEveryStrategyOfSeveralAgrees(t *testing.T) {
	services := uint64(200)
	if testing.Short() {
		services = 40
	}
	for seed := range services {
		random := rand.New(rand.NewPCG(seed, 32))
		sizes := Cell{1 + random.IntN(9), 1 + random.IntN(9), 1 + random.IntN(3), 1 + random.IntN(3)}
		s := gridService{grid: priced(random, sizes), shows: seed%3 == 0, tells: seed%4 < 2}
		for range random.IntN(6) {
			s.needs = append(s.needs, Cell{random.IntN(sizes[0]), random.IntN(sizes[1]), random.IntN(sizes[2]), random.IntN(sizes[3])})
		}
		s.shows = s.shows && len(s.needs) > 0
		for _, strategy := range OfSeveral() {
			s.run(t, strategy.Name, seed%2 == 0)
		}
	}
}

// An exit counts no more where it was the first trial at the top, and the second one
// there passed.
func TestWhichFailuresCount(t *testing.T) {
	grid := Grid{Sizes: Cell{4, 3, 1, 1}}
	for text, want := range map[string][]int{
		"3/2! 3/2+":      nil,
		"3/2! 1/1- 3/2+": {1},
		"3/2!":           {0},
		"3/2! 1/1+":      {0},
		"3/2! 3/2!":      {0, 1},
		"3/2! 3/2! 3/2+": {0, 1},
		"3/2+ 3/2! 3/2+": {1},
		"3/2- 3/2+":      {0}, // it was no exit
		"1/1! 1/1+":      {0}, // below the top
	} {
		if got := newKnown(grid, cells(t, text)).failures; !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}
