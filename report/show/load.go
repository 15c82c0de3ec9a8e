package show

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"

	"plan/engine"
	"plan/internal/english"
	"plan/internal/exchange"
	"plan/internal/tty"
	"plan/internal/units"
	"plan/plans"
	"plan/report/load"
)

// loadRows returns the load of a stage and its thresholds.
func loadRows(s plans.Stage) [][2]string {
	if s.Load == nil {
		return [][2]string{{"load", "none: the service only has to start"}, {"asserts", strings.Join(s.Asserts, ", ")}}
	}
	l := s.Load.Load(s.Load.Users, 0)
	rows := [][2]string{
		{"load", loadText(s, l) + " of " + cmp.Or(s.Load.Scenario.Address, driverFile(s))},
		{"driver", driverText(s)},
		{"stages", laterOr(s, "load.stages", load.Stages(l))},
		{"runtime", laterOr(s, "load.runtime", units.Duration(l.Runtime))},
		{"warm-up", laterOr(s, "load.warm_up", warmUpText(l))},
		{"spawn rate", spawnText(s, l)},
	}
	if s.Load.Driver == nil {
		rows = append(rows, scenarioRows(*s.Load)...)
	}
	horizon := laterOr(s, "leak_horizon", "")
	if s.LeakHorizon != 0 {
		horizon = units.Duration(s.LeakHorizon)
	}
	return append(rows, [2]string{"threshold", thresholdText(s)}, [2]string{"leak horizon", horizon},
		[2]string{"asserts", strings.Join(s.Asserts, ", ")})
}

// loadText returns the users or the arrivals of a load.
func loadText(s plans.Stage, l engine.Load) string {
	switch {
	case s.Kind == plans.Ramp:
		return "each number of users"
	case isUnknown(s, "load.stages"):
		return "a load in stages"
	case isUnknown(s, "load.arrival_rate"):
		return "arrivals (how many is " + knownLater + ")"
	case isUnknown(s, "load.users"):
		return "users (how many is " + knownLater + ")"
	case l.Open() && len(l.Stages) > 0:
		return "arrivals" + load.AtRandom(l) + " in stages, " + load.Cap(l)
	case l.Open():
		return tty.Figure(l.ArrivalRate) + " arrivals/s" + load.AtRandom(l) + ", " + load.Cap(l)
	case len(l.Stages) > 0:
		return "up to " + english.Count(l.Users, "user")
	}
	return english.Count(l.Users, "user")
}

// warmUpText returns the warm-up of a load; "" without one.
func warmUpText(l engine.Load) string {
	switch {
	case l.WarmUp == 0:
		return ""
	case l.Spawns():
		return units.Duration(l.WarmUp) + " after all users are active are not judged"
	}
	return "the first " + units.Duration(l.WarmUp) + " are not judged"
}

// spawnText returns the spawn rate; "" for load stages and arrivals.
func spawnText(s plans.Stage, l engine.Load) string {
	switch {
	case !l.Spawns() || isUnknown(s, "load.stages") || isUnknown(s, "load.arrival_rate"):
		return ""
	case isUnknown(s, "load.spawn_rate"):
		return knownLater
	case s.Load.SpawnRate > 0:
		return fmt.Sprintf("%g/s", s.Load.SpawnRate)
	}
	return "all within 10s, at most 100/s"
}

// scenarioRows returns the scenario of a load. Arrivals have no think time.
func scenarioRows(l plans.Workload) [][2]string {
	think := thinkText(l.Scenario.ThinkTime)
	if l.Open() {
		think = ""
	}
	return [][2]string{
		{"think time", think},
		{"on start", requestsText(l.Scenario.OnStart, false)},
		{"requests", requestsText(l.Scenario.Requests, true)},
		{"feeds", feedsText(l.Scenario.Feeds)},
	}
}

func requestsText(requests []exchange.Request, weighted bool) string {
	var list []string
	for _, r := range requests {
		text := fmt.Sprintf("%s: %s %s", r.Name, r.Method, withPlaceholders(r.Path))
		if weighted {
			text += fmt.Sprintf(", weight %g", r.Weight)
		}
		if r.Redirects > 0 {
			text += fmt.Sprintf(", at most %s", english.Count(r.Redirects, "redirect"))
		}
		if n := len(r.Checks); n > 0 {
			text += ", " + english.Count(n, "check") + " of its body"
		}
		list = append(list, text)
	}
	return strings.Join(list, "; ")
}

// placeholder matches the placeholder of a feed's value.
var placeholder = regexp.MustCompile(exchange.PlaceholderBegin + "[^ ]+ ([^ ]+) ([^" + exchange.PlaceholderEnd + "]+)" + exchange.PlaceholderEnd)

// withPlaceholders returns a text with placeholders as a plan writes them.
func withPlaceholders(text string) string {
	return placeholder.ReplaceAllString(text, "$${feed.$1.$2}")
}

func feedsText(feeds []exchange.Feed) string {
	var list []string
	for _, f := range feeds {
		text := fmt.Sprintf("%s: %s of %s, %s", f.Name, english.Count(len(f.Rows), "row"), strings.Join(f.Columns, ", "),
			orderText(f.Order))
		if f.PerUser {
			text += ", a row for each user"
		}
		list = append(list, text)
	}
	return strings.Join(list, "; ")
}

func orderText(o exchange.Order) string {
	switch o {
	case exchange.InOrder:
		return "in order"
	case exchange.Once:
		return "each once"
	}
	return "at random"
}
