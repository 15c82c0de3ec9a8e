package lang

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/zclconf/go-cty/cty"

	"plan/engine"
	"plan/internal/english"
	"plan/internal/units"
)

// The quantities: texts with a unit.
var (
	typeSize = &attrType{name: "size", takes: "a string with a unit", example: `"500M"`, reads: "`b`, `K`, " +
		"`M`, `G` and `T` as Docker reads them, each 1024 of the one before; `Mi`, `MiB` and `MB` mean " +
		"`M`.", want: cty.String, exact: true, convert: toSize}
	typeCPUs = &attrType{name: "cpus", takes: "a number of CPUs", example: "0.5", reads: "A number of CPUs, or " +
		"millicores, as in Kubernetes: `\"500m\"`.", want: cty.Number, convert: toCPUs, exact: true}
	typeDuration = &attrType{name: "duration", takes: "a string with a unit", example: `"60s"`, reads: "`ms`, `s`, " +
		"`m` and `h`, also together: `\"2m30s\"`.", want: cty.String, exact: true, convert: toDuration}
	typeSpan = &attrType{name: "duration", takes: "a string with a " +
		"unit", example: `"60s"`, want: cty.String, exact: true, convert: toSpan}
	typeLatency = &attrType{name: "duration", takes: "a string with a " +
		"unit", example: `"500ms"`, want: cty.String, exact: true, convert: toSpan}
	typeShare = &attrType{name: "share", takes: "a string with a percent " +
		"sign", example: `"1%"`, reads: "Percent.", want: cty.String, exact: true, convert: toShare}
	typeRate = &attrType{name: "rate", takes: "a string with a unit", example: `"100/s"`,
		reads: "Per second, minute or hour: `/s`, `/m`, `/h`.", want: cty.String, exact: true, convert: rate(units.ParseRate)}
	typeThink = &attrType{name: "think time", takes: "a duration, between() or exponential()",
		example: `between("1s", "3s")`, reads: "A duration, uniform between two, or exponential with a mean.", want: cty.DynamicPseudoType, exact: true, convert: toThinkTime}

	// typeDimension stands for the type of the dimension that the label of the
	// vary block names.
	typeDimension = &attrType{name: english.Or(dimensionTypeNames()), takes: "a value of the dimension", example: `"500M"`}

	// typeStep stands for the distance between two values of that dimension; of memory
	// it is typeMemoryStep.
	typeStep = &attrType{
		name: english.Or(append(dimensionTypeNames(), typeShare.name)), takes: "a value of the dimension", example: `"100M"`,
	}
	typeMemoryStep = &attrType{
		name: "size or share", takes: "a string with a unit", example: `"100M"`, want: cty.String, exact: true,
		convert: orShare(toSize),
	}
	// typeUserStep is the distance between two numbers of users.
	typeUserStep = &attrType{
		name: "whole number or share", takes: "a whole number or a share", example: "10", want: cty.Number, exact: true,
		convert: orShare(toUsers),
	}
)

// quantities are the types that a variable can have as its type.
var quantities = []*attrType{typeDuration, typeSize, typeShare, typeRate, typeCPUs}

// quantity reads a text, or says what is wrong with a bare number or anything
// else that stands in its place.
func quantity[T any](k *attrType, name string, v cty.Value, parse func(string) (T, error), advise func(error, string) *violation) (any, *violation) {
	switch v.Type() {
	case cty.String:
		got, err := parse(v.AsString())
		if err != nil {
			return nil, advise(err, v.AsString())
		}
		return got, nil
	case cty.Number:
		return nil, advise(units.ErrNoUnit, number(v))
	}
	return nil, k.refuse(name, v)
}

// number prints a number for an advice.
func number(v cty.Value) string { return v.AsBigFloat().Text('g', 10) }

func toSize(k *attrType, name string, v cty.Value) (any, *violation) {
	return quantity(k, name, v, positive(units.ParseBytes, 1024*units.TiB), func(err error, text string) *violation {
		switch {
		case errors.Is(err, units.ErrNoUnit):
			return wrong("P0402", fmt.Sprintf("write %q for %s mebibytes", text+"M", text), "%s needs a unit", name)
		case errors.Is(err, units.ErrUnknownUnit):
			return wrong("P0403", `write K, M, G or T, each 1024 of the one before: "500M"`,
				"the unit of %q is not known", text)
		case errors.Is(err, units.ErrRange):
			return wrong("P0421", `write an amount such as "500M"`, "%q is not a possible amount of memory", text)
		}
		return wrong("P0401", `write a number and a unit: "500M"`, "%q is not an amount of memory", text)
	})
}

// orShare also takes a share of the value below. Shares are bounded so that a grid stays
// short, and its values apart.
func orShare(amount conversion) conversion {
	return func(k *attrType, name string, v cty.Value) (any, *violation) {
		if v.Type() != cty.String || !strings.HasSuffix(strings.TrimSpace(v.AsString()), "%") {
			return amount(k, name, v)
		}
		share, p := toShare(k, name, v)
		if p == nil && share.(float64) < leastGrowth {
			return nil, wrong("P0405", `write a share such as "5%"`, "a step of %q is not from 1%% to 100%%", v.AsString())
		}
		return share, p
	}
}

// toUsers takes a number of users.
func toUsers(k *attrType, name string, v cty.Value) (any, *violation) {
	if v.Type() != cty.Number {
		return nil, k.refuse(name, v)
	}
	return typeCount.convert(k, name, v)
}

// leastGrowth is the least share that a step may be of the value below.
const leastGrowth = 0.01

// toCPUs also takes a number: nobody gives CPUs a unit.
func toCPUs(k *attrType, name string, v cty.Value) (any, *violation) {
	parse := positive(units.ParseCPUs, 1_000_000_000)
	if v.Type() == cty.Number {
		n, _ := v.AsBigFloat().Float64()
		if c, err := units.CPUsOf(n); err == nil && c > 0 {
			return c, nil
		}
		return nil, cpusViolation(units.ErrRange, number(v))
	}
	return quantity(k, name, v, parse, cpusViolation)
}

func cpusViolation(err error, text string) *violation {
	switch {
	case errors.Is(err, units.ErrUnknownUnit):
		return wrong("P0403", `write 0.5, or "500m", which is 500 millicores`, "the unit of %q is not known", text)
	case errors.Is(err, units.ErrRange):
		return wrong("P0421", "write a number of CPUs such as 0.5", "%q is not a possible number of CPUs", text)
	}
	return wrong("P0401", `write 0.5, or "500m" for thousandths`, "%q is not a number of CPUs", text)
}

// positive refuses nothing at all, which would mean no limit, and more than
// any machine has.
func positive[T units.Bytes | units.CPUs](parse func(string) (T, error), most T) func(string) (T, error) {
	return func(text string) (T, error) {
		got, err := parse(text)
		if err == nil && (got <= 0 || got > most) {
			err = units.ErrRange
		}
		return got, err
	}
}

func toDuration(k *attrType, name string, v cty.Value) (any, *violation) {
	return quantity(k, name, v, units.ParseDuration, func(err error, text string) *violation {
		switch {
		case errors.Is(err, units.ErrNoUnit):
			// A bare number of some size is of milliseconds where latency is wanted,
			// and else of seconds.
			help := fmt.Sprintf("write %q if you mean seconds", text+"s")
			n, err := strconv.ParseFloat(text, 64)
			if err == nil && n >= 10 && strings.HasSuffix(k.example, `ms"`) {
				help = fmt.Sprintf("write %q if you mean milliseconds", text+"ms")
			}
			return wrong("P0404", help, "%q is not a duration: the unit is missing", text)
		case errors.Is(err, units.ErrUnknownUnit):
			return wrong("P0404", `write ms, s, m or h: "150s", "2m30s"`, "%q is not a duration: its unit is not known", text)
		case errors.Is(err, units.ErrRange):
			return wrong("P0404", `write a duration such as "60s"`, "%q is not a duration: it is negative", text)
		}
		return wrong("P0404", `write a duration such as "60s"`, "%q is not a duration", text)
	})
}

// toSpan refuses no time at all, where that has no meaning.
func toSpan(k *attrType, name string, v cty.Value) (any, *violation) {
	d, p := toDuration(k, name, v)
	if p == nil && d == time.Duration(0) {
		return nil, wrong("P0421", "write a duration such as "+k.example, "%s must be above 0", name)
	}
	return d, p
}

func toShare(k *attrType, name string, v cty.Value) (any, *violation) {
	return quantity(k, name, v, units.ParseShare, func(err error, text string) *violation {
		switch {
		case errors.Is(err, units.ErrNoUnit):
			help := fmt.Sprintf("write %q", text+"%")
			// A part of 1 is taken for what it is: "0.01" means one percent.
			if part, err := strconv.ParseFloat(text, 64); err == nil && part < 1 && part != 0 {
				percent := strconv.FormatFloat(math.Round(part*1e8)/1e6, 'f', -1, 64)
				help = fmt.Sprintf("write \"%s%%\" if you mean %s of all", percent, text)
			}
			return wrong("P0405", help, "%q is not a share: the percent sign is missing", text)
		case errors.Is(err, units.ErrRange):
			return wrong("P0405", `write a share such as "1%"`, "%q is not from 0%% to 100%%", text)
		}
		return wrong("P0405", `write a share such as "1%"`, "%q is not a share", text)
	})
}

// rate takes a number for each second, minute or hour, as parse reads it.
func rate(parse func(string) (float64, error)) conversion {
	advise := func(err error, text string) *violation {
		switch {
		case errors.Is(err, units.ErrNoUnit):
			return wrong("P0406", fmt.Sprintf("write %q if you mean per second", text+"/s"),
				"%q is not a rate: the unit is missing", text)
		case errors.Is(err, units.ErrUnknownUnit):
			return wrong("P0406", `write /s, /m or /h: "100/s"`, "%q is not a rate: its unit is not known", text)
		case errors.Is(err, units.ErrRange):
			return wrong("P0406", `write a rate such as "100/s"`, "%q is not a rate: it must be more than 0", text)
		}
		return wrong("P0406", `write a rate such as "100/s"`, "%q is not a rate", text)
	}
	return func(k *attrType, name string, v cty.Value) (any, *violation) {
		return quantity(k, name, v, parse, advise)
	}
}

func toThinkTime(k *attrType, name string, v cty.Value) (any, *violation) {
	if v.Type() == thinkTimeType {
		return *v.EncapsulatedValue().(*engine.ThinkTime), nil
	}
	d, p := toDuration(k, name, v)
	if p != nil {
		return nil, p
	}
	return engine.ThinkTime{Kind: "fixed", Min: d.(time.Duration), Max: d.(time.Duration)}, nil
}
