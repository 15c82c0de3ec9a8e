package judge

import (
	"slices"
	"testing"
	"time"

	"plan/containers"
	"plan/engine"
	"plan/internal/exchange"
	"plan/plans"
	"plan/runner/journal"
)

// at returns the moment some tenths of a second after noon.
func at(tenths int) time.Time { return noon.Add(time.Duration(tenths) * tenth) }

// periods is a series of samples of 100 ms. In each there is one period, which is
// throttled after the first and up to the last of the given tenths of a second.
func periods(first, last int) []containers.Usage {
	var usage []containers.Usage
	var throttled int64
	for i := range 61 {
		if i > first && i <= last {
			throttled++
		}
		usage = append(usage, containers.Usage{At: at(i), Periods: new(int64(i)), ThrottledPeriods: new(throttled)})
	}
	return usage
}

// What counts between 1.5 s and 1.6 s is throttling from 0.6 s to 2.5 s.
func TestWhenAServiceIsThrottled(t *testing.T) {
	idle := periods(0, 0)
	for i := range idle {
		idle[i].Periods, idle[i].ThrottledPeriods = new(int64(7)), new(int64(7))
	}
	once := slices.Clone(idle)
	for i := 20; i < len(once); i++ {
		once[i].Periods, once[i].ThrottledPeriods = new(int64(8)), new(int64(8))
	}
	for name, c := range map[string]struct {
		usage    []containers.Usage
		from, to time.Time
		want     bool
	}{
		"in all of it":                 {periods(6, 25), noon, time.Time{}, true},
		"in nine tenths of it":         {periods(6, 24), noon, time.Time{}, true},
		"in less":                      {periods(6, 23), noon, time.Time{}, false},
		"not before":                   {periods(14, 25), noon, time.Time{}, false},
		"not after":                    {periods(6, 17), noon, time.Time{}, false},
		"where all begins later":       {periods(15, 25), at(15), time.Time{}, true},
		"where all ends at once":       {periods(6, 16), noon, at(16), true},
		"where all ends later":         {periods(6, 25), noon, at(35), true},
		"with no period":               {idle, noon, time.Time{}, false},
		"with one period":              {once, noon, time.Time{}, true},
		"in a container with no quota": {nil, noon, time.Time{}, false},
	} {
		o := Observation{Samples: Samples{Own: [][]containers.Usage{c.usage}}}
		if got := o.throttled(at(15), at(16), c.from, c.to); got != c.want {
			t.Errorf("throttled %s: %v", name, got)
		}
	}
	for name, forget := range map[string]func(*containers.Usage){
		"periods":           func(u *containers.Usage) { u.Periods = nil },
		"throttled periods": func(u *containers.Usage) { u.ThrottledPeriods = nil },
	} {
		for _, i := range []int{6, 25} {
			usage := periods(6, 25)
			forget(&usage[i])
			o := Observation{Samples: Samples{Own: [][]containers.Usage{usage}}}
			if o.throttled(at(15), at(16), noon, time.Time{}) {
				t.Errorf("throttled though %s are not known at %d", name, i)
			}
		}
	}
}

func TestCPUSecondsBetweenSamples(t *testing.T) {
	usage := []containers.Usage{{At: at(0), CPUSeconds: new(3.0)}, {At: at(10)}, {At: at(20), CPUSeconds: new(5.0)}, {At: at(30), CPUSeconds: new(4.0)}}
	for name, c := range map[string]struct {
		from, to time.Time
		want     float64
	}{
		"from the first to another":   {at(0), at(20), 2},
		"between samples":             {at(5), at(29), 2},
		"before the first":            {at(-1), at(20), 0},
		"from one that is not known":  {at(10), at(20), 0},
		"to one that is not known":    {at(0), at(10), 0},
		"neither is known":            {at(10), at(11), 0},
		"a counter that starts again": {at(20), at(30), 0},
	} {
		if got := secondsBetween(usage, c.from, c.to); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// hosted is a trial with a sample of the host each second, which was ready at noon.
func hosted(busy ...float64) Observation {
	o := trial(journal.PhaseEnd, running())
	o.ReadyAt = noon
	o.Samples.Own = [][]containers.Usage{nil}
	o.Samples.Host = []journal.HostSample{{At: noon}}
	for i, cpus := range busy {
		o.Samples.Host = append(o.Samples.Host, journal.HostSample{At: at(10 * (i + 1)), CPUBusy: cpus})
	}
	return o
}

func TestWhatAShortageCovers(t *testing.T) {
	judged := func(from, seconds float64) Observation {
		o := hosted(20, 20, 20, 20)
		o.Source.Began, o.Load = noon, &engine.Result{Judged: engine.Judged{From: from, Seconds: seconds}}
		return o
	}
	for name, c := range map[string]struct {
		o          Observation
		of, lasted time.Duration
	}{
		"since readiness":              {hosted(20, 20, 20, 20), 4 * time.Second, 4 * time.Second},
		"a twentieth is idle":          {hosted(19, 20, 19, 18.99), 4 * time.Second, time.Second},
		"the judged time":              {judged(1, 2), 2 * time.Second, 2 * time.Second},
		"a second of it":               {judged(1, 1), time.Second, time.Second},
		"a judged time without an end": {judged(1, 0), 3 * time.Second, 3 * time.Second},
	} {
		if got := c.o.cpuShortage(20); got.of != c.of || got.lasted != c.lasted {
			t.Errorf("%s: %v of %v, want %v of %v", name, got.lasted, got.of, c.lasted, c.of)
		}
	}
}

func TestTheBoundsOfADisturbance(t *testing.T) {
	slow := Because(journal.Latency, "slow")
	slow.Failures = []string{"slow", "few", "late"}
	hundred := make([]float64, 100)
	hundred[40] = 4
	moreThanAHundredth := slices.Clone(hundred)
	moreThanAHundredth[41] = 4
	for name, c := range map[string]struct {
		o    Observation
		c    Criteria
		want journal.Reason
	}{
		"a hundredth of the time":       {hosted(hundred...), Criteria{CPUs: 4, Others: 0.05}, journal.Latency},
		"more than that":                {hosted(moreThanAHundredth...), Criteria{CPUs: 4, Others: 0.05}, journal.Disturbed},
		"as much as others may use":     {hosted(4, 4), Criteria{CPUs: 4, Others: 1}, journal.Latency},
		"less may be used":              {hosted(4, 4), Criteria{CPUs: 4, Others: 0.999}, journal.Disturbed},
		"one CPU":                       {hosted(1, 1), Criteria{CPUs: 1, Others: 0.05}, journal.Disturbed},
		"a host whose CPUs nobody told": {hosted(1, 1), Criteria{Others: 0.05}, journal.Latency},
	} {
		v := c.o.unlessDisturbed(slow, c.c)
		if v.Reason != c.want {
			t.Errorf("%s: %s (%s)", name, v.Reason, v.Why)
		}
		if v.Reason == journal.Disturbed && !slices.Equal(v.Failures, []string{"few", "late"}) {
			t.Errorf("%s: %q", name, v.Failures)
		}
	}
}

func TestErrorsThatAreTimeouts(t *testing.T) {
	for name, c := range map[string]struct {
		errors map[exchange.Class]int64
		want   bool
	}{
		"none":                          {nil, true},
		"timeouts":                      {map[exchange.Class]int64{exchange.Timeout: 3, exchange.ConnectTimeout: 1}, true},
		"a class that has not occurred": {map[exchange.Class]int64{exchange.Timeout: 3, exchange.Refused: 0}, true},
		"one of another class":          {map[exchange.Class]int64{exchange.Timeout: 3, exchange.Refused: 1}, false},
	} {
		if got := onlyTimedOut(&engine.Result{Total: engine.Counts{Errors: c.errors}}); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestTheServiceIsWatchedAsTheSubject(t *testing.T) {
	o := trial(journal.PhaseEnd, with(running(), named("api")))
	o.Others = []journal.Watched{{Name: "db", Role: containers.Helper}}
	if w := o.Watched(); len(w) != 2 || w[0].Name != "api" || w[0].Role != containers.Subject || w[1].Role != containers.Helper {
		t.Errorf("%+v", w)
	}
}

// Of two percentiles that lack as many samples the first one is named.
func TestTheFirstOfTwoThatLackSamples(t *testing.T) {
	few := func(string) engine.Judged { return engine.Judged{OK: 9} }
	threshold := []plans.Objective{{Metric: "p90", Request: "a"}, {Metric: "p95", Request: "b"}, {Metric: "p95", Request: "c"}}
	if m, request := Neediest(threshold, few); m.Name != "p95" || request != "b" {
		t.Errorf("%s of %s", m.Name, request)
	}
}
