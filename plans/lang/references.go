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
	case root == "trial" && e.trial == cty.NilVal:
		e.diags.error("P0202", t.SourceRange(), "trial is known only in an assert block of a stage",
			"refer to a result of a stage, such as search.memory.found")
		return false
	case root == "trial" && len(t) < 2:
		e.diags.error("P0202", t.SourceRange(), "incomplete reference: trial", "members: "+strings.Join(trialNames, ", "))
		return false
	case root == "trial":
		return e.members(t[1:], e.trial.Type(), "trial")
	case root == "vary" && e.vary == cty.NilVal:
		e.diags.error("P0202", t.SourceRange(), "vary is known only in set of a search",
			"write it in environment or command of set")
		return false
	case root == "vary" && len(t) < 2:
		e.diags.error("P0202", t.SourceRange(), "vary is not a value: a name must follow it",
			"it has: "+strings.Join(attributeNames(e.vary.Type()), ", "))
		return false
	case root == "vary":
		return e.members(t[1:], e.vary.Type(), "vary")
	case root == "plan":
		return e.members(t[1:], cty.Object(map[string]cty.Type{"name": cty.String}), "plan")
	case root == "feed":
		return e.feedReference(t, names)
	case len(names) < 2:
		e.diags.error("P0202", t.SourceRange(), fmt.Sprintf("incomplete reference: %s", root), e.program.nameHelp(root, ""))
		return false
	}
	if !e.declared(nameRange(t), root, names[1], "") {
		return false
	}
	address, typ := root+"."+names[1], e.value(root, names[1]).Type()
	if len(t) == 2 && root != "var" && root != "local" { // a block where a value is wanted
		members := address
		if typ.IsObjectType() {
			members = address + "." + strings.Join(attributeNames(typ), ", "+address+".")
		}
		e.diags.error("P0206", t.SourceRange(), fmt.Sprintf("%s is %s, not a value", address, article(root)),
			"refer to one of its members: "+members)
		return false
	}
	return e.members(t[2:], typ, address)
}

func (e *evaluator) unknownRoot(t hcl.Traversal, root string) bool {
	help := fmt.Sprintf("write %q if you mean a "+
		"string", t.SourceRange().SliceBytes(e.diags.sources[t.SourceRange().Filename]))
	if near := english.Near(root, roots()); near != "" {
		help = fmt.Sprintf("did you mean %s?", near)
	}
	if b := planFile.nested(root); b != nil {
		help = fmt.Sprintf("a %s cannot be referred to", root)
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

// declared checks that root.name exists, which is wanted from an address, and
// advises what was meant by a name that does not. What is in a cycle or behind a
// misspelt block was reported already.
func (e *evaluator) declared(at hcl.Range, root, name, from string) bool {
	address := root + "." + name
	if e.program.index[address] != nil || e.program.guessed[address] {
		return !e.program.cyclic[address] && !e.program.guessed[address]
	}
	p := e.program
	help := strings.Replace(p.nameHelp(root, from), `"name"`, strconv.Quote(name), 1)
	elsewhere := func(other string) bool { return other != root && p.index[other+"."+name] != nil }
	if near := english.Near(name, p.names(root)); near != "" {
		help = fmt.Sprintf("did you mean %s.%s?", root, near)
	} else if i := slices.IndexFunc(roots(), elsewhere); i >= 0 {
		help = fmt.Sprintf("did you mean %s.%s?", roots()[i], name)
	}
	e.diags.error("P0203", at, address+" is not declared", help)
	return false
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

func article(noun string) string {
	if strings.ContainsRune("aeio", rune(noun[0])) {
		return "an " + noun
	}
	return "a " + noun
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
			at := step.SourceRange() // without the dot before the name
			if _, named := step.(hcl.TraverseAttr); named {
				at.Start.Byte, at.Start.Column = at.Start.Byte+1, at.Start.Column+1
			}
			has := attributeNames(t)
			help := "members: " + strings.Join(has, ", ")
			if near := english.Near(names[0], has); near != "" {
				help = fmt.Sprintf("did you mean %s?", near)
			}
			e.diags.error("P0204", at, fmt.Sprintf("%s has no %s", address, names[0]), help)
			return false
		}
		t, address = t.AttributeType(names[0]), address+"."+names[0]
	}
	return true
}

// nameRange is the place of root.name in a longer traversal.
func nameRange(t hcl.Traversal) hcl.Range {
	return hcl.RangeBetween(t[0].SourceRange(), t[1].SourceRange())
}

// calls checks the functions and the numbers in an expression.
func (e *evaluator) calls(expr hclsyntax.Node) bool {
	ok := true
	hclsyntax.VisitAll(expr, func(n hclsyntax.Node) hcl.Diagnostics {
		switch x := n.(type) {
		case *hclsyntax.FunctionCallExpr:
			if _, known := e.functions[x.Name]; known {
				return nil
			}
			ok = false
			if x.Name == "env" {
				e.diags.error("P0202", x.NameRange, "env() is possible only in the default of a variable",
					"declare a variable with this default, and refer to it")
				return nil
			}
			help := "run `plan explain P0210` for a list of all functions"
			if near := english.Near(x.Name, functionNames()); near != "" {
				help = fmt.Sprintf("did you mean %s()?", near)
			}
			e.diags.error("P0210", x.NameRange, fmt.Sprintf("the function %s does not exist", x.Name), help)
		case *hclsyntax.LiteralValueExpr:
			if x.Val.Type() != cty.Number || x.Val.IsNull() || !x.Val.IsKnown() {
				return nil
			}
			if long(x.Val) {
				ok = false
				e.diags.error("P0421", x.SrcRange, "this number is too large", "")
			}
		}
		return nil
	})
	return ok
}
