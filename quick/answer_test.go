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

// auto is a ramp that found its users itself.
func auto(held int, trials ...journal.Trial) journal.Stage {
	s := ramp(held, trials...)
	s.Auto = &journal.AutoUsers{From: 5, To: 10_000}
	return s
}

func TestAnswer(t *testing.T) {
	passed := step(200, journal.Passed, "", "", 0.3)
	slow := step(500, journal.Failed, journal.Latency, "p95 1.1s over 500ms.", 0.97)
	refused := at(8*units.GiB, journal.Failed, "the first \"predict\" failed: HTTP 422")
	refused.Phase, refused.Reason = journal.PhaseFirst, new(journal.Errors)
	oom := step(500, journal.Failed, journal.OOMLoad, "out of memory under load", 0.97)
	thrash := step(500, journal.Failed, journal.Thrash, "reads its own files again and again", 0.4)
	waits := step(500, journal.Failed, journal.Latency, "p95 1.1s over 500ms", 0.2)
	throttled := waits
	throttled.CPU.Periods, throttled.CPU.ThrottledPeriods = new(int64(100)), new(int64(60))
	busy := waits
	busy.Host = &journal.HostCPU{CPUs: 2, Other: 0.7, Neighbours: 0.3}
	driver := step(500, journal.Invalid, journal.Generator, "limit of cpu", 0.2)
	grew := step(10_000, journal.Failed, journal.Latency, "p95 2s over 500ms", 0.9)
	grew.Windows = []journal.Window{{Users: 5}, {Users: 10, Broken: "p95"}}
	more, same := grew, passed
	more.Set.Memory, same.Set.Memory = new(int64(372*units.MiB)), new(int64(323*units.MiB))
	above, highest := step(200, journal.Failed, journal.Latency, "p95 0.6s over 500ms", 0.9), step(210, journal.Passed, "", "", 0.9)
	passed190 := step(190, journal.Passed, "", "", 0.9)
	few := step(5, journal.Failed, journal.Latency, "p95 0.6s over 500ms", 0.9)
	saturated, unsaturated := auto(190, grew, passed190), auto(190, grew, passed190)
	saturated.Knee, unsaturated.Knee = new(95), new(96)
	again, broke := grew, grew
	again.Windows = []journal.Window{{Users: 5}, {Users: 9}, {Users: 10}, {Users: 11}}
	broke.Windows = []journal.Window{{Users: 5, Broken: "p95"}}
	disturbed, never := auto(0, grew, again), auto(0, broke)
	disturbed.Reason = "others used the CPUs."
	lowest := found()
	lowest.AtMost, lowest.Trials = true, lowest.Trials[2:3]

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
			"quick: short loads, memory in steps of 5 %, users in steps of up to 2.5 times, for each figure one trial that passed " +
				"and one that failed: not a proof",
		}},
		"users that were found": {[]journal.Stage{found(), auto(190, grew, slow, passed190, above, highest)}, []string{
			"api needs 323M of memory, and then holds 190 users with 1 CPU.",
			"users: 190 users held, with 1 to 3 s between their requests (p95 45ms, 3 of 1203 requests failed)",
			"users: 200 users failed: p95 0.6s over 500ms",
			"quick: short loads, memory in steps of 5 %, users in steps of 5 %, for each figure one trial that passed and one " +
				"that failed: not a proof",
		}},
		"saturated": {[]journal.Stage{found(), saturated}, []string{
			"api needs 323M of memory, and then holds at least 190 users with 1 CPU.",
			"users: more were not tried: they bring no more throughput",
			"quick: short loads, memory in steps of 5 %, users in steps of 5 %: not a proof"}},
		"not saturated": {[]journal.Stage{found(), unsaturated}, []string{"users: more were not tried"}},
		"fewer than are tried": {[]journal.Stage{found(), auto(0, grew, few)}, []string{
			"api starts and responds with 323M of memory.",
			"users: fewer than 5 held. Write a lower from and a longer runtime in the ramp of the plan",
			"quick: short loads, memory in steps of 5 %, users in steps of 5 %: not a proof"}},
		"only loads that grew": {[]journal.Stage{found(), disturbed}, []string{
			"api starts and responds with 323M of memory.", "users: no answer: others used the CPUs",
			"users: a load that grew met the thresholds up to 9 users"}},
		"a load that never held": {[]journal.Stage{found(), never}, []string{"users: no answer: the ramp did not end"}},
		"the lowest memory passes": {[]journal.Stage{lowest, ramp(200, passed, slow)}, []string{
			"api needs at most 323M of memory, and then holds 200 users with 1 CPU.",
			"quick: short loads, memory in steps of 5 %, users in steps of up to 2.5 times: not a proof"}},
		"the lowest memory passes, without users": {[]journal.Stage{lowest, ramp(0, slow)}, []string{
			"api starts and responds with at most 323M of memory."}},
		"users with more memory": {[]journal.Stage{found(), auto(190, more, slow, passed190, above)}, []string{
			"api needs 323M of memory; with 372M and 1 CPU it holds 190 users.",
			"memory: 323M is the least at which it starts and responds; 307M failed: out of memory at start (exit 137)"}},
		"users with the same memory": {[]journal.Stage{found(), ramp(200, same, slow)}, []string{
			"api needs 323M of memory, and then holds 200 users with 1 CPU.",
			"memory: 323M is the least at which it starts and responds; 307M failed: out of memory at start (exit 137)"}},
		"files do not stay in memory": {[]journal.Stage{found(), ramp(200, passed, thrash)}, []string{
			"limit: memory: it read its own files again and again, because their pages did not stay in memory. Raise memory for more users"}},
		"memory binds": {[]journal.Stage{found(), ramp(200, passed, oom)}, []string{
			"limit: memory: it was killed under load. Raise memory for more users"}},
		"throttling binds": {[]journal.Stage{found(), ramp(200, passed, throttled)}, []string{
			"limit: CPU: it was throttled in 60 % of the time. Raise cpus, or add replicas"}},
		"others bind": {[]journal.Stage{found(), ramp(200, passed, busy)}, []string{
			"limit: other programs used 1 of the 2 CPUs of the machine: run it again when the machine is idle"}},
		"it waits": {[]journal.Stage{found(), ramp(200, passed, waits)}, []string{
			"limit: neither memory nor CPU (20 % used). Add workers, or check what it waits for, such as a helper"}},
		"all held": {[]journal.Stage{found(), ramp(200, passed)}, []string{
			"api needs 323M of memory, and then holds at least 200 users with 1 CPU.", "users: more were not tried"}},
		"the first step fails": {[]journal.Stage{found(), ramp(0, slow)}, []string{
			"api starts and responds with 323M of memory.",
			"users: fewer than 500 held. Write lower steps and a longer runtime in the ramp of the plan"}},
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
		for _, want := range append(c.want, "evidence: plan report r1") {
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
	if want := [2]string{"quick", "short loads: not a proof"}; problem.Sentence != "No answer: no engine" || problem.Lines[1] != want {
		t.Errorf("%+v", problem)
	}
}

// TestGrowth: what counts is the last trial that passed at the answer.
func TestGrowth(t *testing.T) {
	const note = journal.Grows + " by at least 60M a minute: the limit is reached in 5m"
	noted := func(t journal.Trial, notes ...string) journal.Trial {
		t.Notes = notes
		return t
	}
	top, least := found(), found()
	top.Trials[0].Notes = []string{note}
	least.Trials[2].Notes = []string{"another note", note}
	passed, failed := step(200, journal.Passed, "", "", 0.3), step(500, journal.Failed, journal.Latency, "p95", 0.9)
	whole := noted(passed, note)
	whole.Windows = []journal.Window{{Users: 5}}
	for name, c := range map[string]struct {
		search, ramp journal.Stage
		grows        bool
	}{
		"nothing":              {found(), auto(200, passed), false},
		"at the highest value": {top, auto(200, passed), false},
		"at the answer":        {least, journal.Stage{}, true},
		"under users":          {found(), auto(200, noted(passed, note)), true},
		"in a step that fails": {found(), auto(200, passed, noted(failed, note)), false},
		"in a load that grew":  {found(), auto(200, whole), false},
		"no answer":            {journal.Stage{Kind: plans.Search, Trials: top.Trials}, journal.Stage{}, false},
	} {
		if got := growth(c.search, c.ramp); (got != "") != c.grows || c.grows && !strings.HasPrefix(got, note+", unless") {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestAnswerOfLoads(t *testing.T) {
	m := func(users int) Measure {
		return Measure{Users: users, Result: engine.Result{Judged: engine.Judged{OK: 90, Latency: engine.Percentiles{P95: new(0.02)}}}}
	}
	not := func(users int, why string, failed bool) Measure {
		return Measure{Users: users, Why: why, Failed: failed}
	}
	for want, a := range map[string]Answer{
		"http://h holds 50 users.|50 users held, with 1 to 3 s between their requests (p95 20ms, 0 of 90 requests failed)|100 users failed: slow":                      OfLoads("http://h", []Measure{m(1), m(50), not(100, "slow", true)}, ""),
		"http://h holds at least 100 users.|100 users held, with 1 to 3 s between their requests (p95 20ms, 0 of 90 requests failed)":                                  OfLoads("http://h", []Measure{m(50), m(100)}, ""),
		"http://h holds at least 1 user.|1 user held, with 1 to 3 s between their requests (p95 20ms, 0 of 90 requests failed)|50 users: no verdict: busy":             OfLoads("http://h", []Measure{m(1), not(50, "busy", false)}, ""),
		"http://h holds at least 50 users.|50 users held, with 1 to 3 s between their requests (p95 20ms, 0 of 90 requests failed)|100 users: no verdict: interrupted": OfLoads("http://h", []Measure{m(1), m(50), not(100, "interrupted", false)}, ""),
		"http://h: no answer for 1 user.|1 user failed: slow": OfLoads("http://h", []Measure{not(1, "slow", true)}, ""),
		"http://h holds 10 users.|10 users held, with 1 to 3 s between their requests (p95 20ms, 0 of 90 requests failed)|20 users failed: slower": OfLoads("http://h",
			[]Measure{m(1), not(50, "slow", true), not(20, "slower", true), m(10)}, ""),
		"http://h holds fewer than 5 users.|5 users failed: slow": OfLoads("http://h",
			[]Measure{m(1), not(50, "slow", true), not(20, "slow", true), not(10, "slow", true), not(5, "slow", true)}, ""),
		"http://h: no answer for 20 users.|20 users: no verdict: busy": OfLoads("http://h",
			[]Measure{m(1), not(50, "slow", true), not(20, "busy", false)}, ""),
		"http://h holds at least 1 user.|1 user held, with 1 to 3 s between their requests (p95 20ms, 0 of 90 requests failed)": OfLoads("http://h",
			[]Measure{m(1)}, ""),
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
	a := Answer{Sentence: "api|b needs 1 <G>.", Lines: [][2]string{{"memory", `a_b|c\d`}}}
	var text, markdown bytes.Buffer
	if a.Print(&text) != nil || text.String() != "api|b needs 1 <G>.\n  memory    a_b|c\\d\n" {
		t.Errorf("%q", text.String())
	}
	if a.Markdown(&markdown) != nil || markdown.String() != "**api\\|b needs 1 &lt;G>.**\n\n| | |\n|---|---|\n| memory | a\\_b\\|c\\\\d |\n" {
		t.Errorf("%q", markdown.String())
	}
}
