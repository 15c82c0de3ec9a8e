package lang

import (
	"fmt"
	"math"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"plan/internal/metrics"
	"plan/plans"
	"plan/plans/diag"
)

// trialNames are the members of trial: what a stage can set, then metrics.
var trialNames = func() []string {
	names := namesOf(plans.Settable(), "")
	for _, m := range metrics.All() {
		names = append(names, m.Name)
	}
	return names
}()

func (r *resolver) Assert(address string, k plans.Known, trial map[string]any) ([]plans.AssertFailure, diag.List) {
	e := r.evaluator(&k)
	e.trial = trialValue(trial)
	x := r.program.index[address]
	if x == nil {
		return nil, nil
	}
	var failures []plans.AssertFailure
	for _, n := range x.node.all("assert") {
		if message, failed := e.assert(n); failed {
			failures = append(failures, plans.AssertFailure{Name: n.label, Message: message})
		}
	}
	return failures, r.finish(e.diags)
}

// trialValue is a trial with numbers where they are known.
func trialValue(trial map[string]any) cty.Value {
	values := map[string]cty.Value{}
	for _, name := range trialNames {
		values[name] = numberOf(trial[name])
	}
	return cty.ObjectVal(values)
}

// unknownTrial is a trial before there is one.
func unknownTrial() cty.Value {
	values := map[string]cty.Value{}
	for _, name := range trialNames {
		values[name] = cty.UnknownVal(cty.Number)
	}
	return cty.ObjectVal(values)
}

// numberOf is a number as a value; what is no number is null.
func numberOf(v any) cty.Value {
	switch n := v.(type) {
	case int:
		return cty.NumberIntVal(int64(n))
	case int64:
		return cty.NumberIntVal(n)
	case float64:
		if !math.IsNaN(n) && !math.IsInf(n, 0) {
			return cty.NumberFloatVal(n)
		}
	}
	return cty.NullVal(cty.Number)
}

// assert evaluates one assertion. A value that is not known makes it fail,
// unless the condition can do without.
func (e *evaluator) assert(n *node) (message string, failed bool) {
	condition, text := n.attrs["condition"].Expr, n.attrs["error_message"].Expr
	v, diags := condition.Value(e.scope(condition))
	if diags.HasErrors() || v.IsNull() || !v.IsWhollyKnown() {
		if name := e.notKnown(condition); name != "" {
			return fmt.Sprintf("%s is not known, so this cannot be judged", name), true
		}
	}
	holds, ok := e.condition(condition)
	if !ok || holds.IsKnown() && holds.True() {
		return "", false
	}
	return e.assertMessage(condition, text), true
}

// notKnown is the first reference of an expression that has no value.
func (e *evaluator) notKnown(expr hcl.Expression) string {
	ctx := e.scope(expr)
	for _, t := range expr.Variables() {
		v, diags := t.TraverseAbs(ctx)
		if diags.HasErrors() || v.IsNull() || !v.IsKnown() {
			return strings.Join(path(t), ".")
		}
	}
	return ""
}

// assertMessage is the plan's message, or the condition when the message needs
// a value that is not known.
func (e *evaluator) assertMessage(condition, text hcl.Expression) string {
	if message := e.quiet().message(text); message != "" {
		return message
	}
	return "this is false: " + strings.TrimSpace(string(condition.Range().SliceBytes(e.diags.sources[e.program.file])))
}

// assertSound checks an assertion before there is a trial.
func (e *evaluator) assertSound(r *decodedBlock) {
	if e.known != nil {
		return
	}
	within := *e
	within.trial = unknownTrial()
	if a := r.attrs["condition"]; a != nil {
		within.condition(a.Expr)
	}
	if a := r.attrs["error_message"]; a != nil {
		within.eval(a.Expr)
	}
}
