package judge

import (
	"testing"

	"plan/engine"
	"plan/plans"
)

func TestWindow(t *testing.T) {
	second := func(ok, failed int64, p95 float64) engine.Window {
		return engine.Window{Users: 10, OK: ok, Failed: failed, Requests: ok + failed, Latency: engine.Percentiles{P95: &p95}}
	}
	late := func(ok int64) engine.Window { // half of its responses, at least
		return engine.Window{Users: 10, OK: ok, Requests: ok, Latency: engine.Percentiles{P50: new(0.6), P95: new(0.7)}}
	}
	waits := func(n int) engine.Window { return engine.Window{Users: 10, Waiting: &n} }
	p95 := plans.Objective{Metric: "p95", Limit: 0.5}
	rate := plans.Objective{Metric: ErrorRate, Limit: 0.1}
	ofOne := plans.Objective{Metric: "p95", Limit: 0.1, Request: "predict"}
	for name, c := range map[string]struct {
		seconds   []engine.Window
		threshold []plans.Objective
		want      string
	}{
		"nothing":                                {nil, nil, ""},
		"fast":                                   {[]engine.Window{second(10, 0, 0.4)}, []plans.Objective{p95}, ""},
		"slow":                                   {[]engine.Window{second(10, 0, 0.6)}, []plans.Objective{p95}, "p95 600ms over 500ms"},
		"the mean by responses":                  {[]engine.Window{second(30, 0, 0.4), second(10, 0, 0.8)}, []plans.Objective{p95}, ""},
		"more of them slow":                      {[]engine.Window{second(20, 0, 0.4), second(20, 0, 0.8)}, []plans.Objective{p95}, "p95 600ms over 500ms"},
		"one second has too many slow responses": {[]engine.Window{late(60), second(240, 0, 0.2)}, []plans.Objective{p95}, "p95 over 500ms: at least 10 % of the responses took longer"},
		"just as many as may be slow":            {[]engine.Window{late(20), second(180, 0, 0.2)}, []plans.Objective{p95}, ""},
		"slow ones among enough responses":       {[]engine.Window{late(18), second(72, 0, 0.2)}, []plans.Objective{p95}, "p95 over 500ms: at least 10 % of the responses took longer"},
		"slow ones among too few responses":      {[]engine.Window{late(18), second(71, 0, 0.2)}, []plans.Objective{p95}, ""},
		"slow ones, and a bound of the rate":     {[]engine.Window{late(60), second(240, 0, 0.2)}, []plans.Objective{rate}, ""},
		"one response over the maximum": {[]engine.Window{{Users: 10, OK: 9, Latency: engine.Percentiles{Max: new(0.7)}}, {Users: 10, OK: 91, Latency: engine.Percentiles{Max: new(0.1)}}},
			[]plans.Objective{{Metric: "max", Limit: 0.5}}, "max over 500ms: at least 1 % of the responses took longer"},
		"a failure without a bound":     {[]engine.Window{second(10, 1, 0.1)}, []plans.Objective{p95}, "requests failed"},
		"failures within their bound":   {[]engine.Window{second(9, 1, 0.1)}, []plans.Objective{rate}, ""},
		"failures beyond their bound":   {[]engine.Window{second(8, 2, 0.1)}, []plans.Objective{rate}, "error_rate 20 % over 10 %"},
		"another request's bound":       {[]engine.Window{second(10, 0, 0.4)}, []plans.Objective{ofOne}, ""},
		"nothing ended, and some think": {[]engine.Window{waits(4)}, []plans.Objective{p95}, ""},
		"nothing ended, and half wait":  {[]engine.Window{waits(5)}, []plans.Objective{p95}, "no request got a response"},
		"the only user waits":           {[]engine.Window{{Users: 1, Waiting: new(1)}}, []plans.Objective{p95}, "no request got a response"},
		"no user is left":               {[]engine.Window{{Waiting: new(0)}}, []plans.Objective{p95}, ""},
		"who waits is not known":        {[]engine.Window{{Users: 2}}, []plans.Objective{p95}, ""},
		"they waited before":            {[]engine.Window{waits(9), waits(4)}, []plans.Objective{p95}, ""},
		"no latency":                    {[]engine.Window{{Users: 10, Failed: 1}}, []plans.Objective{rate, p95}, "error_rate 100 % over 10 %"},
	} {
		if got := Window(c.seconds, c.threshold); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestFigures(t *testing.T) {
	one, two := 0.1, 0.4
	got := Figures([]engine.Window{
		{OK: 30, Failed: 1, Requests: 31, Latency: engine.Percentiles{P95: &one}},
		{OK: 10, Failed: 2, Requests: 12, Latency: engine.Percentiles{P95: &two}},
	})
	if got.Seconds != 2 || got.OK != 40 || got.Failed != 3 || got.Requests != 43 || got.OKRate != 20 ||
		got.Latency.P95 == nil || *got.Latency.P95 < 0.1749 || *got.Latency.P95 > 0.1751 || got.Latency.P50 != nil {
		t.Errorf("%+v", got)
	}
	if one := Figures([]engine.Window{{OK: 10}}); one.OKRate != 10 {
		t.Errorf("%+v", one)
	}
	if none := Figures(nil); none.OKRate != 0 || none.Latency.P95 != nil {
		t.Errorf("%+v", none)
	}
}
