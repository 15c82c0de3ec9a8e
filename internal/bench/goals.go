package main

import (
	"slices"

	"plan/internal/bench/peers"
)

// goal is a goal of the load engine's design.
type goal struct {
	what  string
	shape string
	value metric
	unit  unit
	// If set, the limit applies to the ratio to this peer in the same round, or
	// to the expected value; otherwise to the value, in its unit.
	against   string
	truth     metric
	truthName string
	rule      rule
	limit     float64
	always    bool // applies to every run instead of the median
}

// rule defines how a limit applies.
type rule int

const (
	atMost rule = iota
	below
	atLeast
	near // the ratio is 1, within the limit
)

// goals returns all goals except that of allocations, for the given shapes.
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
		if !s.stall {
			continue
		}
		for _, latency := range []struct { // ours reports a stall as arithmetic and the referee's log do
			name  string
			share float64
			pick  func(peers.Reported) *float64
		}{{"p99", 0.99, p99}, {"p99.9", 0.999, p999}, {"max", 1, maximum}} {
			g := goal{
				what: "1,000/s with one stall: " + latency.name, shape: s.name, value: reportedBy(latency.pick), unit: milliseconds,
				truth: stalled(s, latency.share), truthName: "arithmetic", rule: near, limit: 0.01,
			}
			all = append(all, g)
			g.what, g.truth, g.truthName = "… "+latency.name, loggedBy(latency.pick), "the referee's log"
			all = append(all, g)
		}
	}
	all = append(all,
		goal{what: "1,000/s: arrivals off the schedule, standard deviation", shape: "jitter", value: arrivals(arrivalSD), unit: microseconds, against: "vegeta", limit: 1},
		goal{what: "… p99", shape: "jitter", value: arrivals(arrivalP99), unit: microseconds, against: "vegeta", limit: 1},
		goal{what: "start of the process to the first request", shape: "startup", value: firstRequest, unit: milliseconds, limit: 25},
	)
	return slices.DeleteFunc(all, func(g goal) bool { return !slices.Contains(names(carriedOut), g.shape) })
}

func (g goal) relative() bool { return g.truth != nil || g.against != "" }

// reference returns the name of what ours is compared with.
func (g goal) reference() string {
	if g.truth != nil {
		return g.truthName
	}
	return g.against
}

// target returns the goal in words.
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

// figure prints a value that a limit applies to.
func (g goal) figure(v float64) string {
	switch {
	case g.rule == near:
		return plain.number(v)
	case g.relative():
		return ratio(v)
	}
	return plain.number(v) + g.unit.name
}
