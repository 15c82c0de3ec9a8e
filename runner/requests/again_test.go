package requests

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plan/engine"
	"plan/internal/exchange"
	"plan/plans"
)

func TestALoadAsksByName(t *testing.T) {
	requests := []exchange.Request{{Path: "/a"}, {Path: "/b", Header: map[string]string{"host": "other", "X": "1"}}}
	l := ByName(engine.Load{OnStart: requests[:1], Requests: requests}, plans.Service{Name: "api", Expose: []int{8000, 9000}})
	want := []map[string]string{{"Host": "api:8000"}, {"Host": "api:8000"}, {"Host": "other", "X": "1"}}
	got := []map[string]string{l.OnStart[0].Header, l.Requests[0].Header, l.Requests[1].Header}
	if diff := cmp.Diff(want, got); diff != "" || requests[0].Header != nil {
		t.Errorf("%s; the plan's own: %v", diff, requests)
	}
}

// Cookies of the user go beside those that a request has itself.
func TestRequestsOfAUser(t *testing.T) {
	own := []exchange.Request{{Name: "a", Header: map[string]string{"cookie": "theme=dark", "X": "1"}}}
	if got := WithCookies(own, "session=7")[0].Header; len(got) != 2 || got["Cookie"] != "session=7; theme=dark" || got["X"] != "1" || own[0].Header["cookie"] != "theme=dark" {
		t.Errorf("%v, from %v", got, own[0].Header)
	}
	if got := WithCookies(own, ""); got[0].Header["Cookie"] != "" {
		t.Errorf("%v", got)
	}
}

// Of a load by a foreign driver only GET and a path say what was asked.
func TestRequestsThatADriverNames(t *testing.T) {
	answered := engine.Counts{OK: 1}
	load := engine.Result{
		ByRequest: map[string]engine.Counts{
			"GET /b?x=1": answered, "GET /a": answered, "GET /never": {Failed: 3}, "POST /predict": answered, "GET a page": answered, "GET": answered,
			"GET /items (95% hot)": answered, "GET /95%": answered, "GET /all items": answered,
			"GET /[id]": answered, "GET /{id}": answered, "GET /<id>": answered, "GET /(id)": answered,
		},
		JudgedByRequest: map[string]engine.Judged{"GET /a": {Latency: engine.Percentiles{Max: new(40.0)}}, "GET /b?x=1": {Latency: engine.Percentiles{Max: new(1.0)}}},
	}
	got := Paths(load, plans.Service{Name: "api", Expose: []int{8000}})
	if len(got) != 2 || got[0].Path != "/a" || got[0].Timeout != 80*time.Second || got[1].Path != "/b?x=1" || got[1].Timeout != 10*time.Second || got[0].Header["Host"] != "api:8000" {
		t.Errorf("%+v", got)
	}
}

// A load that lost a share of its requests explains as many in a row as that share
// gives with a chance over 1 %.
func TestTries(t *testing.T) {
	counts := func(ok, failed int64, errors map[exchange.Class]int64) engine.Counts {
		return engine.Counts{OK: ok, Failed: failed, Errors: errors}
	}
	timedOut := func(n int64) map[exchange.Class]int64 { return map[exchange.Class]int64{exchange.Timeout: n} }
	for name, c := range map[string]struct {
		load *engine.Result
		want int
	}{
		"no load":                           {nil, 1},
		"nothing sent":                      {&engine.Result{}, 1},
		"all answered":                      {&engine.Result{Total: counts(100, 0, nil)}, 1},
		"one in a thousand":                 {&engine.Result{Total: counts(999, 1, timedOut(1))}, 1},
		"one in a hundred":                  {&engine.Result{Total: counts(99, 1, timedOut(1))}, 1},
		"two in a hundred":                  {&engine.Result{Total: counts(98, 2, timedOut(2))}, 2},
		"a third":                           {&engine.Result{Total: counts(20, 10, timedOut(10))}, 5},
		"nearly all":                        {&engine.Result{Total: counts(1, 99, timedOut(99))}, 8},
		"all":                               {&engine.Result{Total: counts(0, 10, timedOut(10))}, 8},
		"wrong answers are answers":         {&engine.Result{Total: counts(50, 50, map[exchange.Class]int64{exchange.HTTP4xx: 17, exchange.HTTP5xx: 14, exchange.HTTPOther: 10, exchange.ShortBody: 6, exchange.CheckFailed: 3})}, 1},
		"wrong answers and none":            {&engine.Result{Total: counts(50, 50, map[exchange.Class]int64{exchange.HTTP5xx: 41, exchange.Reset: 9})}, 2},
		"the request itself":                {&engine.Result{Total: counts(50, 50, timedOut(50)), ByRequest: map[string]engine.Counts{"a": counts(100, 0, nil)}}, 1},
		"another request, for one not sent": {&engine.Result{Total: counts(91, 9, timedOut(9)), ByRequest: map[string]engine.Counts{"b": counts(100, 0, nil)}}, 2},
	} {
		if got := Tries(c.load, "a"); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}
