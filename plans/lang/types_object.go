package lang

import (
	"maps"
	"slices"

	"github.com/zclconf/go-cty/cty"

	"plan/internal/english"
)

// object reads an object by the rows of the table that say what it has; where
// says in words which one it is.
func object(b *block, where string, v cty.Value) (*decodedBlock, *violation) {
	if v.IsNull() || !v.Type().IsObjectType() && !v.Type().IsMapType() {
		return nil, wrong("P0401", "write { "+b.attributes[0].line()+", … }", "%s must be an object, but this is %s", where, typeName(v.Type()))
	}
	r := &decodedBlock{node: &node{block: b, address: where}, values: map[string]any{}}
	members := v.AsValueMap()
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if p := r.member(name, members[name]); p != nil {
			return nil, p
		}
	}
	return r, r.whole()
}

// member reads one of an object's values; null is as if it were not there.
func (r *decodedBlock) member(name string, v cty.Value) *violation {
	row, known := r.block.attribute(name)
	if !known {
		_, help := advise(r.block, name, false)
		return wrong("P0101", help, "%q is not known in %s", name, r.address)
	}
	if v.IsNull() {
		return nil
	}
	if !row.fed && marked(v) {
		return wrong("P0428", "write a fixed value",
			"%s of %s cannot be a value of a feed, which differs from request to request", name, r.address)
	}
	got, p := row.typ.of(name, v)
	if p != nil {
		return wrong(p.code, p.help, "in %s: %s", r.address, p.summary)
	}
	r.values[name] = got
	return nil
}

// whole says what is missing in an object, or too much.
func (r *decodedBlock) whole() *violation {
	for _, row := range r.block.attributes {
		if row.needed && !r.has(row.name) {
			return wrong("P0102", "add "+row.line(), "%s needs %s", r.address, row.name)
		}
	}
	for _, c := range r.block.choices {
		given := slices.DeleteFunc(slices.Clone(c.names), func(name string) bool { return !r.has(name) })
		switch {
		case len(given) == 0 && c.needed:
			return wrong("P0102", "add "+r.block.line(c.names[0]), "%s needs %s", r.address, english.Or(c.names))
		case len(given) > 1:
			return wrong("P0107", "remove all but one", "%s takes only one of %s", r.address, english.Or(c.names))
		}
	}
	return nil
}
