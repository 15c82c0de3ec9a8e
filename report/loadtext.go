package report

import (
	"fmt"
	"strconv"
	"strings"

	"plan/engine"
	"plan/internal/units"
)

// modelText is how a load was put on: by users, or by arrivals.
func modelText(l engine.Load) string {
	switch {
	case len(l.Stages) > 0:
		return joined(", ", stagesText(l)+atRandom(l), capText(l), thinkTimeText(l))
	case l.ArrivalRate > 0:
		return joined(", ", figure(l.ArrivalRate)+" arrivals/s"+atRandom(l), capText(l))
	case l.SpawnRate > 0:
		return joined(", ", fmt.Sprintf("%s at %s/s", count(l.Users, "user"), figure(l.SpawnRate)), thinkTimeText(l))
	}
	return joined(", ", count(l.Users, "user"), thinkTimeText(l))
}

func atRandom(l engine.Load) string {
	if l.Poisson {
		return " at random"
	}
	return ""
}

// capText is, of arrivals, how many users they can keep busy.
func capText(l engine.Load) string {
	if l.Open() {
		return "at most " + count(l.Users, "user")
	}
	return ""
}

// stagesText are the targets on the way, with the time to each.
func stagesText(l engine.Load) string {
	var parts []string
	for _, s := range l.Stages {
		target := count(s.Users, "user")
		if l.Open() {
			target = figure(s.Rate) + " arrivals/s"
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

func warmUpText(l engine.Load) string {
	if l.WarmUp == 0 {
		return ""
	}
	return units.Duration(l.WarmUp) + " of it warm-up"
}

// known is zero where nobody can know it.
func known[T any](v *T) T {
	if v == nil {
		return *new(T)
	}
	return *v
}

// grouped prints a number in groups of three figures: "12,345".
func grouped(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// figure prints a number with as many decimals as matter: "0.12", "98.4",
// "12,345".
func figure(x float64) string {
	if x >= 100 {
		return grouped(int64(x + 0.5))
	}
	return strconv.FormatFloat(rounded(x), 'f', -1, 64)
}

// shareOf prints a part in per cent, and what is too little for that as less
// than the least; nothing where there is nothing.
func shareOf(part, whole int64) string {
	if part == 0 {
		return ""
	}
	if share := float64(part) / float64(whole); share >= 0.0005 {
		return fmt.Sprintf("%.1f %%", share*100)
	}
	return "<0.1 %"
}
