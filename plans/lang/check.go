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
	root := b.program.root
	declared := func(stage *block) bool { return root.first(stage.name) != nil }
	if len(b.program.guessed) == 0 && !slices.ContainsFunc(stageBlocks, declared) { // nor a misspelt one
		at := root.whole
		at.End = at.Start
		b.diags.error("P0102", at, "the plan has no stage: a search, a ramp or a check", `add search "memory" { … }`)
	}
	b.diags.take(check.Plan(p))
	for _, s := range p.Stages {
		if n := b.program.index[s.Address].node; n.first("load") == nil && n.block != rampBlock {
			b.checkLoadless(n)
		}
	}
	// A request of on_start must not be named as another one of its scenario:
	// reports could not tell them apart.
	for _, n := range root.all("scenario") {
		start := n.first("on_start")
		if start == nil {
			continue
		}
		for _, c := range start.all("request") {
			for _, other := range n.all("request") {
				if other.label == c.label {
					d := b.diags.error("P0104", c.header, fmt.Sprintf("two requests of %s have the name %q", n.address, c.label),
						"rename one of them")
					b.diags.related(d, other.header, "the other one")
				}
			}
		}
	}
	for _, n := range root.all("output") {
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

// checkOutput refuses to print what is sensitive.
func (b *builder) checkOutput(n *node) {
	a := n.attrs["value"]
	if a == nil || get[bool](b.decoder.quietly(n), "sensitive") {
		return
	}
	v, ok := b.evaluator.quiet().eval(a.Expr)
	if ok && v.ContainsMarked() {
		b.diags.error("P0415", a.Expr.Range(), fmt.Sprintf("%s would print a sensitive value", n.address),
			"remove the sensitive value, or write sensitive = true")
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
		b.diags.warning("P0414", x.at, x.address+" is declared and never used", "use it, or remove it")
	}
	for _, n := range b.program.root.all("scenario") {
		used := feedsIn(n)
		for _, c := range n.all("feed") {
			if !slices.Contains(used, c.label) {
				b.diags.warning("P0414", c.header, c.address+" is declared and never used", "use it, or remove it")
			}
		}
	}
}

// checkLoadless refuses conditions on the figures of a load in a stage that has
// none. One that asks whether they are known may name them.
func (b *builder) checkLoadless(n *node) {
	for _, a := range n.all("assert") {
		condition := a.attrs["condition"]
		if condition == nil {
			continue
		}
		careful := false // the condition asks whether something is known at all
		hclsyntax.VisitAll(condition.Expr.(hclsyntax.Node), func(n hclsyntax.Node) hcl.Diagnostics {
			switch x := n.(type) {
			case *hclsyntax.FunctionCallExpr:
				careful = careful || slices.Contains([]string{"can", "coalesce", "try"}, x.Name)
			case *hclsyntax.LiteralValueExpr:
				careful = careful || x.Val.IsNull()
			}
			return nil
		})
		if careful {
			continue
		}
		for _, t := range condition.Expr.Variables() {
			names := path(t)
			ofLoad := func(m metrics.Metric) bool { return m.Load && len(names) == 2 && m.Name == names[1] }
			if names[0] == "trial" && slices.ContainsFunc(metrics.All(), ofLoad) {
				b.diags.error("P0102", t.SourceRange(),
					fmt.Sprintf("trial.%s needs a load, so without one the condition cannot pass", names[1]), "add load { … }")
			}
		}
	}
}
