package lang

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/zclconf/go-cty/cty"

	"plan/internal/english"
	"plan/internal/units"
	"plan/plans"
	"plan/plans/diag"
)

// check is everything that the file alone tells of a plan that was read.
func (e *evaluator) check(p *plans.Plan) {
	if !e.anyStage() {
		e.nothingToDo()
	}
	for _, s := range p.Stages {
		e.checkStage(e.index[s.Address].node, s)
	}
	for _, s := range p.Services {
		e.checkService(s)
	}
	e.checkPublished(p)
	e.checkThinking(p)
	for _, n := range e.root.all("scenario") {
		e.checkNames(n)
	}
	for _, n := range e.root.all("output") {
		e.checkOutput(n)
	}
	if !e.broken() {
		e.checkHelpers(p)
		e.checkUnused()
		e.longest(p)
	}
}

// broken says whether there is an error. Then it cannot be told what is used:
// the reference may be what is wrong.
func (e *evaluator) broken() bool {
	return slices.ContainsFunc(e.list, func(d *diag.Diagnostic) bool { return d.Severity == diag.Error })
}

// checkStage looks at what fits together in a stage. All of it is left out
// where a value is missing, wrong or known only later.
func (e *evaluator) checkStage(n *node, s plans.Stage) {
	e.checkVary(n, s.Vary)
	e.checkTwice(n)
	e.checkLoad(n, s)
	e.checkSubject(n, s)
	if n.first("load") == nil && n.block != rampBlock {
		e.checkLoadless(n)
	}
}

// anyStage says whether something is to be run, also if it is misspelt.
func (e *evaluator) anyStage() bool {
	for _, b := range stageBlocks {
		if e.root.first(b.name) != nil {
			return true
		}
	}
	return len(e.guessed) > 0
}

func (e *evaluator) nothingToDo() {
	at := e.root.whole
	at.End = at.Start
	e.error("P0102", at, "the plan has no search, no ramp and no check: there is nothing to find out", `add search "memory" { … }`)
}

// checkOutput refuses to print what is sensitive.
func (e *evaluator) checkOutput(n *node) {
	a := n.attrs["value"]
	if a == nil || get[bool](e.quietly(n), "sensitive") {
		return
	}
	v, ok := e.quiet().eval(a.Expr)
	if ok && v.ContainsMarked() {
		e.error("P0415", a.Expr.Range(), fmt.Sprintf("%s would print a sensitive value", n.address), "take the sensitive value out of it, or write sensitive = true")
	}
	if ok && len(a.Expr.Variables()) == 0 && v.Type() == cty.String && v.IsKnown() && !v.IsNull() {
		if p := e.quoted(nil, v); p != nil {
			e.warning(p.code, a.Expr.Range(), p.summary, p.help)
		}
	}
}

// checkUnused warns about what nothing refers to. A pushed image is of use by
// itself.
func (e *evaluator) checkUnused() {
	for _, x := range e.entities {
		if x.root == "" || x.isStage() || e.used[x.address] || e.index[x.address] != x {
			continue
		}
		if x.node != nil && x.node.block == imageBlock && get[bool](e.quietly(x.node), "push") {
			continue
		}
		e.warning("P0414", x.place, x.address+" is declared and never used", "use it, or take it out")
	}
	for _, n := range e.root.all("scenario") {
		e.checkFeeds(n)
	}
}

// timing are the attributes of a stage that its trials and time follow from,
// besides how long services may take to be ready.
var timing = []string{"users", "strategy", "vary.from", "vary.to", "vary.step", "load.runtime", "load.stages", "scenario.timeout", "scenario.request.timeout", "scenario.on_start.request.timeout"}

// untimed says whether it cannot be told yet how long the plan takes.
func untimed(p *plans.Plan) bool {
	later := func(s plans.Stage) bool {
		return slices.ContainsFunc(s.Unknown, func(name string) bool {
			return slices.Contains(timing, name) || strings.HasSuffix(name, ".ready.within")
		})
	}
	return slices.ContainsFunc(p.Stages, later) || slices.ContainsFunc(p.Preflights, func(f plans.Preflight) bool { return f.Within == 0 })
}

// longest tells how many trials the plan can need, and how long.
func (e *evaluator) longest(p *plans.Plan) {
	if len(p.Stages) == 0 || untimed(p) {
		return
	}
	at := e.index[p.Stages[0].Address].place
	if n := e.root.first("plan"); n != nil {
		at = n.header
	}
	b := p.Bounds()
	d := e.note("P0601", at, fmt.Sprintf("at most %s and %s", english.Count(b.Trials, "trial"), longTime(b.Time)), "")
	if len(p.Stages) == 1 {
		return
	}
	for _, s := range p.Stages {
		one := s.Bounds()
		e.related(d, e.index[s.Address].place, fmt.Sprintf("%s, %s", english.Count(one.Trials, "trial"), longTime(one.Time)))
	}
}

// longTime is a duration for people; one of a year or more is no plan any more.
func longTime(d time.Duration) string {
	if d >= 365*24*time.Hour {
		return "more than a year"
	}
	return units.Duration(d)
}
