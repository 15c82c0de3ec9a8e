package lang

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"plan/internal/english"
)

// checkRefs checks what an expression refers to and calls by walking it, since
// evaluating would skip what stands behind && and ?:.
func (e *evaluator) checkRefs(expr hcl.Expression) bool {
	ok := true
	for _, t := range expr.Variables() {
		ok = e.reference(t) && ok
	}
	if x, isNode := expr.(hclsyntax.Expression); isNode {
		ok = e.calls(x) && ok && (e.feeds == nil || e.plainly(x))
	}
	return ok
}

// reference checks one traversal: its root, its name, its members.
func (e *evaluator) reference(t hcl.Traversal) bool {
	names := path(t)
	root := names[0]
	switch {
	case !slices.Contains(roots(), root):
		return e.unknownRoot(t, root)
	case root == "trial":
		return e.trialReference(t)
	case root == "plan":
		return e.members(t[1:], cty.Object(map[string]cty.Type{"name": cty.String}), "plan")
	case root == "feed":
		return e.feedReference(t, names)
	case len(names) < 2:
		e.diags.error("P0202", t.SourceRange(), fmt.Sprintf("%s alone is no value: a name must follow", root), e.program.nameHelp(root, ""))
		return false
	}
	return e.declared(nameRange(t), root, names[1], "") && e.isValue(t, root, names) && e.members(t[2:], e.value(root, names[1]).Type(), root+"."+names[1])
}

func (e *evaluator) unknownRoot(t hcl.Traversal, root string) bool {
	help := fmt.Sprintf("write %q if you mean a text", t.SourceRange().SliceBytes(e.diags.sources[t.SourceRange().Filename]))
	if near := english.Near(root, roots()); near != "" {
		help = fmt.Sprintf("did you mean %s?", near)
	}
	if b := planFile.nested(root); b != nil {
		help = fmt.Sprintf("nothing can refer to a %s", root)
		if b.root != "" {
			help = fmt.Sprintf("write %s for a %s", b.root, root)
		}
	}
	if root == "locals" {
		help = "did you mean local?"
	}
	if named := e.program.named(root); len(named) > 0 {
		help = fmt.Sprintf("did you mean %s?", english.Or(named))
	}
	e.diags.error("P0201", t.SourceRange(), fmt.Sprintf("%s is not known", root), help)
	return false
}

// named lists the addresses of what is declared by a name.
func (p *program) named(name string) []string {
	var addresses []string
	for _, root := range roots() {
		if address := root + "." + name; p.index[address] != nil {
			addresses = append(addresses, address)
		}
	}
	return addresses
}

func (e *evaluator) trialReference(t hcl.Traversal) bool {
	if e.trial == cty.NilVal {
		e.diags.error("P0202", t.SourceRange(), "trial is known only in an assert of a stage", "refer to what a stage found, such as search.memory.found")
		return false
	}
	if len(t) < 2 {
		e.diags.error("P0202", t.SourceRange(), "trial alone is no value: a name must follow", "it has: "+strings.Join(trialNames, ", "))
		return false
	}
	return e.members(t[1:], e.trial.Type(), "trial")
}

// declared checks that root.name exists, which is wanted from an address. What
// is in a cycle or behind a misspelt block was reported already.
func (e *evaluator) declared(at hcl.Range, root, name, from string) bool {
	address := root + "." + name
	if e.program.index[address] != nil || e.program.guessed[address] {
		return !e.program.cyclic[address] && !e.program.guessed[address]
	}
	e.diags.error("P0203", at, address+" is not declared", e.program.nearAddress(root, name, from))
	return false
}

// nearAddress advises what was meant by a name that does not exist.
func (p *program) nearAddress(root, name, from string) string {
	names := p.names(root)
	if near := english.Near(name, names); near != "" {
		return fmt.Sprintf("did you mean %s.%s?", root, near)
	}
	for _, other := range roots() {
		if other != root && p.index[other+"."+name] != nil {
			return fmt.Sprintf("did you mean %s.%s?", other, name)
		}
	}
	return strings.Replace(p.nameHelp(root, from), `"name"`, strconv.Quote(name), 1)
}

// nameHelp says what is declared under a root besides an address, or how to
// declare it.
func (p *program) nameHelp(root, besides string) string {
	names := slices.DeleteFunc(p.names(root), func(name string) bool { return root+"."+name == besides })
	if len(names) > 0 {
		return "declared here: " + root + "." + strings.Join(names, ", "+root+".")
	}
	if root == "local" {
		return "declare it in a locals block"
	}
	for _, b := range planFile.blocks {
		if b.root == root {
			return "declare it: " + b.head() + " … }"
		}
	}
	return ""
}

// names lists what is declared under a root, in the order of the file.
func (p *program) names(root string) []string {
	var names []string
	for _, x := range p.declarations {
		if name, ok := strings.CutPrefix(x.address, root+"."); ok && x.root == root && goodName.MatchString(name) {
			names = append(names, name)
		}
	}
	return names
}

// isValue refuses a block where a value is wanted.
func (e *evaluator) isValue(t hcl.Traversal, root string, names []string) bool {
	if root == "var" || root == "local" || len(t) > 2 {
		return true
	}
	address := root + "." + names[1]
	e.diags.error("P0206", t.SourceRange(), fmt.Sprintf("%s is %s, not a value", address, article(root)), "take something of it: "+memberList(address, e.value(root, names[1]).Type()))
	return false
}

func article(noun string) string {
	if strings.ContainsRune("aeio", rune(noun[0])) {
		return "an " + noun
	}
	return "a " + noun
}

func memberList(address string, t cty.Type) string {
	if !t.IsObjectType() {
		return address
	}
	return address + "." + strings.Join(attributeNames(t), ", "+address+".")
}

// attributeNames lists the attributes of an object type by name.
func attributeNames(t cty.Type) []string {
	var names []string
	for name := range t.AttributeTypes() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// members checks the further steps of a traversal against the type of what
// they are taken of.
func (e *evaluator) members(steps hcl.Traversal, t cty.Type, address string) bool {
	for _, step := range steps {
		names := path(hcl.Traversal{step})
		if len(names) == 0 || !t.IsObjectType() {
			return true
		}
		if !t.HasAttribute(names[0]) {
			e.diags.error("P0204", memberRange(step), fmt.Sprintf("%s has no %s", address, names[0]), memberHelp(names[0], t))
			return false
		}
		t, address = t.AttributeType(names[0]), address+"."+names[0]
	}
	return true
}

// memberRange is the place of a member's name, without the dot before it.
func memberRange(step hcl.Traverser) hcl.Range {
	at := step.SourceRange()
	if _, named := step.(hcl.TraverseAttr); named {
		at.Start.Byte, at.Start.Column = at.Start.Byte+1, at.Start.Column+1
	}
	return at
}

func memberHelp(name string, t cty.Type) string {
	has := attributeNames(t)
	if near := english.Near(name, has); near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	return "it has: " + strings.Join(has, ", ")
}

// nameRange is the place of root.name in a longer traversal.
func nameRange(t hcl.Traversal) hcl.Range {
	return hcl.RangeBetween(t[0].SourceRange(), t[1].SourceRange())
}

// huge says whether a number is one that nothing is measured in, but whose
// digits would fill the memory when it is made a text.
func huge(v cty.Value) bool {
	if v.Type() != cty.Number || v.IsNull() || !v.IsKnown() {
		return false
	}
	exponent := v.AsBigFloat().MantExp(nil)
	return exponent > 1100 || exponent < -1100
}

// calls checks the functions and the numbers in an expression.
func (e *evaluator) calls(expr hclsyntax.Node) bool {
	ok := true
	hclsyntax.VisitAll(expr, func(n hclsyntax.Node) hcl.Diagnostics {
		switch x := n.(type) {
		case *hclsyntax.FunctionCallExpr:
			_, known := e.functions[x.Name]
			ok = ok && known
			if !known {
				e.unknownFunction(x)
			}
		case *hclsyntax.LiteralValueExpr:
			if huge(x.Val) {
				ok = false
				e.diags.error("P0421", x.SrcRange, "this number is too large", "")
			}
		}
		return nil
	})
	return ok
}

func (e *evaluator) unknownFunction(call *hclsyntax.FunctionCallExpr) {
	if call.Name == "env" {
		e.diags.error("P0202", call.NameRange, "env() can only stand in the default of a variable", "declare a variable with that default, and refer to it")
		return
	}
	help := "plan explain P0210 lists all functions"
	if near := english.Near(call.Name, functionNames()); near != "" {
		help = fmt.Sprintf("did you mean %s()?", near)
	}
	e.diags.error("P0210", call.NameRange, fmt.Sprintf("there is no function %s", call.Name), help)
}
