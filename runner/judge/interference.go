package judge

import (
	"fmt"
	"slices"
	"strings"

	"plan/containers"
	"plan/plans"
	"plan/runner/journal"
)

// interference lists what somebody did to the service while the trial ran; ""
// where nobody did anything.
func interference(o Observation) string {
	var seen []string
	for i, r := range o.Replicas {
		who := "it "
		if len(o.Replicas) > 1 {
			who = fmt.Sprintf("replica %d ", i+1)
		}
		for _, e := range o.Events {
			if e.Container != r.Name {
				continue
			}
			what := ""
			switch e.Kind {
			case containers.Paused:
				what = "was paused"
			case containers.Updated:
				what = "was given other limits"
			case containers.Executed:
				what = "ran a command that is not of this run: " + e.Detail
			case containers.Disconnected:
				if r.Starts > 0 && !r.ended() && !o.died(r) { // else its end, or a failed start, left the network
					what = "was disconnected from the network " + e.Detail
				}
			}
			if what != "" && !slices.Contains(seen, who+what) {
				seen = append(seen, who+what)
			}
		}
		if r.State.Limits != r.Limits {
			seen = append(seen, fmt.Sprintf("%shad limits of %s at its end, and was started with %s", who,
				limitsText(r.State.Limits), limitsText(r.Limits)))
		}
	}
	return strings.Join(seen, "; ")
}

// died reports whether the end of a replica was reported, also after its state was read.
func (o Observation) died(r Replica) bool {
	return slices.ContainsFunc(o.Events, func(e journal.Event) bool {
		return e.Container == r.Name && e.Kind == containers.Died
	})
}

func limitsText(l containers.Limits) string {
	texts := plans.Settings{Limits: plans.Limits(l)}.Texts()
	if len(texts) == 0 {
		return "none"
	}
	return strings.Join(texts, ", ")
}
