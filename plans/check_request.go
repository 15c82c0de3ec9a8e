package plans

import (
	"slices"

	"plan/internal/exchange"
)

// checkSendable lets each request be understood as those who send it do: with
// all values of its feeds where they go. It is left out where something of the
// scenario is missing, wrong or known only later.
func (e *evaluator) checkSendable(r *record, s Scenario) {
	if e.broken() || len(r.laters("")) > 0 {
		return
	}
	tables, err := exchange.NewTables(s.Feeds)
	if err != nil { // they were read here
		e.error("P0429", r.header, err.Error(), "")
		return
	}
	blocks := r.every("request")
	if start := r.only("on_start"); start != nil {
		blocks = slices.Concat(blocks, start.every("request"))
	}
	for i, q := range slices.Concat(s.Requests, s.OnStart) {
		pattern, err := tables.Pattern(q)
		if err == nil {
			_, err = pattern.Prepare("service")
		}
		if err != nil {
			e.error("P0420", blocks[i].header, err.Error(), "")
		}
	}
}
