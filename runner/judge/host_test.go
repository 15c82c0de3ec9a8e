package judge

import (
	"strings"
	"testing"
	"time"

	"plan/containers"
	"plan/engine"
	"plan/internal/exchange"
	"plan/plans"
	"plan/runner/journal"
)

// beside is a load of 20 s on a host of 4 CPUs, of which 10 s from the fifth on
// are judged, sampled five times a second. What it tells of a second: CPUs that
// are busy, those of the service, the load and a neighbour, and the share of the
// periods of its quota in which the service was throttled.
type beside func(second int) (busy, service, load, neighbour, throttled float64)

func (b beside) observation(change func(*engine.Result)) Observation {
	o := loaded(good(func(r *engine.Result) {
		r.Judged.From, r.Judged.Seconds = 5, 10
		r.Judged.Latency.P95 = new(0.9)
		if change != nil {
			change(r)
		}
	}))
	o.Source.Began, o.ReadyAt = noon, noon
	var service, load, neighbour float64
	var periods, throttled int64
	sample := func(at time.Time) {
		o.Samples.Own[0] = append(o.Samples.Own[0], containers.Usage{At: at, CPUSeconds: new(service), Periods: new(periods), ThrottledPeriods: new(throttled)})
		o.Samples.Others[0].Usage = append(o.Samples.Others[0].Usage, containers.Usage{At: at, CPUSeconds: new(load)})
		o.Samples.Others[1].Usage = append(o.Samples.Others[1].Usage, containers.Usage{At: at, CPUSeconds: new(neighbour)})
	}
	o.Samples.Own = make([][]containers.Usage, 1)
	o.Samples.Others = []journal.Watched{{Name: "agent", Role: containers.Generator}, {Name: "other", Role: containers.Neighbour}}
	o.Samples.Host = []journal.HostSample{{At: noon}}
	sample(noon)
	for i := range 100 {
		busy, s, l, n, t := b(i / 5)
		service, load, neighbour = service+s/5, load+l/5, neighbour+n/5
		periods += 10
		throttled += int64(10*t + 0.5)
		at := noon.Add(time.Duration(i+1) * time.Second / 5)
		sample(at)
		o.Samples.Host = append(o.Samples.Host, journal.HostSample{At: at, CPUBusy: busy})
	}
	return o
}

// always is the same in each second.
func always(busy, service, load, neighbour, throttled float64) beside {
	return func(int) (float64, float64, float64, float64, float64) {
		return busy, service, load, neighbour, throttled
	}
}

// from a second on, and before another one, it is as then, and else quiet.
func between(from, to int, then beside) beside {
	return func(second int) (float64, float64, float64, float64, float64) {
		if second >= from && second < to {
			return then(second)
		}
		return 1.1, 1, 0.1, 0, 0
	}
}

func TestWhoIsDisturbed(t *testing.T) {
	bounds := Criteria{CPUs: 4, Others: 0.05, Threshold: []plans.Objective{{Metric: "p95", Limit: 0.5}}}
	full := always(4, 1, 0.1, 2, 0)
	for name, c := range map[string]struct {
		beside beside
		want   journal.Verdict
	}{
		"others use the host up":                        {full, journal.Inconclusive},
		"others that are no containers":                 {always(4, 1, 0.1, 0, 0), journal.Inconclusive},
		"nobody else is there":                          {always(1.1, 1, 0.1, 0, 0), journal.Failed},
		"a twentieth is left":                           {always(3.8, 1, 0.1, 2, 0), journal.Failed},
		"less than a twentieth is left":                 {always(3.81, 1, 0.1, 2, 0), journal.Inconclusive},
		"service and load fill the host":                {always(4, 3, 0.9, 0, 0), journal.Failed},
		"they do, and others use a twentieth":           {always(4, 3, 0.8, 0.2, 0), journal.Failed},
		"they do, and others use more than a twentieth": {always(4, 3, 0.79, 0.2, 0), journal.Inconclusive},
		"its own limit holds it back":                   {always(4, 1, 0.1, 2, 0.9), journal.Failed},
		"its own limit does so in eight of ten periods": {always(4, 1, 0.1, 2, 0.8), journal.Inconclusive},
		"only before what is judged":                    {between(0, 5, full), journal.Failed},
		"only after what is judged":                     {between(15, 20, full), journal.Failed},
		"for a second of it":                            {between(9, 10, full), journal.Inconclusive},
	} {
		v := Judge(c.beside.observation(nil), bounds)
		if v.Verdict != c.want || (v.Reason == journal.Disturbed) != (c.want == journal.Inconclusive) {
			t.Errorf("%s: %s (%s): %s", name, v.Verdict, v.Reason, v.Why)
		}
	}
	v := Judge(full.observation(nil), bounds)
	if want := "no CPU of the host was idle for 10s of 10s: other programs used 2.9 of 4 CPUs; the failure does not count: p95 900ms over 500ms"; v.Why != want || len(v.Failures) != 0 {
		t.Errorf("%q, %q", v.Why, v.Failures)
	}
	bounds.Others = 1
	if v := Judge(full.observation(nil), bounds); v.Verdict != journal.Failed {
		t.Errorf("a plan that believes all: %s", v.Verdict)
	}
}

// TestALackOfATwoHundredthIsNone: 0.2 s of 40 s.
func TestALackOfATwoHundredthIsNone(t *testing.T) {
	o := between(9, 10, always(4, 1, 0.1, 2, 0)).observation(nil)
	for i := range o.Samples.Host {
		if i != 47 {
			o.Samples.Host[i].CPUBusy = 1.1
		}
	}
	v := Because(journal.Latency, "slow")
	if got := o.unlessDisturbed(v, Criteria{CPUs: 4, Others: 0.05}); got.Reason != journal.Disturbed {
		t.Errorf("0.2 s of 10 s: %s", got.Reason)
	}
	o.Source.Began, o.ReadyAt = time.Time{}, time.Time{}
	for i := 1; i <= 100; i++ { // twenty seconds more
		o.Samples.Host = append(o.Samples.Host, journal.HostSample{At: noon.Add(20*time.Second + time.Duration(i)*time.Second/5)})
	}
	if got := o.unlessDisturbed(v, Criteria{CPUs: 4, Others: 0.05}); got.Reason != journal.Latency {
		t.Errorf("0.2 s of 40 s: %s", got.Reason)
	}
}

func TestWhichFailuresALackOfCPUCanMake(t *testing.T) {
	bounds := func(objectives ...plans.Objective) Criteria {
		return Criteria{CPUs: 4, Others: 0.05, Within: time.Minute, Threshold: objectives}
	}
	p95, rate := plans.Objective{Metric: "p95", Limit: 0.5}, plans.Objective{Metric: "throughput", Limit: 100}
	failing := func(classes ...exchange.Class) func(*engine.Result) {
		return func(r *engine.Result) {
			r.Judged.Latency.P95 = new(0.1)
			r.Total.Failed, r.Judged.Failed, r.Total.Errors = 500, 500, map[exchange.Class]int64{}
			for _, class := range classes {
				r.Total.Errors[class] = 500 / int64(len(classes))
			}
		}
	}
	full := always(4, 1, 0.1, 2, 0)
	with := func(change func(*Observation)) Observation { o := full.observation(nil); change(&o); return o }
	for name, c := range map[string]struct {
		o    Observation
		c    Criteria
		want journal.Reason
	}{
		"latency":    {full.observation(nil), bounds(p95), journal.Disturbed},
		"throughput": {full.observation(func(r *engine.Result) { r.Judged.Latency.P95 = new(0.1) }), bounds(rate), journal.Disturbed},
		"throughput beside errors": {full.observation(func(r *engine.Result) {
			failing(exchange.Refused)(r)
			r.Judged.OKRate = 90
		}), bounds(rate, plans.Objective{Metric: "error_rate", Limit: 0.9}), journal.Disturbed},
		"hung":                        {full.observation(func(r *engine.Result) { r.Hung = true }), bounds(p95), journal.Disturbed},
		"requests that were too late": {full.observation(failing(exchange.Timeout, exchange.ConnectTimeout)), bounds(p95), journal.Disturbed},
		"requests that were refused":  {full.observation(failing(exchange.Timeout, exchange.Refused)), bounds(p95), journal.Errors},
		"an assertion beside":         {full.observation(nil), Criteria{CPUs: 4, Others: 0.05, Threshold: []plans.Objective{p95}, Asserts: []plans.AssertFailure{{Name: "a"}}}, journal.Latency},
		"not ready":                   {with(func(o *Observation) { o.Phase, o.Load, o.NotReady = journal.PhaseStart, nil, "refused" }), bounds(), journal.Disturbed},
		"an end of its own":           {with(func(o *Observation) { o.Replicas[0] = exited(1) }), bounds(p95), journal.Exit},
		"out of memory":               {with(func(o *Observation) { witnessed(&o.Replicas[0]) }), bounds(p95), journal.OOMWorker},
		"a first request that came late": {with(func(o *Observation) {
			o.Load, o.Requests, o.First = nil, make([]exchange.Request, 1), []exchange.Outcome{{Class: exchange.Timeout}}
		}), bounds(), journal.Disturbed},
		"a first request that is wrong": {with(func(o *Observation) {
			o.Load, o.Requests, o.First = nil, make([]exchange.Request, 1), []exchange.Outcome{{Class: exchange.HTTP5xx}}
		}), bounds(), journal.Errors},
		"the generator's own lateness": {full.observation(func(r *engine.Result) {
			r.Judged.Latency.P95, r.Saturated = new(0.1), []engine.Saturation{{Kind: engine.SaturationRate, Text: "fewer"}}
		}), bounds(p95), journal.Disturbed},
		"a pass": {full.observation(func(r *engine.Result) { r.Judged.Latency.P95 = new(0.1) }), bounds(p95), ""},
	} {
		if v := Judge(c.o, c.c); v.Reason != c.want {
			t.Errorf("%s: %s (%s), want %q", name, v.Reason, v.Why, c.want)
		}
	}
}

func TestWhatIsNotKnownDisturbsNobody(t *testing.T) {
	bounds := Criteria{CPUs: 4, Others: 0.05, Threshold: []plans.Objective{{Metric: "p95", Limit: 0.5}}}
	full := always(4, 1, 0.1, 2, 0)
	blind := full.observation(nil)
	blind.Samples.Host = nil
	if v := Judge(blind, bounds); v.Reason != journal.Latency {
		t.Errorf("no sample of the host: %s", v.Reason)
	}
	unlimited := full.observation(nil)
	for i := range unlimited.Samples.Own[0] {
		unlimited.Samples.Own[0][i].Periods, unlimited.Samples.Own[0][i].ThrottledPeriods = nil, nil
	}
	if v := Judge(unlimited, bounds); v.Reason != journal.Disturbed {
		t.Errorf("a service without a quota: %s", v.Reason)
	}
}

func TestInterference(t *testing.T) {
	asked := containers.Limits{Memory: 500 << 20, CPUs: 500}
	one := func(kind containers.EventKind, detail string) []journal.Event {
		return []journal.Event{{Container: "a", Kind: containers.Started}, {Container: "a", Kind: kind, Detail: detail}}
	}
	for name, c := range map[string]struct {
		events  []journal.Event
		limits  containers.Limits
		replica func(*Replica)
		want    string // "" is none
	}{
		"nothing":              {one(containers.Started, ""), asked, nil, ""},
		"paused":               {one(containers.Paused, ""), asked, nil, "it was paused"},
		"paused twice":         {append(one(containers.Paused, ""), one(containers.Paused, "")...), asked, nil, "it was paused"},
		"a command":            {one(containers.Executed, "sh -c ls"), asked, nil, "it ran a command that is not of this run: sh -c ls"},
		"off its network":      {one(containers.Disconnected, "net"), asked, nil, "it was disconnected from the network net"},
		"off it by its end":    {one(containers.Disconnected, "net"), asked, func(r *Replica) { *r = with(exited(1), named("a")) }, ""},
		"off it by a restart":  {one(containers.Disconnected, "net"), asked, startedAgain, ""},
		"off it before it ran": {one(containers.Disconnected, "net"), asked, func(r *Replica) { r.Starts = 0 }, ""},
		"off it by an end that is told late": {append(one(containers.Disconnected, "net"),
			journal.Event{Container: "a", Kind: containers.Died}), asked, nil, ""},
		"off it, and another ends": {append(one(containers.Disconnected, "net"),
			journal.Event{Container: "b", Kind: containers.Died}), asked, nil, "it was disconnected from the network net"},
		"updated":              {one(containers.Updated, ""), asked, nil, "it was given other limits"},
		"other limits":         {nil, containers.Limits{Memory: 800 << 20}, nil, "it had limits of 800M at its end, and was started with 500M, 0.5 CPU"},
		"no limits":            {nil, containers.Limits{}, nil, "it had limits of none at its end, and was started with 500M, 0.5 CPU"},
		"another container":    {[]journal.Event{{Container: "b", Kind: containers.Paused}}, asked, nil, ""},
		"killed out of memory": {one(containers.Executed, "eat"), asked, witnessed, "it ran a command that is not of this run: eat"},
	} {
		r := with(running(), named("a"))
		if c.replica != nil {
			c.replica(&r)
		}
		r.Limits, r.State.Limits = asked, c.limits
		o := trial(journal.PhaseEnd, r)
		o.Events = c.events
		v := Judge(o, Criteria{})
		if c.want == "" && v.Reason == journal.Interfered || c.want != "" && (v.Verdict != journal.Invalid || v.Reason != journal.Interfered || v.Why != c.want) {
			t.Errorf("%s: %s (%s): %s", name, v.Verdict, v.Reason, v.Why)
		}
	}
	o := trial(journal.PhaseEnd, with(running(), named("a")), with(running(), named("b")))
	o.Events = []journal.Event{{Container: "b", Kind: containers.Paused}}
	if v := Judge(o, Criteria{}); v.Why != "replica 2 was paused" {
		t.Errorf("of two: %q", v.Why)
	}
	o.Stop = Stop{Reason: journal.User, Why: "interrupted"}
	if v := Judge(o, Criteria{}); v.Reason != journal.User {
		t.Errorf("an interruption: %s", v.Reason)
	}
}

func named(name string) func(*Replica) { return func(r *Replica) { r.Name = name } }

func TestAKillThatNothingExplains(t *testing.T) {
	host := func(kills ...int64) []journal.HostSample {
		var all []journal.HostSample
		for i, n := range kills {
			all = append(all, journal.HostSample{At: noon.Add(time.Duration(i) * time.Second), OOMKills: new(n)})
		}
		return all
	}
	dead := exited(137)
	dead.State.Finished = noon.Add(500 * time.Millisecond)
	unknown := host(3, 3)
	unknown[1].OOMKills = nil
	for name, c := range map[string]struct {
		replica Replica
		host    []journal.HostSample
		want    bool
	}{
		"nothing tells":                 {dead, host(3, 3), true},
		"asked of the engine":           {with(dead, killed), host(3, 3), false},
		"a witness":                     {with(dead, witnessed), host(3, 3), false},
		"the kernel killed on the host": {dead, host(3, 4), false},
		"the counter is not known":      {dead, unknown, false},
		"there is one sample":           {dead, host(3), false},
		"no sample comes after the end": {with(dead, func(r *Replica) { r.State.Finished = noon.Add(time.Second) }), host(3, 3), false},
		"it ended by itself":            {exited(1), host(3, 3), false},
		"it lives":                      {running(), host(3, 3), false},
	} {
		o := trial(journal.PhaseLoad, c.replica)
		o.Host = c.host
		if o.Unexplained() != c.want {
			t.Errorf("%s: %v", name, !c.want)
		}
		v := Judge(o, Criteria{})
		if c.want && (v.Verdict != journal.Inconclusive || v.Reason != journal.Killed || v.Why != "got SIGKILL (exit 137) from an unknown sender") {
			t.Errorf("%s: %s (%s): %s", name, v.Verdict, v.Reason, v.Why)
		}
	}
	v := DependsOnLimit(journal.Trial{Why: "killed"})
	if v.Verdict != journal.Failed || v.Reason != journal.Killed || !strings.HasSuffix(v.Why, ", twice at this limit and not at the next higher one") || len(v.Failures) != 1 {
		t.Errorf("%+v", v)
	}
}
