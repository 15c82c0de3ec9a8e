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
		list = slices.Concat(list, Search(s), dimensionTwice(s), Load(s), subject(s), thresholdWithoutLoad(s))
	}
	for _, s := range p.Services {
		list = slices.Concat(list, Service(s))
	}
	return slices.Concat(list, published(p), thinking(p))
}

// Stage returns what is wrong with a stage only now that the results of others
// are in it.
func Stage(s plans.Stage) diag.List {
	return slices.Concat(Search(s), Load(s), replicasOnOnePort(s))
}

// Sound returns what is to be said of a plan without errors: about services that
// depend on each other, and how long the plan takes at most.
func Sound(p *plans.Plan) diag.List { return slices.Concat(helpers(p), longest(p)) }

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

// untimed reports whether the time that the plan takes is known only later.
func untimed(p *plans.Plan) bool {
	later := func(s plans.Stage) bool {
		return slices.ContainsFunc(s.Unknown, func(name string) bool {
			return slices.Contains(timing, name) || strings.HasSuffix(name, ".ready.within")
		})
	}
	return slices.ContainsFunc(p.Stages, later) || slices.ContainsFunc(p.Preflights, func(f plans.Preflight) bool { return f.Within == 0 })
}

// longest notes how many trials the plan can need, and how long they take.
func longest(p *plans.Plan) diag.List {
	if len(p.Stages) == 0 || untimed(p) {
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
