package verify

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"plan/containers"
	"plan/engine"
	"plan/internal/exchange"
	"plan/internal/metrics"
	"plan/internal/units"
	"plan/plans"
	"plan/runner/evidence"
	"plan/runner/journal"
	"plan/runner/judge"
)

const mega = int64(1 << 20)

// answer is one request of a load.
type answer struct {
	name     string
	took     int64 // microseconds
	class    exchange.Class
	inFlight bool
	judged   bool
}

// tally has the counts and histograms of some requests.
type tally struct {
	ok, failed, waits, requests int64
	errors                      map[exchange.Class]int64
	good, bad, waited           *hdrhistogram.Histogram
}

func newTally() *tally {
	h := func() *hdrhistogram.Histogram { return hdrhistogram.New(1, 600_000_000, 3) }
	return &tally{errors: map[exchange.Class]int64{}, good: h(), bad: h(), waited: h()}
}

func (c *tally) add(a answer) {
	c.requests++
	switch {
	case a.inFlight:
		c.waits++
		_ = c.waited.RecordValue(a.took)
	case a.class == exchange.OK:
		c.ok++
		_ = c.good.RecordValue(a.took)
	default:
		c.failed++
		c.errors[a.class]++
		_ = c.bad.RecordValue(a.took)
	}
}

func figures(h *hdrhistogram.Histogram) engine.Percentiles {
	return engine.PercentilesOf(func(m metrics.Metric) *float64 {
		if h.TotalCount() == 0 {
			return nil
		}
		return new(float64(h.ValueAtPercentile(100*m.Quantile)) / 1e6)
	})
}

func encoded(h *hdrhistogram.Histogram) string {
	if h.TotalCount() == 0 {
		return ""
	}
	text, err := h.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func (c *tally) counts() engine.Counts {
	return engine.Counts{
		Requests: c.requests, OK: c.ok, Failed: c.failed, InFlight: new(c.waits), Retried: new(int64(0)), Errors: c.errors,
		LatencyOK: figures(c.good), LatencyFailed: figures(c.bad),
	}
}

const loadSeconds, judgedFrom = 10.0, 1.0

func (c *tally) judged() engine.Judged {
	j := engine.Judged{From: judgedFrom, Seconds: loadSeconds - judgedFrom, Requests: c.requests, OK: c.ok, Failed: c.failed}
	j.OKRate = float64(j.OK) / j.Seconds
	if c.ok == 0 && c.failed > 0 {
		return j
	}
	both := hdrhistogram.Import(c.good.Export())
	both.Merge(c.waited)
	alone, together := figures(c.good), figures(both)
	j.Latency = engine.PercentilesOf(func(m metrics.Metric) *float64 {
		if a, b := alone.Value(m), together.Value(m); a != nil && *a > *b {
			return a
		}
		return together.Value(m)
	})
	return j
}

// resultOf is the result of a load with these requests.
func resultOf(all []answer) engine.Result {
	whole, judged, byName, judgedByName := newTally(), newTally(), map[string]*tally{}, map[string]*tally{}
	r := engine.Result{
		Transport: engine.Epoll, Seconds: loadSeconds, Threads: 1, ByRequest: map[string]engine.Counts{}, JudgedByRequest: map[string]engine.Judged{},
		Histograms: engine.Histograms{ByRequest: map[string]engine.Latencies{}},
	}
	for second := range int(loadSeconds) {
		r.Series = append(r.Series, engine.Window{Second: second})
	}
	late := hdrhistogram.New(1, 600_000_000, 3)
	for i, a := range all {
		if byName[a.name] == nil {
			byName[a.name], judgedByName[a.name] = newTally(), newTally()
		}
		whole.add(a)
		byName[a.name].add(a)
		if a.judged {
			judged.add(a)
			judgedByName[a.name].add(a)
		}
		w := &r.Series[i*len(r.Series)/len(all)]
		switch {
		case a.inFlight:
		case a.class == exchange.OK:
			w.OK++
		default:
			w.Failed++
		}
		_ = late.RecordValue(int64(1 + i%900))
	}
	r.Total, r.Judged, r.Lateness = whole.counts(), judged.judged(), figures(late)
	r.Histograms.OK, r.Histograms.Failed, r.Histograms.Lateness = encoded(whole.good), encoded(whole.bad), encoded(late)
	r.Histograms.Judged, r.Histograms.Waits = encoded(judged.good), encoded(judged.waited)
	for name, c := range byName {
		r.ByRequest[name], r.JudgedByRequest[name] = c.counts(), judgedByName[name].judged()
		r.Histograms.ByRequest[name] = engine.Latencies{OK: encoded(c.good), Failed: encoded(c.bad)}
	}
	if len(byName) > 1 {
		r.Histograms.JudgedByRequest = map[string]engine.JudgedLatencies{}
		for name, c := range judgedByName {
			r.Histograms.JudgedByRequest[name] = engine.JudgedLatencies{Judged: encoded(c.good), Waits: encoded(c.waited)}
		}
	}
	return r
}

// loads are results of loads: fast and slow answers to one request, two requests of
// which one fails now and then, and a service that stops answering.
var loads = sync.OnceValue(func() map[string]engine.Result {
	const requests = 1000
	all := map[string][]answer{}
	for i := range requests {
		judged := i >= requests/10
		all["fast"] = append(all["fast"], answer{name: "fast", took: int64(1000 + 7*(i%500)), judged: judged})
		all["slow"] = append(all["slow"], answer{name: "slow", took: int64(60_000 + 101*(i%400)), judged: judged})
		one := answer{name: "predict", took: int64(3000 + 11*(i%300)), judged: judged}
		if i%2 == 0 {
			one.name = "flaky"
			if i%20 == 0 {
				one.class = exchange.HTTP5xx
			}
		}
		all["mixed"] = append(all["mixed"], one)
		all["hangs"] = append(all["hangs"], answer{name: "hangs", took: int64(2000 + i), judged: judged})
	}
	for i := range 20 {
		all["hangs"] = append(all["hangs"], answer{name: "hangs", took: int64(1_000_000 + i), judged: true, inFlight: true})
	}
	results := map[string]engine.Result{}
	for name, answers := range all {
		results[name] = resultOf(answers)
	}
	hangs := results["hangs"]
	hangs.Hung = true
	results["hangs"] = hangs
	return results
})

// TestARealLoadHolds: the figures of the load engine follow from its histograms,
// however fast the machine is.
func TestARealLoadHolds(t *testing.T) {
	var count atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch n := count.Add(1); {
		case r.URL.Path == "/hangs" && n > 60:
			<-r.Context().Done()
		case n%10 == 0:
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			time.Sleep(time.Duration(n%9) * time.Millisecond)
		}
	}))
	defer server.Close()
	for name, requests := range map[string][]string{"one": {"one"}, "two": {"a", "b"}, "hangs": {"hangs"}} {
		count.Store(0)
		load := engine.Load{Users: 10, SpawnRate: 100, Runtime: 1500 * time.Millisecond, ThinkTime: engine.ThinkTime{Kind: "fixed", Min: 5 * time.Millisecond}, Seed: 1}
		for _, name := range requests {
			load.Requests = append(load.Requests, exchange.Request{Name: name, Method: "GET", Path: "/" + name, Weight: 1, Timeout: 10 * time.Second})
		}
		result, err := engine.Run(t.Context(), load, []string{strings.TrimPrefix(server.URL, "http://")}, nil)
		if err != nil {
			t.Fatal(err)
		}
		o := observed(500*mega, "")
		o.Load, o.Source = &result, journal.Source{Driver: journal.OwnEngine, Began: noon}
		one := recorded(journal.Stage{}, "check.x/1", 500*mega, 10, false, o)
		read := parse(t, journal.Line{Type: journal.TrialLine, Trial: &one}).Trial
		if differ := read.counters(); len(differ) > 0 || read.Load.Requests == 0 {
			t.Errorf("%s, with %d requests: %q", name, read.Load.Requests, differ)
		}
	}
}

// TestHalfAbove: whoever adds a percentile changes which one is above another.
func TestHalfAbove(t *testing.T) {
	for _, m := range metrics.Percentiles() {
		if got, want := halfAbove(quantiles[m.Name]), m.HalfAbove(); got != want.Quantile {
			t.Errorf("half as many values as above %s are above the quantile %v, not %s", m.Name, got, want.Name)
		}
	}
}

// TestAPercentileThatAnOlderVersionDidNotKnow is not compared with its histogram.
func TestAPercentileThatAnOlderVersionDidNotKnow(t *testing.T) {
	for _, c := range []struct {
		written percentiles
		differs bool
	}{{percentiles{}, false}, {percentiles{"p50": nil}, true}} {
		l := load{Driver: ownDriver, counts: counts{OK: 1, LatencyOK: c.written}}
		h := hdrhistogram.New(1, 600_000_000, 3)
		_ = h.RecordValue(1000)
		encoded, err := h.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
		if err != nil {
			t.Fatal(err)
		}
		one := trial{Load: &l, Evidence: &seen{Histograms: &histograms{OK: string(encoded)}}}
		if all := strings.Join(one.counters(), "\n"); strings.Contains(all, "latency") != c.differs {
			t.Errorf("%v: %q", c.written, all)
		}
	}
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func p90(load string) float64 { return *loads()[load].Judged.Latency.P90 }

// observed is a trial that ended well, with a load or without one.
func observed(memory int64, load string) judge.Observation {
	limits := containers.Limits{Memory: units.Bytes(memory)}
	o := judge.Observation{
		Phase: journal.PhaseEnd, ReadyAfter: 2 * time.Second, ReadyAt: noon,
		Replicas: []judge.Replica{{
			Name: "api-1", ID: "1f", Address: "10.0.0.1:8000", Starts: 1, Limits: limits, State: containers.State{Running: true, Limits: limits},
			End: containers.Usage{At: noon, OOMKills: new(int64(0)), MajorFaults: new(int64(9)), Refaults: new(int64(9))},
		}},
	}
	if load != "" {
		result := loads()[load]
		o.Load, o.Source, o.LoadStarted = &result, journal.Source{Driver: journal.OwnEngine, Way: journal.Network, Began: noon}, noon
		o.Replicas[0].Loaded = containers.Usage{At: noon, MajorFaults: new(int64(2)), Refaults: new(int64(3))}
		for name := range result.ByRequest {
			o.Requests, o.First = append(o.Requests, exchange.Request{Name: name}), append(o.First, exchange.Outcome{Status: 200})
		}
		o.Again, o.Answers = [][]exchange.Request{{{Name: "health"}}}, [][]exchange.Outcome{{{Status: 200}}}
	}
	return o
}

// killedAtStart makes a trial one that the kernel killed for memory.
func killedAtStart(o *judge.Observation) {
	r := &o.Replicas[0]
	r.State.Running, r.State.ExitCode, r.State.OOMKilled = false, new(137), true
	r.State.Witnesses = []containers.Witness{{Source: "cgroup", At: noon}}
	r.End.OOMKills = new(int64(1))
	o.Phase, o.ReadyAfter, o.ReadyAt, o.Load, o.First, o.Answers = journal.PhaseStart, 0, time.Time{}, nil, nil, nil
}

// recorded is the line of a trial, as the runner writes it.
func recorded(s journal.Stage, id string, memory int64, users int, firstLook bool, o judge.Observation, asserts ...plans.AssertFailure) journal.Trial {
	t := journal.Trial{ID: id, Set: journal.Settings{Memory: &memory, Replicas: new(1)}, Users: &users, FirstLook: firstLook, Started: noon, Instances: []journal.Instance{}}
	evidence.Record(&t, o, 0, 2)
	c := judge.Criteria{
		Within: time.Minute, FirstLook: firstLook,
		Horizon: units.Seconds(s.LeakHorizon), Asserts: asserts, CPUs: 2, Others: 0.05,
	}
	for _, one := range s.Thresholds {
		c.Threshold = append(c.Threshold, plans.Objective(one))
	}
	for _, a := range asserts {
		t.Evidence.Asserts = append(t.Evidence.Asserts, journal.FalseAssert(a))
	}
	v := judge.Judge(o, c)
	t.Verdict, t.Why, t.Failures = v.Verdict, v.Why, v.Failures
	if v.Reason != "" {
		t.Reason = &v.Reason
	}
	return t
}

// good is the journal of a run with a search, a ramp and two checks.
func good(t *testing.T) []journal.Line {
	t.Helper()
	lines := []journal.Line{{Type: journal.RunLine, Run: &journal.Run{FormatVersion: 1, Run: journal.Header{ID: "r1", Started: noon}}}}
	begin := func(s journal.Stage) { lines = append(lines, journal.Line{Type: journal.StageLine, Stage: &s}) }
	add := func(trials ...journal.Trial) {
		for _, one := range trials {
			lines = append(lines, journal.Line{Type: journal.TrialLine, Trial: &one})
		}
	}
	answer := func(s journal.Stage) {
		s.Verdict = journal.Passed
		lines = append(lines, journal.Line{Type: journal.AnswerLine, Stage: &s})
	}
	megas := func(n int64) *int64 { return new(n * mega) }

	search := journal.Stage{Address: "search.memory", Kind: plans.Search, Service: "service.api", Dimension: plans.Memory, Margin: 0.15, LeakHorizon: 86400, HasLoad: true}
	for m := int64(500); m <= 1000; m += 100 {
		search.Grid = append(search.Grid, float64(m*mega))
	}
	begin(search)
	dead := observed(600*mega, "")
	killedAtStart(&dead)
	add(recorded(search, "search.memory/1", 1000*mega, 1, true, observed(1000*mega, "fast")),
		recorded(search, "search.memory/2", 700*mega, 1, false, observed(700*mega, "fast")),
		recorded(search, "search.memory/3", 600*mega, 1, false, dead),
		recorded(search, "search.memory/4", 900*mega, 1, true, observed(900*mega, "fast")))
	search.Found, search.Recommended = &journal.Point{Memory: megas(700)}, &journal.Point{Memory: megas(900)}
	search.Certificate = &journal.Certificate{Passed: "search.memory/2", Failed: []string{"search.memory/3"}, Recommended: "search.memory/4"}
	answer(search)

	ramp := journal.Stage{Address: "ramp.users", Kind: plans.Ramp, Service: "service.api", Steps: []int{20, 40, 80}, LeakHorizon: 86400, HasLoad: true,
		HasThreshold: true, Thresholds: []journal.Threshold{{Metric: "p90", Limit: (p90("fast") + p90("slow")) / 2}, {Metric: "error_rate", Limit: 0.01}}}
	begin(ramp)
	add(recorded(ramp, "ramp.users/1", 900*mega, 20, false, observed(900*mega, "fast")),
		recorded(ramp, "ramp.users/2", 900*mega, 40, false, observed(900*mega, "slow")))
	ramp.Held, ramp.Certificate = new(20), &journal.Certificate{Passed: "ramp.users/1", Failed: []string{"ramp.users/2"}}
	answer(ramp)

	check := journal.Stage{Address: "check.mixed", Kind: plans.Check, Service: "service.api", LeakHorizon: 86400, HasLoad: true, HasThreshold: true,
		Thresholds: []journal.Threshold{{Metric: "error_rate", Limit: 0.2}, {Request: "predict", Metric: "p90", Limit: 0.5}, {Request: "flaky", Metric: "error_rate", Limit: 0.3}}}
	begin(check)
	add(recorded(check, "check.mixed/1", 900*mega, 20, false, observed(900*mega, "mixed")))
	check.Met, check.Certificate = new(true), &journal.Certificate{Passed: "check.mixed/1", Failed: []string{}}
	answer(check)

	asserts := check
	asserts.Address, asserts.Met, asserts.Certificate = "check.asserts", nil, nil
	begin(asserts)
	add(recorded(asserts, "check.asserts/1", 900*mega, 20, false, observed(900*mega, "mixed"), plans.AssertFailure{Name: "a", Message: "no"}))
	asserts.Met, asserts.Certificate = new(false), &journal.Certificate{Failed: []string{"check.asserts/1"}}
	answer(asserts)
	lines[len(lines)-1].Stage.Verdict = journal.Failed
	return append(lines, journal.Line{Type: journal.EndLine, End: &journal.Header{ExitCode: 1}})
}

func written(t *testing.T, lines []journal.Line) []byte {
	t.Helper()
	var b bytes.Buffer
	for _, line := range lines {
		if err := json.NewEncoder(&b).Encode(line); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

// copied is a deep copy of lines, as they are read.
func copied(t *testing.T, lines []journal.Line) []journal.Line {
	t.Helper()
	var all []journal.Line
	for text := range bytes.Lines(written(t, lines)) {
		var line journal.Line
		if err := json.Unmarshal(text, &line); err != nil {
			t.Fatal(err)
		}
		all = append(all, line)
	}
	return all
}

func TestAGoodJournalHolds(t *testing.T) {
	result, err := Check(bytes.NewReader(written(t, good(t))))
	if err != nil || len(result.Findings) > 0 || result.Trials != 8 || result.Answers != 4 || result.Run != "r1" {
		t.Fatalf("%v\n%s", err, result.Text())
	}
	const want = "run r1: trials decided again: 8, answers checked: 4; every verdict and every answer holds\n"
	if result.Text() != want {
		t.Errorf("%q", result.Text())
	}
}

// forged is a journal for a forger.
type forged struct{ lines []journal.Line }

func (f *forged) trial(id string) *journal.Trial {
	for _, line := range f.lines {
		if line.Trial != nil && line.Trial.ID == id {
			return line.Trial
		}
	}
	panic("no trial " + id)
}

func (f *forged) answer(address string) *journal.Stage {
	for _, line := range f.lines {
		if line.Type == journal.AnswerLine && line.Stage.Address == address {
			return line.Stage
		}
	}
	panic("no stage " + address)
}

func (f *forged) remove(id string) {
	for i, line := range f.lines {
		if line.Trial != nil && line.Trial.ID == id {
			f.lines = append(f.lines[:i], f.lines[i+1:]...)
			return
		}
	}
	panic("no trial " + id)
}

// forgeries change one thing in a good journal, or what a forger would have to change
// with it.
var forgeries = map[string]struct {
	change func(*forged)
	where  string
	what   string // part of the finding
}{
	"a failure is a pass": {func(f *forged) {
		one := f.trial("search.memory/3")
		one.Verdict, one.Reason = journal.Passed, nil
	}, "search.memory/3", "it is passed, but by its evidence it is failed (oom_start)"},
	"a pass is a failure": {func(f *forged) {
		one := f.trial("ramp.users/1")
		one.Verdict, one.Reason = journal.Failed, new(journal.Latency)
	}, "ramp.users/1", "it is failed (latency), but by its evidence it is passed"},
	"another reason":    {func(f *forged) { f.trial("ramp.users/2").Reason = new(journal.Errors) }, "ramp.users/2", "by its evidence it is failed (latency)"},
	"no verdict":        {func(f *forged) { f.trial("search.memory/3").Verdict = journal.Inconclusive }, "search.memory/3", "by its evidence it is failed (oom_start)"},
	"a limit read back": {func(f *forged) { f.trial("search.memory/2").Instances[0].Limits.Memory = 900 * units.MiB }, "search.memory/2", "by its evidence it is invalid (interfered)"},
	"no limit":          {func(f *forged) { f.trial("search.memory/2").Instances[0].Limits.Memory = 0 }, "search.memory/2", "by its evidence it is invalid (interfered)"},
	"both limits of a pass": {func(f *forged) {
		one := f.trial("search.memory/2")
		one.Set.Memory, one.Instances[0].Limits.Memory = new(600*mega), 600*units.MiB
		f.answer("search.memory").Found.Memory = new(600 * mega)
	}, "search.memory", "no failure of its proof covers"},
	"a value beside the grid": {func(f *forged) {
		one := f.trial("search.memory/2")
		one.Set.Memory, one.Instances[0].Limits.Memory = new(650*mega), 650*units.MiB
	}, "search.memory/2", "not on the grid"},
	"the failing trial is removed":      {func(f *forged) { f.remove("search.memory/3") }, "search.memory", "search.memory/3 is missing"},
	"the last failing trial is removed": {func(f *forged) { f.remove("ramp.users/2") }, "ramp.users", "its proof has the failures"},
	"it is removed from the proof too": {func(f *forged) {
		f.remove("ramp.users/2")
		f.answer("ramp.users").Certificate.Failed = []string{}
	}, "ramp.users", "it ended before its last step"},
	"it is removed, and the rest renumbered": {func(f *forged) {
		f.remove("search.memory/3")
		f.trial("search.memory/4").ID = "search.memory/3"
		s := f.answer("search.memory")
		s.Certificate.Recommended = "search.memory/3"
	}, "search.memory", "its proof names search.memory/3 as failed, but that trial is passed"},
	"removed, with an answer at most": {func(f *forged) {
		f.remove("search.memory/3")
		f.trial("search.memory/4").ID = "search.memory/3"
		s := f.answer("search.memory")
		s.Certificate.Recommended, s.Certificate.Failed, s.AtMost = "search.memory/3", []string{}, true
	}, "search.memory", "no failure of its proof covers"},
	"histograms of two trials are swapped": {func(f *forged) {
		a, b := f.trial("ramp.users/1").Evidence, f.trial("ramp.users/2").Evidence
		a.Histograms, b.Histograms = b.Histograms, a.Histograms
	}, "ramp.users/1", "and their histogram has"},
	"histograms of one trial are swapped": {func(f *forged) {
		h := f.trial("check.mixed/1").Evidence.Histograms
		h.OK, h.Failed = h.Failed, h.OK
	}, "check.mixed/1", "OK answers of all requests"},
	"histograms of two requests are swapped": {func(f *forged) {
		h := f.trial("check.mixed/1").Evidence.Histograms.JudgedByRequest
		h["predict"], h["flaky"] = h["flaky"], h["predict"]
	}, "check.mixed/1", "judged OK answers of"},
	"a histogram is gone":    {func(f *forged) { f.trial("ramp.users/1").Evidence.Histograms.Judged = "" }, "ramp.users/1", "judged OK answers of all requests"},
	"a histogram is damaged": {func(f *forged) { f.trial("ramp.users/1").Evidence.Histograms.OK = "HISTF" }, "ramp.users/1", "cannot be read"},
	"a lower answer":         {func(f *forged) { f.answer("search.memory").Found.Memory = new(600 * mega) }, "search.memory", "its answer is"},
	"a lower recommendation": {func(f *forged) { f.answer("search.memory").Recommended.Memory = new(700 * mega) }, "search.memory", "it recommends"},
	"a smaller margin":       {func(f *forged) { f.answer("search.memory").Margin = 0 }, "search.memory", "it recommends"},
	"the answer is at most":  {func(f *forged) { f.answer("search.memory").AtMost = true }, "search.memory", "at_most is true"},
	"fewer failed requests":  {func(f *forged) { f.trial("check.mixed/1").Load.Failed = 0 }, "check.mixed/1", "failed requests"},
	"more answers":           {func(f *forged) { f.trial("ramp.users/2").Load.OK += 1000 }, "ramp.users/2", "OK answers"},
	"fewer judged failures": {func(f *forged) {
		l := f.trial("check.mixed/1").Load
		l.Judged.Failed = 0
	}, "check.mixed/1", "judged"},
	"a faster percentile": {func(f *forged) { f.trial("ramp.users/2").Load.Judged.Latency.P90 = new(0.01) }, "ramp.users/2", "judged latency of all requests: p90"},
	"a faster pass of it": {func(f *forged) {
		one := f.trial("ramp.users/2")
		one.Load.Judged.Latency.P90, one.Verdict, one.Reason = new(0.01), journal.Passed, nil
	}, "ramp.users/2", "it is passed, but by its evidence it is failed (latency)"},
	"a higher rate":               {func(f *forged) { f.trial("ramp.users/1").Load.Judged.OKRate *= 2 }, "ramp.users/1", "a second"},
	"another second":              {func(f *forged) { f.trial("ramp.users/1").Evidence.Series[0].OK++ }, "ramp.users/1", "their sum by second"},
	"another driver":              {func(f *forged) { f.trial("ramp.users/2").Load.Driver = journal.Locust }, "ramp.users/2", "writes no histograms"},
	"a hung service":              {func(f *forged) { f.trial("ramp.users/1").Load.Hung = true }, "ramp.users/1", "hung is true"},
	"a wider threshold":           {func(f *forged) { f.answer("ramp.users").Thresholds[0].Limit = 5 }, "ramp.users/2", "by its evidence it is passed"},
	"a narrower threshold":        {func(f *forged) { f.answer("ramp.users").Thresholds[0].Limit = 0.0001 }, "ramp.users/1", "by its evidence it is failed (latency)"},
	"a threshold without samples": {func(f *forged) { f.answer("ramp.users").Thresholds[0] = journal.Threshold{Metric: "p999", Limit: 9} }, "ramp.users/1", "by its evidence it is inconclusive (samples)"},
	"a short load as proof": {func(f *forged) {
		s := f.answer("search.memory")
		s.Found, s.Certificate.Passed = &journal.Point{Memory: new(1000 * mega)}, "search.memory/1"
	}, "search.memory", "had a shortened load"},
	"a pass as the failure":    {func(f *forged) { f.answer("search.memory").Certificate.Failed[0] = "search.memory/4" }, "search.memory", "its proof names search.memory/4 as failed"},
	"a trial of another stage": {func(f *forged) { f.answer("search.memory").Certificate.Failed[0] = "ramp.users/2" }, "search.memory", "neither one of its trials"},
	"no trial at what is recommended": {func(f *forged) { f.answer("search.memory").Certificate.Recommended = "search.memory/9" },
		"search.memory", `the last trial at its recommended value is "search.memory/4", but its proof names "search.memory/9"`},
	"a trial at another value": {func(f *forged) { f.answer("search.memory").Certificate.Recommended = "search.memory/1" },
		"search.memory", `but its proof names "search.memory/1"`},
	"a trial at what is recommended is not named": {func(f *forged) { f.answer("search.memory").Certificate.Recommended = "" },
		"search.memory", `the last trial at its recommended value is "search.memory/4", but its proof names ""`},
	"another trial proves a check": {func(f *forged) { f.answer("check.mixed").Certificate.Passed = "ramp.users/1" },
		"check.mixed", "its proof is not its last trial, check.mixed/1"},
	"a failure in the proof of a check": {func(f *forged) { f.answer("check.mixed").Certificate.Failed = []string{"ramp.users/2"} },
		"check.mixed", "its proof is not its last trial, check.mixed/1"},
	"a check without its proof": {func(f *forged) { f.answer("check.mixed").Certificate = nil },
		"check.mixed", "its proof is not its last trial, check.mixed/1"},
	"another failure proves a check": {func(f *forged) { f.answer("check.asserts").Certificate.Failed = []string{"ramp.users/2"} },
		"check.asserts", "its proof is not its last trial, check.asserts/1"},
	"a pass in the proof of a check": {func(f *forged) { f.answer("check.asserts").Certificate.Passed = "check.mixed/1" },
		"check.asserts", "its proof is not its last trial, check.asserts/1"},
	"a check without trials": {func(f *forged) {
		f.remove("check.mixed/1")
		s := f.answer("check.mixed")
		s.Met, s.Certificate = nil, nil
	}, "check.mixed", "it passed without a trial"},
	"more users held":          {func(f *forged) { f.answer("ramp.users").Held = new(40) }, "ramp.users", "20 users passed"},
	"a demand that is not met": {func(f *forged) { f.answer("ramp.users").AtLeast = new(40) }, "ramp.users", "it is passed, but has to be failed: it held 20 users, at_least is 40, and its last trial, ramp.users/2, is failed (latency)"},
	"no answer": {func(f *forged) {
		s := f.answer("search.memory")
		s.Verdict, s.Found, s.Recommended, s.Certificate = journal.Failed, nil, nil, nil
	}, "search.memory", "search.memory/2 passed in full, and no failure covers it, but the search has no answer"},
	"no answer after a budget": {func(f *forged) {
		s := f.answer("search.memory")
		s.Verdict, s.AbortedBy, s.Found, s.Recommended, s.Certificate = journal.Aborted, journal.BudgetUsed, nil, nil, nil
	}, "search.memory", "search.memory/2 passed in full, and no failure covers it, but the search has no answer"},
	"a level": {func(f *forged) {
		s := f.answer("search.memory")
		s.Levels = []journal.Level{{Name: journal.Starts, Found: journal.Point{Memory: new(600 * mega)}, Reached: "search.memory/3", Missed: "search.memory/3"}}
	}, "search.memory", "its levels are [starts: search.memory/3, not search.memory/3, 0 undecided], and by its trials []"},
	"an undecided value": {func(f *forged) { f.answer("search.memory").Undecided = 1 }, "search.memory", "undecided is 1, but no failure covers 0 values"},
	"an answer that at_most rejects, without its proof": {func(f *forged) {
		s := f.answer("search.memory")
		s.Verdict, s.Reason, s.Certificate = journal.Failed, "700M is more than the 600M that at_most allows", nil
	}, "search.memory", "it failed because its answer is too high, but it has no answer or no proof"},
	"an answer that at_most rejects, which is not there": {func(f *forged) {
		s := f.answer("search.memory")
		s.Verdict, s.Reason, s.Found = journal.Failed, "700M is more than the 600M that at_most allows", nil
	}, "search.memory", "it failed because its answer is too high, but it has no answer or no proof"},
	"a list as a value of a setting": {func(f *forged) {
		s := f.answer("search.memory")
		s.Axes = []journal.Axis{{Dimension: "workers", Values: []any{[]any{"a"}}}}
		f.trial("search.memory/2").Set.Vary = map[string]any{"workers": []any{"b"}}
	}, "search.memory/2", "not on the grid"},
	"a negative latency": {func(f *forged) {
		l := f.trial("ramp.users/1")
		l.Load.LatencyOK.Max, l.Evidence.Histograms.Waits = new(-100.0), f.trial("ramp.users/2").Evidence.Histograms.Judged
	}, "ramp.users/1", "latency of all requests: max is -100 s"},
	"fewer than no trials set aside": {func(f *forged) { f.answer("search.memory").SetAside = -1 }, "search.memory", "it sets aside -1 trials, but has only 4"},
	"a ramp that failed": {func(f *forged) { f.answer("ramp.users").Verdict = journal.Failed }, "ramp.users",
		"it is failed, but has to be passed: it held 20 users, at_least is none, and its last trial, ramp.users/2, is failed (latency)"},
	"a window of a load that grew": {func(f *forged) {
		f.trial("ramp.users/1").Windows = []journal.Window{{Users: 9, Seconds: 2, OK: 10, OKRate: 6}}
	}, "ramp.users/1", "10 OK answers in 2 s with 9 users are not 6 a second"},
	"a check that is met": {func(f *forged) {
		s := f.answer("check.asserts")
		s.Verdict, s.Met = journal.Passed, new(true)
	}, "check.asserts", "it is passed, but its last trial, check.asserts/1, is failed"},
	"met otherwise":        {func(f *forged) { f.answer("check.asserts").Met = new(true) }, "check.asserts", "its `met` contradicts its last trial"},
	"no false assertion":   {func(f *forged) { f.trial("check.asserts/1").Evidence.Asserts = nil }, "check.asserts/1", "by its evidence it is passed"},
	"no witness of a kill": {func(f *forged) { f.trial("search.memory/3").Evidence.Witnesses = nil }, "search.memory/3", "by its evidence it is inconclusive (killed)"},
	"no kill":              {func(f *forged) { f.trial("search.memory/3").OOMKills = new(int64(0)) }, "search.memory/3", "its containers have 1"},
	"a pass after a kill": {func(f *forged) {
		f.trial("search.memory/2").Evidence.Witnesses = []containers.Witness{{Source: "kernel"}}
	}, "search.memory/2", "1 witnesses"},
	"a pass that ended":     {func(f *forged) { f.trial("search.memory/2").Instances[0].ExitCode = new(1) }, "search.memory/2", "by its evidence it is failed (exit)"},
	"a pass that restarted": {func(f *forged) { f.trial("search.memory/2").Instances[0].Restarts = 1 }, "search.memory/2", "by its evidence it is failed (exit)"},
	"a pass that was paused": {func(f *forged) {
		one := f.trial("search.memory/2")
		one.Evidence.Events = append(one.Evidence.Events, journal.Event{Container: "api-1", Kind: containers.Paused})
	}, "search.memory/2", "by its evidence it is invalid (interfered)"},
	"a first request failed": {func(f *forged) {
		f.trial("ramp.users/1").Evidence.First["fast"] = exchange.Outcome{Class: exchange.HTTP5xx, Status: 500}
	}, "ramp.users/1", "by its evidence it is failed (errors)"},
	"silent after the load": {func(f *forged) {
		f.trial("ramp.users/1").Evidence.After[0].Outcome = exchange.Outcome{Class: exchange.Timeout}
	}, "ramp.users/1", "by its evidence it is failed (hung)"},
	"rereads of files": {func(f *forged) {
		one := &f.trial("ramp.users/1").Instances[0]
		one.Files.MajorFaults, one.Files.Refaults = new(int64(1e9)), new(int64(1e9))
	}, "ramp.users/1", "by its evidence it is failed (thrash)"},
	"a saturated driver": {func(f *forged) {
		l := f.trial("ramp.users/1").Load
		l.Invalid = append(l.Invalid, engine.Saturation{Kind: engine.SaturationCPU})
	}, "ramp.users/1", "by its evidence it is invalid (generator)"},
	"an exit code of the run": {func(f *forged) { f.lines[len(f.lines)-1].End.ExitCode = 0 }, "run", "its exit code is 0, but by its stages it is 1"},
	"no agent is lost": {func(f *forged) {
		f.trial("ramp.users/2").Evidence.LostShare = "agent 2 of 2: the agent has ended"
	}, "ramp.users/2", "it is failed (latency), but by its evidence it is invalid (generator)"},
	"a pass without its load": {func(f *forged) {
		one := f.trial("ramp.users/1")
		one.Phase, one.Load = journal.PhaseLoad, nil
	}, "ramp.users/1", "by its evidence it is invalid (generator)"},
	"no evidence": {func(f *forged) { f.trial("search.memory/3").Evidence = nil }, "search.memory/3", "without evidence"},
}

// TestForgeriesAreFound: each forgery is found where it is.
func TestForgeriesAreFound(t *testing.T) {
	lines := good(t)
	if len(forgeries) < 20 {
		t.Errorf("%d forgeries", len(forgeries))
	}
	for name, c := range forgeries {
		f := &forged{copied(t, lines)}
		c.change(f)
		result, err := Check(bytes.NewReader(written(t, f.lines)))
		found := false
		for _, finding := range result.Findings {
			found = found || finding.Where == c.where && strings.Contains(finding.What, c.what)
		}
		if err != nil || !found {
			t.Errorf("%s: not found at %s: %q (%v)\n%s", name, c.where, c.what, err, result.Text())
		}
	}
}

// TestNoValueBreaksTheChecker: whatever a line has in the place of a value, the rest is checked.
func TestNoValueBreaksTheChecker(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	if os.Getenv("CI") == "true" {
		seed = 1
	}
	random := rand.New(rand.NewPCG(seed, 0))
	text := bytes.SplitAfter(written(t, good(t)), []byte("\n"))
	for range 200 {
		i := random.IntN(len(text) - 1)
		var value any
		if err := json.Unmarshal(text[i], &value); err != nil {
			t.Fatal(err)
		}
		line, err := json.Marshal(replaced(random, value))
		if err != nil {
			t.Fatal(err)
		}
		changed := slices.Clone(text)
		changed[i] = append(line, '\n')
		func() {
			defer func() {
				if p := recover(); p != nil {
					t.Errorf("seed %d: %v with\n%.3000s", seed, p, line)
				}
			}()
			_, _ = Check(bytes.NewReader(bytes.Join(changed, nil)))
		}()
	}
}

// replaced returns a value with one of its parts replaced by another one of its kind, or none.
func replaced(random *rand.Rand, value any) any {
	switch v := value.(type) {
	case map[string]any:
		if len(v) > 0 {
			key := slices.Sorted(maps.Keys(v))[random.IntN(len(v))]
			v[key] = replaced(random, v[key])
			return v
		}
	case []any:
		if len(v) > 0 && random.IntN(4) > 0 {
			i := random.IntN(len(v))
			v[i] = replaced(random, v[i])
			return v
		}
		return []any{}
	case float64:
		return []any{-1.0, 0.0, -1e300, 1e300, nil, 2 * v}[random.IntN(6)]
	case string:
		return []any{"", "failed", "passed", "search.memory/1", nil}[random.IntN(5)]
	case bool:
		return !v
	}
	return nil
}

func TestWhatCannotBeRead(t *testing.T) {
	lines := good(t)
	text := written(t, lines)
	half := bytes.SplitAfter(text, []byte("\n"))
	old := copied(t, lines)
	for _, line := range old {
		if line.Stage != nil {
			line.Stage.Thresholds = nil
		}
	}
	older := copied(t, lines)
	for _, line := range older {
		if line.Trial != nil && line.Trial.Load != nil {
			line.Trial.Load.Began = time.Time{}
		}
	}
	for name, c := range map[string]struct {
		text []byte
		says string
	}{
		"nothing":             {nil, "its first line is missing"},
		"another file":        {[]byte("{}\n"), "its first line is missing"},
		"only damaged lines":  {[]byte("# text\n"), "line 1: it is damaged"},
		"without its first":   {bytes.Join(half[1:], nil), "its first line is missing"},
		"another format":      {bytes.Replace(text, []byte(`"format_version":1`), []byte(`"format_version":2`), 1), "it has format 2"},
		"without thresholds":  {written(t, old), "cannot be checked"},
		"without the load":    {written(t, older), "cannot be checked"},
		"a trial of no stage": {bytes.Replace(text, []byte(`"id":"search.memory/1"`), []byte(`"id":"x"`), 1), "without a stage"},
	} {
		if _, err := Check(bytes.NewReader(c.text)); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A journal that is cut off holds, as far as it goes.
	for i := 1; i < len(half)-1; i++ {
		cut := append(bytes.Join(half[:i], nil), half[i][:len(half[i])/2]...)
		if result, err := Check(bytes.NewReader(cut)); err != nil || len(result.Findings) > 0 {
			t.Errorf("cut in line %d: %v\n%s", i+1, err, result.Text())
		}
	}
}

// TestAnEndlessLineIsDamaged: it is named and left out, and takes no more memory than the
// longest line that is read.
func TestAnEndlessLineIsDamaged(t *testing.T) {
	whole := written(t, good(t))
	last := bytes.LastIndexByte(whole[:len(whole)-1], '\n') + 1
	for length, want := range map[int]string{longestLine: "", longestLine + 1: "it is damaged, and left out: it has more than 64 MiB", 3 * longestLine: "it has more than 64 MiB"} {
		end := whole[last : len(whole)-2] // without its brace and its newline
		spaces := io.LimitReader(blank{}, int64(length-len(end)-2))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		result, err := Check(io.MultiReader(bytes.NewReader(whole[:last]), bytes.NewReader(end), spaces, strings.NewReader("}\n")))
		runtime.ReadMemStats(&after)
		if err != nil || (len(result.Findings) > 0) != (want != "") || !strings.Contains(result.Text(), want) {
			t.Errorf("%d bytes: %v\n%s", length, err, result.Text())
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 8*longestLine {
			t.Errorf("%d bytes: reading took %d MiB", length, used>>20)
		}
	}
}

// blank reads as spaces without an end.
type blank struct{}

func (blank) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// TestManyDamagedLinesAreOneFinding: the first ones are named, the rest counted.
func TestManyDamagedLinesAreOneFinding(t *testing.T) {
	for _, c := range []struct{ damaged, findings int }{{99, 99}, {100, 100}, {101, 101}, {100_000, 101}} {
		text := slices.Concat(written(t, good(t)), bytes.Repeat([]byte("\n"), c.damaged))
		result, err := Check(bytes.NewReader(text))
		if err != nil || len(result.Findings) != c.findings {
			t.Fatalf("%d damaged lines: %d findings, %v", c.damaged, len(result.Findings), err)
		}
		last, want := result.Findings[c.findings-1], fmt.Sprintf("%d lines are damaged, and left out", c.damaged)
		if is := last == (Finding{"run", want}); is != (c.damaged > 100) {
			t.Errorf("the last of %d is %v", c.damaged, last)
		}
	}
}

// TestDamagedLinesAreFindings: a damaged line is named and left out, as other readers
// of the journal do; then the proof lacks its trial.
func TestDamagedLinesAreFindings(t *testing.T) {
	dir := t.TempDir()
	w, err := journal.Create(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range good(t) {
		if _, err := w.Append(line); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(w.Path())
	if err != nil {
		t.Fatal(err)
	}
	if result, err := Check(bytes.NewReader(text)); err != nil || len(result.Findings) > 0 {
		t.Fatalf("%v\n%s", err, result.Text())
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	trial := slices.IndexFunc(lines, func(line []byte) bool { return bytes.Contains(line, []byte(`"type":"trial"`)) })
	where := fmt.Sprintf("line %d: it is damaged, and left out: ", trial+1)
	sum := bytes.LastIndex(lines[trial], []byte(`,"sum"`))
	for name, c := range map[string]struct {
		line string
		says []string
	}{
		"changed":              {strings.Replace(string(lines[trial]), `"verdict":"`, `"verdict":"x`, 1), []string{where + "its checksum is wrong", "is missing"}},
		"without its checksum": {string(lines[trial][:sum]) + "}\n", []string{where + "its checksum is missing", "is missing"}},
		"no JSON":              {"# text\n", []string{where + "invalid character", "is missing"}},
	} {
		changed := slices.Clone(lines)
		changed[trial] = []byte(c.line)
		result, err := Check(bytes.NewReader(bytes.Join(changed, nil)))
		for _, want := range c.says {
			if err != nil || !strings.Contains(result.Text(), want) {
				t.Errorf("%s: %v\n%s", name, err, result.Text())
			}
		}
	}
	if result, err := Check(bytes.NewReader(append([]byte("# text\n"), text...))); err != nil || len(result.Findings) != 1 {
		t.Errorf("before its first line: %v\n%s", err, result.Text())
	}
}

// TestTheCheckerAgreesWithTheJudge draws trials of all kinds: what the judge decides
// holds for the checker, and another verdict does not.
func TestTheCheckerAgreesWithTheJudge(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	if os.Getenv("CI") == "true" {
		seed = 1
	}
	random := rand.New(rand.NewPCG(seed, 0))
	reasons := map[string]int{}
	for range 2000 {
		s, drawn := draw(random)
		t1 := recorded(s, "check.x/1", 500*mega, 20, random.IntN(3) == 0, drawn.o, drawn.asserts...)
		is := &stage{}
		line := parse(t, journal.Line{Type: journal.TrialLine, Trial: &t1})
		*is = *parse(t, journal.Line{Type: journal.StageLine, Stage: &s}).Stage
		if text := line.Trial.contradiction(is); text != "" {
			t.Fatalf("seed %d: the judge says %s (%s), and the checker: %s", seed, t1.Verdict, t1.Why, text)
		}
		reason := string(t1.Verdict)
		if t1.Reason != nil {
			reason = string(*t1.Reason)
		}
		reasons[reason]++
		other := map[journal.Verdict]journal.Verdict{journal.Passed: journal.Failed}[t1.Verdict]
		if other == "" {
			other, line.Trial.Reason = journal.Passed, nil
		} else {
			line.Trial.Reason = new("errors")
		}
		if line.Trial.Verdict = string(other); line.Trial.contradiction(is) == "" {
			t.Fatalf("seed %d: the judge says %s (%s), and the checker agrees with %s too", seed, t1.Verdict, t1.Why, other)
		}
	}
	for _, reason := range []string{"passed", "oom_start", "oom_load", "oom_worker", "exit", "not_ready", "errors", "latency", "throughput",
		"hung", "thrash", "leak", "assert", "samples", "killed", "generator", "interfered"} {
		if reasons[reason] == 0 {
			t.Errorf("seed %d: no trial was %s: %v", seed, reason, reasons)
		}
	}
}

func parse(t *testing.T, l journal.Line) line {
	t.Helper()
	text, err := json.Marshal(l)
	if err != nil {
		t.Fatal(err)
	}
	var read line
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	return read
}

type drawn struct {
	o       judge.Observation
	asserts []plans.AssertFailure
}

// draw draws a stage with some thresholds, and what is observed of one of its trials.
func draw(random *rand.Rand) (journal.Stage, drawn) {
	chance := func(n int) bool { return random.IntN(n) == 0 }
	s := journal.Stage{Address: "check.x", Kind: plans.Check, LeakHorizon: 86400}
	load := []string{"", "fast", "slow", "mixed", "mixed", "hangs"}[random.IntN(6)]
	d := drawn{o: observed(500*mega, load)}
	o, r := &d.o, &d.o.Replicas[0]
	if load == "hangs" && chance(2) {
		o.Load.Hung = false
	}
	requests := []string{"", "predict", "flaky", "gone"}
	for _, m := range metrics.Bounded() {
		if !chance(4) {
			continue
		}
		limit := map[metrics.Unit]float64{metrics.Seconds: 0.001 * float64(1+random.IntN(60)), metrics.Share: 0.01 * float64(random.IntN(12)), metrics.PerSecond: float64(random.IntN(2000))}[m.Unit]
		if m.Better == metrics.Lower && chance(2) {
			limit = 100 // it holds
		}
		s.Thresholds = append(s.Thresholds, journal.Threshold{Request: requests[random.IntN(len(requests))*random.IntN(2)], Metric: m.Name, Limit: limit})
	}
	if chance(6) { // all of it holds, and needs more answers than there are
		s.Thresholds = []journal.Threshold{{Metric: "error_rate", Limit: 1}, {Metric: "p999", Limit: 100}}
	}
	s.HasThreshold = len(s.Thresholds) > 0
	if o.Load != nil {
		for _, kind := range []engine.SaturationKind{engine.SaturationCPU, engine.SaturationLateness, engine.SaturationRate, engine.SaturationSockets} {
			if chance(12) {
				o.Load.Saturated = append(o.Load.Saturated, engine.Saturation{Kind: kind, Text: string(kind)})
			}
		}
		if chance(8) {
			r.End.MajorFaults, r.End.Refaults = new(int64(random.IntN(200_000))), new(int64(random.IntN(200_000)))
		}
		if chance(8) {
			o.Answers[0][0] = exchange.Outcome{Class: []exchange.Class{exchange.Timeout, exchange.Refused, exchange.Socket}[random.IntN(3)]}
		}
		if chance(10) {
			o.First[len(o.First)-1] = exchange.Outcome{Class: []exchange.Class{exchange.Timeout, exchange.HTTP5xx, exchange.Socket}[random.IntN(3)]}
			o.Phase, o.Load, o.Answers = journal.PhaseFirst, nil, nil
		}
		if chance(12) {
			o.LostShare, o.Phase, o.Load, o.Answers = "agent 2 of 4: the agent has ended", journal.PhaseLoad, nil, nil
		}
	}
	if chance(6) {
		d.asserts = []plans.AssertFailure{{Name: "a", Message: "no"}}
	}
	if o.Load != nil && chance(3) { // memory that grows, by 0 to 2M a tick
		rate := random.Float64() * 2
		for tick := range 100 {
			at := noon.Add(time.Duration(float64(tick) * o.Load.Seconds * 1e7))
			used := units.Bytes((200 + rate*float64(tick) + random.Float64()) * float64(mega))
			r.Usage = append(r.Usage, containers.Usage{At: at, Anonymous: &used})
		}
		if chance(3) {
			o.Source.RisesUntil = 1.2 * random.Float64() * o.Load.Seconds
		}
	}
	ends := func(code int) { r.State.Running, r.State.ExitCode = false, &code }
	switch random.IntN(15) {
	case 0:
		killedAtStart(o)
	case 1:
		killedAtStart(o)
		o.Phase, o.ReadyAfter, o.ReadyAt = journal.PhaseLoad, time.Second, noon
	case 2:
		r.State.Witnesses, r.End.OOMKills = []containers.Witness{{Source: "kernel"}}, new(int64(2))
	case 3:
		ends(1)
	case 4:
		ends(137)
	case 5:
		ends(0)
		r.State.Killed = true
	case 6:
		r.Starts = 2
	case 7:
		o.Phase, o.ReadyAfter, o.ReadyAt, o.NotReady, o.Load, o.First, o.Answers = journal.PhaseStart, 0, time.Time{}, "connection refused", nil, nil, nil
	case 8:
		o.Events = append(o.Events, journal.Event{Container: r.Name, Kind: []containers.EventKind{containers.Paused, containers.Updated, containers.Executed, containers.Disconnected, containers.OOM}[random.IntN(5)]})
		if o.Events[0].Kind == containers.Disconnected { // the start is an event, too
			o.Events = append([]journal.Event{{Container: r.Name, Kind: containers.Started}}, o.Events...)
		}
		if chance(2) { // the end of a container leaves its network
			o.Events = append(o.Events, journal.Event{Container: r.Name, Kind: containers.Died})
		}
	case 9:
		if chance(3) {
			r.State.Limits.Memory = 400 * units.MiB
		}
	case 10:
		r.State.Displaced = "evicted from node1"
		if chance(2) {
			ends(137)
		}
	}
	return s, d
}

// A container that ends leaves its network, also where its end was reported after its state was read.
func TestDisconnectedContainers(t *testing.T) {
	for name, c := range map[string]struct {
		kinds []containers.EventKind
		holds bool
	}{
		"it ended":                {[]containers.EventKind{containers.Started, containers.Disconnected, containers.Died}, true},
		"someone disconnected it": {[]containers.EventKind{containers.Started, containers.Disconnected}, false},
		"before a second start":   {[]containers.EventKind{containers.Disconnected, containers.Started}, false},
		"another container ended": {[]containers.EventKind{containers.Started, containers.Disconnected, ""}, false},
	} {
		o := observed(500*mega, "fast")
		for _, kind := range c.kinds {
			o.Events = append(o.Events, journal.Event{Container: "api-1", Kind: kind})
			if kind == "" {
				o.Events[len(o.Events)-1] = journal.Event{Container: "db-1", Kind: containers.Died}
			}
		}
		one := recorded(journal.Stage{LeakHorizon: 86400}, "check.x/1", 500*mega, 10, false, o)
		text := parse(t, journal.Line{Type: journal.TrialLine, Trial: &one}).Trial.contradiction(&stage{LeakHorizon: 86400})
		if text != "" || (one.Verdict == journal.Passed) != c.holds {
			t.Errorf("%s: %s: %q", name, one.Verdict, text)
		}
	}
}

// An agent of a divided load that sends no result leaves no load. Earlier versions did
// not write that it was lost.
func TestALostAgent(t *testing.T) {
	for name, share := range map[string]string{"written": "agent 2 of 4: the agent has ended", "not written": ""} {
		o := observed(500*mega, "fast")
		o.LostShare, o.Phase, o.Load, o.Answers = "agent 2 of 4: the agent has ended", journal.PhaseLoad, nil, nil
		one := recorded(journal.Stage{}, "check.x/1", 500*mega, 10, false, o)
		one.Evidence.LostShare = share
		read := parse(t, journal.Line{Type: journal.TrialLine, Trial: &one}).Trial
		if text := read.contradiction(&stage{}); text != "" || read.Verdict != invalid || *read.Reason != generator {
			t.Errorf("%s: %s: %q", name, read.written(), text)
		}
	}
}

// Until a service is ready its containers may have more CPU than its limit, as the plan
// says.
func TestMoreCPUUntilItIsReady(t *testing.T) {
	for name, c := range map[string]struct {
		cpus  units.CPUs // at the end, with a limit of 0.5
		phase journal.Phase
		holds bool
	}{
		"more, at its start":   {2000, journal.PhaseStart, true},
		"its limit":            {500, journal.PhaseStart, true},
		"less than its limit":  {250, journal.PhaseStart, false},
		"none":                 {0, journal.PhaseStart, false},
		"more, under its load": {2000, journal.PhaseLoad, false},
	} {
		o := observed(500*mega, "")
		killedAtStart(&o)
		r := &o.Replicas[0]
		o.Phase, r.Limits.CPUs, r.State.Limits.CPUs = c.phase, c.cpus, c.cpus
		one := recorded(journal.Stage{}, "check.x/1", 500*mega, 1, false, o)
		one.Set.CPUs = new(0.5)
		text := parse(t, journal.Line{Type: journal.TrialLine, Trial: &one}).Trial.contradiction(&stage{})
		if c.holds != (text == "") || !c.holds && !strings.Contains(text, "interfered") {
			t.Errorf("%s: %q", name, text)
		}
	}
}

func TestCoverage(t *testing.T) {
	cell := func(x ...float64) []float64 { return x }
	for name, c := range map[string]struct {
		cheaper, failures [][]float64
		answer            []float64
		open              bool
	}{
		"one step below":              {[][]float64{cell(1), cell(2)}, [][]float64{cell(2)}, cell(3), false},
		"two steps below":             {[][]float64{cell(1), cell(2)}, [][]float64{cell(1)}, cell(3), true},
		"nothing cheaper":             {nil, nil, cell(1), false},
		"a failure above the answer":  {[][]float64{cell(1)}, [][]float64{cell(4)}, cell(3), true},
		"two dimensions":              {[][]float64{cell(1, 1), cell(1, 2), cell(2, 1), cell(3, 1)}, [][]float64{cell(1, 2), cell(3, 1)}, cell(2, 2), false},
		"a hole in two dimensions":    {[][]float64{cell(1, 3), cell(3, 1)}, [][]float64{cell(1, 2), cell(3, 1)}, cell(2, 2), true},
		"a failure covers the answer": {[][]float64{cell(1, 1)}, [][]float64{cell(2, 2)}, cell(2, 2), true},
	} {
		if open, is := uncovered(c.cheaper, c.failures, c.answer); is != c.open {
			t.Errorf("%s: %v is open: %v", name, open, is)
		}
	}
}
