package lang

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// decodeReferences reads an attribute that names other blocks.
func (dec *decoder) decodeReferences(r *decodedBlock, row attribute, a *hcl.Attribute) {
	if !row.typ.many {
		if t, ok := dec.target(r, row, a.Expr); ok {
			r.values[row.name] = t
		}
		return
	}
	list := []target{}
	items, diags := hcl.ExprList(a.Expr)
	if !diags.HasErrors() {
		for _, item := range items {
			if t, ok := dec.target(r, row, item); ok {
				list = append(list, t)
			}
		}
		r.values[row.name] = list
		return
	}
	// The list is written elsewhere, such as var.networks.
	_, text := a.Expr.(*hclsyntax.TemplateExpr)
	t, diags := hcl.AbsTraversalForExpr(a.Expr)
	if text && row.typ.names || !diags.HasErrors() && slices.Contains(row.typ.refers, t.RootName()) {
		dec.diags.error("P0401", a.Expr.Range(), fmt.Sprintf("%s takes a list", row.name), fmt.Sprintf("write %s = [%s]", row.name, strings.TrimSpace(string(a.Expr.Range().SliceBytes(dec.diags.sources[a.Expr.Range().Filename])))))
		return
	}
	if !row.typ.text || row.typ.names {
		dec.wrongKind(r, row, a.Expr)
		return
	}
	names, ok := dec.decodeValue(r, row, typeTexts, a.Expr)
	if !ok {
		return
	}
	for _, text := range names.([]string) {
		if _, p := row.typ.of(row.name, cty.StringVal(text)); p != nil {
			dec.diags.violation(p, a.Expr.Range())
			return
		}
		list = append(list, target{text: text})
	}
	r.values[row.name] = list
}

// target reads one reference, or the text that stands for one.
func (dec *decoder) target(r *decodedBlock, row attribute, expr hcl.Expression) (target, bool) {
	t, diags := hcl.AbsTraversalForExpr(expr)
	names := path(t)
	switch {
	case !diags.HasErrors() && len(t) == 2 && len(names) == 2 && slices.Contains(row.typ.refers, names[0]):
		return target{address: names[0] + "." + names[1]}, dec.evaluator.declared(nameRange(t), names[0], names[1], r.address)
	case !diags.HasErrors() && len(t) == 2 && dec.isBlock(names):
		dec.diags.error("P0206", expr.Range(), fmt.Sprintf("%s takes %s, but %s.%s is %s", row.name, row.typ.takes, names[0], names[1], article(names[0])), dec.targetHelp(r, row))
		return target{}, false
	case !row.typ.text:
		dec.notText(r, row, expr)
		return target{}, false
	case row.typ.names:
		// A name stands for a reference. It must be written out: what needs what is
		// determined before anything is evaluated.
		name, ok := literal(expr)
		if !ok {
			if dec.evaluator.checkRefs(expr) {
				dec.wrongKind(r, row, expr)
			}
			return target{}, false
		}
		if dec.looksQuoted(row, name, expr) {
			return target{}, false
		}
		root := row.typ.refers[0]
		return target{address: root + "." + name}, dec.evaluator.declared(expr.Range(), root, name, r.address)
	}
	v, ok := dec.decodeValue(r, row, row.typ, expr)
	if !ok {
		return target{}, false
	}
	if dec.looksQuoted(row, v.(string), expr) {
		return target{}, false
	}
	return target{text: v.(string)}, true
}

// isBlock says whether names are those of a block that exists.
func (dec *decoder) isBlock(names []string) bool {
	if len(names) != 2 || names[0] == "var" || names[0] == "local" {
		return false
	}
	return dec.program.index[names[0]+"."+names[1]] != nil
}

// notText reports something that is neither a reference nor may be a text.
func (dec *decoder) notText(r *decodedBlock, row attribute, expr hcl.Expression) {
	v, diags := expr.Value(nil)
	if diags.HasErrors() {
		if dec.evaluator.checkRefs(expr) {
			dec.wrongKind(r, row, expr)
		}
		return
	}
	// A text may name, in quotes, what should be referred to: "service.api", or
	// just "api".
	for _, root := range row.typ.refers {
		if v.Type() != cty.String || !v.IsKnown() || v.IsNull() {
			break
		}
		address := root + "." + strings.TrimPrefix(v.AsString(), root+".")
		if dec.program.index[address] != nil {
			dec.diags.error("P0205", expr.Range(), fmt.Sprintf("%q is a string, not a reference", v.AsString()),
				"write "+address+" without quotation marks")
			return
		}
	}
	dec.wrongKind(r, row, expr)
}

func (dec *decoder) wrongKind(r *decodedBlock, row attribute, expr hcl.Expression) {
	dec.diags.error("P0206", expr.Range(), fmt.Sprintf("%s takes %s", row.name, row.typ.takes), dec.targetHelp(r, row))
}

// targetHelp names what could be referred to, besides the block itself.
func (dec *decoder) targetHelp(r *decodedBlock, row attribute) string {
	var addresses []string
	for _, root := range row.typ.refers {
		for _, name := range dec.program.names(root) {
			if address := root + "." + name; address != r.address {
				addresses = append(addresses, address)
			}
		}
	}
	if len(addresses) == 0 && row.typ == typeStages {
		return "remove it: the plan has no other stage"
	}
	if len(addresses) == 0 {
		return "write " + row.name + " = " + row.typ.example
	}
	return "declared here: " + strings.Join(addresses, ", ")
}

// looksQuoted reports a text that is the address of a block.
func (dec *decoder) looksQuoted(row attribute, text string, expr hcl.Expression) bool {
	for _, root := range row.typ.refers {
		if strings.HasPrefix(text, root+".") && dec.program.index[text] != nil {
			dec.diags.error("P0205", expr.Range(), fmt.Sprintf("%q is a string, not a reference", text),
				"write "+text+" without quotation marks")
			return true
		}
	}
	return false
}
