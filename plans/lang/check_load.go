package lang

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"plan/engine"
	"plan/internal/exchange"
	"plan/internal/metrics"
	"plan/internal/units"
	"plan/plans"
	"plan/plans/diag"
)

// checkLoad looks at users, their start and the runtime.
func (e *evaluator) checkLoad(n *node, s plans.Stage) {
	load := n.first("load")
	if load == nil || s.Load == nil {
		return
	}
	e.checkSpawn(n, load, s)
	e.checkPause(load, s.Load)
	e.checkTimeout(load, s.Load)
	e.checkStaged(load, s.Load)
	e.checkWarmUp(load, s)
	e.checkBounded(n, s.Load)
	e.checkSamples(n, load, s)
}

// checkBounded refuses bounds of a request that the load never sends.
func (e *evaluator) checkBounded(n *node, w *plans.Workload) {
	threshold := n.first("threshold")
	if threshold == nil || w.Driver != nil || w.Scenario.Address == "" { // no request is known here
		return
	}
	for _, r := range threshold.all("request") {
		named := func(q exchange.Request) bool { return q.Name == r.label }
		switch {
		case slices.ContainsFunc(w.Scenario.Requests, named):
		case slices.ContainsFunc(w.Scenario.OnStart, named):
			e.error("P0203", r.header, fmt.Sprintf("request %q stands in on_start, which is not judged", r.label), "bound a request that stands beside on_start")
		default:
			var names []string
			for _, q := range w.Scenario.Requests {
				names = append(names, q.Name)
			}
			e.error("P0203", r.header, fmt.Sprintf("%s has no request %q", w.Scenario.Address, r.label), diag.DidYouMean(r.label, names))
		}
	}
}

// checkLoadless refuses what judges a load in a stage that has none. A
// condition that asks whether they are known may name the figures.
func (e *evaluator) checkLoadless(n *node) {
	if t := n.first("threshold"); t != nil {
		e.error("P0102", t.header, "a threshold without a load has nothing to judge", "add load { … }")
	}
	for _, a := range n.all("assert") {
		condition := a.attrs["condition"]
		if condition == nil || careful(condition.Expr) {
			continue
		}
		for _, t := range condition.Expr.Variables() {
			if names := path(t); len(names) == 2 && names[0] == "trial" && ofLoad(names[1]) {
				e.error("P0102", t.SourceRange(), fmt.Sprintf("trial.%s without a load is never known, so this cannot pass", names[1]), "add load { … }")
			}
		}
	}
}

// ofLoad reports whether only a trial with a load has the member of trial.
func ofLoad(name string) bool {
	return slices.ContainsFunc(metrics.All(), func(m metrics.Metric) bool { return m.Name == name && m.Load })
}

// careful says whether a condition asks whether something is known at all.
func careful(condition hcl.Expression) bool {
	found := false
	hclsyntax.VisitAll(condition.(hclsyntax.Node), func(n hclsyntax.Node) hcl.Diagnostics {
		switch x := n.(type) {
		case *hclsyntax.FunctionCallExpr:
			found = found || slices.Contains([]string{"can", "coalesce", "try"}, x.Name)
		case *hclsyntax.LiteralValueExpr:
			found = found || x.Val.IsNull()
		}
		return nil
	})
	return found
}

// checkSpawn says when users cannot all start within the runtime, and what
// rate would do: all of them in half of it.
func (e *evaluator) checkSpawn(n, load *node, s plans.Stage) {
	l := sized(s, load)
	takes, runtime := l.Rise(), l.Runtime
	if runtime == 0 || !l.Spawns() || takes <= runtime/2 {
		return
	}
	need := fmt.Sprintf("%d users need %s to start at %s", l.Users, units.Duration(takes), rateText(l.SpawnRate))
	if load.attrs["spawn_rate"] == nil {
		need += " (the default)"
	}
	severity, summary := diag.Warning, need+", which is more than half of the load's "+units.Duration(runtime)
	if takes >= runtime {
		severity, summary = diag.Error, need+", but the load only lasts "+units.Duration(runtime)
	}
	at := load.place("spawn_rate")
	if load.attrs["spawn_rate"] == nil {
		at = usersPlace(n, load)
	}
	enough := math.Ceil(float64(l.Users-1) / (runtime.Seconds() / 2))
	d := e.add(severity, "P0412", at, summary, fmt.Sprintf("write at least spawn_rate = %q, or a longer runtime", rateText(enough)))
	if load.attrs["runtime"] != nil {
		e.related(d, load.place("runtime"), "lasts this long")
	}
}

// sized is the load of a stage with its most users. Where it is not known how
// they start, they start at once.
func sized(s plans.Stage, load *node) engine.Load {
	l := s.Load.Load(s.MostUsers(), 0)
	if scheduled(load) || load.attrs["spawn_rate"] != nil && s.Load.SpawnRate == 0 {
		l.SpawnRate = 0
	}
	return l
}

// scheduled says whether arrivals or stages stand in the place of users that
// all start and stay.
func scheduled(load *node) bool {
	return load.attrs["arrival_rate"] != nil || load.attrs["stages"] != nil
}

// schedulePlace is where arrivals or stages are said.
func schedulePlace(load *node) hcl.Range {
	if load.attrs["arrival_rate"] != nil {
		return load.place("arrival_rate")
	}
	return load.place("stages")
}

// usersPlace is where it is said how many users there are.
func usersPlace(stage, load *node) hcl.Range {
	switch {
	case load.attrs["users"] != nil:
		return load.place("users")
	case scheduled(load):
		return schedulePlace(load)
	}
	return stage.place("users")
}

func rateText(perSecond float64) string {
	return strconv.FormatFloat(math.Round(perSecond*1000)/1000, 'f', -1, 64) + "/s"
}

// checkPause warns about users who never pause.
func (e *evaluator) checkPause(load *node, l *plans.Workload) {
	x := e.index[l.Scenario.Address]
	if x == nil || x.node.attrs["think_time"] != nil || l.Open() || scheduled(load) && l.Stages == nil {
		return
	}
	for _, d := range e.list {
		if d.Code == "P0417" && d.Start.Byte == x.place.Start.Byte {
			return
		}
	}
	d := e.warning("P0417", x.place, x.address+" has no think_time: each user asks as fast as the service answers, so the load is whatever the service can take", `write think_time = between("1s", "3s")`)
	e.related(d, load.place("scenario"), "used here")
}

// checkTimeout warns when a load is over before a request can time out.
func (e *evaluator) checkTimeout(load *node, l *plans.Workload) {
	x := e.index[l.Scenario.Address]
	if x == nil || l.Runtime == 0 {
		return
	}
	longest, at := time.Duration(0), -1
	for i, q := range l.Scenario.Requests {
		if q.Timeout > longest {
			longest, at = q.Timeout, i
		}
	}
	if l.Runtime >= longest {
		return
	}
	place := load.place("runtime")
	if load.attrs["runtime"] == nil && l.Stages != nil {
		place = load.place("stages")
	}
	d := e.warning("P0418", place, fmt.Sprintf("the load lasts %s, but a request may take %s: time-outs could not be seen", units.Duration(l.Runtime), units.Duration(longest)), "write a longer runtime, or a shorter timeout")
	e.related(d, timeoutPlace(x.node, x.node.all("request")[at]), "may take this long")
}

// timeoutPlace is where the timeout of a request is said, or the request.
func timeoutPlace(scenario, request *node) hcl.Range {
	if request.attrs["timeout"] == nil && scenario.attrs["timeout"] != nil {
		return scenario.place("timeout")
	}
	return request.place("timeout")
}
