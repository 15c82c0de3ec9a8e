package plans

import (
	"fmt"

	"github.com/zclconf/go-cty/cty"

	"plan/plans/diag"
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
	e.checkLoad(x.node, s)
	e.checkReplicas(s)
	if diags := p.finish(e.faults); diags.HasErrors() {
		return s, diags
	}
	if len(s.Unknown) > 0 {
		return s, &MissingValue{Address: address + "." + s.Unknown[0]}
	}
	return s, nil
}

// evaluator is one that reports into faults of its own.
func (p *Plan) evaluator(k *Known) *evaluator {
	f := &faults{sources: p.program.sources, secrets: p.Secrets}
	return newEvaluator(p.program, f, k)
}

func (p *Plan) finish(f *faults) diag.List { return f.finish(p.File, p.program.addressAt) }

// missing is the first result that a stage needs and that does not exist.
func (p *program) missing(address string, k Known) string {
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

// Outputs gives the plan's outputs, in the order of the file. What a stage
// that has run did not give is null there; a value that is null, or cannot be
// made of null, or is not known is nil.
func (p *Plan) Outputs(k Known) ([]Output, diag.List) {
	e, final := p.evaluator(&k), p.evaluator(&k)
	final.over = true
	var list []Output
	for _, n := range p.program.root.all("output") {
		said := len(final.list)
		r := final.decode(n)
		if len(final.list) > said {
			r = e.decode(n)
		}
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
