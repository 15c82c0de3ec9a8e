package main

import (
	"slices"
	"time"

	"plan/internal/bench/peers"
	"plan/internal/bench/referee"
)

// shape is a load that all generators are measured with.
type shape struct {
	name    string
	model   peers.Model
	users   int
	rate    int // per second; for a closed model the expected rate
	seconds int
	delay   time.Duration // from a request to its response
	stall   bool          // one stall of a tenth of the load, after two fifths of it
	noted   bool          // the referee logs every request
	each    []string      // peers of every round, besides ours
	once    []string      // peers of the first round
}

func shapes() []shape {
	return []shape{
		{
			name: "sat", model: peers.Closed, users: 64, seconds: 10,
			each: []string{"wrk", "ab", "fortio", "hey", "vegeta", "k6", "locust-fast"},
			once: []string{"locust-http"},
		},
		{
			name: "users", model: peers.Thinking, users: 10_000, rate: 10_000, seconds: 30,
			each: []string{"fortio", "k6", "locust-fast"},
			once: []string{"hey", "vegeta", "locust-http"},
		},
		{
			name: "honest", model: peers.Open, rate: 1000, seconds: 20, delay: time.Millisecond, stall: true, noted: true,
			each: []string{"vegeta"},
			once: []string{"fortio", "k6", "k6-100", "hey", "wrk", "ab", "locust-fast"},
		},
		{
			name: "jitter", model: peers.Open, rate: 1000, seconds: 10, noted: true,
			each: []string{"vegeta"},
			once: []string{"fortio-uniform", "k6", "hey", "locust-fast"},
		},
		{
			name: "startup", model: peers.Closed, users: 1, seconds: 3,
			each: []string{"wrk", "k6", "locust-fast"},
			once: []string{"ab", "fortio", "hey", "vegeta", "locust-http"},
		},
	}
}

func names(shapes []shape) (names []string) {
	for _, s := range shapes {
		names = append(names, s.name)
	}
	return names
}

// chosen returns the shapes that the options ask for, with their durations.
func chosen(o options) []shape {
	all := shapes()
	if len(o.shapes) > 0 {
		all = slices.DeleteFunc(all, func(s shape) bool { return !slices.Contains(o.shapes, s.name) })
	}
	for i := range all {
		if o.seconds > 0 {
			all[i].seconds = o.seconds
		}
	}
	return all
}

// config returns the configuration of the referee for the shape.
func (s shape) config(address string) referee.Config {
	c := referee.Config{Address: address, Delay: s.delay, Users: s.users}
	if s.stall {
		c.StallAfter, c.StallFor = s.length()*2/5, s.length()/10
	}
	if s.noted {
		c.Note = 2 * s.rate * s.seconds
	}
	return c
}

func (s shape) length() time.Duration { return time.Duration(s.seconds) * time.Second }

// order returns the peers of a round, numbered from 1. Every second round has
// the reverse order, so that nobody is always first.
func (s shape) order(round int, wanted func(peer string) bool) []string {
	order := slices.Concat([]string{peers.Ours}, s.each)
	if round == 1 {
		order = append(order, s.once...)
	}
	order = slices.DeleteFunc(order, func(peer string) bool { return !wanted(peer) })
	if round%2 == 0 {
		slices.Reverse(order)
	}
	return order
}
