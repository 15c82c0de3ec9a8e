package show

import (
	"cmp"
	"fmt"
	"strings"

	"plan/engine"
	"plan/internal/english"
	"plan/internal/units"
	"plan/plans"
)

// questionRows returns what a search or ramp tries.
func questionRows(s plans.Stage) [][2]string {
	switch s.Kind {
	case plans.Search:
		return [][2]string{
			{"strategy", s.Strategy},
			{"tries", gridText(s)},
			{"margin", marginText(s)},
		}
	case plans.Ramp:
		demand := "no number"
		if s.AtLeast > 0 {
			demand = english.Count(s.AtLeast, "user")
		}
		return [][2]string{
			{"users", laterOr(s, "users", numbers(s.Users))},
			{"must hold", laterOr(s, "at_least", demand)},
			{"stops after", laterOr(s, "stop_after", english.Count(max(1, s.StopAfter), "step")+" that did not pass")},
		}
	}
	return nil
}

// marginText returns the margin; "" for a dimension without one.
func marginText(s plans.Stage) string {
	if !dimensionOf(s).Margin() {
		return ""
	}
	return laterOr(s, "margin", units.Percent(s.Margin))
}

// gridText returns the values that a search can try.
func gridText(s plans.Stage) string {
	if gridUnknown(s) {
		return "values " + knownLater
	}
	values := s.Vary.Grid()
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = s.Vary.Dimension.Short(value)
	}
	return fmt.Sprintf("some of %d values: %s", len(values), strings.Join(texts, ", "))
}

func gridUnknown(s plans.Stage) bool {
	return isUnknown(s, "vary.from") || isUnknown(s, "vary.to") || isUnknown(s, "vary.step")
}

// driverFile returns the file of a driver; "" for the built-in one.
func driverFile(s plans.Stage) string {
	if s.Load.Driver == nil {
		return ""
	}
	return cmp.Or(s.Load.Driver.File, "a file that is "+knownLater)
}

// driverText returns the driver and its image; "" for the built-in one.
func driverText(s plans.Stage) string {
	d := s.Load.Driver
	if d == nil {
		return ""
	}
	return d.Kind + ", image " + cmp.Or(d.Image, knownLater)
}

func thinkText(t engine.ThinkTime) string {
	switch t.Kind {
	case "fixed":
		return units.Duration(t.Min)
	case "between":
		return units.Duration(t.Min) + " to " + units.Duration(t.Max)
	case "exponential":
		return "exponential, " + units.Duration(t.Min) + " on average"
	}
	return "none"
}

func thresholdText(s plans.Stage) string {
	var list []string
	for _, o := range s.Threshold {
		list = append(list, objectiveText(o))
	}
	for _, attribute := range s.Unknown {
		if metric, ok := strings.CutPrefix(attribute, "threshold."); ok {
			list = append(list, metric+" "+knownLater)
		}
	}
	return cmp.Or(strings.Join(list, ", "), "every answer is OK")
}

func objectiveText(o plans.Objective) string {
	if o.Request != "" {
		of := o.Request
		o.Request = ""
		return of + ": " + objectiveText(o)
	}
	switch o.Metric {
	case "error_rate":
		return "error_rate at most " + units.Percent(o.Limit)
	case "throughput":
		return fmt.Sprintf("throughput at least %g/s", o.Limit)
	}
	return o.Metric + " at most " + units.Duration(units.Seconds(o.Limit))
}
