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
		list = slices.Concat(list, Search(s), Load(s), Users(s), subject(s))
		// A dimension is set or varied.
		for _, vary := range s.Decl.Blocks("vary") {
			if set := s.Decl.Block("set"); set.Has(vary.Label()) {
				list = append(list, diag.NewError("P0416", set.NameRange(vary.Label()),
					fmt.Sprintf("%s both sets and varies %s", s.Address, vary.Label()), "remove it from set").
					Relate(vary.Header(), "varied here"))
			}
		}
		// CPUs until it is ready need a limit that applies then.
		limits := s.Service.Decl.Block("limits")
		if limits.Has("start_cpus") && s.MostLimits().CPUs == 0 && !s.LimitUnknown(plans.CPUs) {
			list = append(list, diag.NewError("P0102", limits.Range("start_cpus"),
				fmt.Sprintf("start_cpus of %s needs a limit of CPUs in %s, which applies once the service is ready",
					s.Service.Address, s.Address),
				"add cpus to limits or to set, or vary it").
				Relate(s.Decl.Header(), "runs it"))
		}
		// A threshold bounds a load; that of a ramp is required anyway.
		if threshold := s.Decl.Block("threshold"); threshold != nil && s.Decl.Block("load") == nil && s.Kind != plans.Ramp {
			list = append(list, diag.NewError("P0102", threshold.Header(),
				"the stage has a threshold but no load", "add load { … }"))
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
	return slices.Concat(list, thinking(p), Platform(p))
}

// Stage returns what is wrong with a stage only now that the results of others
// are in it.
func Stage(s plans.Stage) diag.List {
	return slices.Concat(Search(s), Load(s), Users(s), replicasOnOnePort(s))
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
					"write the same network in networks of both").
					Relate(needed.Decl.Range("networks"), "is on "+networksText(needed)).
					Relate(s.Decl.Range("networks"), "is on "+networksText(s)))
			}
			if n := needed.Limits.Replicas; n >= 2 {
				list = append(list, diag.NewWarning("P0424", needed.Decl.Range(string(plans.Replicas)),
					fmt.Sprintf("%s has %d replicas, but as a helper it is started once", needed.Address, n),
					"remove replicas, or write it in set of the stage that runs the service").
					Relate(s.Decl.Range("depends_on"), "depends on it"))
			}
		}
	}
	for _, r := range p.Reaches() {
		list = append(list, diag.NewNote(Reaching, r.At, fmt.Sprintf("the plan %s %s", r.Does, r.What), ""))
	}
	return append(list, longest(p)...)
}

// Reaching is the code of what a plan uses beyond its folder, which --untrusted refuses.
const Reaching = "P0602"

// start is the range for what concerns the plan as a whole.
func start(p *plans.Plan) diag.SourceRange {
	if p.Decl == nil && len(p.Stages) > 0 {
		return p.Stages[0].Decl.Header()
	}
	return p.Decl.Header()
}

// timing are the attributes of a stage that its trials and time follow from,
// besides how long services may take to be ready.
var timing = []string{"users", "strategy", "load.runtime", "load.stages", "scenario.timeout",
	"scenario.request.timeout", "scenario.on_start.request.timeout"}

// longest notes how many trials the plan can need, and how long they take.
func longest(p *plans.Plan) diag.List {
	later := func(s plans.Stage) bool { // the time that the stage takes is known only later
		return slices.ContainsFunc(s.Unknown, func(name string) bool {
			return slices.Contains(timing, name) || strings.HasPrefix(name, "vary.") || strings.HasSuffix(name, ".ready.within")
		})
	}
	unknownWait := func(f plans.Preflight) bool { return f.Within == 0 }
	if len(p.Stages) == 0 || slices.ContainsFunc(p.Stages, later) || slices.ContainsFunc(p.Preflights, unknownWait) {
		return nil
	}
	took := func(expected, most plans.Bounds) string {
		return fmt.Sprintf("expected: %s, %s; at most %s, %s; with all repeats and waits %s",
			english.Count(expected.Trials, "trial"), longTime(expected.Time),
			english.Count(most.Trials, "trial"), longTime(most.Time), longTime(most.Longest))
	}
	d := diag.NewNote("P0601", start(p), took(p.Expected(), p.Bounds()), "")
	for i := 0; len(p.Stages) > 1 && i < len(p.Stages); i++ {
		s := p.Stages[i]
		d = d.Relate(s.Decl.Header(), took(s.Expected(), s.Bounds()))
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
