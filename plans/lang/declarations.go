package lang

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"plan/plans"
)

// declaration is something with an address: a top-level block or a local.
type declaration struct {
	address string // as references name it: var.x, local.x, search.x
	root    string // "" when nothing can refer to it
	node    *node  // nil for a local
	expr    hcl.Expression
	at      hcl.Range
	refs    []ref // what its expressions refer to
}

// ref is one reference.
type ref struct {
	to     string // address
	member string // first member after it, "" when there is none
	at     hcl.Range
}

// program is a file that has been read, before and after anything is known.
type program struct {
	file         string
	name         string // of the plan
	sources      map[string][]byte
	root         *node
	declarations []*declaration // in the order of the file
	index        map[string]*declaration
	guessed      map[string]bool // addresses that a misspelt block probably declares
	cyclic       map[string]bool // addresses in a cycle
	vars         map[string]cty.Value
	used         map[string]bool
	files        map[string][]byte          // that the plan names and that were read, by path
	private      map[string]bool            // of these files: those of environment variables, which may have secrets
	envFiles     map[string][]plans.EnvFile // of services, by address
	environ      []string                   // "NAME=value", for references in files of environment variables
	lenient      bool                       // what may come later, such as a variable's value, need not be there
	tables       map[string]*table          // of feeds, by path
	outside      []plans.Reach              // files and folders outside of its folder
}

// roots are the first words of references.
func roots() []string {
	list := []string{"feed", "local", "plan", "trial", "vary"}
	for _, b := range planFile.blocks {
		if b.root != "" {
			list = append(list, b.root)
		}
	}
	return list
}

// collect lists what has an address, and what it refers to.
func (p *program) collect(f *diags) {
	p.index, p.used = map[string]*declaration{}, map[string]bool{}
	for _, n := range p.root.nodes {
		if n.block.free {
			for _, a := range n.sorted() {
				e := &declaration{address: "local." + a.Name, root: "local", expr: a.Expr, at: a.NameRange, refs: refs(a.Expr)}
				if first := p.index[e.address]; first != nil {
					d := f.error("P0104", a.NameRange, e.address+" is declared twice", "rename one of them")
					f.related(d, first.at, "the first one")
					continue
				}
				p.declare(e)
			}
			continue
		}
		e := &declaration{address: n.address, root: n.block.root, node: n, at: n.header}
		if e.root != "" {
			e.address = e.root + "." + n.label
		}
		n.each(func(c *node) { e.refs = append(e.refs, nodeRefs(c)...) })
		p.declare(e)
	}
	for _, e := range p.declarations {
		for _, u := range e.refs {
			p.used[u.to] = p.used[u.to] || u.to != e.address
		}
	}
}

// declare keeps the first of two that share an address.
func (p *program) declare(e *declaration) {
	p.declarations = append(p.declarations, e)
	if p.index[e.address] == nil {
		p.index[e.address] = e
	}
}

// nodeRefs lists the references of one block, without those of blocks in it.
func nodeRefs(n *node) []ref {
	var list []ref
	for _, a := range n.sorted() {
		row, _ := n.block.attribute(a.Name)
		if row.typ != typeType {
			list = append(list, refs(a.Expr)...)
		}
		if row.typ != nil && row.typ.names {
			// These references are written as names, in quotes.
			items, _ := hcl.ExprList(a.Expr)
			for _, item := range items {
				if name, ok := literal(item); ok {
					list = append(list, ref{to: row.typ.refers[0] + "." + name, at: item.Range()})
				}
			}
		}
	}
	return list
}

// literal is a text that is written out.
func literal(expr hcl.Expression) (string, bool) {
	v, diags := expr.Value(nil)
	if diags.HasErrors() || v.Type() != cty.String || !v.IsKnown() || v.IsNull() {
		return "", false
	}
	return v.AsString(), true
}

func refs(expr hcl.Expression) []ref {
	var list []ref
	for _, t := range expr.Variables() {
		if names := path(t); len(names) >= 2 && names[0] != "plan" && names[0] != "trial" && names[0] != "vary" {
			u := ref{to: names[0] + "." + names[1], at: t.SourceRange()}
			if len(names) > 2 {
				u.member = names[2]
			}
			list = append(list, u)
		}
	}
	return list
}

// path gives the names of a traversal up to the first step that is none.
func path(t hcl.Traversal) []string {
	var names []string
	for _, step := range t {
		switch s := step.(type) {
		case hcl.TraverseRoot:
			names = append(names, s.Name)
		case hcl.TraverseAttr:
			names = append(names, s.Name)
		case hcl.TraverseIndex:
			if s.Key.Type() != cty.String {
				return names
			}
			names = append(names, s.Key.AsString())
		default:
			return names
		}
	}
	return names
}

// reached lists what an address needs, through everything between, with the
// reference of its own that leads there.
func (p *program) reached(address string) []ref {
	e := p.index[address]
	if e == nil {
		return nil
	}
	var list []ref
	for _, u := range e.refs {
		list = append(list, u)
		p.through(u.to, map[string]bool{address: true}, func(far ref) {
			list = append(list, ref{to: far.to, member: far.member, at: u.at})
		})
	}
	return list
}

// through visits what is needed by way of an address that is itself known
// before any stage runs; what a stage needs is that stage's own affair.
func (p *program) through(address string, seen map[string]bool, visit func(ref)) {
	e := p.index[address]
	if e == nil || seen[address] || e.isStage() {
		return
	}
	seen[address] = true
	for _, u := range e.refs {
		visit(u)
		p.through(u.to, seen, visit)
	}
}

// isStage says whether the declaration runs something.
func (e *declaration) isStage() bool {
	return e.node != nil && slices.Contains(stageBlocks, e.node.block)
}

func (p *program) stage(address string) bool {
	e := p.index[address]
	return e != nil && e.isStage()
}
