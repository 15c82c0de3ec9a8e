package main

import (
	"fmt"
	"math"
	"slices"

	"plan/internal/bench/figures"
	"plan/internal/bench/peers"
)

// finding is a goal with its measurements.
type finding struct {
	goal
	ours, theirs, ratio figures.Spread
	runs                int // of ours
	disturbed           bool
	unmeasured          string // why there is no measurement
}

// find compares records with a goal.
func (g goal) find(records []record) finding {
	f := finding{goal: g}
	ours := pick(records, g.shape, peers.Ours)
	f.runs = len(ours)
	for _, r := range slices.Concat(ours, pick(records, g.shape, g.against)) {
		f.disturbed = f.disturbed || r.Disturbed
	}
	f.ours = figures.Of(values(byRound(ours, g.value)))
	reference := map[int]float64{}
	switch {
	case g.truth != nil:
		reference = byRound(ours, g.truth)
	case g.against != "":
		reference = byRound(pick(records, g.shape, g.against), g.value)
	}
	f.theirs = figures.Of(values(reference))
	f.ratio = figures.Ratios(byRound(ours, g.value), reference)
	switch {
	case f.runs == 0:
		f.unmeasured = "not measured"
	case failed(ours):
		f.unmeasured = "every run failed"
	case f.relative() && f.theirs.N == 0:
		f.unmeasured = "no figure of " + g.reference()
	}
	return f
}

// verdict returns the result for a goal in words. Runs without the figure have not
// reached it.
func (f finding) verdict() string {
	s := f.ratio
	if scale := f.unit.scale; !f.relative() {
		s = figures.Spread{Median: f.ours.Median * scale, Min: f.ours.Min * scale, Max: f.ours.Max * scale, N: f.ours.N}
	}
	v := s.Median
	if f.always {
		v = s.Max
	}
	met := v <= f.limit
	switch f.rule {
	case below:
		met = v < f.limit
	case atLeast:
		met = v >= f.limit
	case near:
		met = math.Abs(v-1) <= f.limit
	}
	switch {
	case f.unmeasured != "":
		return f.unmeasured
	case f.ours.N < f.runs:
		return fmt.Sprintf("**no**: not at all in %d of %d runs", f.runs-f.ours.N, f.runs)
	case met:
		return "yes"
	}
	return "**no**: " + f.figure(v)
}

// pick returns the records of a peer in a shape, failed ones included.
func pick(records []record, shape, peer string) (picked []record) {
	for _, r := range records {
		if r.Shape == shape && r.Peer == peer {
			picked = append(picked, r)
		}
	}
	return picked
}

// byRound returns a metric by round, without rounds that lack it.
func byRound(records []record, m metric) map[int]float64 {
	values := map[int]float64{}
	for _, r := range records {
		if r.Failed != "" {
			continue
		}
		if v, ok := m(r); ok {
			values[r.Round] = v
		}
	}
	return values
}

func values(byRound map[int]float64) (all []float64) {
	for _, v := range byRound {
		all = append(all, v)
	}
	return all
}

func failed(records []record) bool {
	for _, r := range records {
		if r.Failed == "" {
			return false
		}
	}
	return len(records) > 0
}
