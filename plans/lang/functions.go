package lang

import (
	"reflect"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"plan/engine"
	"plan/internal/units"
	"plan/plans/diag"
)

// thinkTimeType is what between and exponential give: nothing else can use it.
var thinkTimeType = cty.Capsule("think time", reflect.TypeFor[engine.ThinkTime]())

// functions are all functions of the language: pure ones, besides env, which
// only a variable's default may call.
func functions(environ []string) map[string]function.Function {
	return map[string]function.Function{
		"bytes": bytesFunc, "seconds": secondsFunc, "between": betweenFunc, "exponential": exponentialFunc, "poisson": poissonFunc, "env": envFunc(environ),
		"can": canFunc, "try": tryFunc,

		"abs": stdlib.AbsoluteFunc, "ceil": stdlib.CeilFunc, "floor": stdlib.FloorFunc, "log": stdlib.LogFunc, "max": stdlib.MaxFunc,
		"min": stdlib.MinFunc, "parseint": stdlib.ParseIntFunc, "pow": stdlib.PowFunc, "signum": stdlib.SignumFunc,

		"chomp": stdlib.ChompFunc, "format": stdlib.FormatFunc, "formatlist": stdlib.FormatListFunc, "indent": stdlib.IndentFunc, "join": stdlib.JoinFunc,
		"lower": stdlib.LowerFunc, "regex": stdlib.RegexFunc, "regexall": stdlib.RegexAllFunc, "regexreplace": stdlib.RegexReplaceFunc,
		"replace": stdlib.ReplaceFunc, "split": stdlib.SplitFunc, "strlen": stdlib.StrlenFunc, "strrev": stdlib.ReverseFunc, "substr": stdlib.SubstrFunc,
		"title": stdlib.TitleFunc, "trim": stdlib.TrimFunc, "trimprefix": stdlib.TrimPrefixFunc, "trimspace": stdlib.TrimSpaceFunc,
		"trimsuffix": stdlib.TrimSuffixFunc, "upper": stdlib.UpperFunc,

		"chunklist": stdlib.ChunklistFunc, "coalesce": stdlib.CoalesceFunc, "coalescelist": stdlib.CoalesceListFunc, "compact": stdlib.CompactFunc,
		"concat": stdlib.ConcatFunc, "contains": stdlib.ContainsFunc, "distinct": stdlib.DistinctFunc, "element": stdlib.ElementFunc,
		"flatten": stdlib.FlattenFunc, "index": stdlib.IndexFunc, "keys": stdlib.KeysFunc, "length": stdlib.LengthFunc, "lookup": stdlib.LookupFunc,
		"merge": stdlib.MergeFunc, "range": stdlib.RangeFunc, "reverse": stdlib.ReverseListFunc, "setintersection": stdlib.SetIntersectionFunc,
		"setproduct": stdlib.SetProductFunc, "setsubtract": stdlib.SetSubtractFunc, "setunion": stdlib.SetUnionFunc, "slice": stdlib.SliceFunc,
		"sort": stdlib.SortFunc, "values": stdlib.ValuesFunc, "zipmap": stdlib.ZipmapFunc,

		"csvdecode": stdlib.CSVDecodeFunc, "jsondecode": stdlib.JSONDecodeFunc, "jsonencode": stdlib.JSONEncodeFunc,
		"tobool": stdlib.MakeToFunc(cty.Bool), "tonumber": stdlib.MakeToFunc(cty.Number), "tostring": stdlib.MakeToFunc(cty.String),
		"tolist": stdlib.MakeToFunc(cty.List(cty.DynamicPseudoType)), "tomap": stdlib.MakeToFunc(cty.Map(cty.DynamicPseudoType)),
		"toset": stdlib.MakeToFunc(cty.Set(cty.DynamicPseudoType)),
	}
}

// functionNames lists the functions by name.
func functionNames() []string {
	var names []string
	for name := range functions(nil) {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Explain returns what a code means, why it matters and what is right.
func Explain(code string) (string, bool) {
	text, known := diag.Explain(code)
	if known && strings.EqualFold(code, "P0210") {
		text += "\n\nFunctions: " + strings.Join(functionNames(), ", ")
	}
	return text, known
}

// ofTexts makes a function of one or two texts.
func ofTexts(result cty.Type, impl func(args []cty.Value) (cty.Value, error), names ...string) function.Function {
	var params []function.Parameter
	for _, n := range names {
		params = append(params, function.Parameter{Name: n, Type: cty.String})
	}
	return function.New(&function.Spec{
		Params: params,
		Type:   function.StaticReturnType(result),
		Impl:   func(args []cty.Value, _ cty.Type) (cty.Value, error) { return impl(args) },
	})
}

var bytesFunc = ofTexts(cty.Number, func(args []cty.Value) (cty.Value, error) {
	b, p := typeSize.of("bytes", args[0])
	if p != nil {
		return cty.NilVal, p
	}
	return cty.NumberIntVal(int64(b.(units.Bytes))), nil
}, "size")

var secondsFunc = ofTexts(cty.Number, func(args []cty.Value) (cty.Value, error) {
	t, p := typeThink.of("seconds", args[0])
	if p != nil {
		return cty.NilVal, p
	}
	return cty.NumberFloatVal(t.(engine.ThinkTime).Min.Seconds()), nil
}, "duration")

var betweenFunc = ofTexts(thinkTimeType, func(args []cty.Value) (cty.Value, error) {
	from, p := typeThink.of("between", args[0])
	if p != nil {
		return cty.NilVal, p
	}
	to, p := typeThink.of("between", args[1])
	if p != nil {
		return cty.NilVal, p
	}
	t := engine.ThinkTime{Kind: "between", Min: from.(engine.ThinkTime).Min, Max: to.(engine.ThinkTime).Min}
	if t.Max < t.Min {
		return cty.NilVal, wrong("P0404", "write the shorter one first", "between() ends (%s) before it starts (%s)", args[1].AsString(), args[0].AsString())
	}
	return cty.CapsuleVal(thinkTimeType, &t), nil
}, "from", "to")

var exponentialFunc = ofTexts(thinkTimeType, func(args []cty.Value) (cty.Value, error) {
	mean, p := typeThink.of("exponential", args[0])
	if p != nil {
		return cty.NilVal, p
	}
	return cty.CapsuleVal(thinkTimeType, &engine.ThinkTime{Kind: "exponential", Min: mean.(engine.ThinkTime).Min}), nil
}, "mean")

// envFunc reads a variable of the environment that was handed in; one that is
// not set is empty.
func envFunc(environ []string) function.Function {
	return ofTexts(cty.String, func(args []cty.Value) (cty.Value, error) {
		value, _ := lookup(environ, args[0].AsString())
		return cty.StringVal(value), nil
	}, "name")
}

// lookup finds a name in "name=value" texts; the last one counts.
func lookup(list []string, name string) (value string, ok bool) {
	for _, entry := range list {
		if rest, found := strings.CutPrefix(entry, name+"="); found {
			value, ok = rest, true
		}
	}
	return value, ok
}
