package search

import (
	"math"
	"slices"
)

// Users is a search for the most users that a service holds, from From to To. Step is
// the distance of the users that pass and those that fail in a proof, or Growth is it as a
// share of the users that pass, rounded up; both 0: the larger of 1 and 2 % of the users
// that pass. Least are the users that are asked for, 0: none; a load grows up to them also
// where the service is saturated with fewer.
type Users struct {
	From, To, Step int
	Growth         float64
	Least          int
}

// Window is a part of a load that grows: its users were all active.
type Window struct {
	Users  int
	OK     int64   // OK responses
	Rate   float64 // OK responses per second
	Broken bool    // a threshold was
}

// Loaded is a trial of a search for the most users: one that passed or failed with all
// of its load, or one whose load grew.
type Loaded struct {
	Users   int
	Passed  bool
	Windows []Window // of a load that grew; nil of any other
}

// UsersStep is the next trial of a search for the most users, or its end.
type UsersStep struct {
	Users int    // of the trial; 0: its load grows
	Grow  []int  // users of the windows of a load that grows
	Why   string // a clause for people
	Done  bool
}

// UsersAnswer is what trials prove.
type UsersAnswer struct {
	Held   int // the most users that passed with no failure at or below; 0: none
	Failed int // the fewest users that failed; 0: none
	Mixed  int // the most users that passed, where that is at or above Failed; 0: none
	Knee   int // the users from which on twice as many bring no more; 0: not seen
}

const (
	usersStep   = 0.02 // of the users that are held
	rounding    = 1e-9 // 7 % of 100 is a little more than 7 in binary
	kneeGain    = 1.05 // twice the users bring less than that beyond the knee
	kneeSample  = 100  // OK responses that a rate needs to show it
	growth      = 1.1  // from window to window, beyond the knee and to narrow a bracket
	fewSteps    = 4    // that trials search without another load that grows
	mostSteps   = 8    // between two windows of such a load: three trials halve them
	growths     = 2    // loads that grow in one search
	unclear     = 16   // trials beside those of a search that doubles the users by hand
	mostRepeats = 2    // of trials that others contradict
	coarse      = 0.05 // a step of this share is as wide as what repeats would show: nothing is repeated
)

// StepAt returns the distance of a proof from n users.
func (u Users) StepAt(n int) int {
	switch {
	case u.Step > 0:
		return u.Step
	case u.Growth > 0:
		return max(1, int(math.Ceil(float64(n)*u.Growth-rounding)))
	}
	return max(1, int(usersStep*float64(n)))
}

// Answer returns what the trials so far prove.
func (u Users) Answer(tried []Loaded) UsersAnswer {
	a := UsersAnswer{Knee: Knee(windowsOf(tried))}
	for _, t := range tried {
		if t.fails() && (a.Failed == 0 || t.Users < a.Failed) {
			a.Failed = t.Users
		}
	}
	for _, t := range tried {
		switch {
		case !t.holds():
		case a.Failed == 0 || t.Users < a.Failed:
			a.Held = max(a.Held, t.Users)
		default:
			a.Mixed = max(a.Mixed, t.Users)
		}
	}
	return a
}

// Next returns the next step. A load that doubles window by window brackets the
// answer, one that grows by a tenth narrows that, and trials with fresh containers
// prove it: they halve the bracket. What windows show is not believed against a trial.
// No step has more users than To, which may become less than what was tried.
func (u Users) Next(tried []Loaded) UsersStep {
	tooMany := func(w Window) bool { return w.Users > u.To }
	windows, a := slices.DeleteFunc(windowsOf(tried), tooMany), u.Answer(tried)
	if len(tried) >= u.Most() {
		return UsersStep{Done: true}
	}
	if grown := count(tried, Loaded.grew); grown < growths && len(tried) == grown {
		if step := u.grow(windows, grown); step.Grow != nil {
			return step
		}
	}
	low, high := a.Held, a.Failed // by trials; the soft bracket is by windows too
	if high > u.To {
		high = 0 // nothing between is tried
	}
	above, below := erred(slices.DeleteFunc(slices.Clone(tried), func(t Loaded) bool { return t.Users > u.To }), windows)
	softLow, softHigh := low, high
	for _, w := range windows {
		if above == 0 && w.Broken && w.Users > low && (softHigh == 0 || w.Users < softHigh) {
			softHigh = w.Users
		}
	}
	for _, w := range windows {
		if below == 0 && !w.Broken && w.Users > softLow && (softHigh == 0 || w.Users < softHigh) {
			softLow = w.Users
		}
	}
	saturated := a.Knee > 0 && low >= max(2*a.Knee, u.Least)
	switch {
	case softLow == 0 && high == u.From:
		return u.confirm(tried, a)
	case a.Mixed > 0 && high > 0 && (high == u.From || low > 0 && high-low <= u.Gap(a)):
		return UsersStep{Done: true}
	case a.Mixed > 0 && high > 0:
		return UsersStep{Users: max(u.From, low+(high-low)/2, high-tenth(high)),
			Why: "trials contradict each other: a tenth fewer"}
	case softLow == 0 && below > 0:
		return UsersStep{Users: max(u.From, high-u.away(high, below)), Why: "windows held more than trials do: fewer users"}
	case softLow == 0:
		return UsersStep{Users: u.From, Why: "the fewest users"}
	case softHigh == 0 && softLow > low:
		return UsersStep{Users: softLow, Why: "the most users that the growing load held"}
	case softHigh == 0 && (low >= u.To || saturated):
		return u.confirm(tried, a)
	case softHigh == 0 && above > 0 && count(tried, Loaded.grew) < growths:
		return UsersStep{Grow: u.withHalf(low, u.doubling(low)),
			Why: "a window broke that trials do not confirm: the load grows once more"}
	case softHigh == 0:
		return UsersStep{Users: u.more(a, above, tried), Why: "nothing has failed yet: more users"}
	case softHigh != high && contested(windows, Window{Users: softHigh, Broken: true}):
		return UsersStep{Users: softHigh, Why: "one growing load held as many, and another one did not"}
	case softLow == low && softHigh != high && u.near(low, softHigh):
		return UsersStep{Users: softHigh, Why: "whether the users that a growing load did not hold fail"}
	case softLow != low && softHigh == high && u.near(softLow, high):
		return UsersStep{Users: softLow, Why: "whether the users that a growing load held pass"}
	case softHigh-softLow > u.StepAt(softLow):
		if low == softLow && high == softHigh && u.near(low, high) {
			if step := u.confirm(tried, a); !step.Done {
				return step
			}
		}
		return UsersStep{Users: u.between(softLow, softHigh, above, below), Why: "the middle of the open range"}
	case softLow > low:
		return UsersStep{Users: softLow, Why: "whether the users below pass"}
	case low < u.Least && u.Least < high:
		return UsersStep{Users: u.Least, Why: "the users that are asked for"}
	}
	return u.confirm(tried, a)
}

// Gap is the most users that may lie between the trials of a proof: a step, or a tenth where
// some trials passed and some failed.
func (u Users) Gap(a UsersAnswer) int {
	if a.Mixed > 0 {
		return u.wide(a.Held, a.Failed)
	}
	return u.StepAt(a.Held)
}

// more returns the users of the next trial above those that are held where nothing has
// failed: by steps that double, at most twice as many, beyond the knee at most a tenth more.
func (u Users) more(a UsersAnswer, above int, tried []Loaded) int {
	step := u.StepAt(a.Held) << min(20, count(tried, Loaded.holds)-1)
	if above > 0 {
		step = u.away(a.Held, above)
	}
	if a.Knee > 0 {
		step = min(step, tenth(a.Held))
	}
	return min(u.To, a.Held+min(a.Held, step))
}

// erred returns how many trials held more users than a window that broke, and how many failed
// with fewer than one that held. Windows that contradict each other say nothing.
func erred(tried []Loaded, windows []Window) (above, below int) {
	contradicts := func(t Loaded, broken bool) bool {
		return slices.ContainsFunc(windows, func(w Window) bool {
			beyond := broken && w.Users <= t.Users || !broken && w.Users >= t.Users
			return w.Broken == broken && beyond && !contested(windows, w)
		})
	}
	above = count(tried, func(t Loaded) bool { return t.holds() && contradicts(t, true) })
	below = count(tried, func(t Loaded) bool { return t.fails() && contradicts(t, false) })
	return above, below
}

// away is how far from n users the next trial lies where so many have contradicted the windows
// there: a tenth, then twice as far each time.
func (u Users) away(n, times int) int { return u.wide(n, n) << min(20, times-1) }

// wide is a tenth of the upper of two numbers of users, at least a step: what a growing load
// adds at once to narrow a bracket.
func (u Users) wide(low, high int) int { return max(u.StepAt(low), tenth(high)) }

// near reports whether two numbers of users are so close that it is worth a trial to know
// whether the windows erred there.
func (u Users) near(low, high int) bool { return high-low <= u.wide(low, high) }

// between returns the users of the next trial between two: the middle, unless trials
// have contradicted windows on one side: then a tenth away from there, and twice as far each
// time.
func (u Users) between(low, high, above, below int) int {
	middle := low + (high-low)/2
	switch {
	case above > 0:
		return min(middle, low+u.away(low, above))
	case below > 0:
		return max(middle, high-u.away(high, below))
	}
	return middle
}

// contested reports whether others contradict a window: one held as many users although this one broke, or broke with
// as few although this one held.
func contested(windows []Window, of Window) bool {
	return slices.ContainsFunc(windows, func(w Window) bool {
		return of.Broken && !w.Broken && w.Users >= of.Users || !of.Broken && w.Broken && w.Users <= of.Users
	})
}

// tenth is how many more users a load may have beyond the knee: a tenth, at least 1.
func tenth(n int) int { return max(1, int((growth-1)*float64(n))) }

// confirm repeats both trials of a proof that others contradict, once each, unless the
// step is coarse: a service whose result varies between them has a band instead of a limit.
func (u Users) confirm(tried []Loaded, a UsersAnswer) UsersStep {
	if u.Growth >= coarse {
		return UsersStep{Done: true}
	}
	contradicted := a.Mixed > 0
	for _, w := range windowsOf(tried) {
		contradicted = contradicted || w.Broken && w.Users <= a.Held || !w.Broken && a.Failed > 0 && w.Users >= a.Failed
	}
	times, repeats := map[int]int{}, 0
	for _, t := range tried {
		if !t.grew() {
			if times[t.Users]++; times[t.Users] > 1 {
				repeats++
			}
		}
	}
	for _, n := range []int{a.Held, a.Failed} {
		if contradicted && repeats < mostRepeats && times[n] == 1 && n <= u.To {
			return UsersStep{Users: n, Why: "once more: other trials contradict it"}
		}
	}
	return UsersStep{Done: true}
}

// Most returns the most trials of a search. A service that passes by chance reaches it,
// without a proof.
func (u Users) Most() int {
	return growths + int(math.Ceil(math.Log2(float64(u.To)/float64(u.From)))) + unclear
}

// UsersExpected is how many trials a search for the most users is expected to take:
// loads that grow, and trials in full.
func UsersExpected() (growing, full int) { return growths, 3 }

// count returns how many trials are of a kind.
func count(tried []Loaded, is func(Loaded) bool) int {
	n := 0
	for _, t := range tried {
		if is(t) {
			n++
		}
	}
	return n
}

func (t Loaded) grew() bool  { return t.Windows != nil }
func (t Loaded) holds() bool { return t.Windows == nil && t.Passed }
func (t Loaded) fails() bool { return t.Windows == nil && !t.Passed }

// windowsOf returns the windows of all loads that grew.
func windowsOf(tried []Loaded) []Window {
	var all []Window
	for _, t := range tried {
		all = slices.Concat(all, t.Windows)
	}
	return all
}
