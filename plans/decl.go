package plans

import "plan/plans/diag"

// Decl says where a block of the plan file stands, each of its attributes, and
// the blocks in it: what Terraform calls a DeclRange. A plan that no file was
// read for has none; nil is a block that is not written.
type Decl struct {
	name, label string
	header      diag.SourceRange
	attributes  map[string]declared
	blocks      []*Decl
}

// declared is where an attribute stands.
type declared struct{ name, value diag.SourceRange }

// NewDecl returns the declaration of a block without anything in it. The header
// is its first line.
func NewDecl(name, label string, header diag.SourceRange) *Decl {
	return &Decl{name: name, label: label, header: header, attributes: map[string]declared{}}
}

// Declare adds an attribute: where its name stands, and where its value.
func (d *Decl) Declare(attribute string, name, value diag.SourceRange) {
	d.attributes[attribute] = declared{name, value}
}

// Nest adds a block that stands in this one.
func (d *Decl) Nest(block *Decl) { d.blocks = append(d.blocks, block) }

// Label is the label of the block; "" where it has none.
func (d *Decl) Label() string {
	if d == nil {
		return ""
	}
	return d.label
}

// Header is the first line of the block.
func (d *Decl) Header() diag.SourceRange {
	if d == nil {
		return diag.SourceRange{}
	}
	return d.header
}

// Has reports whether an attribute is written, whatever its value.
func (d *Decl) Has(attribute string) bool {
	if d == nil {
		return false
	}
	_, has := d.attributes[attribute]
	return has
}

// Range is where an attribute's value stands; the header where it is not written.
func (d *Decl) Range(attribute string) diag.SourceRange {
	if !d.Has(attribute) {
		return d.Header()
	}
	return d.attributes[attribute].value
}

// NameRange is where an attribute's name stands; the header where it is not
// written.
func (d *Decl) NameRange(attribute string) diag.SourceRange {
	if !d.Has(attribute) {
		return d.Header()
	}
	return d.attributes[attribute].name
}

// Blocks lists the nested blocks of a name, in the order of the file.
func (d *Decl) Blocks(name string) []*Decl {
	var found []*Decl
	for i := 0; d != nil && i < len(d.blocks); i++ {
		if d.blocks[i].name == name {
			found = append(found, d.blocks[i])
		}
	}
	return found
}

// Block is the first nested block of a name; nil where there is none.
func (d *Decl) Block(name string) *Decl {
	if found := d.Blocks(name); len(found) > 0 {
		return found[0]
	}
	return nil
}
