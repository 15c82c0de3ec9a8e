package lang

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"plan/internal/printable"
)

// attrType is what an attribute takes.
type attrType struct {
	name    string // in the reference
	takes   string // after "takes": "a number"
	example string
	reads   string     // in the reference, how a quantity is read
	want    cty.Type   // what a value is converted to first
	exact   bool       // no conversion: a quantity must be written as text
	convert conversion // nil: the value is used by code of its own
	refers  []string   // roots that it may refer to
	text    bool       // a reference may also be a plain text
	many    bool       // a list of references
	names   bool       // a plain text is the name of what it refers to
	each    *block     // what the objects in it have
	word    string     // a text that it takes besides what it wants
	free    bool       // its texts may have control characters, such as a body's
}

// conversion turns a known value into the Go value that a plan is built of.
type conversion func(k *attrType, name string, v cty.Value) (any, *violation)

// of makes a Go value of a known value that is not null.
func (k *attrType) of(name string, v cty.Value) (any, *violation) {
	if k.exact {
		return k.convert(k, name, v)
	}
	if k.word != "" && v.Type() == cty.String && v.AsString() == k.word {
		return k.convert(k, name, v)
	}
	converted, err := convert.Convert(v, k.want)
	// A null inside a list means nothing.
	if err != nil || converted.Type().IsListType() && slices.ContainsFunc(converted.AsValueSlice(), cty.Value.IsNull) {
		return nil, k.refuse(name, v)
	}
	if bad, has := k.control(converted); has {
		return nil, wrong("P0420", "remove it", "%s has the control character %U", name, bad)
	}
	return k.convert(k, name, converted)
}

// control returns a character of a value that its type does not take. A type that is not free takes no control
// characters: a server or an engine refuses them in names, paths and headers, or a terminal obeys them. Lists and maps
// of free texts, which are arguments and variables of processes, take all but U+0000.
func (k *attrType) control(v cty.Value) (bad rune, has bool) {
	if k.want == cty.DynamicPseudoType || k.free && k.want == cty.String {
		return 0, false
	}
	_ = cty.Walk(v, func(_ cty.Path, v cty.Value) (bool, error) {
		if v.Type() != cty.String || v.IsNull() || has {
			return !has, nil
		}
		if k.free {
			has = strings.ContainsRune(v.AsString(), 0)
		} else {
			bad, has = printable.Foreign(v.AsString())
		}
		return true, nil
	})
	return bad, has
}

// refuse says what a value is instead of what is wanted.
func (k *attrType) refuse(name string, v cty.Value) *violation {
	example, is := k.example, "this is "+typeName(v.Type())
	switch {
	case k.word != "" && v.Type() == cty.String:
		example = fmt.Sprintf("%q", k.word)
	case k.want.IsListType() && v.Type() == cty.String:
		example = fmt.Sprintf("[%q]", v.AsString())
	case k.want.IsListType() && v.CanIterateElements() && !v.Type().IsObjectType() && !v.Type().IsMapType():
		misfit := "null" // the first element that cannot be in the list
		for it := v.ElementIterator(); it.Next(); {
			_, element := it.Element()
			if _, err := convert.Convert(element, k.want.ElementType()); err != nil {
				misfit = typeName(element.Type())
				break
			}
		}
		is = "this list contains " + misfit
	}
	return wrong("P0401", fmt.Sprintf("write %s = %s", name, example), "%s takes %s, but %s", name, k.takes, is)
}

// typeName is a type in words, with its article.
func typeName(t cty.Type) string {
	switch {
	case t == cty.String:
		return "a string"
	case t == cty.Number:
		return "a number"
	case t == cty.Bool:
		return "true or false"
	case t == thinkTimeType:
		return "a think time"
	case t == arrivalsType:
		return "an arrival rate"
	case t.IsListType() || t.IsTupleType() || t.IsSetType():
		return "a list"
	case t.IsMapType() || t.IsObjectType():
		return "an object"
	}
	return "a value of another type"
}

// The types that are no quantities.
var (
	typeText = &attrType{free: true, name: "string", takes: "a string", example: `"text"`, want: cty.String,
		convert: toText}
	typeFlag     = &attrType{name: "true or false", takes: "true or false", example: "true", want: cty.Bool, convert: toFlag}
	typeCount    = wholeFrom(1, 1_000_000, "1")
	typePort     = &attrType{name: "port", takes: "a port number", example: "8000", want: cty.Number, convert: whole(1, 65535)}
	typeReplicas = wholeFrom(1, 1000, "2")
	typeAgents   = wholeFrom(1, 64, "4")
	typeCode     = &attrType{name: "status", takes: "a status code", example: "200", want: cty.Number, convert: whole(100, 599)}
	typeWeigh    = &attrType{name: "number", takes: "a number", example: "1", want: cty.Number, convert: toWeight}
	typePrice    = &attrType{name: "number", takes: "a number", example: "0.04", want: cty.Number, convert: toPrice}
	typeValues   = &attrType{name: "list of values", takes: "a list of strings, numbers, true or false",
		example: "[1, 2, 4]", want: cty.DynamicPseudoType, exact: true, convert: toValues}
	typeTexts = &attrType{free: true, name: "list of strings", takes: "a list of strings", example: `["one", "two"]`,
		want: cty.List(cty.String), convert: toTexts}
	typeSteps = &attrType{name: `list of whole numbers or "auto"`, takes: `a list of whole numbers or "auto"`,
		word: "auto", example: "[10, 50, 100]", want: cty.List(cty.Number), convert: toSteps}
	typeJSON = &attrType{name: "any value", takes: "a value that JSON can express", example: "{ inputs = [1, 2] }",
		want: cty.DynamicPseudoType, convert: toJSON}
	typeAny = &attrType{name: "any value", takes: "any value", example: `"value"`, want: cty.DynamicPseudoType, convert: toAny}

	// These are evaluated by code of their own, at a time of their own.
	typeType      = &attrType{name: "type", takes: "a type", example: "string"}
	typeCondition = &attrType{name: "condition", takes: "a condition", example: "trial.oom_kills == 0", want: cty.Bool}
	typeMessage   = &attrType{name: "string", takes: "a string", example: `"what is wrong and what to do"`,
		want: cty.String}
	typeDefault = &attrType{name: "any value", takes: "any value", example: `"value"`}
)

// The types that refer to other blocks.
var (
	typeService  = &attrType{name: "service", takes: "a service", example: "service.api", refers: []string{"service"}}
	typeScenario = &attrType{name: "scenario", takes: "a scenario", example: "scenario.predict", refers: []string{"scenario"}}
	typeImage    = &attrType{name: "image or string", takes: "an image or a " +
		"string", example: `"fast-api-mlflow:latest"`, refers: []string{"image"}, text: true, want: cty.String, convert: toReference}
	typeNetwork = &attrType{name: "network or string", takes: "a network or a " +
		"string", example: `"proyecto-2_default"`, refers: []string{"network"}, text: true, want: cty.String, convert: toNetworkName}
	typeNetworks = &attrType{name: "list of networks or strings", takes: "a list of networks or " +
		"strings", example: "[network.backend]", refers: []string{"network"}, text: true, many: true, want: cty.String, convert: toNetworkName}
	typeServices = &attrType{name: "list of services or their names", takes: "a list of services", example: "[service.db]", refers: []string{"service"}, text: true, many: true, names: true}
	typeStages   = &attrType{name: "list of stages", takes: "a list of stages", example: "[search.memory]", refers: []string{"search", "ramp", "check"}, many: true}
)

// wholeFrom takes whole numbers of a range.
func wholeFrom(least, most int64, example string) *attrType {
	return &attrType{name: "whole number", takes: "a whole number", example: example, want: cty.Number, convert: whole(least, most)}
}

// word takes one of a fixed set.
func word(words ...string) *attrType {
	k := &attrType{
		name: `"` + strings.Join(words, `", "`) + `"`, takes: "a string", example: `"` + words[0] + `"`, want: cty.String,
	}
	k.convert = func(_ *attrType, name string, v cty.Value) (any, *violation) {
		text := v.AsString()
		if slices.Contains(words, text) {
			return text, nil
		}
		return nil, wrong("P0407", labelHelp(text, words), "%q is not a value of %s", text, name)
	}
	return k
}

func toText(_ *attrType, _ string, v cty.Value) (any, *violation) { return v.AsString(), nil }
func toFlag(_ *attrType, _ string, v cty.Value) (any, *violation) { return v.True(), nil }
func toAny(_ *attrType, _ string, v cty.Value) (any, *violation)  { return v, nil }

// toJSON refuses what JSON has no word for, such as a think time or an arrival
// rate anywhere in a value.
func toJSON(k *attrType, name string, v cty.Value) (any, *violation) {
	capsule := false
	_ = cty.Walk(v, func(_ cty.Path, v cty.Value) (bool, error) {
		capsule = capsule || v.Type().IsCapsuleType()
		return true, nil
	})
	if _, err := json.Marshal(ctyjson.SimpleJSONValue{Value: v}); err != nil || capsule {
		return nil, wrong("P0401", "write numbers, strings, lists and objects", "%s takes %s", name, k.takes)
	}
	return v, nil
}

func toWeight(_ *attrType, name string, v cty.Value) (any, *violation) {
	weight, _ := v.AsBigFloat().Float64()
	if weight <= 0 || weight > 1e6 {
		return nil, wrong("P0421", "remove the request if users never send it",
			"%s must be more than 0 and at most 1000000", name)
	}
	return weight, nil
}

func toPrice(k *attrType, name string, v cty.Value) (any, *violation) {
	price, _ := v.AsBigFloat().Float64()
	if price < 0 || price > 1e9 {
		return nil, wrong("P0421", "write a price such as "+k.example, "%s must be from 0 to 1000000000", name)
	}
	return price, nil
}

// toValues takes the values of a setting, each once.
func toValues(k *attrType, name string, v cty.Value) (any, *violation) {
	if !v.CanIterateElements() || v.Type().IsObjectType() || v.Type().IsMapType() {
		return nil, k.refuse(name, v)
	}
	var list []any
	for it := v.ElementIterator(); it.Next(); {
		_, element := it.Element()
		one := plain(element)
		if _, primitive := one.(map[string]any); one == nil || primitive || !element.Type().IsPrimitiveType() {
			return nil, wrong("P0401", "write "+name+" = "+k.example, "%s takes %s, but there is %s in it", name, k.takes,
				typeName(element.Type()))
		}
		if slices.Contains(list, one) {
			return nil, wrong("P0421", "name every value once", "%v is twice in %s", one, name)
		}
		list = append(list, one)
	}
	if len(list) == 0 || len(list) > mostSettings {
		return nil, wrong("P0421", "write "+name+" = "+k.example, "%s must have from 1 to %d values", name, mostSettings)
	}
	return list, nil
}

// mostSettings is how many values a setting may have: each is a search of its own.
const mostSettings = 100

// whole takes whole numbers of a range.
func whole(least, most int64) conversion {
	return func(k *attrType, name string, v cty.Value) (any, *violation) {
		n, accuracy := v.AsBigFloat().Int64()
		if accuracy != big.Exact || n < least || n > most {
			return nil, wrong("P0421", "write a number such as "+k.example, "%s must be a whole number from %d to %d", name, least, most)
		}
		return int(n), nil
	}
}

func toTexts(_ *attrType, _ string, v cty.Value) (any, *violation) {
	texts := []string{}
	for _, e := range v.AsValueSlice() {
		texts = append(texts, e.AsString())
	}
	return texts, nil
}

// toMap leaves names out whose value is null.
func toMap(_ *attrType, _ string, v cty.Value) (any, *violation) {
	texts := map[string]string{}
	for name, e := range v.AsValueMap() {
		if !e.IsNull() {
			texts[name] = e.AsString()
		}
	}
	return texts, nil
}

// toSteps takes users that rise, since a ramp goes up; of the word for a ramp that finds
// them itself it makes nil.
func toSteps(k *attrType, name string, v cty.Value) (any, *violation) {
	if v.Type() == cty.String {
		return []int(nil), nil
	}
	steps := []int{}
	for _, e := range v.AsValueSlice() {
		n, p := whole(1, 1_000_000)(k, "each step of "+name, e)
		if p != nil {
			return nil, p
		}
		steps = append(steps, n.(int))
	}
	if len(steps) == 0 {
		return nil, wrong("P0408", "write users = [10, 50, 100]", "%s has no steps", name)
	}
	for i := 1; i < len(steps); i++ {
		if steps[i] <= steps[i-1] {
			return nil, wrong("P0408", "sort the list, and remove repeated steps",
				"%s must rise from step to step, but %d comes after %d", name, steps[i], steps[i-1])
		}
	}
	return steps, nil
}
