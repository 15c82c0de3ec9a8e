package engine

import (
	"math"
	"time"
)

// Open reports whether requests begin on a schedule, whatever became of those
// before.
func (l Load) Open() bool { return l.MostArrivals() > 0 }

// Spawns reports whether all users start, at SpawnRate, and stay: neither
// arrivals nor stages stand in the place of that.
func (l Load) Spawns() bool { return !l.Open() && len(l.Stages) == 0 }

// MostArrivals returns the highest rate of arrivals, per second; 0 in the
// closed model.
func (l Load) MostArrivals() float64 {
	most := l.ArrivalRate
	for _, s := range l.Stages {
		most = max(most, s.Rate)
	}
	return most
}

// The least and the most users that Cap returns.
const (
	leastCap = 10     // a smaller mean leaves no user for arrivals that come close together, or whose user is late
	mostCap  = 10_000 // what the agent's container has memory for (docs/decisions/0006-load-engine.md)
)

// Cap returns how many users the open model needs where nobody says it: as
// many as wait at the same time if every answer takes as long as it may
// (Little's law: the highest rate times the longest timeout), from 10 to
// 10,000.
func (l Load) Cap() int {
	waiting := math.Ceil(l.MostArrivals() * longestTimeout(l.Requests).Seconds())
	return int(min(mostCap, max(leastCap, waiting)))
}

// NeededUsers returns what Users is to be where nobody says it: Cap in the open
// model, the highest target of stages of users, and without these Users.
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

// SpareFiles is how many files a process that puts a load on something opens
// besides one connection for each user. A process was seen to have 9, and 2 for
// each event loop: this is enough for 45 of them.
const SpareFiles = 100

// NeededFiles returns how many open files the load needs of its process: one
// for each user, and SpareFiles.
func (l Load) NeededFiles() int { return min(l.Users, math.MaxInt-SpareFiles) + SpareFiles }

// StagesTake returns the sum of the times of all stages, 0 without stages.
func (l Load) StagesTake() time.Duration {
	var sum time.Duration
	for _, s := range l.Stages {
		sum += min(s.Over, never-sum)
	}
	return sum
}

// Rise returns how long the load takes to its height: until its last user
// starts, or until the first of its highest stages ends. It is 0 for a constant
// rate of arrivals, and for users that start all at once.
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

// JudgedFrom returns when the part of the load begins that is judged, if all
// users start in time: after the warm-up, which begins when all of them are
// active; with stages or arrivals, when the load begins.
func (l Load) JudgedFrom() time.Duration {
	var active time.Duration
	if l.Spawns() {
		active = l.Rise()
	}
	return active + min(l.WarmUp, never-active)
}

// MostRequests returns about how many requests can begin in the judged part of
// the load at most: if every answer came at once, and pauses were as long as
// their mean; +Inf where users do not pause.
func (l Load) MostRequests() float64 {
	judged := max(0, l.Runtime-l.JudgedFrom()).Seconds()
	if l.Open() {
		return l.MostArrivals() * judged
	}
	return float64(l.NeededUsers()) * (1 + judged/l.ThinkTime.mean().Seconds())
}
