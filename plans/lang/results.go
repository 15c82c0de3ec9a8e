package lang

import (
	"github.com/zclconf/go-cty/cty"

	"plan/plans"
)

// resultType is what a stage gives, as far as its block says what it looks for.
func resultType(n *node) cty.Type {
	trials := map[string]cty.Type{"trials": cty.Number}
	switch n.block {
	case searchBlock:
		trials["found"] = pointType(n)
		trials["recommended"] = pointType(n)
	case rampBlock:
		trials["held"] = cty.Number
	case checkBlock:
		trials["met"] = cty.Bool
	}
	return cty.Object(trials)
}

// pointType has the members of the dimensions that are searched, or all of them
// where one is not known.
func pointType(n *node) cty.Type {
	members := map[string]cty.Type{}
	var searched []plans.Dimension
	for _, v := range n.all("vary") {
		if searchedType(v.label) != nil {
			searched = append(searched, plans.Dimension(v.label))
		} else {
			members[v.label] = cty.DynamicPseudoType
		}
	}
	if len(n.all("vary")) == 0 {
		searched = plans.Searchable()
	}
	for _, d := range searched {
		for name, v := range rowOf(d).members(0) {
			members[name] = v.Type()
		}
	}
	return cty.Object(members)
}

// stageValue is what a stage has found, unknown as long as it has not run.
func (e *evaluator) stageValue(n *node, address string) cty.Value {
	t := resultType(n)
	result, ran := e.result(address)
	if !ran {
		return cty.UnknownVal(t).RefineNotNull()
	}
	values := map[string]cty.Value{"trials": cty.NumberIntVal(int64(result.Trials))}
	switch n.block {
	case searchBlock:
		values["found"] = e.pointValue(result.Found, t.AttributeType("found"))
		values["recommended"] = e.pointValue(result.Recommended, t.AttributeType("recommended"))
	case rampBlock:
		values["held"] = orElse(result.Held, e.absent(cty.Number), func(n int) cty.Value { return cty.NumberIntVal(int64(n)) })
	case checkBlock:
		values["met"] = orElse(result.Met, e.absent(cty.Bool), cty.BoolVal)
	}
	return cty.ObjectVal(values)
}

func (e *evaluator) result(address string) (plans.StageResult, bool) {
	if e.known == nil {
		return plans.StageResult{}, false
	}
	r, ok := e.known.Stages[address]
	return r, ok
}

// pointValue has what was found.
func (e *evaluator) pointValue(p *plans.Point, t cty.Type) cty.Value {
	if p == nil {
		return e.absent(t)
	}
	values := map[string]cty.Value{}
	for name, member := range t.AttributeTypes() {
		values[name] = e.absent(member)
	}
	for _, d := range plans.Searchable() {
		found := p.Get(d)
		for name, v := range rowOf(d).members(found) {
			if found != 0 && t.HasAttribute(name) {
				values[name] = v
			}
		}
	}
	for name, v := range p.Values {
		if t.HasAttribute(name) {
			values[name] = scalar(v)
		}
	}
	return cty.ObjectVal(values)
}

func orElse[T any](p *T, otherwise cty.Value, value func(T) cty.Value) cty.Value {
	if p == nil {
		return otherwise
	}
	return value(*p)
}

// imageValue is an image; its digest and size are known once it was looked up
// and pushed.
func (e *evaluator) imageValue(n *node) cty.Value {
	source := e.textOr(n, "source", cty.UnknownVal(cty.String))
	values := map[string]cty.Value{
		"name":   e.textOr(n, "name", source),
		"digest": cty.UnknownVal(cty.String),
		"size":   cty.UnknownVal(cty.Number),
	}
	if e.known == nil {
		return cty.ObjectVal(values)
	}
	if r, ok := e.known.Images[n.address]; ok {
		values["size"] = cty.NumberIntVal(int64(r.Size))
		if r.Digest != "" {
			values["digest"] = cty.StringVal(r.Digest)
		}
	}
	return cty.ObjectVal(values)
}
