package lang

import (
	"errors"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/customdecode"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// absent is what stands for a result that a stage did not give. It is unknown
// as long as stages run, since an unknown value spoils what is made of it and
// a null one might be taken for a limit; once the run is over it is null, so
// that outputs can give something else instead.
func (e *evaluator) absent(t cty.Type) cty.Value {
	if e.over {
		return cty.NullVal(t)
	}
	return cty.UnknownVal(t)
}

// expandNull lets an expression take members of a point that was not found: each
// of them is null. One that asks for the point itself finds that null.
func (e *evaluator) expandNull(v cty.Value, address string, expr hcl.Expression) cty.Value {
	if !e.over || !e.program.stage(address) || !v.IsKnown() {
		return v
	}
	values := v.AsValueMap()
	for name, member := range values {
		t := member.Type()
		itself := func(t hcl.Traversal) bool { return strings.Join(path(t), ".") == address+"."+name }
		if member.IsNull() && t.IsObjectType() && !slices.ContainsFunc(expr.Variables(), itself) {
			nulls := map[string]cty.Value{}
			for part, attribute := range t.AttributeTypes() {
				nulls[part] = cty.NullVal(attribute)
			}
			values[name] = cty.ObjectVal(nulls)
		}
	}
	return cty.ObjectVal(values)
}

// closures is a parameter that takes expressions as they are.
var closures = function.Parameter{Name: "expressions", Type: customdecode.ExpressionClosureType}

// tryFunc gives the first of its expressions that has a value; null is none.
// Its type is left open, so that each expression is computed only once.
var tryFunc = function.New(&function.Spec{
	VarParam: &closures,
	Type:     function.StaticReturnType(cty.DynamicPseudoType),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		err := errors.New("no expression succeeded")
		for _, arg := range args {
			v, diags := customdecode.ExpressionClosureFromVal(arg).Value()
			switch {
			case diags.HasErrors():
			case !v.IsWhollyKnown():
				return cty.DynamicVal, nil
			case v.IsNull():
				err = nil
			default:
				return v, nil
			}
		}
		return cty.NullVal(cty.DynamicPseudoType), err
	},
})

// canFunc says whether an expression has a value; null is none.
var canFunc = function.New(&function.Spec{
	Params: []function.Parameter{closures},
	Type:   function.StaticReturnType(cty.Bool),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		v, diags := customdecode.ExpressionClosureFromVal(args[0]).Value()
		if !diags.HasErrors() && !v.IsWhollyKnown() {
			return cty.UnknownVal(cty.Bool), nil
		}
		return cty.BoolVal(!diags.HasErrors() && !v.IsNull()), nil
	},
})
