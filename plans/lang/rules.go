package lang

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// rule checks one validation block of a variable.
func (l *loader) rule(e *evaluator, n, rule *node) {
	condition, message := rule.attrs["condition"], rule.attrs["error_message"]
	if condition == nil || message == nil {
		return
	}
	for _, t := range append(condition.Expr.Variables(), message.Expr.Variables()...) {
		if t.RootName() != "var" {
			l.diags.error("P0202", t.SourceRange(), "a rule can refer only to variables", "write var.NAME, or the value itself")
			return
		}
	}
	holds, ok := e.condition(condition.Expr)
	if !ok || !holds.IsKnown() || holds.True() {
		return
	}
	d := l.diags.error("P0208", n.rangeOf("default"), fmt.Sprintf("the value of var.%s does not meet its rule", n.label),
		fmt.Sprintf("set var.%s to a value that meets the condition", n.label))
	if g, given := l.values[n.label]; given {
		d.SourceRange = l.diags.sourceRange(g.at, "")
	}
	if text := e.message(message.Expr); text != "" {
		d.Summary += ": " + text
	} else {
		d.Note = "the message of the rule contains sensitive values, so it is not printed"
	}
	l.diags.related(d, condition.Expr.Range(), "the rule")
}

// condition evaluates to true, false or unknown.
func (e *evaluator) condition(expr hcl.Expression) (cty.Value, bool) {
	v, ok := e.eval(expr)
	if !ok {
		return v, false
	}
	v, _ = v.UnmarkDeep()
	if v.Type() == cty.DynamicPseudoType {
		return cty.UnknownVal(cty.Bool), true
	}
	if v.Type() != cty.Bool || v.IsNull() {
		e.diags.error("P0401", expr.Range(), "a condition must be true or false, but this is "+typeName(v.Type()),
			"write a comparison, such as var.users > 0")
		return v, false
	}
	return v, true
}

// message evaluates an error_message; one that is made of sensitive values is
// not shown.
func (e *evaluator) message(expr hcl.Expression) string {
	v, ok := e.eval(expr)
	if !ok || v.IsMarked() || !v.IsKnown() || v.IsNull() || v.Type() != cty.String {
		return ""
	}
	return strings.TrimSpace(v.AsString())
}
