package main

import (
	"fmt"
	"math"
	"slices"

	"plan/internal/bench/figures"
	"plan/internal/bench/peers"
)

// goal is one that the design sets for ours.
type goal struct {
	what  string
	shape string
	value metric
	unit  unit
	// Held against a peer in the same round, or against what a run should
	// have shown by itself, the limit is one of the ratio; otherwise one of the
	// value, in its unit.
	against   string
	truth     metric
	truthName string
	rule      rule
	limit     float64
	always    bool // in every run, not in the median
}

// rule is how a limit is meant.
type rule int

const (
	atMost rule = iota
	below
	atLeast
	near // 1, by the limit
)

// goals are all but the one of allocations, for shapes as they were carried out.
func goals(carriedOut []shape) []goal {
	all := []goal{
		{what: "CPU a request, 64 connections without a pause", shape: "sat", value: perRequest, unit: microseconds, against: "wrk", limit: 1},
		{what: "10,000 users, 1 s pause: requests sent of 10,000/s", shape: "users", value: share, unit: percent, rule: atLeast, limit: 99},
		{what: "… errors", shape: "users", value: failures, unit: plain, limit: 0, always: true},
		{what: "… until all were active", shape: "users", value: allActive, unit: seconds, limit: 2, always: true},
		{what: "… CPU a request", shape: "users", value: perRequest, unit: microseconds, against: "k6", limit: 1. / 8},
		{what: "… CPU a request", shape: "users", value: perRequest, unit: microseconds, against: "locust-fast", limit: 1. / 10},
		{what: "… CPU a request", shape: "users", value: perRequest, unit: microseconds, against: "fortio", rule: below, limit: 1},
		{what: "… peak memory of the process", shape: "users", value: peakMemory, unit: megabytes, limit: 40},
	}
	for _, s := range carriedOut {
		if s.stall {
			all = append(all, honesty(s)...)
		}
	}
	all = append(all,
		goal{what: "1,000/s: arrivals off the schedule, standard deviation", shape: "jitter", value: arrivals(arrivalSD), unit: microseconds, against: "vegeta", limit: 1},
		goal{what: "… p99", shape: "jitter", value: arrivals(arrivalP99), unit: microseconds, against: "vegeta", limit: 1},
		goal{what: "start of the process to the first request", shape: "startup", value: firstRequest, unit: milliseconds, limit: 25},
	)
	return slices.DeleteFunc(all, func(g goal) bool { return !slices.Contains(names(carriedOut), g.shape) })
}

// honesty is that ours tells of a stall what arithmetic says, and what the
// referee's log says.
func honesty(s shape) (all []goal) {
	for _, latency := range []struct {
		name  string
		share float64
		pick  func(peers.Said) *float64
	}{{"p99", 0.99, p99}, {"p99.9", 0.999, p999}, {"max", 1, most}} {
		g := goal{
			what: "1,000/s with one stall: " + latency.name, shape: s.name, value: saidBy(latency.pick), unit: milliseconds,
			truth: stalled(s, latency.share), truthName: "arithmetic", rule: near, limit: 0.01,
		}
		all = append(all, g)
		g.what, g.truth, g.truthName = "… "+latency.name, loggedBy(latency.pick), "the referee's log"
		all = append(all, g)
	}
	return all
}

// finding is a goal and what came out.
type finding struct {
	goal
	ours, theirs, ratio figures.Spread
	runs                int // of ours
	disturbed           bool
	unmeasured          string // why nothing came out
}

// find holds records against a goal.
func (g goal) find(records []record) finding {
	f := finding{goal: g}
	ours := pick(records, g.shape, peers.Ours)
	f.runs = len(ours)
	for _, r := range ours {
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
	case f.relative() && f.ratio.N == 0:
		f.unmeasured = g.reference() + " not measured"
	case f.ours.N == 0 && failed(ours):
		f.unmeasured = "every run failed"
	}
	return f
}

func (g goal) relative() bool { return g.truth != nil || g.against != "" }

// reference names what ours is held against.
func (g goal) reference() string {
	if g.truth != nil {
		return g.truthName
	}
	return g.against
}

// held is the figure that the limit is for.
func (f finding) held() figures.Spread {
	if f.relative() {
		return f.ratio
	}
	scale := f.unit.scale
	return figures.Spread{Median: f.ours.Median * scale, Min: f.ours.Min * scale, Max: f.ours.Max * scale, N: f.ours.N}
}

// met tells whether the goal is reached, where it was measured. Whatever ran
// without the figure has not reached it.
func (f finding) met() bool {
	s := f.held()
	if f.ours.N < f.runs {
		return false
	}
	v := s.Median
	if f.always {
		v = s.Max
	}
	switch f.rule {
	case below:
		return v < f.limit
	case atLeast:
		return v >= f.limit
	case near:
		return math.Abs(v-1) <= f.limit
	}
	return v <= f.limit
}

// target is the goal in words.
func (g goal) target() string {
	limit := g.figure(g.limit)
	switch g.rule {
	case below:
		return "< " + limit
	case atLeast:
		return "≥ " + limit
	case near:
		return "1 ± " + plain.number(g.limit)
	}
	return "≤ " + limit
}

// verdict is the last word on a goal.
func (f finding) verdict() string {
	s := f.held()
	switch {
	case f.unmeasured != "":
		return f.unmeasured
	case f.ours.N < f.runs:
		return fmt.Sprintf("**no**: not at all in %d of %d runs", f.runs-f.ours.N, f.runs)
	case f.met():
		return "yes"
	case f.always:
		return "**no**: " + f.figure(s.Max)
	}
	return "**no**: " + f.figure(s.Median)
}

// figure prints what a limit is for.
func (g goal) figure(v float64) string {
	switch {
	case g.rule == near:
		return plain.number(v)
	case g.relative():
		return ratio(v)
	}
	return plain.number(v) + g.unit.name
}

// pick gives the records of a peer in a shape, failed ones too.
func pick(records []record, shape, peer string) (picked []record) {
	for _, r := range records {
		if r.Shape == shape && r.Peer == peer {
			picked = append(picked, r)
		}
	}
	return picked
}

// byRound is a figure of each round that has it.
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
