package ramp

import (
	"plan/engine"
	"plan/plans"
	"plan/runner/journal"
	"plan/runner/judge"
	"plan/runner/search"
)

// Growth is a load that grows, by the windows in which its users are all active.
type Growth struct {
	Windows   []plans.Window
	Threshold []plans.Objective
}

// Enough reports whether the seconds of the load so far show enough: the load can end.
func (g Growth) Enough(seconds []engine.Window) bool {
	var targets []int
	for _, w := range g.Windows {
		targets = append(targets, w.Users)
	}
	return search.Stops(targets, windowsOf(g.over(seconds)))
}

// Shown returns the windows that a trial shows. Where the service ended, or was never
// asked, the window that it did not reach is broken.
func (g Growth) Shown(t journal.Trial) []journal.Window {
	var seconds []engine.Window
	if t.Evidence != nil {
		seconds = t.Evidence.Series
	}
	all := g.over(seconds)
	survived := t.Phase == journal.PhaseHold || t.Phase == journal.PhaseEnd
	if n := len(all); t.Verdict.Counts() && !survived && n < len(g.Windows) && (n == 0 || all[n-1].Broken == "") {
		all = append(all, journal.Window{Users: g.Windows[n].Users, Broken: t.Why})
	}
	return all
}

// over returns the windows that are over. A window without all of its seconds is not.
func (g Growth) over(seconds []engine.Window) []journal.Window {
	var all []journal.Window
	for _, w := range g.Windows {
		if w.To > len(seconds) {
			break
		}
		own := seconds[w.From:w.To]
		figures := judge.Figures(own)
		all = append(all, journal.Window{
			Users: w.Users, Seconds: figures.Seconds, OK: figures.OK, Failed: figures.Failed, OKRate: figures.OKRate,
			Broken: judge.Window(own, g.Threshold),
		})
	}
	return all
}

// windowsOf returns windows as the search for the most users takes them.
func windowsOf(windows []journal.Window) []search.Window {
	var all []search.Window
	for _, w := range windows {
		all = append(all, search.Window{Users: w.Users, OK: w.OK, Rate: w.OKRate, Broken: w.Broken != ""})
	}
	return all
}
