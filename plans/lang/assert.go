package lang

import (
	"math"
	"strings"

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
	values := map[string]cty.Value{} // what is no number is null
	for _, name := range trialNames {
		values[name] = cty.NullVal(cty.Number)
		switch n := trial[name].(type) {
		case int:
			values[name] = cty.NumberIntVal(int64(n))
		case int64:
			values[name] = cty.NumberIntVal(n)
		case float64:
			if !math.IsNaN(n) && !math.IsInf(n, 0) {
				values[name] = cty.NumberFloatVal(n)
			}
		}
	}
	e.trial = cty.ObjectVal(values)
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

// assert evaluates one assertion. A value that is not known makes it fail,
// unless the condition can do without.
func (e *evaluator) assert(n *node) (message string, failed bool) {
	condition, text := n.attrs["condition"].Expr, n.attrs["error_message"].Expr
	ctx := e.scope(condition)
	v, diags := condition.Value(ctx)
	if diags.HasErrors() || v.IsNull() || !v.IsWhollyKnown() {
		for _, t := range condition.Variables() {
			if v, diags := t.TraverseAbs(ctx); diags.HasErrors() || v.IsNull() || !v.IsKnown() {
				return strings.Join(path(t), ".") + " is not known, so the condition has no value", true
			}
		}
	}
	holds, ok := e.condition(condition)
	if !ok || holds.IsKnown() && holds.True() {
		return "", false
	}
	if message := e.quiet().message(text); message != "" {
		return message, true
	}
	// The message needs a value that is not known.
	return "the condition is false: " + strings.TrimSpace(string(condition.Range().SliceBytes(e.diags.sources[e.program.file]))), true
}

// assertSound checks an assertion before there is a trial.
func (e *evaluator) assertSound(r *decodedBlock) {
	if e.known != nil {
		return
	}
	within := *e
	values := map[string]cty.Value{}
	for _, name := range trialNames {
		values[name] = cty.UnknownVal(cty.Number)
	}
	within.trial = cty.ObjectVal(values)
	if a := r.attrs["condition"]; a != nil {
		within.condition(a.Expr)
	}
	if a := r.attrs["error_message"]; a != nil {
		within.eval(a.Expr)
	}
}
