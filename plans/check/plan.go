package check

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"plan/internal/english"
	"plan/internal/units"
	"plan/plans"
	"plan/plans/diag"
)

// Plan returns what does not fit together in a plan. It also takes one that has
// errors: a check is left out where a value that it needs is missing, wrong or
// known only later.
func Plan(p *plans.Plan) diag.List {
	var list diag.List
	for _, s := range p.Stages {
		list = slices.Concat(list, Search(s), Load(s), subject(s))
		// A dimension is set or varied.
		if set, vary := s.Decl.Block("set"), s.Decl.Block("vary"); vary != nil && set.Has(vary.Label()) {
			list = append(list, diag.NewError("P0416", set.NameRange(vary.Label()),
				fmt.Sprintf("%s sets %s and varies it too", s.Address, vary.Label()), "take it out of set").
				Relate(vary.Header(), "varied here"))
		}
		// A threshold bounds a load; that of a ramp is required anyway.
		if threshold := s.Decl.Block("threshold"); threshold != nil && s.Decl.Block("load") == nil && s.Kind != plans.Ramp {
			list = append(list, diag.NewError("P0102", threshold.Header(),
				"a threshold without a load has nothing to judge", "add load { … }"))
		}
	}
	for _, s := range p.Services {
		list = slices.Concat(list, Service(s))
	}
	// Only one container can have a fixed port of the host: neither several
	// replicas of a service, nor a service and the helpers that run beside it.
	var alive []plans.Service
	for _, s := range p.Stages {
		list = append(list, replicasOnOnePort(s)...)
		for _, h := range s.Helpers {
			if !slices.ContainsFunc(alive, func(other plans.Service) bool { return other.Address == h.Address }) {
				list = append(list, portsOfHelpers(h, alive)...)
				alive = append(alive, h)
			}
		}
		list = append(list, portsOfHelpers(s.Service, alive)...)
	}
	return append(list, thinking(p)...)
}

// Stage returns what is wrong with a stage only now that the results of others
// are in it.
func Stage(s plans.Stage) diag.List {
	return slices.Concat(Search(s), Load(s), replicasOnOnePort(s))
}

// Sound returns what is to be said of a plan without errors: about services that
// depend on each other, and how long the plan takes at most.
func Sound(p *plans.Plan) diag.List {
	byAddress := map[string]plans.Service{}
	for _, s := range p.Services {
		byAddress[s.Address] = s
	}
	var list diag.List
	for _, s := range p.Services {
		joined := func(network string) bool { return slices.Contains(s.Networks, network) }
		for _, address := range s.DependsOn {
			needed := byAddress[address]
			onDefault := len(s.Networks) == 0 && len(needed.Networks) == 0
			if !onDefault && !slices.ContainsFunc(needed.Networks, joined) {
				list = append(list, diag.NewWarning("P0423", s.Decl.Range("depends_on"),
					fmt.Sprintf("%s and %s share no network, so they cannot find each other", s.Address, needed.Address),
					"name the same network in networks of both").
					Relate(needed.Decl.Range("networks"), "is on "+networksText(needed)).
					Relate(s.Decl.Range("networks"), "is on "+networksText(s)))
			}
			if n := needed.Limits.Replicas; n >= 2 {
				list = append(list, diag.NewWarning("P0424", needed.Decl.Range(string(plans.Replicas)),
					fmt.Sprintf("%s has %d replicas, but is started once where another service depends on it", needed.Address, n),
					"take replicas out, or write it in set of the stage that runs the service").
					Relate(s.Decl.Range("depends_on"), "depends on it"))
			}
		}
	}
	return append(list, longest(p)...)
}

// start is the range for what concerns the plan as a whole.
func start(p *plans.Plan) diag.SourceRange {
	if p.Decl == nil && len(p.Stages) > 0 {
		return p.Stages[0].Decl.Header()
	}
	return p.Decl.Header()
}

// timing are the attributes of a stage that its trials and time follow from,
// besides how long services may take to be ready.
var timing = []string{"users", "strategy", "vary.from", "vary.to", "vary.step", "load.runtime", "load.stages", "scenario.timeout", "scenario.request.timeout", "scenario.on_start.request.timeout"}

// longest notes how many trials the plan can need, and how long they take.
func longest(p *plans.Plan) diag.List {
	later := func(s plans.Stage) bool { // the time that the stage takes is known only later
		return slices.ContainsFunc(s.Unknown, func(name string) bool {
			return slices.Contains(timing, name) || strings.HasSuffix(name, ".ready.within")
		})
	}
	unknownWait := func(f plans.Preflight) bool { return f.Within == 0 }
	if len(p.Stages) == 0 || slices.ContainsFunc(p.Stages, later) || slices.ContainsFunc(p.Preflights, unknownWait) {
		return nil
	}
	b := p.Bounds()
	d := diag.NewNote("P0601", start(p),
		fmt.Sprintf("at most %s and %s", english.Count(b.Trials, "trial"), longTime(b.Time)), "")
	for i := 0; len(p.Stages) > 1 && i < len(p.Stages); i++ {
		one := p.Stages[i].Bounds()
		d = d.Relate(p.Stages[i].Decl.Header(), fmt.Sprintf("%s, %s", english.Count(one.Trials, "trial"), longTime(one.Time)))
	}
	return diag.List{d}
}

// longTime is a duration for people; one of a year or more is no plan any more.
func longTime(d time.Duration) string {
	if d >= 365*24*time.Hour {
		return "more than a year"
	}
	return units.Duration(d)
}
