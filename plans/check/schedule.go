package check

import (
	"fmt"

	"plan/internal/units"
	"plan/plans"
	"plan/plans/diag"
)

// staged finds stages of a load that do not fit to what stands beside them.
func staged(s plans.Stage) diag.List {
	load, l := s.Decl.Block("load"), s.Load
	if l.Stages == nil {
		return nil
	}
	var list diag.List
	if load.Has("users") && !l.Open() {
		list = append(list, diag.NewError("P0425", load.Range("users"),
			"the load stages already set the number of users", "remove users: it is only a cap for arrivals").
			Relate(load.Range("stages"), "set here"))
	}
	switch total := l.Load(l.Users, 0).StagesTake(); {
	case l.Runtime == 0 && !load.Has("runtime"):
		list = append(list, diag.NewError("P0425", load.Range("stages"),
			"the load stages take no time", `write runtime = "60s": the last target holds until then`))
	case l.Runtime != 0 && l.Runtime < total:
		list = append(list, diag.NewError("P0425", load.Range("runtime"),
			fmt.Sprintf("the load lasts %s, but its load stages take %s", units.Duration(l.Runtime), units.Duration(total)),
			"write a longer runtime, or remove it").
			Relate(load.Range("stages"), "take that long"))
	}
	return list
}

// warmUp refuses a warm-up that leaves nothing to judge.
func warmUp(s plans.Stage) diag.List {
	l := sized(s)
	active := l.JudgedFrom() - l.WarmUp
	if l.Runtime == 0 || active >= l.Runtime || l.JudgedFrom() < l.Runtime {
		return nil
	}
	from := "the load lasts " + units.Duration(l.Runtime)
	if active > 0 {
		from += fmt.Sprintf(", and all users are active after %s", units.Duration(active))
	}
	return diag.List{diag.NewError("P0426", s.Decl.Block("load").Range("warm_up"),
		fmt.Sprintf("a warm-up of %s leaves nothing to judge: %s", units.Duration(l.WarmUp), from),
		"write a shorter warm_up, or a longer runtime")}
}

// thinking warns about a think time that nobody takes: requests that arrive on a
// schedule wait for none.
func thinking(p *plans.Plan) diag.List {
	open, first := map[string]bool{}, []plans.Stage{} // of each scenario with a think time
	for _, s := range p.Stages {
		if s.Load == nil || s.Load.Scenario.ThinkTime.Kind == "" {
			continue
		}
		address := s.Load.Scenario.Address
		if _, seen := open[address]; !seen {
			open[address], first = true, append(first, s)
		}
		open[address] = open[address] && s.Load.Open()
	}
	var list diag.List
	for _, s := range first {
		if scenario := s.Load.Scenario; open[scenario.Address] {
			list = append(list, diag.NewWarning("P0427", scenario.Decl.Range("think_time"),
				"think_time has no effect: arrivals start on a schedule", "remove it, or replace the arrivals by users").
				Relate(scheduleRange(s.Decl.Block("load")), "the schedule"))
		}
	}
	return list
}
