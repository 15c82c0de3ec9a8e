package lang

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/zclconf/go-cty/cty"

	"plan/engine"
	"plan/internal/units"
)

// The types of what stands in the place of users that think.
var (
	typeArrivals = &attrType{name: "arrival rate", takes: "a rate or poisson()", example: `"50/s"`,
		reads: "A rate, for evenly spaced requests, or poisson(), for random ones with this mean.", want: cty.DynamicPseudoType, exact: true, convert: toArrivals}
	typeTargetRate = &attrType{name: "arrival rate", takes: "a rate or poisson()", example: `"50/s"`, want: cty.DynamicPseudoType, exact: true, convert: toTargetRate}
	typeTarget     = wholeFrom(0, 1_000_000, "100")
	typeStaged     = &attrType{name: "list of stages", takes: "a list of stages", example: `[{ users = 100, over = "30s" }, { users = 100, over = "1m" }]`, want: cty.DynamicPseudoType, each: stageRows, convert: toStaged}
)

// arrivals are requests that begin at a rate per second.
type arrivals struct {
	rate    float64
	poisson bool
}

// staged are the stages of a load.
type staged struct {
	list    []engine.Stage
	poisson bool
}

// arrivalsType is what poisson gives: nothing else can use it.
var arrivalsType = cty.Capsule("arrival rate", reflect.TypeFor[arrivals]())

var poissonFunc = ofTexts(arrivalsType, func(args []cty.Value) (cty.Value, error) {
	a, p := typeTargetRate.of("poisson", args[0])
	if p != nil {
		return cty.NilVal, p
	}
	return cty.CapsuleVal(arrivalsType, &arrivals{rate: a.(arrivals).rate, poisson: true}), nil
}, "rate")

// maxRate is the highest arrival rate that a plan may ask for, per second.
const maxRate = 1_000_000

func toArrivals(k *attrType, name string, v cty.Value) (any, *violation) {
	a, p := toTargetRate(k, name, v)
	if p == nil && a.(arrivals).rate == 0 {
		return nil, wrong("P0421", "write a rate such as "+k.example, "%s must be above 0", name)
	}
	return a, p
}

// toTargetRate takes none at all, too: a load may fall off.
func toTargetRate(k *attrType, name string, v cty.Value) (any, *violation) {
	if v.Type() == arrivalsType {
		return *v.EncapsulatedValue().(*arrivals), nil
	}
	got, p := rate(func(text string) (float64, error) {
		perSecond, err := units.ParseRate(text)
		if errors.Is(err, units.ErrRange) && !strings.HasPrefix(strings.TrimSpace(text), "-") {
			return 0, nil
		}
		return perSecond, err
	})(k, name, v)
	if p != nil {
		return nil, p
	}
	if got.(float64) > maxRate {
		return nil, wrong("P0421", "write a rate such as "+k.example, "%s must be at most %d/s", name, maxRate)
	}
	return arrivals{rate: got.(float64)}, nil
}

// toStaged takes stages that fit together.
func toStaged(k *attrType, name string, v cty.Value) (any, *violation) {
	if v.IsNull() || !listed(v.Type()) {
		return nil, k.refuse(name, v)
	}
	var s staged
	first := ""
	for i, element := range v.AsValueSlice() {
		r, p := object(stageRows, fmt.Sprintf("load stage %d", i+1), element)
		if p != nil {
			return nil, p
		}
		a := get[arrivals](r, "rate")
		kind := "a rate" // what the stage approaches
		switch {
		case r.has("users"):
			kind = "users"
		case a.poisson:
			kind = "a rate at random"
		}
		if i == 0 {
			first, s.poisson = kind, a.poisson
		} else if kind != first {
			return nil, wrong("P0425", "write the same kind of target in all load stages",
				"load stage 1 has %s, but load stage %d has %s", first, i+1, kind)
		}
		s.list = append(s.list, engine.Stage{Users: get[int](r, "users"), Rate: a.rate, Over: get[time.Duration](r, "over")})
	}
	if l := (engine.Load{Stages: s.list}); !l.Open() && l.NeededUsers() == 0 {
		return nil, wrong("P0425", "write "+name+" = "+k.example, "%s contains no users and no rate above 0", name)
	}
	return s, nil
}
