package lang

import (
	"fmt"

	"plan/internal/units"
	"plan/plans"
)

// checkStaged looks at whether stages fit to what stands beside them.
func (e *evaluator) checkStaged(load *node, l *plans.Workload) {
	if l.Stages == nil {
		return
	}
	if load.attrs["users"] != nil && !l.Open() {
		d := e.error("P0425", load.place("users"), "the stages say how many users there are", "take users out: it is a cap where requests arrive")
		e.related(d, load.place("stages"), "said here")
	}
	switch total := l.Load(l.Users, 0).StagesTake(); {
	case l.Runtime == 0 && load.attrs["runtime"] == nil:
		e.error("P0425", load.place("stages"), "the stages take no time", `write runtime = "60s": how long the last target is held`)
	case l.Runtime != 0 && l.Runtime < total:
		d := e.error("P0425", load.place("runtime"), fmt.Sprintf("the load lasts %s, but its stages take %s", units.Duration(l.Runtime), units.Duration(total)), "write a longer runtime, or leave it out")
		e.related(d, load.place("stages"), "take that long")
	}
}

// checkWarmUp refuses a warm-up that leaves nothing to judge.
func (e *evaluator) checkWarmUp(load *node, s plans.Stage) {
	l := sized(s, load)
	active := l.JudgedFrom() - l.WarmUp
	if l.Runtime == 0 || active >= l.Runtime || l.JudgedFrom() < l.Runtime {
		return
	}
	from := "the load lasts " + units.Duration(l.Runtime)
	if active > 0 {
		from += fmt.Sprintf(", and all users are active after %s", units.Duration(active))
	}
	e.error("P0426", load.place("warm_up"), fmt.Sprintf("a warm-up of %s leaves nothing to judge: %s", units.Duration(l.WarmUp), from), "write a shorter warm_up, or a longer runtime")
}

// checkThinking warns about a think time that nobody takes: requests that
// arrive on a schedule wait for none.
func (e *evaluator) checkThinking(p *plans.Plan) {
	open := map[string]*node{}
	for _, s := range p.Stages {
		if s.Load == nil || s.Load.Scenario.ThinkTime.Kind == "" {
			continue
		}
		address, load := s.Load.Scenario.Address, e.index[s.Address].node.first("load")
		if first, seen := open[address]; !s.Load.Open() || seen && first == nil {
			open[address] = nil
		} else if !seen {
			open[address] = load
		}
	}
	for _, x := range e.entities {
		if load := open[x.address]; load != nil && e.index[x.address] == x {
			d := e.warning("P0427", x.node.place("think_time"), "nobody takes this think time: requests arrive on a schedule", "take it out, or write users for arrivals")
			e.related(d, schedulePlace(load), "the schedule")
		}
	}
}
