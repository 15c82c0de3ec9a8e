package engine

import (
	"math"
	"slices"
	"time"
)

// Open reports whether the load has an arrival rate (open model): requests then
// start on a schedule, independent of earlier responses.
func (l Load) Open() bool { return l.MostArrivals() > 0 }

// Spawns reports whether users start at SpawnRate and stay until the end,
// without stages and arrivals.
func (l Load) Spawns() bool { return !l.Open() && len(l.Stages) == 0 }

// MostArrivals returns the highest arrival rate per second; 0 in the closed
// model.
func (l Load) MostArrivals() float64 {
	most := l.ArrivalRate
	for _, s := range l.Stages {
		most = max(most, s.Rate)
	}
	return most
}

// Bounds of Cap.
const (
	leastCap = 10     // with fewer users, arrivals that come close together would be dropped
	mostCap  = 10_000 // what fits into the memory of the agent's container (docs/decisions/0006-load-engine.md)
)

// Cap returns the default number of users in the open model: the number of
// requests in flight if every response takes the whole timeout (Little's law:
// highest rate times longest timeout), from 10 to 10,000.
func (l Load) Cap() int {
	waiting := math.Ceil(l.MostArrivals() * longestTimeout(l.Requests).Seconds())
	return int(min(mostCap, max(leastCap, waiting)))
}

// NeededUsers returns the default of Users: Cap in the open model, the highest
// target of the stages, or Users in a load without stages.
func (l Load) NeededUsers() int {
	if l.Open() {
		return l.Cap()
	}
	if len(l.Stages) == 0 {
		return l.Users
	}
	most := 0
	for _, s := range l.Stages {
		most = max(most, s.Users)
	}
	return most
}

// SpareFiles is the number of open files that a load process needs besides one
// per user. A process was measured to need 9, and 2 for each event loop, so
// this suffices for 45 loops.
const SpareFiles = 100

// NeededFiles returns the number of open files that the load, or its share of
// it, needs: one per user, and SpareFiles.
func (l Load) NeededFiles() int { return min(l.OwnUsers(), math.MaxInt-SpareFiles) + SpareFiles }

// StagesTake returns the total duration of all stages; 0 without stages.
func (l Load) StagesTake() time.Duration {
	var sum time.Duration
	for _, s := range l.Stages {
		sum += min(s.Over, never-sum)
	}
	return sum
}

// Rise returns the time until the load reaches its maximum: until the last user
// starts, or until the first of the highest stages ends. It is 0 for a constant
// arrival rate, and for users that all start at once.
func (l Load) Rise() time.Duration {
	p := newProfile(&l)
	if l.Spawns() {
		return p[0].timeAt(float64(max(0, l.Users-1)))
	}
	var highest segment
	for _, next := range p {
		if next.to > highest.to {
			highest = next
		}
	}
	return highest.end
}

// RisesUntil returns when the target of a load with stages rises for the last
// time. It is 0 for other loads: their judged window starts after the rise.
func (l Load) RisesUntil() time.Duration {
	if len(l.Stages) == 0 {
		return 0
	}
	var last time.Duration
	for _, s := range newProfile(&l) {
		if s.to > s.from {
			last = s.end
		}
	}
	return last
}

// EndsHighest reports whether the last target is the highest, so that a longer load is no lighter. It is true without
// stages.
func (l Load) EndsHighest() bool {
	p := newProfile(&l)
	return !slices.ContainsFunc(p, func(s segment) bool { return s.to > p[len(p)-1].to })
}

// JudgedFrom returns the start of the judged window, if all users start in
// time. The warm-up starts when all users are active; with stages or arrivals
// it starts with the load. The judged window starts after the warm-up.
func (l Load) JudgedFrom() time.Duration {
	var active time.Duration
	if l.Spawns() {
		active = l.Rise()
	}
	return active + min(l.WarmUp, never-active)
}

// MostRequests returns an estimate of the most requests in the judged window,
// with immediate responses and pauses of mean length; +Inf in the closed model
// without think time.
func (l Load) MostRequests() float64 {
	judged := max(0, l.Runtime-l.JudgedFrom()).Seconds()
	if l.Open() {
		return l.MostArrivals() * judged
	}
	return float64(l.NeededUsers()) * (1 + judged/l.ThinkTime.Mean().Seconds())
}
