// Package load prints a load: its model in words, a line that moves while it
// runs, and the summary that `plan load` ends in.
//
// It is a function of an engine.Load and an engine.Result. It does not know
// plans and journals.
package load

import (
	"fmt"
	"strings"

	"plan/engine"
	"plan/internal/english"
	"plan/internal/tty"
	"plan/internal/units"
)

// modelText returns the model of a load: users or arrivals, and think time.
func modelText(l engine.Load) string {
	switch {
	case len(l.Stages) > 0:
		return tty.Join(", ", Stages(l)+AtRandom(l), Cap(l), thinkTimeText(l))
	case l.ArrivalRate > 0:
		return tty.Join(", ", tty.Figure(l.ArrivalRate)+" arrivals/s"+AtRandom(l), Cap(l))
	case l.SpawnRate > 0:
		return tty.Join(", ", fmt.Sprintf("%s at %s/s", english.Count(l.Users, "user"), tty.Figure(l.SpawnRate)),
			thinkTimeText(l))
	}
	return tty.Join(", ", english.Count(l.Users, "user"), thinkTimeText(l))
}

// AtRandom returns " at random" for arrivals at random, else "".
func AtRandom(l engine.Load) string {
	if l.Poisson {
		return " at random"
	}
	return ""
}

// Cap returns the most users of arrivals, "at most 10 users"; "" for other loads.
func Cap(l engine.Load) string {
	if l.Open() {
		return "at most " + english.Count(l.Users, "user")
	}
	return ""
}

// Stages returns the targets of the load stages, each with its time:
// "20 users over 30s, then 100 users over 1m".
func Stages(l engine.Load) string {
	var parts []string
	for _, s := range l.Stages {
		target := english.Count(s.Users, "user")
		if l.Open() {
			target = tty.Figure(s.Rate) + " arrivals/s"
		}
		parts = append(parts, target+" over "+units.Duration(s.Over))
	}
	return strings.Join(parts, ", then ")
}

func thinkTimeText(l engine.Load) string {
	t := l.ThinkTime
	switch {
	case l.Open():
		return ""
	case t.Kind == "between":
		return fmt.Sprintf("think time %s to %s", units.Duration(t.Min), units.Duration(t.Max))
	case t.Kind == "exponential":
		return fmt.Sprintf("think time %s on average", units.Duration(t.Min))
	case t.Min > 0:
		return "think time " + units.Duration(t.Min)
	}
	return "no think time"
}
