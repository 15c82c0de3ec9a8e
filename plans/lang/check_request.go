package lang

import (
	"fmt"
	"slices"

	"plan/internal/exchange"
	"plan/plans"
)

// checkSendable lets each request be understood as those who send it do: with
// all values of its feeds where they go. It is left out where something of the
// scenario is missing, wrong or known only later.
func (e *evaluator) checkSendable(r *record, s plans.Scenario) {
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

// checkNames refuses a request of on_start that is named as another one of the
// scenario: reports could not tell them apart.
func (e *evaluator) checkNames(n *node) {
	start := n.first("on_start")
	if start == nil {
		return
	}
	for _, c := range start.all("request") {
		for _, other := range n.all("request") {
			if other.label == c.label {
				d := e.error("P0104", c.header, fmt.Sprintf("two requests of %s are named %q", n.address, c.label), "give one of them another name")
				e.related(d, other.header, "the other one")
			}
		}
	}
}

// checkFeeds warns about feeds that no request takes a value of.
func (e *evaluator) checkFeeds(n *node) {
	for _, c := range n.all("feed") {
		if !slices.Contains(used(n), c.label) {
			e.warning("P0414", c.header, c.address+" is declared and never used", "use it, or take it out")
		}
	}
}
