package plans

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// Resolve gives a stage as it is to be run, with everything in it that the
// results so far decide. The error is a *MissingValue when an earlier stage
// found nothing that this one needs, and Diagnostics when what was found does
// not make a stage.
func (p *Plan) Resolve(address string, k Known) (Stage, error) {
	x := p.program.index[address]
	if x == nil || !x.isStage() {
		return Stage{}, fmt.Errorf("there is no stage %s", address)
	}
	if missing := p.program.missing(address, k); missing != "" {
		return Stage{}, &MissingValue{Address: missing}
	}
	e := p.evaluator(&k)
	s := e.buildStage(e.decode(x.node))
	e.checkVary(x.node, s.Vary)
	if diags := p.finish(e.faults); diags.HasErrors() {
		return s, diags
	}
	return s, nil
}

// evaluator is one that reports into faults of its own.
func (p *Plan) evaluator(k *Known) *evaluator {
	f := &faults{sources: p.program.sources, secrets: p.Secrets}
	return newEvaluator(p.program, f, k)
}

func (p *Plan) finish(f *faults) Diagnostics { return f.finish(p.File, p.program.addressAt) }

// missing is the first result that a stage needs and that does not exist.
func (p *program) missing(address string, k Known) string {
	for _, u := range p.stageInputs(address) {
		r, ran := k.Stages[u.to]
		switch {
		case !p.stage(u.to) || u.member == "":
		case !ran,
			u.member == "found" && r.Found == nil,
			u.member == "recommended" && r.Recommended == nil,
			u.member == "held" && r.Held == nil,
			u.member == "met" && r.Met == nil:
			return u.to + "." + u.member
		}
	}
	return ""
}

// stageInputs are the references of a stage, and of all that it is made of.
func (p *program) stageInputs(address string) []use { return p.reached(address) }

// Outputs gives the plan's outputs, in the order of the file. A value that is
// not known is nil.
func (p *Plan) Outputs(k Known) ([]Output, Diagnostics) {
	e := p.evaluator(&k)
	var list []Output
	for _, n := range p.program.root.all("output") {
		r := e.decode(n)
		o := Output{Name: n.label, Description: get[string](r, "description"), Sensitive: get[bool](r, "sensitive")}
		if v, ok := r.values["value"].(cty.Value); ok {
			o.Value = plain(v)
		}
		list = append(list, o)
	}
	return list, p.finish(e.faults)
}

// plain makes Go's strings, numbers, bools, lists and maps of a value.
func plain(v cty.Value) any {
	switch t := v.Type(); {
	case v.IsNull() || !v.IsKnown():
		return nil
	case t == cty.String:
		return v.AsString()
	case t == cty.Bool:
		return v.True()
	case t == cty.Number:
		n, _ := v.AsBigFloat().Float64()
		return n
	case t.IsMapType() || t.IsObjectType():
		m := map[string]any{}
		for name, element := range v.AsValueMap() {
			m[name] = plain(element)
		}
		return m
	case v.CanIterateElements():
		list := []any{}
		for _, element := range v.AsValueSlice() {
			list = append(list, plain(element))
		}
		return list
	}
	return nil
}

// trialNames are the members of trial, in the order of the reference.
var trialNames = []string{
	"memory", "cpus", "users", "ready_seconds", "memory_peak", "memory_rest", "memory_anonymous", "cpu_share", "throttled_share",
	"requests", "ok", "failed", "error_rate", "throughput", "p50", "p90", "p95", "p99", "p999", "max", "exit_code", "oom_kills",
}

// Assert evaluates the assertions of a stage on a trial: numbers by the names
// of trial's members; one that is nil or absent is not known. It gives those
// that do not hold.
func (p *Plan) Assert(address string, k Known, trial map[string]any) ([]Failure, Diagnostics) {
	e := p.evaluator(&k)
	e.trial = trialValue(trial)
	x := p.program.index[address]
	if x == nil {
		return nil, nil
	}
	var failures []Failure
	for _, n := range x.node.all("assert") {
		if message, failed := e.assert(n); failed {
			failures = append(failures, Failure{Name: n.label, Message: message})
		}
	}
	return failures, p.finish(e.faults)
}

// trialValue is a trial with numbers where they are known.
func trialValue(trial map[string]any) cty.Value {
	values := map[string]cty.Value{}
	for _, name := range trialNames {
		values[name] = cty.NullVal(cty.Number)
		if n, err := convert.Convert(numberOf(trial[name]), cty.Number); err == nil {
			values[name] = n
		}
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

func numberOf(v any) cty.Value {
	switch n := v.(type) {
	case int:
		return cty.NumberIntVal(int64(n))
	case int64:
		return cty.NumberIntVal(n)
	case float64:
		return cty.NumberFloatVal(n)
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
	return "this is false: " + strings.TrimSpace(string(condition.Range().SliceBytes(e.faults.sources[e.file])))
}

// assertSound checks an assertion before there is a trial.
func (e *evaluator) assertSound(r *record) {
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
