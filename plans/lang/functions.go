package lang

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"plan/engine"
	"plan/internal/envfile"
	"plan/internal/units"
	"plan/plans/diag"
)

// thinkTimeType is what between and exponential give: nothing else can use it.
var thinkTimeType = cty.Capsule("think time", reflect.TypeFor[engine.ThinkTime]())

// functions are the pure functions of the language: all but env, which only the default
// of a variable may call.
func functions() map[string]function.Function {
	return map[string]function.Function{
		"bytes": bytesFunc, "seconds": secondsFunc, "between": betweenFunc, "exponential": exponentialFunc, "poisson": poissonFunc,
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
	names := []string{"env"}
	for name := range functions() {
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
		return cty.NilVal, wrong("P0404", "write the shorter duration first", "between() ends (%s) before it starts (%s)",
			args[1].AsString(), args[0].AsString())
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

// envFunc reads a variable of the environment that was passed in, else of files of the
// plan; the first one that has it counts. Without files one that is not set is empty;
// with them it is null, and absent is set to what is to be done.
func envFunc(p *program, absent *string) function.Function {
	name := func(param string) function.Parameter { return function.Parameter{Name: param, Type: cty.String} }
	files := name("file")
	return function.New(&function.Spec{
		Params: []function.Parameter{name("name")}, VarParam: &files,
		Type: function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			value, is := envfile.Lookup(p.environ, args[0].AsString())
			if is || len(args) == 1 {
				return cty.StringVal(value), nil
			}
			for _, file := range args[1:] {
				values, err := p.variablesOf(file.AsString())
				if err != nil && !errors.Is(err, fs.ErrNotExist) {
					return cty.NilVal, fmt.Errorf("%s: %w", file.AsString(), err)
				}
				if value, is := values[args[0].AsString()]; is {
					return cty.StringVal(value), nil
				}
			}
			*absent = fmt.Sprintf("put %s into %s", args[0].AsString(), args[len(args)-1].AsString())
			return cty.NullVal(cty.String), nil
		},
	})
}

// variablesOf reads a file of environment variables that a default names. Of a Compose
// file, which takes references from .env too, they are named SERVICE.NAME.
func (p *program) variablesOf(file string) (map[string]string, error) {
	data, err := p.readVariables(file, diag.SourceRange{File: p.file})
	if err != nil {
		return nil, err
	}
	set := func(name string) (string, bool) { return envfile.Lookup(p.environ, name) }
	if ext := filepath.Ext(file); ext != ".yaml" && ext != ".yml" {
		return envfile.Parse(data, set, nil)
	}
	beside, err := p.variablesOf(filepath.Join(filepath.Dir(file), ".env"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return envfile.ParseCompose(data, func(name string) (string, bool) {
		if value, is := set(name); is {
			return value, true
		}
		value, is := beside[name]
		return value, is
	})
}
