package lang

import (
	"fmt"
	"math"

	"github.com/zclconf/go-cty/cty"

	"plan/plans"
	"plan/plans/check"
	"plan/plans/diag"
)

// resolver is the Evaluator of a plan that was read from a file.
type resolver struct {
	program *program
	plan    *plans.Plan
}

func (r *resolver) Resolve(address string, k plans.Known, at *plans.Point) (plans.Stage, error) {
	x := r.program.index[address]
	if x == nil || !x.isStage() {
		return plans.Stage{}, fmt.Errorf("the stage %s does not exist", address)
	}
	if missing := r.program.missing(address, k); missing != "" {
		return plans.Stage{}, &plans.MissingValue{Address: missing}
	}
	e := r.evaluator(&k)
	e.at = at
	b := newBuilder(e)
	s := b.buildStage(b.decoder.decode(x.node))
	b.diags.take(check.Stage(s))
	if diags := r.finish(b.diags); diags.HasErrors() {
		return s, diags
	}
	if len(s.Unknown) > 0 {
		return s, &plans.MissingValue{Address: address + "." + s.Unknown[0]}
	}
	return s, nil
}

// evaluator is one that reports into diagnostics of its own.
func (r *resolver) evaluator(k *plans.Known) *evaluator {
	return newEvaluator(r.program, r.diags(), k)
}

func (r *resolver) diags() *diags {
	return &diags{sources: r.program.sources, secrets: r.plan.Secrets}
}

func (r *resolver) finish(f *diags) diag.List { return f.finish(r.plan.File, r.program.addressAt) }

// missing is the first result that a stage needs and that does not exist.
func (p *program) missing(address string, k plans.Known) string {
	for _, u := range p.reached(address) {
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

func (r *resolver) Outputs(k plans.Known) ([]plans.Output, diag.List) {
	now, over := newDecoder(r.evaluator(&k)), newDecoder(r.evaluator(&k))
	over.evaluator.over = true
	var list []plans.Output
	for _, n := range r.program.root.all("output") {
		said := len(over.diags.list)
		d := over.decode(n)
		if len(over.diags.list) > said {
			d = now.decode(n)
		}
		o := plans.Output{Name: n.label, Description: get[string](d, "description"), Sensitive: get[bool](d, "sensitive")}
		if v, ok := d.values["value"].(cty.Value); ok {
			o.Value = plain(v)
		}
		list = append(list, o)
	}
	return list, r.finish(now.diags)
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
		if math.IsInf(n, 0) { // JSON has no such number
			return v.AsBigFloat().Text('g', 17)
		}
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
