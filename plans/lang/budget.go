package lang

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// Limits of one evaluation of a plan. Plans that people write need a hundredth of them.
const (
	maxSteps = 250_000  // values that expressions use, make or pass through
	maxBytes = 16 << 20 // bytes of texts, counted likewise
	loopCost = 4        // steps of one turn of a for expression, besides its values
	maxBits  = 1100     // of a number, before and after its point; those that are measured need far fewer
	maxPlain = 1000     // bytes of a text that is read as a number
)

// budget counts what an evaluation takes, not its time: a plan is valid on every machine or on none.
type budget struct {
	steps, bytes int64
	told         bool // the diagnostic is reported
}

// overBudget is the error of an evaluation that takes too much.
type overBudget struct{ what string }

func (e *overBudget) Error() string { return "evaluating the plan takes more than " + e.what }

// tooMuchOf returns the error of a diagnostic of HCL that says that the budget is spent.
func tooMuchOf(d *hcl.Diagnostic) *overBudget {
	if over, ok := hcl.DiagnosticExtra[*overBudget](d); ok {
		return over
	}
	if call, ok := hcl.DiagnosticExtra[interface{ FunctionCallError() error }](d); ok {
		if over, ok := errors.AsType[*overBudget](call.FunctionCallError()); ok {
			return over
		}
	}
	return nil
}

// spend counts steps and bytes.
func (b *budget) spend(steps, bytes int64) error {
	b.steps, b.bytes = b.steps+min(steps, maxSteps+1), b.bytes+min(bytes, maxBytes+1)
	switch {
	case b.steps > maxSteps:
		return &overBudget{strconv.Itoa(maxSteps) + " steps"}
	case b.bytes > maxBytes:
		return &overBudget{fmt.Sprintf("%d MiB of text", maxBytes>>20)}
	}
	return nil
}

// allows reports whether so many more steps and bytes would be within the budget.
func (b *budget) allows(steps, bytes int64) error {
	copied := *b
	return copied.spend(steps, bytes)
}

// errLong is the error of a number with too many digits.
var errLong = &overBudget{fmt.Sprintf("%d digits in a number", maxBits*3/10+1)}

// long reports whether a number has more digits than a plan may use. Only its exponent is looked at: digits are made
// when the number becomes a text, in a time that grows with their square.
func long(v cty.Value) bool {
	exponent := v.AsBigFloat().MantExp(nil)
	return exponent > maxBits || exponent < -maxBits
}

// longText reports whether a text is a number that is long, or takes long to read.
func longText(text string) bool {
	if strings.Trim(text, "0123456789.eE+-") != "" {
		return false
	}
	if len(text) > maxPlain {
		return true
	}
	n, err := cty.ParseNumberVal(text)
	return err == nil && long(n)
}

// use counts a value.
func (b *budget) use(v cty.Value) error {
	size := sizeOf(v, maxSteps+1)
	if size.long {
		return errLong
	}
	return b.spend(size.values, size.bytes)
}

// size is what a value has.
type size struct {
	values, bytes int64
	long          bool // a number in it has too many digits
}

// sizeOf returns the number of values in a value, and the bytes of their texts. It stops counting at most values.
func sizeOf(v cty.Value, most int64) size {
	v, _ = v.Unmark()
	switch {
	case v == cty.NilVal || !v.IsKnown() || v.IsNull():
		return size{values: 1}
	case v.Type() == cty.String:
		return size{values: 1, bytes: int64(len(v.AsString()))}
	case v.Type() == cty.Number: // as a text it has about as many digits as its exponent says
		return size{values: 1, bytes: int64(max(0, v.AsBigFloat().MantExp(nil)))/3 + 1, long: long(v)}
	case !v.CanIterateElements():
		return size{values: 1}
	}
	all := size{values: 1}
	for it := v.ElementIterator(); it.Next() && all.values < most; {
		key, element := it.Element()
		one := sizeOf(element, most-all.values)
		all.values, all.bytes, all.long = all.values+one.values, all.bytes+one.bytes, all.long || one.long
		if key.Type() == cty.String {
			all.bytes += int64(len(key.AsString()))
		}
	}
	return all
}

// budgetType is how a for expression finds the budget of its evaluation.
var budgetType = cty.Capsule("budget", reflect.TypeFor[budget]())

// budgetName is no name that a plan can refer to.
const budgetName = "\x00budget"

func budgetOf(ctx *hcl.EvalContext) *budget {
	for ; ctx != nil; ctx = ctx.Parent() {
		if v, ok := ctx.Variables[budgetName]; ok {
			return v.EncapsulatedValue().(*budget)
		}
	}
	return nil
}

// expression counts what an expression refers to, without the bodies of for expressions, which count themselves for
// each turn.
func (b *budget) expression(expr hcl.Expression, ctx *hcl.EvalContext) error {
	node, ok := expr.(hclsyntax.Node)
	if !ok {
		return b.spend(1, 0)
	}
	c := &counter{budget: b, ctx: ctx}
	_ = hclsyntax.Walk(node, c) // it has no diagnostics
	return c.err
}

// counter walks an expression.
type counter struct {
	budget *budget
	ctx    *hcl.EvalContext
	inside int // bodies of for expressions around the node
	err    error
}

func (c *counter) Enter(n hclsyntax.Node) hcl.Diagnostics {
	if c.err != nil {
		return nil
	}
	switch n := n.(type) {
	case *meteredExpr:
		c.inside++
	case *hclsyntax.ScopeTraversalExpr:
		if c.inside > 0 {
			return nil
		}
		if v, diags := n.Traversal.TraverseAbs(c.ctx); !diags.HasErrors() {
			c.err = c.budget.use(v)
		}
	case *hclsyntax.LiteralValueExpr:
		if c.inside == 0 {
			c.err = c.budget.use(n.Val)
		}
	}
	return nil
}

func (c *counter) Exit(n hclsyntax.Node) hcl.Diagnostics {
	if _, ok := n.(*meteredExpr); ok && c.err == nil {
		c.inside--
	}
	return nil
}

// meteredExpr is a part of a for expression that is evaluated once for each element.
type meteredExpr struct{ *hclsyntax.ParenthesesExpr }

// operandExpr is an operand of an arithmetic operation.
type operandExpr struct{ *hclsyntax.ParenthesesExpr }

// meter lets the for expressions of a body count their turns, and arithmetic look at its operands.
func meter(body *hclsyntax.Body) {
	_ = hclsyntax.VisitAll(body, func(n hclsyntax.Node) hcl.Diagnostics {
		switch n := n.(type) {
		case *hclsyntax.ForExpr:
			for _, part := range []*hclsyntax.Expression{&n.KeyExpr, &n.ValExpr, &n.CondExpr} {
				if *part == nil {
					continue
				}
				if _, done := (*part).(*meteredExpr); !done {
					*part = &meteredExpr{parentheses(*part)}
				}
			}
		case *hclsyntax.BinaryOpExpr:
			if n.Op.Impl.Params()[0].Type == cty.Number {
				n.LHS, n.RHS = &operandExpr{parentheses(n.LHS)}, &operandExpr{parentheses(n.RHS)}
			}
		case *hclsyntax.UnaryOpExpr:
			n.Val = &operandExpr{parentheses(n.Val)}
		}
		return nil
	})
}

func parentheses(expr hclsyntax.Expression) *hclsyntax.ParenthesesExpr {
	return &hclsyntax.ParenthesesExpr{Expression: expr, SrcRange: expr.Range()}
}

// Value evaluates the operand. Operands that are too long are refused, so that no result in an expression is much
// longer.
func (e *operandExpr) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	v, diags := e.ParenthesesExpr.Value(ctx)
	if plain, _ := v.Unmark(); plain.IsKnown() && !plain.IsNull() &&
		(plain.Type() == cty.Number && long(plain) || plain.Type() == cty.String && longText(plain.AsString())) {
		return cty.DynamicVal, append(diags, tooMuchAt(errLong, e.Range()))
	}
	return v, diags
}

func tooMuchAt(err error, at hcl.Range) *hcl.Diagnostic {
	return &hcl.Diagnostic{Severity: hcl.DiagError, Summary: err.Error(), Subject: &at, Extra: err}
}

// Value evaluates the part for one element.
func (e *meteredExpr) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	if b := budgetOf(ctx); b != nil {
		err := b.spend(loopCost, 0)
		if err == nil {
			err = b.expression(e.Expression, ctx)
		}
		if err != nil {
			return cty.DynamicVal, hcl.Diagnostics{tooMuchAt(err, e.Range())}
		}
	}
	return e.ParenthesesExpr.Value(ctx)
}

// function returns a function that counts its results. Of a function whose result can have far more than its
// arguments, what it will have is checked before it is made.
func (b *budget) function(name string, f function.Function) function.Function {
	grows := growing[name]
	return function.New(&function.Spec{
		Params: f.Params(), VarParam: f.VarParam(),
		Type: func(args []cty.Value) (cty.Type, error) {
			for _, a := range args {
				if a, _ = a.Unmark(); !a.IsWhollyKnown() || a.ContainsMarked() || a.IsNull() {
					return f.ReturnTypeForValues(args)
				}
			}
			if grows != nil {
				plain := make([]cty.Value, len(args))
				for i := range args {
					plain[i], _ = args[i].Unmark()
				}
				if err := b.allows(grows(plain)); err != nil {
					return cty.NilType, err
				}
			}
			return f.ReturnTypeForValues(args)
		},
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			v, err := f.Call(args)
			if err == nil {
				err = b.use(v)
			}
			return v, err
		},
	})
}

// growing returns for functions how many values and bytes their result has, or how many steps they take, if that is
// more than a small multiple of their arguments.
var growing = map[string]func(args []cty.Value) (steps, bytes int64){
	"format":     func(args []cty.Value) (int64, int64) { return 1, formatted(args) },
	"formatlist": formattedList,
	"indent":     func(args []cty.Value) (int64, int64) { return 1, times(args[0], lines(args[1])) + length(args[1]) },
	"join":       joined,
	"replace": func(args []cty.Value) (int64, int64) {
		count := int64(strings.Count(args[0].AsString(), args[1].AsString()))
		return 1, product64(count, length(args[2])) + length(args[0])
	},
	"regexreplace": func(args []cty.Value) (int64, int64) { return 1, replacedByPattern(args) },
	"jsondecode": func(args []cty.Value) (int64, int64) {
		return nesting(args[0].AsString()) * length(args[0]) / 100, 0
	},
	"parseint": func(args []cty.Value) (int64, int64) {
		if args[0].Type() == cty.String && length(args[0]) > maxPlain {
			return 0, maxBytes + 1
		}
		return 1, 0
	},
	"setproduct": func(args []cty.Value) (int64, int64) {
		n := int64(len(args) + 1)
		for _, a := range args {
			if a.CanIterateElements() {
				n = product64(n, int64(a.LengthInt()))
			}
		}
		return n, 0
	},
	"distinct": func(args []cty.Value) (int64, int64) { n := int64(args[0].LengthInt()); return n * n / 200, 0 },
}

// nesting returns how deep lists and objects of a JSON text are nested. The decoder reads a text again for each level.
func nesting(text string) (deepest int64) {
	depth, quoted := int64(0), false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[', c == '{':
			depth++
			deepest = max(deepest, depth)
		case c == ']', c == '}':
			depth--
		}
	}
	return deepest
}

func length(v cty.Value) int64 { return int64(len(v.AsString())) }

func lines(v cty.Value) int64 { return int64(strings.Count(v.AsString(), "\n")) + 1 }

// times returns a product with a number, at most maxBytes + 1.
func times(number cty.Value, n int64) int64 {
	factor, _ := number.AsBigFloat().Int64()
	return product64(factor, n)
}

func product64(a, b int64) int64 {
	if a > 0 && b > (maxBytes+1)/a {
		return maxBytes + 1
	}
	return a * b
}

// digits matches widths and precisions of a format.
var digits = regexp.MustCompile(`[0-9]+`)

// formatted is at most how many bytes a formatted text has: its widths, and the longest argument for each verb.
func formatted(args []cty.Value) int64 {
	text, longest := args[0].AsString(), int64(0)
	for _, a := range args[1:] {
		size := sizeOf(a, maxSteps)
		if size.long || a.Type() == cty.String && longText(a.AsString()) {
			return maxBytes + 1
		}
		longest = max(longest, size.bytes*6) // as JSON, each byte can have six
	}
	total := product64(int64(strings.Count(text, "%")), longest) + int64(len(text))
	for _, width := range digits.FindAllString(text, -1) {
		n, err := strconv.ParseInt(width, 10, 64)
		if err != nil {
			return maxBytes + 1
		}
		total += min(n, maxBytes+1)
	}
	return total
}

func formattedList(args []cty.Value) (int64, int64) {
	n, plain := int64(1), []cty.Value{args[0]}
	for _, a := range args[1:] {
		if a.CanIterateElements() {
			n = max(n, int64(a.LengthInt()))
			for it := a.ElementIterator(); it.Next(); {
				_, element := it.Element()
				plain = append(plain, element)
			}
			continue
		}
		plain = append(plain, a)
	}
	if args[0].Type() != cty.String {
		return n, 0
	}
	return n, product64(n, formatted(plain))
}

func joined(args []cty.Value) (int64, int64) {
	n, size := int64(0), int64(0)
	for _, list := range args[1:] {
		if list.CanIterateElements() {
			n += int64(list.LengthInt())
			size += sizeOf(list, maxSteps).bytes
		}
	}
	return 1, product64(n, length(args[0])) + size
}

// replacedByPattern counts each $ of the replacement as the whole text, which a group of the pattern may hold.
func replacedByPattern(args []cty.Value) int64 {
	pattern, err := regexp.Compile(args[1].AsString())
	if err != nil {
		return 0 // the function reports it
	}
	text, by := args[0].AsString(), args[2].AsString()
	found, groups := int64(len(pattern.FindAllStringIndex(text, -1))), int64(strings.Count(by, "$"))
	return product64(found, int64(len(by))) + product64(groups, int64(len(text))*max(1, min(found, 2))) + int64(len(text))
}
