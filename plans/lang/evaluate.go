package lang

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"plan/internal/units"
	"plan/plans"
)

// evaluator evaluates expressions with what is known at one moment. Values are
// made when first asked for, and kept.
type evaluator struct {
	program   *program
	diags     *diags
	known     *plans.Known // nil: nothing has run
	over      bool         // the run is over: what is not known now stays so
	trial     cty.Value    // NilVal outside of an assert
	vary      cty.Value    // NilVal outside of set of a search
	at        *plans.Point // what a search varies; nil: the first of each
	feeds     *feeds       // nil where values of feeds cannot stand
	functions map[string]function.Function
	budget    *budget
	values    map[string]cty.Value
	origin    *evaluator // of which this one is a quiet copy, or this one itself
}

func newEvaluator(p *program, f *diags, known *plans.Known) *evaluator {
	b := &budget{}
	fs := functions()
	delete(fs, "env")
	for name, of := range fs {
		if name != "can" && name != "try" { // they take expressions, not values
			fs[name] = b.function(name, of)
		}
	}
	e := &evaluator{program: p, diags: f, known: known, functions: fs, budget: b, values: map[string]cty.Value{}}
	e.origin = e
	return e
}

// eval gives an expression's value. When something in it is wrong, it reports
// that and gives a value that fits everywhere, so that one fault is told once.
func (e *evaluator) eval(expr hcl.Expression) (cty.Value, bool) {
	if !e.checkRefs(expr) || e.diags.overlapsBare(spanOf(expr)) {
		return cty.DynamicVal, false
	}
	ctx := e.scope(expr)
	if err := e.budget.expression(expr, ctx); err != nil {
		return e.tooMuch(err, expr.Range())
	}
	v, diags := expr.Value(ctx)
	if err := e.budget.spend(1, 0); err != nil {
		return e.tooMuch(err, expr.Range())
	}
	if diags.HasErrors() {
		e.failed(diags[0], expr, ctx)
		return cty.DynamicVal, false
	}
	return v, true
}

// tooMuch reports, once, that the budget is spent. Nothing has a value then.
func (e *evaluator) tooMuch(err error, at hcl.Range) (cty.Value, bool) {
	if !e.budget.told {
		e.budget.told = true
		e.origin.diags.error("P0442", at, err.Error(), "use smaller values, and fewer nested for expressions")
	}
	return cty.DynamicVal, false
}

// scope is the part of the world that an expression refers to.
func (e *evaluator) scope(expr hcl.Expression) *hcl.EvalContext {
	byRoot := map[string]map[string]cty.Value{}
	for _, u := range refs(expr) {
		root, name, _ := strings.Cut(u.to, ".")
		if byRoot[root] == nil {
			byRoot[root] = map[string]cty.Value{}
		}
		byRoot[root][name] = e.expandNull(e.value(root, name), u.to, expr)
	}
	variables := map[string]cty.Value{
		budgetName: cty.CapsuleVal(budgetType, e.budget),
		"plan":     cty.ObjectVal(map[string]cty.Value{"name": cty.StringVal(e.program.name)}),
	}
	for root, values := range byRoot {
		variables[root] = cty.ObjectVal(values)
	}
	if e.trial != cty.NilVal {
		variables["trial"] = e.trial
	}
	if e.vary != cty.NilVal {
		variables["vary"] = e.vary
	}
	return &hcl.EvalContext{Variables: variables, Functions: e.functions}
}

// value is what root.name stands for.
func (e *evaluator) value(root, name string) cty.Value {
	if root == "feed" {
		return e.feeds.values[name]
	}
	address := root + "." + name
	if v, ok := e.values[address]; ok {
		return v
	}
	e.values[address] = cty.DynamicVal
	e.values[address] = e.make(root, address)
	return e.values[address]
}

func (e *evaluator) make(root, address string) cty.Value {
	x := e.program.index[address]
	if x == nil || e.program.cyclic[address] {
		return cty.DynamicVal
	}
	switch root {
	case "var":
		return e.program.vars[x.node.label]
	case "local":
		v, _ := e.origin.eval(x.expr)
		return v
	case "image":
		return e.imageValue(x.node)
	case "network":
		return cty.ObjectVal(map[string]cty.Value{"name": e.textOr(x.node, "name", cty.StringVal(x.node.label))})
	case "service", "scenario":
		return cty.ObjectVal(map[string]cty.Value{"name": cty.StringVal(x.node.label)})
	}
	return e.stageValue(x.node, address)
}

// textOr is the value of an attribute of text, or another one without it. What
// is wrong with it is reported where the block is decoded.
func (e *evaluator) textOr(n *node, name string, otherwise cty.Value) cty.Value {
	a := n.attrs[name]
	if a == nil {
		return otherwise
	}
	v, _ := e.quiet().eval(a.Expr)
	if v.Type() != cty.String {
		return cty.UnknownVal(cty.String)
	}
	return v
}

// quiet is an evaluator whose diagnostics are reported by another one. Only what a
// local has wrong is still reported, since it is evaluated just once.
func (e *evaluator) quiet() *evaluator {
	quiet := *e
	quiet.diags = &diags{sources: e.diags.sources, bare: e.diags.bare}
	return &quiet
}

// failed reports an expression that could not be computed. HCL's text may hold
// values, so it is left out where a sensitive one is concerned.
func (e *evaluator) failed(d *hcl.Diagnostic, expr hcl.Expression, ctx *hcl.EvalContext) {
	at := expr.Range()
	if d.Subject != nil {
		at = *d.Subject
	}
	// One of our own functions says by itself what is wrong.
	if call, ok := hcl.DiagnosticExtra[interface{ FunctionCallError() error }](d); ok && !sensitive(ctx) {
		if p, _ := call.FunctionCallError().(*violation); p != nil {
			e.diags.violation(p, at)
			return
		}
	}
	if over := tooMuchOf(d); over != nil {
		e.tooMuch(over, at)
		return
	}
	detail, _, _ := strings.Cut(d.Detail, "\n")
	detail = strings.TrimSuffix(detail, ".")
	if sensitive(ctx) || detail == "" {
		detail = d.Summary
	}
	if detail != "" {
		detail = strings.ToLower(detail[:1]) + detail[1:]
	}
	f := e.diags.error("P0419", at, "the expression has no value: "+detail, operandHelp(d))
	if sensitive(ctx) {
		f.Note = "details are left out, because a value is sensitive"
	}
}

// operandHelp says how to compare with a quantity, which is a text.
func operandHelp(d *hcl.Diagnostic) string {
	if d.Summary == "Invalid index" {
		return "write an index or a key that exists"
	}
	if d.Summary != "Invalid operand" || d.Expression == nil {
		return ""
	}
	v, diags := d.Expression.Value(nil)
	if diags.HasErrors() || v.Type() != cty.String || v.IsNull() || !v.IsKnown() {
		return ""
	}
	if t, err := units.ParseDuration(v.AsString()); err == nil {
		return fmt.Sprintf("write %s, or seconds(%q)", strconv.FormatFloat(t.Seconds(), 'f', -1, 64), v.AsString())
	}
	if _, err := units.ParseBytes(v.AsString()); err == nil {
		return fmt.Sprintf("write bytes(%q)", v.AsString())
	}
	if share, err := units.ParseShare(v.AsString()); err == nil {
		return fmt.Sprintf("write %s", strconv.FormatFloat(share, 'f', -1, 64))
	}
	return ""
}

// sensitive says whether an expression could see a sensitive value.
func sensitive(ctx *hcl.EvalContext) bool {
	for _, v := range ctx.Variables {
		if v.ContainsMarked() {
			return true
		}
	}
	return false
}
