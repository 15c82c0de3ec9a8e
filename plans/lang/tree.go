package lang

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"plan/internal/english"
	"plan/plans/diag"
)

// node is a block of the file that the table knows.
type node struct {
	block   *block
	label   string
	address string    // search.memory.vary.memory
	header  hcl.Range // its first line, without the brace
	labelAt hcl.Range
	whole   hcl.Range
	attrs   map[string]*hcl.Attribute
	nodes   []*node // in the order of the file
}

// each calls f for the node and for all below it.
func (n *node) each(f func(*node)) {
	f(n)
	for _, c := range n.nodes {
		c.each(f)
	}
}

// all lists the nested blocks of a kind.
func (n *node) all(name string) []*node {
	var found []*node
	for _, c := range n.nodes {
		if c.block.name == name {
			found = append(found, c)
		}
	}
	return found
}

// first is the first nested block of a kind, or nil.
func (n *node) first(name string) *node {
	if found := n.all(name); len(found) > 0 {
		return found[0]
	}
	return nil
}

// rangeOf is where an attribute's value stands, or the block's first line.
func (n *node) rangeOf(attribute string) hcl.Range {
	if a := n.attrs[attribute]; a != nil {
		return a.Expr.Range()
	}
	return n.header
}

// sorted lists the attributes in the order of the file.
func (n *node) sorted() []*hcl.Attribute {
	list := make([]*hcl.Attribute, 0, len(n.attrs))
	for _, a := range n.attrs {
		list = append(list, a)
	}
	slices.SortFunc(list, func(a, b *hcl.Attribute) int { return a.Range.Start.Byte - b.Range.Start.Byte })
	return list
}

// reader reads bodies strictly by the table.
type reader struct {
	*diags
	options Options
	guessed map[string]bool // type.name of blocks whose kind was misspelt
}

// read takes a body apart. What the table does not know is reported here, with
// more advice than Content's own complaints, which are dropped.
func (r *reader) read(n *node, body *hclsyntax.Body) {
	suggested := map[string]bool{} // the words that were probably meant
	for name, a := range body.Attributes {
		if _, known := n.block.attribute(name); !known && !n.block.free {
			suggested[r.unknown(n, name, a.NameRange, false)] = true
		}
	}
	for _, b := range body.Blocks {
		switch kind := n.block.nested(b.Type); {
		case kind == nil:
			meant := r.unknown(n, b.Type, b.TypeRange, true)
			suggested[meant] = true
			r.guess(n.block.nested(meant), b.Labels)
		case len(b.Labels) != len(kind.labels()):
			r.labels(kind, b)
			suggested[b.Type] = true
			r.guess(kind, append(b.Labels, ""))
		}
	}
	if n.block.free {
		n.attrs, _ = body.JustAttributes()
		return
	}
	content, _ := body.Content(n.block.body())
	n.attrs = content.Attributes
	for _, b := range content.Blocks {
		r.nested(n, b)
	}
	r.missing(n, suggested)
	if n.block.also != nil {
		n.block.also(r, n, suggested)
	}
	r.counts(n)
	r.choices(n, suggested)
}

// nested reads one block of a body.
func (r *reader) nested(parent *node, b *hcl.Block) {
	kind := parent.block.nested(b.Type)
	c := &node{block: kind, header: b.DefRange, address: parent.address + "." + b.Type}
	if len(b.Labels) > 0 {
		c.label = b.Labels[0]
		c.address += "." + c.label
		c.labelAt = b.LabelRanges[0]
		r.label(c, b.LabelRanges[0])
	}
	c.address = strings.TrimPrefix(c.address, ".")
	body := b.Body.(*hclsyntax.Body)
	c.whole = hcl.RangeBetween(b.DefRange, body.Range())
	parent.nodes = append(parent.nodes, c)
	r.read(c, body)
}

var goodName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,62}$`)

// label checks the label of a block: a name, or one of a few words.
func (r *reader) label(n *node, at hcl.Range) {
	var words []string
	among := n.block.among
	if among != nil {
		words = among.words
		if among.given != nil {
			words = among.given(r.options)
		}
	}
	switch {
	case words != nil && !slices.Contains(words, n.label):
		r.error(among.code, at, fmt.Sprintf("%q is %s", n.label, among.wrong), labelHelp(n.label, words))
	case n.block.label == "name" && !goodName.MatchString(n.label):
		r.error("P0103", at, fmt.Sprintf("%q is not a name", n.label), "write a letter, then letters, digits, _ and -, at most 63")
	}
}

// labelHelp leads from a wrong label to the one that was meant.
func labelHelp(given string, words []string) string {
	for _, word := range synonyms[given] {
		if slices.Contains(words, word) {
			return fmt.Sprintf("did you mean %q?", word)
		}
	}
	return diag.DidYouMean(given, words)
}

// guess remembers what a block with a misspelt kind probably declares, so that
// references to it are not diagnostics of their own.
func (r *reader) guess(b *block, labels []string) {
	if b != nil && b.root != "" && len(labels) > 0 {
		r.guessed[b.root+"."+labels[0]] = true
	}
}

func (r *reader) labels(kind *block, b *hclsyntax.Block) {
	help := "write " + kind.head() + " … }"
	if kind.among != nil {
		help = "write " + kind.start() + " … }" // with one of its few words
	}
	if kind.label == "" {
		r.error("P0103", b.LabelRanges[0], kind.name+" takes no name", help)
		return
	}
	if len(b.Labels) == 0 {
		r.error("P0103", b.TypeRange, fmt.Sprintf("%s needs a %s", kind.name, kind.label), help)
		return
	}
	r.error("P0103", b.LabelRanges[1], fmt.Sprintf("%s takes one %s", kind.name, kind.label), help)
}

// missing reports attributes and blocks that must be there, unless a misspelt
// one stands for them.
func (r *reader) missing(n *node, suggested map[string]bool) {
	for _, a := range n.block.attributes {
		if a.needed && n.attrs[a.name] == nil && !suggested[a.name] {
			r.error("P0102", n.header, fmt.Sprintf("%s needs %s", n.address, a.name), "add "+a.line())
		}
	}
	for _, b := range n.block.blocks {
		if b.needed && n.first(b.name) == nil && !suggested[b.name] {
			r.error("P0102", n.header, fmt.Sprintf("%s needs a %s block", n.address, b.name), "add "+b.start()+" … }")
		}
	}
}

// counts reports double names and blocks of which there are too many.
func (r *reader) counts(n *node) {
	seen := map[string]*node{}
	for _, c := range n.nodes {
		key := c.block.name
		if c.block.most != 1 {
			key += "." + c.label
		}
		first := seen[key]
		switch {
		case c.block.free:
		case first == nil:
			seen[key] = c
		case c.block.most == 1:
			d := r.error("P0105", c.header, fmt.Sprintf("there is more than one %s block %s", c.block.name, inside(n)),
				"remove all but one")
			r.related(d, first.header, "the first one")
		case c.block.label != "":
			d := r.error("P0104", c.header, fmt.Sprintf("%s is declared twice", c.address), "rename one of them")
			r.related(d, first.header, "the first one")
		}
	}
}

func inside(n *node) string {
	if n.block == planFile {
		return "in a file"
	}
	return "in " + n.address
}

// choices reports attributes and blocks that exclude each other.
func (r *reader) choices(n *node, suggested map[string]bool) {
	for _, c := range n.block.choices {
		var given []hcl.Range
		meant := false
		for _, name := range c.names {
			if at, ok := n.named(name); ok {
				given = append(given, at)
			}
			meant = meant || suggested[name]
		}
		switch {
		case len(given) == 0 && c.needed && !meant:
			r.error("P0102", n.header, fmt.Sprintf("%s needs %s", n.address, english.Or(c.names)), "add "+n.block.line(c.names[0]))
		case len(given) > 1 && !c.several:
			d := r.error("P0107", given[1], fmt.Sprintf("%s takes only one of %s", n.address, english.Or(c.names)),
				cmp.Or(c.why, "remove all but one"))
			r.related(d, given[0], "the first one")
		}
	}
}

// named is where an attribute or a block of that name begins, if there is one.
func (n *node) named(name string) (at hcl.Range, ok bool) {
	if a := n.attrs[name]; a != nil {
		return a.NameRange, true
	}
	if b := n.first(name); b != nil {
		return b.header, true
	}
	return at, false
}
