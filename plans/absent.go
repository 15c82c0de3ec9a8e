package plans

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/customdecode"
	"github.com/hashicorp/hcl/v2/ext/tryfunc"
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

// opened lets an expression take members of a point that was not found: each
// of them is null. One that asks for the point itself finds that null.
func (e *evaluator) opened(v cty.Value, address string, expr hcl.Expression) cty.Value {
	if !e.over || !e.stage(address) || !v.IsKnown() {
		return v
	}
	values := v.AsValueMap()
	for name, member := range values {
		t := member.Type()
		if member.IsNull() && t.IsObjectType() && !asked(expr, address+"."+name) {
			values[name] = nulls(t)
		}
	}
	return cty.ObjectVal(values)
}

// asked says whether an expression refers to an address itself, not only to
// what is in it.
func asked(expr hcl.Expression, address string) bool {
	return slices.ContainsFunc(expr.Variables(), func(t hcl.Traversal) bool {
		names := path(t)
		return len(names) == 3 && names[0]+"."+names[1]+"."+names[2] == address
	})
}

// nulls is an object whose attributes are all null.
func nulls(t cty.Type) cty.Value {
	values := map[string]cty.Value{}
	for name, attribute := range t.AttributeTypes() {
		values[name] = cty.NullVal(attribute)
	}
	return cty.ObjectVal(values)
}

// closures is a parameter that takes expressions as they are.
var closures = function.Parameter{Name: "expressions", Type: customdecode.ExpressionClosureType}

// tryFunc gives the first of its expressions that has a value; null is none.
var tryFunc = function.New(&function.Spec{
	VarParam: &closures,
	Type: func(args []cty.Value) (cty.Type, error) {
		v, err := firstValue(args)
		return v.Type(), err
	},
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) { return firstValue(args) },
})

func firstValue(args []cty.Value) (cty.Value, error) {
	for _, arg := range args {
		v, err := tryfunc.TryFunc.Call([]cty.Value{arg})
		if err == nil && !v.IsNull() {
			return v, nil
		}
	}
	v, err := tryfunc.TryFunc.Call(args)
	if err != nil {
		return cty.DynamicVal, err
	}
	return v, nil
}

// canFunc says whether an expression has a value; null is none.
var canFunc = function.New(&function.Spec{
	Params: []function.Parameter{closures},
	Type:   function.StaticReturnType(cty.Bool),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		if v, err := tryfunc.TryFunc.Call(args); err == nil && v.IsNull() {
			return cty.False, nil
		}
		return tryfunc.CanFunc.Call(args)
	},
})
