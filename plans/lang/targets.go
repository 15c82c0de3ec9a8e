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
func (e *evaluator) decodeReferences(r *record, row attribute, a *hcl.Attribute) {
	if !row.kind.many {
		if t, ok := e.target(r, row, a.Expr); ok {
			r.values[row.name] = t
		}
		return
	}
	items, diags := hcl.ExprList(a.Expr)
	if diags.HasErrors() {
		e.listOf(r, row, a.Expr)
		return
	}
	list := []target{}
	for _, item := range items {
		if t, ok := e.target(r, row, item); ok {
			list = append(list, t)
		}
	}
	r.values[row.name] = list
}

// listOf reads a list that is written elsewhere, such as var.networks.
func (e *evaluator) listOf(r *record, row attribute, expr hcl.Expression) {
	_, text := expr.(*hclsyntax.TemplateExpr)
	if text && row.kind.names || slices.Contains(row.kind.refers, rootOf(expr)) {
		e.error("P0401", expr.Range(), fmt.Sprintf("%s takes a list", row.name), fmt.Sprintf("write %s = [%s]", row.name, strings.TrimSpace(string(expr.Range().SliceBytes(e.faults.sources[expr.Range().Filename])))))
		return
	}
	if !row.kind.text || row.kind.names {
		e.wrongKind(r, row, expr)
		return
	}
	names, ok := e.decodeValue(r, row, kindTexts, expr)
	if !ok {
		return
	}
	list := []target{}
	for _, text := range names.([]string) {
		if _, p := row.kind.of(row.name, cty.StringVal(text)); p != nil {
			e.problem(p, expr.Range())
			return
		}
		list = append(list, target{text: text})
	}
	r.values[row.name] = list
}

func rootOf(expr hcl.Expression) string {
	t, diags := hcl.AbsTraversalForExpr(expr)
	if diags.HasErrors() {
		return ""
	}
	return t.RootName()
}

// target reads one reference, or the text that stands for one.
func (e *evaluator) target(r *record, row attribute, expr hcl.Expression) (target, bool) {
	t, diags := hcl.AbsTraversalForExpr(expr)
	names := path(t)
	switch {
	case !diags.HasErrors() && len(t) == 2 && len(names) == 2 && slices.Contains(row.kind.refers, names[0]):
		return target{address: names[0] + "." + names[1]}, e.declared(nameRange(t), names[0], names[1], r.address)
	case !diags.HasErrors() && len(t) == 2 && e.isBlock(names):
		e.wrongBlock(r, row, names, expr)
		return target{}, false
	case !row.kind.text:
		e.notText(r, row, expr)
		return target{}, false
	case row.kind.names:
		return e.namedTarget(r, row, expr)
	}
	v, ok := e.decodeValue(r, row, row.kind, expr)
	if !ok {
		return target{}, false
	}
	if e.looksQuoted(row, v.(string), expr) {
		return target{}, false
	}
	return target{text: v.(string)}, true
}

// namedTarget reads a name that stands for a reference. It must be written out:
// what needs what is told before anything is evaluated.
func (e *evaluator) namedTarget(r *record, row attribute, expr hcl.Expression) (target, bool) {
	name, ok := literal(expr)
	if !ok {
		if e.sound(expr) {
			e.wrongKind(r, row, expr)
		}
		return target{}, false
	}
	if e.looksQuoted(row, name, expr) {
		return target{}, false
	}
	root := row.kind.refers[0]
	return target{address: root + "." + name}, e.declared(expr.Range(), root, name, r.address)
}

// isBlock says whether names are those of a block that exists.
func (e *evaluator) isBlock(names []string) bool {
	if len(names) != 2 || names[0] == "var" || names[0] == "local" {
		return false
	}
	return e.index[names[0]+"."+names[1]] != nil
}

func (e *evaluator) wrongBlock(r *record, row attribute, names []string, expr hcl.Expression) {
	e.error("P0206", expr.Range(), fmt.Sprintf("%s takes %s, but %s.%s is %s", row.name, row.kind.takes, names[0], names[1], article(names[0])), e.targetHelp(r, row))
}

// notText reports something that is neither a reference nor may be a text.
func (e *evaluator) notText(r *record, row attribute, expr hcl.Expression) {
	v, diags := expr.Value(nil)
	if diags.HasErrors() {
		if e.sound(expr) {
			e.wrongKind(r, row, expr)
		}
		return
	}
	if p, ok := quotedName(row, v, e.index); ok {
		e.problem(p, expr.Range())
		return
	}
	e.wrongKind(r, row, expr)
}

func (e *evaluator) wrongKind(r *record, row attribute, expr hcl.Expression) {
	e.error("P0206", expr.Range(), fmt.Sprintf("%s takes %s, but this is none", row.name, row.kind.takes), e.targetHelp(r, row))
}

// targetHelp names what could be referred to, besides the block itself.
func (e *evaluator) targetHelp(r *record, row attribute) string {
	var addresses []string
	for _, root := range row.kind.refers {
		for _, name := range e.names(root) {
			if address := root + "." + name; address != r.address {
				addresses = append(addresses, address)
			}
		}
	}
	if len(addresses) == 0 && row.kind == kindStages {
		return "there is no other stage"
	}
	if len(addresses) == 0 {
		return "write " + row.name + " = " + row.kind.example
	}
	return "declared here: " + strings.Join(addresses, ", ")
}

// looksQuoted reports a text that is the address of a block.
func (e *evaluator) looksQuoted(row attribute, text string, expr hcl.Expression) bool {
	for _, root := range row.kind.refers {
		if strings.HasPrefix(text, root+".") && e.index[text] != nil {
			e.error("P0205", expr.Range(), fmt.Sprintf("%q is a text, not a reference", text), "write "+text+" without quotes")
			return true
		}
	}
	return false
}

// quotedName is the fault of a text that names, in quotes, what should be
// referred to: "service.api", or just "api".
func quotedName(row attribute, v cty.Value, index map[string]*entity) (*problem, bool) {
	if v.Type() != cty.String || !v.IsKnown() || v.IsNull() {
		return nil, false
	}
	for _, root := range row.kind.refers {
		address := root + "." + strings.TrimPrefix(v.AsString(), root+".")
		if index[address] != nil {
			return wrong("P0205", "write "+address+" without quotes", "%q is a text, not a reference", v.AsString()), true
		}
	}
	return nil, false
}
