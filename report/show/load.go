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
		asks := "none: the service only has to start"
		if s.Asks != nil {
			asks = "none: one of each request of " + s.Asks.Address
		}
		return [][2]string{{"load", asks}, {"asserts", strings.Join(s.Asserts, ", ")}}
	}
	l := s.Load.Load(s.Load.Users, 0)
	file, driver := "", "" // of the built-in driver
	if d := s.Load.Driver; d != nil {
		file, driver = cmp.Or(d.File, "a file that is "+knownLater), d.Kind+", image "+cmp.Or(d.Image, knownLater)
	}
	warmUp := ""
	switch {
	case l.WarmUp == 0:
	case l.Spawns():
		warmUp = units.Duration(l.WarmUp) + " after all users are active are not judged"
	default:
		warmUp = "the first " + units.Duration(l.WarmUp) + " are not judged"
	}
	spawn := "all within 10s, at most 100/s"
	switch {
	case !l.Spawns() || isUnknown(s, "load.stages") || isUnknown(s, "load.arrival_rate"): // load stages and arrivals
		spawn = ""
	case isUnknown(s, "load.spawn_rate"):
		spawn = knownLater
	case s.Load.SpawnRate > 0:
		spawn = fmt.Sprintf("%g/s", s.Load.SpawnRate)
	}
	agents := ""
	if n := s.AgentsOf(); n > 1 {
		agents = fmt.Sprintf("%d, which divide the users", n)
	}
	rows := [][2]string{
		{"load", loadText(s, l) + " of " + cmp.Or(s.Load.Scenario.Address, file)},
		{"driver", driver},
		{"stages", laterOr(s, "load.stages", load.Stages(l))},
		{"runtime", laterOr(s, "load.runtime", units.Duration(l.Runtime))},
		{"warm-up", laterOr(s, "load.warm_up", warmUp)},
		{"spawn rate", spawn},
		{"agents", laterOr(s, "load.agents", agents)},
	}
	if s.Load.Driver == nil {
		rows = append(rows, scenarioRows(*s.Load)...)
	} else {
		rows = append(rows, driverRows(*s.Load.Driver)...)
	}
	horizon := laterOr(s, "leak_horizon", "")
	if s.LeakHorizon != 0 {
		horizon = units.Duration(s.LeakHorizon)
	}
	var threshold []string
	for _, o := range s.Threshold {
		threshold = append(threshold, objectiveText(o))
	}
	for _, attribute := range s.Unknown {
		if metric, ok := strings.CutPrefix(attribute, "threshold."); ok {
			threshold = append(threshold, metric+" "+knownLater)
		}
	}
	return append(rows, [2]string{"threshold", cmp.Or(strings.Join(threshold, ", "), "every response is OK")},
		[2]string{"leak horizon", horizon}, [2]string{"asserts", strings.Join(s.Asserts, ", ")})
}

// loadText returns the users or the arrivals of a load.
func loadText(s plans.Stage, l engine.Load) string {
	switch {
	case s.Kind == plans.Ramp:
		return "each number of users"
	case s.Load.Driver != nil && s.Load.Driver.Shape:
		return "the users of the LoadTestShape"
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

// scenarioRows returns the scenario of a load. Arrivals have no think time.
func scenarioRows(l plans.Workload) [][2]string {
	think := "none"
	switch t := l.Scenario.ThinkTime; {
	case l.Open():
		think = ""
	case t.Kind == "fixed":
		think = units.Duration(t.Min)
	case t.Kind == "between":
		think = units.Duration(t.Min) + " to " + units.Duration(t.Max)
	case t.Kind == "exponential":
		think = "exponential, " + units.Duration(t.Min) + " on average"
	}
	guessed := ""
	if l.Scenario.Guessed {
		guessed = "the requests may not be those of users"
	}
	feeds := joined(l.Scenario.Feeds, "; ", func(f exchange.Feed) string {
		order := "at random"
		switch f.Order {
		case exchange.InOrder:
			order = "in order"
		case exchange.Once:
			order = "each once"
		}
		text := fmt.Sprintf("%s: %s of %s, %s", f.Name, english.Count(len(f.Rows), "row"), strings.Join(f.Columns, ", "),
			order)
		if f.PerUser {
			text += ", a row for each user"
		}
		return text
	})
	return [][2]string{
		{"think time", think},
		{"on start", requestsText(l.Scenario.OnStart, false)},
		{"requests", requestsText(l.Scenario.Requests, true)},
		{"guessed", guessed},
		{"feeds", feeds},
	}
}

func requestsText(requests []exchange.Request, weighted bool) string {
	return joined(requests, "; ", func(r exchange.Request) string {
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
		return text
	})
}

// placeholder matches the placeholder of a feed's value.
var placeholder = regexp.MustCompile(exchange.PlaceholderBegin + "[^ ]+ ([^ ]+) ([^" + exchange.PlaceholderEnd + "]+)" + exchange.PlaceholderEnd)

// withPlaceholders returns a text with placeholders as a plan writes them.
func withPlaceholders(text string) string {
	return placeholder.ReplaceAllString(text, "$${feed.$1.$2}")
}

// driverRows returns what a driver is given besides its file.
func driverRows(d plans.Driver) [][2]string {
	var files []string
	for _, f := range d.Files {
		files = append(files, f.Name)
	}
	pip := ""
	if d.Requirements != nil {
		pip = "installed by pip before each load"
	}
	return [][2]string{
		{"environment", environmentText(d.Environment)}, {"arguments", strings.Join(d.Args, " ")}, {"tags",
			strings.Join(d.Tags, ", ")},
		{"files", strings.Join(files, ", ")}, {"requirements", pip},
	}
}
