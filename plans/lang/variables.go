package lang

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"plan/internal/mask"
	"plan/plans/diag"
)

// sensitiveMark marks values that must not be shown.
const sensitiveMark = "sensitive"

// variableType is what a variable declares.
type variableType struct {
	cty      cty.Type
	defaults *typeexpr.Defaults
	quantity *attrType // of the value or of its elements; nil for HCL's own types
}

// variables gives every variable its value.
func (l *loader) variables() {
	l.program.vars, l.sensitive = map[string]cty.Value{}, map[string]bool{}
	for _, n := range l.program.root.all("variable") {
		if a := n.attrs["sensitive"]; a != nil {
			v, diags := a.Expr.Value(nil)
			if !diags.HasErrors() && v.Type() == cty.Bool && v.IsKnown() && !v.IsNull() && v.True() {
				l.sensitive[n.label] = true
			}
		}
	}
	l.values = l.inputs()
	for _, n := range l.program.root.all("variable") {
		if l.variable(n.label) == n {
			l.program.vars[n.label] = l.valueOf(n)
		}
	}
}

// valueOf is the value of one variable: what is given, or its default.
func (l *loader) valueOf(n *node) cty.Value {
	t := l.typeOf(n)
	fallback, absent, ok := l.defaultOf(n, t)
	if g, isGiven := l.values[n.label]; isGiven {
		fallback, ok = l.read(n, g, t)
	} else if (n.attrs["default"] == nil || absent != "") && !l.unread { // a file that could not be read may hold the value
		severity := diag.Error
		if l.options.Lenient {
			severity = diag.Warning
		}
		help := fmt.Sprintf("set it by --var %s=…, --var-file or PLAN_VAR_%s, or write a default", n.label, n.label)
		if l.sensitive[n.label] {
			help = fmt.Sprintf("set PLAN_VAR_%s in the environment, or use --var-file", n.label)
		}
		if absent != "" {
			help = absent + ", or " + help
		}
		what := "var." + n.label
		if a := n.attrs["description"]; a != nil {
			if text, ok := literal(a.Expr); ok {
				what += " (" + strings.Join(strings.Fields(text), " ") + ")"
			}
		}
		l.diags.add(severity, "P0207", n.header, what+" has no value", help)
	}
	if !ok {
		return cty.DynamicVal
	}
	if l.sensitive[n.label] {
		l.keep(fallback, n)
		return fallback.Mark(sensitiveMark)
	}
	return fallback
}

// keep remembers the texts and the numbers of a sensitive value. A short one is not replaced
// inside of words.
func (l *loader) keep(v cty.Value, n *node) {
	_ = cty.Walk(v, func(_ cty.Path, v cty.Value) (bool, error) {
		if !v.IsKnown() || v.IsNull() {
			return true, nil
		}
		text := ""
		switch v.Type() {
		case cty.String:
			text = v.AsString()
		case cty.Number:
			if long(v) { // the plan is refused
				return true, nil
			}
			var others []string
			text, others = writtenNumber(v.AsBigFloat())
			for _, other := range others {
				l.diags.secret(other)
			}
		}
		l.diags.secret(text)
		if text != "" && mask.IsShort(text) {
			l.diags.warning("P0213", n.header,
				fmt.Sprintf("var.%s is sensitive, but has fewer than 6 characters: only whole words are masked", n.label),
				"use a value of at least 6 characters, or do not publish the logs of a run")
		}
		return true, nil
	})
}

// writtenNumber returns a number as plans write it, in texts and in JSON, and how programs
// write it that read it as a 64-bit floating-point number. Others are never short.
func writtenNumber(n *big.Float) (text string, others []string) {
	text = n.Text('f', -1)
	f, _ := n.Float64()
	for _, format := range []byte{'f', 'e'} {
		if other := strconv.FormatFloat(f, format, -1, 64); other != text && !mask.IsShort(other) {
			others = append(others, other)
		}
	}
	return text, others
}

// typeOf reads the type that a variable declares.
func (l *loader) typeOf(n *node) variableType {
	a := n.attrs["type"]
	if a == nil {
		return variableType{cty: cty.DynamicPseudoType}
	}
	if t, ok := quantityType(a.Expr); ok {
		return t
	}
	t, defaults, diags := typeexpr.TypeConstraintWithDefaults(a.Expr)
	if diags.HasErrors() {
		word := hcl.ExprAsKeyword(a.Expr)
		help := diag.DidYouMean(word, typeNames)
		if synonym := typeSynonyms[word]; synonym != "" {
			help = fmt.Sprintf("did you mean %q?", synonym)
		}
		if word == "list" || word == "map" || word == "set" {
			help = fmt.Sprintf("write the type of its elements: %s(string)", word)
		}
		if v, diags := a.Expr.Value(nil); !diags.HasErrors() && v.Type() == cty.String && v.IsKnown() && !v.IsNull() {
			help = "write the type without quotation marks: type = " + v.AsString()
		}
		l.diags.error("P0407", a.Expr.Range(), "this is not a type", help)
		return variableType{cty: cty.DynamicPseudoType}
	}
	return variableType{cty: t, defaults: defaults}
}

// typeSynonyms are words of other tools for types.
var typeSynonyms = map[string]string{
	"int": "number", "integer": "number", "float": "number", "text": "string", "str": "string", "boolean": "bool",
	"bytes": "size", "memory": "size", "percent": "share", "time": "duration",
}

var typeNames = []string{"string", "number", "bool", "any", "list(string)", "list(number)", "map(string)", "duration", "size", "share", "rate", "cpus"}

// quantityType reads a quantity, or a list, set or map of one.
func quantityType(expr hcl.Expression) (variableType, bool) {
	if k := quantityNamed(hcl.ExprAsKeyword(expr)); k != nil {
		return variableType{cty: elementType(k), quantity: k}, true
	}
	call, diags := hcl.ExprCall(expr)
	if diags.HasErrors() || len(call.Arguments) != 1 {
		return variableType{}, false
	}
	k := quantityNamed(hcl.ExprAsKeyword(call.Arguments[0]))
	collection, ok := map[string]func(cty.Type) cty.Type{"list": cty.List, "set": cty.Set, "map": cty.Map}[call.Name]
	if k == nil || !ok {
		return variableType{}, false
	}
	return variableType{cty: collection(elementType(k)), quantity: k}, true
}

// elementType is what a quantity is kept as: as it was written.
func elementType(k *attrType) cty.Type {
	if k == typeCPUs {
		return cty.Number
	}
	return cty.String
}

func quantityNamed(name string) *attrType {
	i := slices.IndexFunc(quantities, func(k *attrType) bool { return k.name == name })
	if i < 0 {
		return nil
	}
	return quantities[i]
}

// defaultOf evaluates the default, which may call env but refer to nothing. Where a file
// has no value for it, absent is what to do.
func (l *loader) defaultOf(n *node, t variableType) (v cty.Value, absent string, ok bool) {
	a := n.attrs["default"]
	if a == nil {
		return cty.UnknownVal(t.cty), "", true
	}
	for _, ref := range a.Expr.Variables() {
		l.diags.error("P0202", ref.SourceRange(), "a default cannot contain references",
			"write the value itself, or use a local to compute it from other values")
		return cty.DynamicVal, "", false
	}
	e := newEvaluator(l.program, l.diags, nil)
	e.functions["env"] = envFunc(l.program, &absent)
	if v, ok = e.eval(a.Expr); !ok {
		return v, "", false
	}
	if absent != "" && v.IsNull() {
		return cty.UnknownVal(t.cty), absent, true
	}
	v, ok = l.convert(n, v, t, a.Expr.Range())
	return v, "", ok
}

// read makes a value of what was given from outside. A text stands for itself
// where a text, number or bool is wanted and is read as an expression else.
func (l *loader) read(n *node, g variableInput, t variableType) (cty.Value, bool) {
	if l.sensitive[n.label] {
		l.diags.secret(g.text)
	}
	if g.expr == nil && (t.cty.IsPrimitiveType() || t.cty == cty.DynamicPseudoType) {
		return l.convert(n, cty.StringVal(g.text), t, g.at)
	}
	expr := g.expr
	if expr == nil {
		if !shallow([]byte(g.text)) {
			return l.unreadable(n, g, t)
		}
		parsed, diags := hclsyntax.ParseExpression([]byte(g.text), g.origin, hcl.InitialPos)
		if diags.HasErrors() {
			return l.unreadable(n, g, t)
		}
		expr = parsed
	}
	if l.diags.overlapsBare(spanOf(expr)) {
		return cty.DynamicVal, false
	}
	ctx := &hcl.EvalContext{Functions: newEvaluator(l.program, l.diags, nil).functions}
	v, diags := expr.Value(ctx)
	if diags.HasErrors() {
		return l.unreadable(n, g, t)
	}
	if l.sensitive[n.label] {
		l.keep(v, n)
	}
	return l.convert(n, v, t, g.at)
}

func (l *loader) unreadable(n *node, g variableInput, t variableType) (cty.Value, bool) {
	d := l.diags.error("P0212", g.at, fmt.Sprintf("the value for var.%s cannot be read as %s", n.label, typeName(t.cty)), "")
	if g.expr == nil && t.cty.IsListType() && !l.sensitive[n.label] {
		d.Help = fmt.Sprintf("write --var '%s=[%s]', with quotation marks for the shell", n.label, g.text)
	}
	l.diags.related(d, n.header, "declared here")
	return cty.DynamicVal, false
}

// convert turns a value into the type that was declared, and checks quantities.
func (l *loader) convert(n *node, v cty.Value, t variableType, at hcl.Range) (cty.Value, bool) {
	if p := quantityViolation("var."+n.label, v, t.quantity); p != nil {
		l.declaredHere(n, l.diags.violation(p, at), at)
		return cty.DynamicVal, false
	}
	if t.defaults != nil && !v.IsNull() {
		v = t.defaults.Apply(v)
	}
	if t.quantity == typeCPUs && v.Type() == cty.String {
		c, _ := typeCPUs.of(n.label, v)
		v = cty.MustParseNumberVal(fmt.Sprint(c))
	}
	got, err := convert.Convert(v, t.cty)
	if err != nil {
		help := ""
		switch t.cty {
		case cty.Bool:
			help = "write true or false"
		case cty.Number:
			help = "write a number such as 5"
		}
		written := n.rangeOf("type") // the type as the plan writes it
		d := l.diags.error("P0401", at, fmt.Sprintf("var.%s is declared as %s, but %s", n.label, written.SliceBytes(l.diags.sources[written.Filename]), mismatch(v.Type(), t.cty, err)), help)
		l.declaredHere(n, d, at)
		return cty.DynamicVal, false
	}
	if sizeOf(got, maxSteps).long {
		l.declaredHere(n, l.diags.error("P0421", at, "a number of var."+n.label+" is too large", ""), at)
		return cty.DynamicVal, false
	}
	return got, true
}

// declaredHere adds the declaration to a fault in a value from elsewhere.
func (l *loader) declaredHere(n *node, d *diag.Diagnostic, at hcl.Range) {
	if at.Filename != n.header.Filename {
		l.diags.related(d, n.rangeOf("type"), "declared here")
	}
}

// quantityViolation checks a value, or each element of it.
func quantityViolation(name string, v cty.Value, k *attrType) *violation {
	if k == nil || v.IsNull() || !v.IsKnown() {
		return nil
	}
	if !v.CanIterateElements() {
		_, p := k.convert(k, name, v)
		return p
	}
	for it := v.ElementIterator(); it.Next(); {
		_, element := it.Element()
		if p := quantityViolation(name, element, k); p != nil {
			return p
		}
	}
	return nil
}
