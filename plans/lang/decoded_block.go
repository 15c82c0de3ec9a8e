package lang

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"plan/plans"
	"plan/runner/search"
)

// decodedBlock is a block with the values of its attributes as Go values.
type decodedBlock struct {
	*node
	values  map[string]any
	null    map[string]bool // attributes that are there, but null
	secret  map[string]bool // attributes whose value is made of sensitive ones
	unknown []string        // attributes whose value is known only later
	feeds   *feeds          // that its values may have placeholders of
	nested  []*decodedBlock
}

// target is what a reference attribute names: a block or a plain text.
type target struct{ address, text string }

// decoder makes decoded blocks.
type decoder struct {
	program   *program
	diags     *diags
	evaluator *evaluator
}

func newDecoder(e *evaluator) *decoder {
	return &decoder{program: e.program, diags: e.diags, evaluator: e}
}

// quietly decodes a block whose diagnostics are reported elsewhere.
func (dec *decoder) quietly(n *node) *decodedBlock {
	return newDecoder(dec.evaluator.quiet()).decode(n)
}

// decode evaluates all attributes of a block and of those in it.
func (dec *decoder) decode(n *node) *decodedBlock {
	if n.block == scenarioBlock {
		// Values of its feeds can stand in what it has.
		within := *dec.evaluator
		within.feeds = &feeds{scenario: n.address, tables: map[string]*table{}, values: map[string]cty.Value{}}
		for _, c := range n.all("feed") {
			if _, twice := within.feeds.tables[c.label]; !twice {
				within.feeds.add(c.label, dec.table(c))
			}
		}
		dec = newDecoder(&within)
	}
	r := &decodedBlock{node: n, feeds: dec.evaluator.feeds, values: map[string]any{}, null: map[string]bool{}, secret: map[string]bool{}}
	for _, row := range n.block.attributes {
		a, k := r.attrs[row.name], r.typeOf(row)
		switch {
		case k == nil || k.convert == nil && k.refers == nil:
		case a == nil:
			r.standard(row, k)
		case k.refers != nil:
			dec.decodeReferences(r, row, a)
		default:
			if v, ok := dec.decodeValue(r, row, k, a.Expr); ok {
				r.values[row.name] = v
			}
		}
	}
	for _, c := range n.nodes {
		within := dec
		if c.block == setBlock && n.block == searchBlock {
			within = dec.varying(n)
		}
		r.nested = append(r.nested, within.decode(c))
	}
	return r
}

// varying is a decoder that knows what a search varies.
func (dec *decoder) varying(stage *node) *decoder {
	var list []plans.Vary
	for _, c := range stage.all("vary") {
		list = append(list, buildVary(dec.quietly(c)))
	}
	at := plans.Stage{Vary: list}.At(search.Cell{})
	if given := dec.evaluator.at; given != nil {
		at = *given
	}
	values := map[string]cty.Value{}
	for _, v := range list {
		name := string(v.Dimension)
		switch {
		case !v.Setting():
			for member, value := range rowOf(v.Dimension).members(at.Get(v.Dimension)) {
				values[member] = value
				if at.Get(v.Dimension) == 0 { // known only later
					values[member] = cty.UnknownVal(value.Type())
				}
			}
		case at.Values[name] == nil:
			values[name] = cty.DynamicVal
		default:
			values[name] = scalar(at.Values[name])
		}
	}
	within := *dec.evaluator
	within.vary = cty.ObjectVal(values)
	return newDecoder(&within)
}

// scalar is the value of a text, a number or a truth.
func scalar(v any) cty.Value {
	switch v := v.(type) {
	case string:
		return cty.StringVal(v)
	case bool:
		return cty.BoolVal(v)
	case float64:
		return cty.NumberFloatVal(v)
	}
	return cty.DynamicVal
}

// defaults is a block that the plan leaves out.
func (dec *decoder) defaults(b *block, place *node) *decodedBlock {
	return dec.decode(&node{block: b, header: place.header, address: place.address + "." + b.name})
}

// typeOf is the type of an attribute; in a vary the label decides.
func (r *decodedBlock) typeOf(row attribute) *attrType {
	switch {
	case row.typ == typeStep && r.label == string(plans.Memory):
		return typeMemoryStep
	case row.typ == typeDimension, row.typ == typeStep:
		return searchedType(r.label)
	}
	return row.typ
}

// decodeValue evaluates an expression and converts it; false means that there
// is no value, because it is null, wrong or known only later.
func (dec *decoder) decodeValue(r *decodedBlock, row attribute, k *attrType, expr hcl.Expression) (any, bool) {
	if !row.fed && dec.evaluator.feeds != nil {
		unfed := *dec.evaluator
		unfed.feeds = nil
		dec = newDecoder(&unfed)
	}
	v, ok := dec.evaluator.eval(expr)
	if ok && dec.evaluator.feeds != nil {
		// The characters that mark the places of values of feeds must not stand in
		// the text otherwise.
		blank := dec.evaluator.quiet()
		blank.feeds = dec.evaluator.feeds.blank()
		if own, _ := blank.eval(expr); marked(own) {
			dec.diags.error("P0420", expr.Range(), "a string cannot contain U+E000 or U+E001, which mark values of feeds",
				"remove them")
			return nil, false
		}
	}
	if !ok {
		return nil, false
	}
	v, marks := v.UnmarkDeep()
	r.secret[row.name] = len(marks) > 0
	if len(marks) > 0 && row.public {
		dec.diags.error("P0415", expr.Range(), fmt.Sprintf("%s of %s would print a sensitive value", row.name, r.address),
			"remove the sensitive value")
		return nil, false
	}
	if !v.IsWhollyKnown() {
		dec.later(r, row, k, v.Type(), expr)
		return nil, false
	}
	if v.IsNull() {
		dec.null(r, row, expr)
		return nil, false
	}
	got, p := k.of(row.name, v)
	if p != nil {
		if p = dec.quoted(p, v); dec.evaluator.feeds != nil {
			p = wrong(p.code, p.help, "%s", dec.evaluator.feeds.shown(p.summary))
		}
		dec.diags.violation(p, expr.Range())
		return nil, false
	}
	return got, true
}

// later checks the type of a value that is known only while the plan runs.
func (dec *decoder) later(r *decodedBlock, row attribute, k *attrType, t cty.Type, expr hcl.Expression) {
	fits := t == cty.DynamicPseudoType || k.want == cty.DynamicPseudoType || t.Equals(k.want) ||
		!k.exact && convert.GetConversionUnsafe(t, k.want) != nil
	if fits {
		r.unknown = append(r.unknown, row.name)
		return
	}
	help := "refer to a value such as " + k.example
	if k == typeSize && t == cty.Number {
		help = "write found.memory for the string; found.memory_bytes is the number"
	}
	dec.diags.error("P0401", expr.Range(), fmt.Sprintf("%s takes %s, but this reference is %s", row.name, k.takes,
		typeName(t)), help)
}

// null is as if the attribute were not there.
func (dec *decoder) null(r *decodedBlock, row attribute, expr hcl.Expression) {
	if row.needed && row.typ != typeAny {
		dec.diags.error("P0102", expr.Range(), fmt.Sprintf("%s needs %s, but this is null", r.address, row.name), "write "+row.line())
		return
	}
	r.null[row.name] = true
	r.standard(row, r.typeOf(row))
}

// standard gives an attribute its default, if it has one.
func (r *decodedBlock) standard(row attribute, k *attrType) {
	if row.fallback == cty.NilVal {
		return
	}
	v, _ := k.of(row.name, row.fallback)
	if k.refers != nil {
		v = target{text: v.(string)}
	}
	r.values[row.name] = v
}

// quoted turns a fault in a text into better advice if the text is a reference
// in quotes.
func (dec *decoder) quoted(p *violation, v cty.Value) *violation {
	if v.Type() != cty.String {
		return p
	}
	text := v.AsString()
	t, diags := hclsyntax.ParseTraversalAbs([]byte(text), "", hcl.InitialPos)
	if names := path(t); diags.HasErrors() || len(names) < 2 || dec.program.index[names[0]+"."+names[1]] == nil {
		return p
	}
	return wrong("P0205", "write "+text+" without quotation marks", "%q is a string, not a reference", text)
}

// get is the value of an attribute, or nothing of its type.
func get[T any](r *decodedBlock, name string) T {
	v, _ := r.values[name].(T)
	return v
}

// has says whether the attribute has a value now.
func (r *decodedBlock) has(name string) bool { return r.values[name] != nil }

// omits says whether the plan leaves an attribute to its default.
func (r *decodedBlock) omits(name string) bool { return r.attrs[name] == nil || r.null[name] }

// one is the one nested block of a kind, or nil.
func (r *decodedBlock) one(name string) *decodedBlock {
	if found := r.all(name); len(found) > 0 {
		return found[0]
	}
	return nil
}

func (r *decodedBlock) all(name string) []*decodedBlock {
	var found []*decodedBlock
	for _, c := range r.nested {
		if c.block.name == name {
			found = append(found, c)
		}
	}
	return found
}

// unknowns lists what is known only later, below a prefix.
func (r *decodedBlock) unknowns(prefix string) []string {
	var list []string
	for _, name := range r.unknown {
		list = append(list, prefix+name)
	}
	for _, c := range r.nested {
		list = append(list, c.unknowns(prefix+c.block.name+".")...)
	}
	return slices.Compact(list)
}
