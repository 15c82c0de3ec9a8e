package show

import (
	"fmt"

	"plan/internal/units"
	"plan/plans"
)

func gridUnknown(s plans.Stage) bool {
	return isUnknown(s, "vary.from") || isUnknown(s, "vary.to") || isUnknown(s, "vary.step")
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
