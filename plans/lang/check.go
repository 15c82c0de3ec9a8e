package lang

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"plan/internal/metrics"
	"plan/plans"
	"plan/plans/check"
	"plan/plans/diag"
)

// check adds everything that the file alone tells of a plan that was read: what
// package check finds in its values, and what is wrong with expressions and
// references, which the values do not have.
func (b *builder) check(p *plans.Plan) {
	if !b.anyStage() {
		b.nothingToDo()
	}
	b.diags.take(check.Plan(p))
	for _, s := range p.Stages {
		if n := b.program.index[s.Address].node; n.first("load") == nil && n.block != rampBlock {
			b.checkLoadless(n)
		}
	}
	for _, n := range b.program.root.all("scenario") {
		b.checkNames(n)
	}
	for _, n := range b.program.root.all("output") {
		b.checkOutput(n)
	}
	if !b.broken() {
		b.diags.take(check.Sound(p))
		b.checkUnused(p)
	}
}

// broken says whether there is an error. Then it cannot be told what is used:
// the reference may be what is wrong.
func (b *builder) broken() bool {
	return slices.ContainsFunc(b.diags.list, func(d *diag.Diagnostic) bool { return d.Severity == diag.Error })
}

// anyStage says whether something is to be run, also if it is misspelt.
func (b *builder) anyStage() bool {
	for _, stage := range stageBlocks {
		if b.program.root.first(stage.name) != nil {
			return true
		}
	}
	return len(b.program.guessed) > 0
}

func (b *builder) nothingToDo() {
	at := b.program.root.whole
	at.End = at.Start
	b.diags.error("P0102", at, "the plan has no search, no ramp and no check: there is nothing to find out", `add search "memory" { … }`)
}

// checkOutput refuses to print what is sensitive.
func (b *builder) checkOutput(n *node) {
	a := n.attrs["value"]
	if a == nil || get[bool](b.decoder.quietly(n), "sensitive") {
		return
	}
	v, ok := b.evaluator.quiet().eval(a.Expr)
	if ok && v.ContainsMarked() {
		b.diags.error("P0415", a.Expr.Range(), fmt.Sprintf("%s would print a sensitive value", n.address), "take the sensitive value out of it, or write sensitive = true")
	}
	if ok && len(a.Expr.Variables()) == 0 && v.Type() == cty.String && v.IsKnown() && !v.IsNull() {
		if p := b.decoder.quoted(nil, v); p != nil {
			b.diags.warning(p.code, a.Expr.Range(), p.summary, p.help)
		}
	}
}

// checkUnused warns about what nothing refers to. A pushed image is of use by
// itself.
func (b *builder) checkUnused(p *plans.Plan) {
	pushed := map[string]bool{}
	for _, i := range p.Images {
		pushed[i.Address] = i.Push
	}
	for _, x := range b.program.declarations {
		if x.root == "" || x.isStage() || pushed[x.address] || b.program.used[x.address] || b.program.index[x.address] != x {
			continue
		}
		b.diags.warning("P0414", x.at, x.address+" is declared and never used", "use it, or take it out")
	}
	for _, n := range b.program.root.all("scenario") {
		b.checkFeeds(n)
	}
}

// checkLoadless refuses conditions on the figures of a load in a stage that has
// none. One that asks whether they are known may name them.
func (b *builder) checkLoadless(n *node) {
	for _, a := range n.all("assert") {
		condition := a.attrs["condition"]
		if condition == nil || careful(condition.Expr) {
			continue
		}
		for _, t := range condition.Expr.Variables() {
			if names := path(t); len(names) == 2 && names[0] == "trial" && ofLoad(names[1]) {
				b.diags.error("P0102", t.SourceRange(), fmt.Sprintf("trial.%s without a load is never known, so this cannot pass", names[1]), "add load { … }")
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

// checkNames refuses a request of on_start that is named as another one of the
// scenario: reports could not tell them apart.
func (b *builder) checkNames(n *node) {
	start := n.first("on_start")
	if start == nil {
		return
	}
	for _, c := range start.all("request") {
		for _, other := range n.all("request") {
			if other.label == c.label {
				d := b.diags.error("P0104", c.header, fmt.Sprintf("two requests of %s are named %q", n.address, c.label), "give one of them another name")
				b.diags.related(d, other.header, "the other one")
			}
		}
	}
}

// checkFeeds warns about feeds that no request takes a value of.
func (b *builder) checkFeeds(n *node) {
	for _, c := range n.all("feed") {
		if !slices.Contains(feedsIn(n), c.label) {
			b.diags.warning("P0414", c.header, c.address+" is declared and never used", "use it, or take it out")
		}
	}
}
