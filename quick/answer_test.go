package quick

import (
	"bytes"
	"strings"
	"testing"

	"plan/engine"
	"plan/internal/units"
	"plan/plans"
	"plan/runner/journal"
)

// at is a trial of a search.
func at(memory units.Bytes, verdict journal.Verdict, why string) journal.Trial {
	return journal.Trial{Set: journal.Settings{Memory: new(int64(memory))}, Verdict: verdict, Why: why}
}

// step is a trial of a ramp that used a share of its CPU.
func step(users int, verdict journal.Verdict, reason journal.Reason, why string, share float64) journal.Trial {
	return journal.Trial{
		Set: journal.Settings{CPUs: new(1.0)}, Users: &users, Verdict: verdict, Reason: &reason, Why: why,
		CPU:  journal.CPU{Share: &share},
		Load: &journal.Load{Judged: engine.Judged{OK: 1200, Failed: 3, Latency: engine.Percentiles{P95: new(0.045)}}},
	}
}

// found is a search with an answer.
func found() journal.Stage {
	point := journal.Point{Memory: new(int64(323 * units.MiB))}
	return journal.Stage{Kind: plans.Search, Verdict: journal.Passed, Found: &point, Trials: []journal.Trial{
		at(8*units.GiB, journal.Passed, ""), at(100*units.MiB, journal.Failed, "killed early"),
		at(323*units.MiB, journal.Passed, ""), at(307*units.MiB, journal.Failed, "out of memory at start (exit 137)"),
	}}
}

// ramp is one that held a number of users, or none.
func ramp(held int, trials ...journal.Trial) journal.Stage {
	s := journal.Stage{Kind: plans.Ramp, Trials: trials}
	if held > 0 {
		s.Held = &held
	}
	return s
}

func TestAnswer(t *testing.T) {
	passed := step(200, journal.Passed, "", "", 0.3)
	slow := step(500, journal.Failed, journal.Latency, "p95 1.1s over 500ms.", 0.97)
	refused := at(8*units.GiB, journal.Failed, "the first \"predict\" failed: HTTP 422")
	refused.Phase, refused.Reason = journal.PhaseFirst, new(journal.Errors)
	oom := step(500, journal.Failed, journal.OOMLoad, "out of memory under load", 0.97)
	waits := step(500, journal.Failed, journal.Latency, "p95 1.1s over 500ms", 0.2)
	throttled := waits
	throttled.CPU.Periods, throttled.CPU.ThrottledPeriods = new(int64(100)), new(int64(60))
	busy := waits
	busy.Host = &journal.HostCPU{CPUs: 2, Other: 0.7, Neighbours: 0.3}
	driver := step(500, journal.Invalid, journal.Generator, "limit of cpu", 0.2)

	for name, c := range map[string]struct {
		stages []journal.Stage
		want   []string // the sentence, then the lines of memory, users and limit
	}{
		"CPU binds": {[]journal.Stage{found(), ramp(200, passed, slow)}, []string{
			"api needs 323M of memory, and then holds 200 users with 1 CPU.",
			"memory: 323M is the least at which it starts and responds; 307M failed: out of memory at start (exit 137)",
			"users: 200 users held, with 1 to 3 s between their requests (p95 45ms, 3 of 1203 requests failed)",
			"users: 500 users failed: p95 1.1s over 500ms",
			"limit: CPU: it used 97 % of its limit. Raise cpus, or add replicas",
		}},
		"memory binds": {[]journal.Stage{found(), ramp(200, passed, oom)}, []string{
			"limit: memory: it was killed under load. Raise memory for more users"}},
		"throttling binds": {[]journal.Stage{found(), ramp(200, passed, throttled)}, []string{
			"limit: CPU: it was throttled in 60 % of the time. Raise cpus, or add replicas"}},
		"others bind": {[]journal.Stage{found(), ramp(200, passed, busy)}, []string{
			"limit: others used 1 of the 2 CPUs of the machine: run it again when it is idle"}},
		"it waits": {[]journal.Stage{found(), ramp(200, passed, waits)}, []string{
			"limit: neither memory nor CPU (20 % used): more workers, or what it waits for, such as a helper"}},
		"all held": {[]journal.Stage{found(), ramp(200, passed)}, []string{
			"api needs 323M of memory, and then holds at least 200 users with 1 CPU.", "users: more were not tried"}},
		"the first step fails": {[]journal.Stage{found(), ramp(0, slow)}, []string{
			"api starts and responds with 323M of memory.",
			"users: fewer than 500. Write lower steps and a longer runtime in the ramp of the plan"}},
		"no verdict": {[]journal.Stage{found(), ramp(200, passed, driver)}, []string{
			"api needs 323M of memory, and then holds at least 200 users with 1 CPU.",
			"users: 500 users: no verdict: limit of cpu"}},
		"the request is refused": {[]journal.Stage{{Kind: plans.Search, Verdict: journal.Failed, Trials: []journal.Trial{refused}}}, []string{
			"No answer for api.",
			"memory: even 8G failed: the first \"predict\" failed: HTTP 422. Name the request with --path and --json, or --curl"}},
		"it never starts": {[]journal.Stage{{Kind: plans.Search, Verdict: journal.Failed, Trials: []journal.Trial{at(8*units.GiB, journal.Failed, "exit 1")}}}, []string{
			"memory: even 8G failed: exit 1"}},
		"interrupted": {[]journal.Stage{{Kind: plans.Search, Verdict: journal.Aborted, Reason: "interrupted", Trials: found().Trials}}, []string{
			"memory: no answer: interrupted"}},
		"skipped": {[]journal.Stage{{Kind: plans.Search, Verdict: journal.Aborted, Reason: "the guard"}}, []string{"memory: the guard"}},
	} {
		a := Of("api", "quick-api.hcl", journal.Run{Run: journal.Header{ID: "r1"}, Stages: c.stages})
		got := a.Sentence + "\n"
		for _, line := range a.Lines {
			got += line[0] + ": " + line[1] + "\n"
		}
		for _, want := range append(c.want, "quick: "+caveat, "evidence: plan report r1") {
			if !strings.Contains(got, want+"\n") {
				t.Errorf("%s: no %q in\n%s", name, want, got)
			}
		}
		if n := len(a.Lines); n > 9 {
			t.Errorf("%s: %d lines", name, n)
		}
	}
	held := found()
	held.AtMost = true
	if got := memory(held); got != "at most 323M: it is the lowest value that was tried" {
		t.Error(got)
	}
	problem := Of("api", "f", journal.Run{Run: journal.Header{Problem: "no engine"}})
	if problem.Sentence != "No answer: no engine" {
		t.Error(problem.Sentence)
	}
}

func TestAnswerOfLoads(t *testing.T) {
	m := func(users int) Measure {
		return Measure{Users: users, Result: engine.Result{Judged: engine.Judged{OK: 90, Latency: engine.Percentiles{P95: new(0.02)}}}}
	}
	for want, a := range map[string]Answer{
		"http://h holds 50 users.|50 users held, with 1 to 3 s between their requests (p95 20ms, 0 of 90 requests failed)|100 users failed: slow":                      OfLoads("http://h", []Measure{m(1), m(50), m(100)}, "slow", true, ""),
		"http://h holds at least 100 users.|100 users held, with 1 to 3 s between their requests (p95 20ms, 0 of 90 requests failed)":                                  OfLoads("http://h", []Measure{m(50), m(100)}, "", false, ""),
		"http://h holds at least 1 user.|1 user held, with 1 to 3 s between their requests (p95 20ms, 0 of 90 requests failed)|50 users: no verdict: busy":             OfLoads("http://h", []Measure{m(1), m(50)}, "busy", false, ""),
		"http://h holds at least 50 users.|50 users held, with 1 to 3 s between their requests (p95 20ms, 0 of 90 requests failed)|100 users: no verdict: interrupted": OfLoads("http://h", []Measure{m(1), m(50), m(100)}, "interrupted", false, ""),
		"http://h: no answer for 1 user.|1 user failed: slow": OfLoads("http://h", []Measure{m(1)}, "slow", true, ""),
	} {
		got := a.Sentence
		for _, line := range a.Lines {
			if line[0] == "users" {
				got += "|" + line[1]
			}
		}
		if got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
	}
}

func TestForms(t *testing.T) {
	a := Answer{Sentence: "api|b needs 1 <G>.", Lines: [][2]string{{"memory", "a_b|c"}}}
	var text, markdown bytes.Buffer
	if a.Print(&text) != nil || text.String() != "api|b needs 1 <G>.\n  memory    a_b|c\n" {
		t.Errorf("%q", text.String())
	}
	if a.Markdown(&markdown) != nil || markdown.String() != "**api\\|b needs 1 &lt;G>.**\n\n| | |\n|---|---|\n| memory | a\\_b\\|c |\n" {
		t.Errorf("%q", markdown.String())
	}
}
