package lang

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// block is a row of the schema table: a kind of block, what may stand in it
// and what that means. Decoding, diagnostics and the reference are all made
// from the table; nothing else knows which words exist.
type block struct {
	name       string
	doc        string
	label      string  // what its label is, "" when it has none
	among      *labels // what its label can be; nil: a name or anything
	example    string  // a label for an advice; label when ""
	root       string  // how references to it begin, "" when nothing can refer to it
	most       int     // how many there may be, 0: any number
	needed     bool    // at least one
	early      bool    // used before the first stage, so without its results
	free       bool    // its attributes have names of the user's own
	attributes []attribute
	blocks     []*block
	choices    []choice
	also       func(r *reader, n *node, suggested map[string]bool) // reports what the rest of the row cannot say; nil: nothing
	like       *block                                              // has all of this, and so is not shown in full again
	others     map[string]string                                   // words that stand elsewhere, but for a reason not here
}

// attribute is a row of a block.
type attribute struct {
	name      string
	typ       *attrType
	doc       string
	needed    bool
	fallback  cty.Value // value where the plan gives none; NilVal: none
	otherwise string    // the default in words, where it is no fixed value
	example   string    // right side for an advice; the type's own when ""
	public    bool      // stands in reports, names or addresses: no secrets
	fed       bool      // values of feeds can stand in it
}

// choice is a set of attributes and blocks of which only one may be given.
type choice struct {
	names   []string
	needed  bool   // and one must
	several bool   // and more may
	why     string // what to do where there are too many, if it is not plain
}

// labels are the only ones that a block can have, and how others are refused.
type labels struct {
	words []string
	given func(Options) []string // in place of words; nil: all names are accepted
	code  string
	wrong string // after the label
}

// body is the part of the row that HCL checks against.
func (b *block) body() *hcl.BodySchema {
	s := &hcl.BodySchema{}
	for _, a := range b.attributes {
		s.Attributes = append(s.Attributes, hcl.AttributeSchema{Name: a.name})
	}
	for _, n := range b.blocks {
		s.Blocks = append(s.Blocks, hcl.BlockHeaderSchema{Type: n.name, LabelNames: n.labels()})
	}
	return s
}

// isFile says whether the block is the whole file. It is told by its name, as
// the advice on words is itself a part of the table.
func (b *block) isFile() bool { return b.name == "file" }

// each calls f for the block and for all that can stand in it.
func (b *block) each(f func(*block)) {
	f(b)
	for _, n := range b.blocks {
		n.each(f)
	}
}

func (b *block) labels() []string {
	if b.label == "" {
		return nil
	}
	return []string{b.label}
}

func (b *block) attribute(name string) (attribute, bool) {
	for _, a := range b.attributes {
		if a.name == name {
			return a, true
		}
	}
	return attribute{}, false
}

func (b *block) nested(name string) *block {
	for _, n := range b.blocks {
		if n.name == name {
			return n
		}
	}
	return nil
}

// words are the names that may stand in the block.
func (b *block) words() []string {
	var words []string
	for _, a := range b.attributes {
		words = append(words, a.name)
	}
	for _, n := range b.blocks {
		words = append(words, n.name)
	}
	return words
}

// line is an example of an attribute or a block in it.
func (b *block) line(name string) string {
	if n := b.nested(name); n != nil {
		return n.start() + " … }"
	}
	a, _ := b.attribute(name)
	return a.line()
}

// line is an example of the attribute.
func (a attribute) line() string {
	if a.example != "" {
		return a.name + " = " + a.example
	}
	return a.name + " = " + a.typ.example
}

// head is an example of the block's first line.
func (b *block) head() string {
	if b.label == "" {
		return b.name + " {"
	}
	return b.name + ` "` + b.label + `" {`
}

// start is an example of the block's first line with a label that could be.
func (b *block) start() string {
	if b.example == "" {
		return b.head()
	}
	return b.name + ` "` + b.example + `" {`
}
