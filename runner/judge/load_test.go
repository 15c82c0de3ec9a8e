package judge

import (
	"strings"
	"testing"

	"plan/containers"
	"plan/engine"
	"plan/plans"
	"plan/runner/journal"
)

// judged is what a load says under a p95 of 500 ms and 50 answers per second.
func judged(r engine.Result, asserts ...plans.AssertFailure) Verdict {
	return Judge(alive(&r), Criteria{
		Asserts: asserts, Threshold: []plans.Objective{{Metric: "p95", Limit: 0.5}, {Metric: "throughput", Limit: 50}},
	})
}

// alive is a trial whose one container lives when its load has ended.
func alive(load *engine.Result) Observation {
	return Observation{Phase: journal.PhaseEnd, Replicas: []Replica{{Starts: 1, State: containers.State{Running: true}}}, Load: load}
}

// measured is a load of 1,000 answers.
func measured(p95, rate float64, limits ...engine.Saturation) engine.Result {
	return engine.Result{
		Total:     engine.Counts{Requests: 1000, OK: 1000, Dropped: new(int64(7))},
		Judged:    engine.Judged{Requests: 1000, OK: 1000, OKRate: rate, Latency: engine.Percentiles{P95: &p95}},
		Lateness:  engine.Percentiles{P99: new(0.08)},
		Saturated: limits,
	}
}

func TestALimitOfTheGeneratorIsNoVerdictOnTheService(t *testing.T) {
	cpu := engine.Saturation{Kind: engine.SaturationCPU, Text: "it used 1.9 of 2 CPUs"}
	late := engine.Saturation{Kind: engine.SaturationLateness, Text: "it was 80ms late"}
	less := engine.Saturation{Kind: engine.SaturationRate, Text: "it sent 60 % of the arrivals"}
	for name, c := range map[string]struct {
		got     Verdict
		verdict journal.Verdict
		reason  journal.Reason
		why     string
	}{
		"none":                       {judged(measured(0.1, 90)), journal.Passed, "", "1000 of 1000 requests OK, 7 arrivals dropped"},
		"of CPU":                     {judged(measured(0.1, 90, cpu)), journal.Invalid, journal.Generator, cpu.Text},
		"late":                       {judged(measured(0.1, 90, late)), journal.Passed, "", "1000 of 1000 requests OK, 7 arrivals dropped"},
		"late, and slow by less":     {judged(measured(0.57, 90, late)), journal.Invalid, journal.Generator, late.Text},
		"late, and slow by more":     {judged(measured(0.59, 90, late)), journal.Failed, journal.Latency, "p95 590ms over 500ms"},
		"slow by a little":           {judged(measured(0.57, 90)), journal.Failed, journal.Latency, "p95 570ms over 500ms"},
		"of CPU, and slow":           {judged(measured(0.9, 90, cpu)), journal.Invalid, journal.Generator, cpu.Text},
		"fewer and late, and slow":   {judged(measured(0.51, 40, less, late)), journal.Invalid, journal.Generator, less.Text + "; " + late.Text},
		"fewer arrivals":             {judged(measured(0.1, 90, less)), journal.Invalid, journal.Generator, less.Text},
		"fewer, and slow even so":    {judged(measured(0.9, 90, less)), journal.Failed, journal.Latency, "p95 900ms over 500ms"},
		"fewer, hence fewer answers": {judged(measured(0.1, 40, less)), journal.Invalid, journal.Generator, less.Text},
		"fewer, and an assertion":    {judged(measured(0.1, 90, less), plans.AssertFailure{Name: "a", Message: "no"}), journal.Failed, journal.Assert, `assert "a": no`},
	} {
		if c.got.Verdict != c.verdict || c.got.Reason != c.reason || c.got.Why != c.why {
			t.Errorf("%s: %s, %s: %q", name, c.got.Verdict, c.got.Reason, c.got.Why)
		}
	}
}

func TestALoadThatEndedBeforeItCouldBeJudged(t *testing.T) {
	early := engine.Result{Total: engine.Counts{Requests: 3, OK: 3}, Ended: `the feed "items" was used up`}
	if got := judged(early); got.Verdict != journal.Invalid || !strings.Contains(got.Why, `ended before its judged window: the feed "items"`) {
		t.Errorf("%s: %s", got.Verdict, got.Why)
	}
	early.Ended = ""
	if got := judged(early); got.Verdict != journal.Failed || got.Why != "no request got an OK response in the judged window" {
		t.Errorf("%s: %s", got.Verdict, got.Why)
	}
}

// TestWhatErrorsCount: with a threshold those that are judged, else all but
// those of requests that users begin with.
func TestWhatErrorsCount(t *testing.T) {
	fast := 0.01
	load := engine.Result{
		Total:     engine.Counts{OK: 10, Failed: 3},
		ByRequest: map[string]engine.Counts{"login": {OnStart: true, OK: 1, Failed: 2}, "predict": {OK: 9, Failed: 1}},
		Judged:    engine.Judged{Requests: 8, OK: 8, Latency: engine.Percentiles{P95: &fast}},
	}
	threshold := []plans.Objective{{Metric: "p95", Limit: 0.5}}
	faults := func(change func(*engine.Result), threshold []plans.Objective) string {
		r := load
		change(&r)
		var texts []string
		for _, f := range thresholdViolations(&r, Criteria{Threshold: threshold}) {
			texts = append(texts, f.text)
		}
		return strings.Join(texts, "; ")
	}
	for _, c := range []struct {
		change    func(*engine.Result)
		threshold []plans.Objective
		want      string
	}{
		{func(*engine.Result) {}, threshold, ""},
		{func(*engine.Result) {}, nil, "1 of 10 requests failed"},
		{func(r *engine.Result) { r.Judged.Failed = 2 }, threshold, "2 of 10 requests failed"},
		{func(r *engine.Result) {
			r.ByRequest = map[string]engine.Counts{"login": {OnStart: true, OK: 10}, "predict": {}}
		}, nil, "no request got an OK response"},
	} {
		if got := faults(c.change, c.threshold); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestNothingAnsweredByAllUsersPassesNoThreshold(t *testing.T) {
	short := 0.1
	load := engine.Result{
		Total:  engine.Counts{Requests: 20, OK: 10, InFlight: new(int64(10))},
		Judged: engine.Judged{Requests: 10, Latency: engine.Percentiles{P95: &short}},
	}
	for _, o := range []plans.Objective{{Metric: "error_rate", Limit: 0.01}, {Metric: "p95", Limit: 0.5}} {
		v := Judge(alive(&load), Criteria{Threshold: []plans.Objective{o}})
		if v.Verdict != journal.Failed || v.Reason != journal.Errors {
			t.Errorf("%s: %s, %s", o.Metric, v.Verdict, v.Why)
		}
	}
}

// A bound of one request is held against what is judged of it alone.
func TestBoundsOfOneRequest(t *testing.T) {
	of := func(p95 float64, ok, failed int64) engine.Judged {
		return engine.Judged{Seconds: 10, OK: ok, Failed: failed, OKRate: float64(ok) / 10, Latency: engine.Percentiles{P95: &p95}}
	}
	mixed := engine.Result{
		Total: engine.Counts{Requests: 1040, OK: 1030, Failed: 10}, Judged: of(0.009, 1030, 10),
		JudgedByRequest: map[string]engine.Judged{"status": of(0.004, 1000, 0), "predict": of(3, 30, 10), "rare": {}},
	}
	on := func(request, metric string, limit float64) plans.Objective {
		return plans.Objective{Request: request, Metric: metric, Limit: limit}
	}
	all, predict := on("", "error_rate", 0.05), on("predict", "p95", 0.5)
	for name, c := range map[string]struct {
		threshold []plans.Objective
		verdict   journal.Verdict
		why       string
	}{
		"all of them":              {[]plans.Objective{all, on("", "p95", 0.5)}, journal.Passed, "1030 of 1040 requests OK"},
		"slow":                     {[]plans.Objective{all, on("", "p95", 0.5), predict}, journal.Failed, "predict: p95 3s over 500ms"},
		"the other one":            {[]plans.Objective{all, on("status", "p95", 0.5)}, journal.Passed, "1030 of 1040 requests OK"},
		"too few answers of it":    {[]plans.Objective{all, on("predict", "p95", 5)}, journal.Inconclusive, "predict: p95 cannot be determined from 30 responses: it needs 90"},
		"its errors":               {[]plans.Objective{all, on("predict", "error_rate", 0.1)}, journal.Failed, "predict: error_rate 25 % over 10 %"},
		"its errors, and no other": {[]plans.Objective{on("predict", "error_rate", 0.3)}, journal.Passed, "1030 of 1040 requests OK"},
		"another one's errors":     {[]plans.Objective{on("status", "error_rate", 0.3)}, journal.Failed, "10 of 1040 requests failed"},
		"its throughput":           {[]plans.Objective{all, on("predict", "throughput", 5)}, journal.Failed, "predict: throughput 3.0/s under 5.0/s"},
		"never judged":             {[]plans.Objective{all, on("rare", "error_rate", 0.5)}, journal.Failed, "rare: error_rate unknown: no request got an OK response"},
		"one that the load lacks":  {[]plans.Objective{all, on("other", "p95", 0.5)}, journal.Failed, "other: p95 unknown: no request got an OK response"},
		"worse of two that lack":   {[]plans.Objective{all, on("", "p999", 5), on("predict", "p99", 5)}, journal.Failed, "p999 unknown: the driver does not measure it"},
	} {
		got := Judge(loaded(mixed), Criteria{Threshold: c.threshold})
		if got.Verdict != c.verdict || got.Why != c.why {
			t.Errorf("%s: %s: %q", name, got.Verdict, got.Why)
		}
	}
}
