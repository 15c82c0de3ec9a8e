package check

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"plan/engine"
	"plan/internal/exchange"
	"plan/internal/metrics"
	"plan/internal/units"
	"plan/plans"
	"plan/plans/diag"
)

// Load returns what is wrong with the load of a stage: its users, their start,
// its runtime, and what judges it.
func Load(s plans.Stage) diag.List {
	if s.Load == nil {
		return nil
	}
	return slices.Concat(spawning(s), pause(s), timeouts(s), staged(s), warmUp(s), boundedRequests(s), samples(s))
}

// boundedRequests refuses bounds of a request that the load never sends.
func boundedRequests(s plans.Stage) diag.List {
	scenario := s.Load.Scenario
	if s.Load.Driver != nil || scenario.Address == "" { // no request is known here
		return nil
	}
	var list diag.List
	for _, bound := range s.Decl.Block("threshold").Blocks("request") {
		named := func(q exchange.Request) bool { return q.Name == bound.Label() }
		switch {
		case slices.ContainsFunc(scenario.Requests, named):
		case slices.ContainsFunc(scenario.OnStart, named):
			list = append(list, diag.NewError("P0203", bound.Header(),
				fmt.Sprintf("request %q stands in on_start, which is not judged", bound.Label()),
				"bound a request that stands beside on_start"))
		default:
			var names []string
			for _, q := range scenario.Requests {
				names = append(names, q.Name)
			}
			list = append(list, diag.NewError("P0203", bound.Header(),
				fmt.Sprintf("%s has no request %q", scenario.Address, bound.Label()), diag.DidYouMean(bound.Label(), names)))
		}
	}
	return list
}

// spawning finds users that cannot all start within the runtime, and the rate
// that would do: all of them in half of it.
func spawning(s plans.Stage) diag.List {
	load, l := s.Decl.Block("load"), sized(s)
	takes, runtime := l.Rise(), l.Runtime
	if runtime == 0 || !l.Spawns() || takes <= runtime/2 {
		return nil
	}
	need := fmt.Sprintf("%d users need %s to start at %s", l.Users, units.Duration(takes), rateText(l.SpawnRate))
	if !load.Has("spawn_rate") {
		need += " (the default)"
	}
	severity, summary := diag.Warning, need+", which is more than half of the load's "+units.Duration(runtime)
	if takes >= runtime {
		severity, summary = diag.Error, need+", but the load only lasts "+units.Duration(runtime)
	}
	at := usersRange(s)
	if load.Has("spawn_rate") {
		at = load.Range("spawn_rate")
	}
	enough := math.Ceil(float64(l.Users-1) / (runtime.Seconds() / 2))
	d := diag.New(severity, "P0412", at,
		summary, fmt.Sprintf("write at least spawn_rate = %q, or a longer runtime", rateText(enough)))
	if load.Has("runtime") {
		d = d.Relate(load.Range("runtime"), "lasts this long")
	}
	return diag.List{d}
}

// sized is the load of a stage with its most users. Where it is not known how
// they start, they start at once.
func sized(s plans.Stage) engine.Load {
	load, l := s.Decl.Block("load"), s.Load.Load(s.MostUsers(), 0)
	if scheduled(load) || load.Has("spawn_rate") && s.Load.SpawnRate == 0 {
		l.SpawnRate = 0
	}
	return l
}

// scheduled reports whether arrivals or stages stand in the place of users that
// all start and stay.
func scheduled(load *plans.Decl) bool { return load.Has("arrival_rate") || load.Has("stages") }

// scheduleRange is where arrivals or stages are written.
func scheduleRange(load *plans.Decl) diag.SourceRange {
	if load.Has("arrival_rate") {
		return load.Range("arrival_rate")
	}
	return load.Range("stages")
}

// usersRange is where a stage has the number of its users from.
func usersRange(s plans.Stage) diag.SourceRange {
	switch load := s.Decl.Block("load"); {
	case load.Has("users"):
		return load.Range("users")
	case scheduled(load):
		return scheduleRange(load)
	}
	return s.Decl.Range("users")
}

func rateText(perSecond float64) string {
	return strconv.FormatFloat(math.Round(perSecond*1000)/1000, 'f', -1, 64) + "/s"
}

// pause warns about users who never pause.
func pause(s plans.Stage) diag.List {
	load, scenario := s.Decl.Block("load"), s.Load.Scenario
	if scenario.Decl == nil || scenario.Decl.Has("think_time") || s.Load.Open() || scheduled(load) && s.Load.Stages == nil {
		return nil
	}
	return diag.List{diag.NewWarning("P0417", scenario.Decl.Header(),
		scenario.Address+" has no think_time: each user asks as fast as the service answers, so the load is whatever the service can take",
		`write think_time = between("1s", "3s")`).
		Relate(load.Range("scenario"), "used here")}
}

// timeouts warns about a load that is over before a request can time out.
func timeouts(s plans.Stage) diag.List {
	load, l := s.Decl.Block("load"), s.Load
	if l.Scenario.Decl == nil || l.Runtime == 0 {
		return nil
	}
	longest, slowest := time.Duration(0), -1
	for i, q := range l.Scenario.Requests {
		if q.Timeout > longest {
			longest, slowest = q.Timeout, i
		}
	}
	if l.Runtime >= longest {
		return nil
	}
	at := load.Range("runtime")
	if !load.Has("runtime") && l.Stages != nil {
		at = load.Range("stages")
	}
	// The timeout of the request is written at the request or at its scenario.
	request := l.Scenario.Decl.Blocks("request")[slowest]
	timeout := request.Range("timeout")
	if !request.Has("timeout") && l.Scenario.Decl.Has("timeout") {
		timeout = l.Scenario.Decl.Range("timeout")
	}
	return diag.List{diag.NewWarning("P0418", at,
		fmt.Sprintf("the load lasts %s, but a request may take %s: time-outs could not be seen", units.Duration(l.Runtime), units.Duration(longest)),
		"write a longer runtime, or a shorter timeout").
		Relate(timeout, "may take this long")}
}

// samples warns about a percentile that the load of a stage, or of the first
// step of a ramp, cannot have the samples for.
func samples(s plans.Stage) diag.List {
	load, threshold := s.Decl.Block("load"), s.Decl.Block("threshold")
	if s.Load.Runtime == 0 || s.Load.Driver != nil {
		return nil
	}
	l := sized(s)
	if len(s.Users) > 0 {
		l.Users = slices.Min(s.Users)
	}
	most := l.MostRequests()
	for _, m := range metrics.Percentiles() {
		if !threshold.Has(m.Name) || most >= float64(m.Samples()) {
			continue
		}
		d := diag.NewWarning("P0430", threshold.Range(m.Name),
			fmt.Sprintf("%s needs %d answers, and this load brings at most %.0f: it may fail, and cannot pass", m.Label(), m.Samples(), most),

			"write a longer runtime, more users, a shorter think_time or a lower percentile")
		if load.Has("runtime") {
			d = d.Relate(load.Range("runtime"), "lasts this long")
		}
		return diag.List{d}
	}
	return nil
}
