package report

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plan/engine"
	"plan/internal/exchange"
	"plan/runner/journal"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with a file under testdata, or writes it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (write it anew with -update):\n%s", path, diff)
	}
}

func to[T any](v T) *T { return &v }

func mega(n int64) *int64 { return to(n << 20) }

var begun = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// trial is one at a memory limit in MiB that passed, for tests to change.
func trial(id string, memory int64) journal.Trial {
	return journal.Trial{
		ID: id, Verdict: journal.Passed, Why: "starts", Phase: "end", Started: begun,
		Set: journal.Settings{Memory: mega(memory), CPUs: to(0.5), Replicas: to(1)}, ExitCode: nil, OOMKilled: to(false), OOMKills: to[int64](0),
		Seconds: journal.Seconds{Ready: to(5.7), Total: 41},
		Memory:  journal.Memory{Peak: mega(1243), Rest: mega(1210), Anonymous: mega(1190), WorkingSet: mega(1221)},
		CPU:     journal.CPU{Share: to(0.31), Seconds: to(5.5), Periods: to[int64](400), ThrottledPeriods: to[int64](12)},
		Instances: []journal.Instance{{
			Name: "plan-r1-api", ID: "0123abcd", Address: "plan-r1-api:8000", OOMKilled: to(false),
			Limits: journal.Limits{Memory: mega(memory), CPUs: to(0.5)},
		}},
		Evidence: &journal.Evidence{Log: []string{"a line of the service's log"}},
	}
}

// killed makes a trial one that was killed at its start.
func killed(t journal.Trial, took float64) journal.Trial {
	t.Verdict, t.Reason, t.Why, t.Phase = journal.Failed, to(journal.OOMStart), "out of memory at start (exit 137)", "start"
	t.Failures = []string{t.Why}
	t.ExitCode, t.OOMKilled, t.OOMKills = to(137), to(true), to[int64](1)
	t.Seconds = journal.Seconds{Total: took}
	t.Memory = journal.Memory{Peak: mega(1194)}
	return t
}

// loaded returns a trial a load: so many OK answers, so many failures.
func loaded(t journal.Trial, users int, ok, failed int64, seconds, p95 float64) journal.Trial {
	latency := engine.Percentiles{P50: to(p95 / 3), P90: to(p95 * 0.9), P95: to(p95), P99: to(p95 * 1.4), P999: to(p95 * 1.8), Max: to(p95 * 2)}
	counts := engine.Counts{Requests: ok + failed + 3, OK: ok, Failed: failed, InFlight: to(int64(3)), Retried: new(int64), Bytes: 32 * ok, Errors: map[exchange.Class]int64{}, LatencyOK: latency}
	if failed > 0 {
		counts.Errors[exchange.Timeout] = failed
		counts.LatencyFailed = engine.Percentiles{P50: to(10.0), P90: to(10.0), P95: to(10.0), P99: to(10.0), P999: to(10.0), Max: to(10.0)}
	}
	t.Users = &users
	t.Why = fmt.Sprintf("%d of %d requests answered", ok, ok+failed)
	t.Load = &journal.Load{
		Driver: "plan", Way: "network", Transport: "net/http", Requests: counts.Requests, OK: ok, Failed: failed, InFlightAtEnd: to(int64(3)), UsersNeverAnswered: new(int), UsersOverdue: new(int),
		Rate: float64(ok+failed) / seconds, Seconds: seconds, CPUSeconds: 0.4, Errors: counts.Errors,
		LatencyOK: latency, LatencyFailed: counts.LatencyFailed, Lateness: journal.Lateness{P99: to(0.0012), Max: to(0.0055)},
		Judged:    engine.Judged{From: 1, Seconds: seconds - 1, Requests: ok + failed, OK: ok, Failed: failed, OKRate: float64(ok) / (seconds - 1), Latency: latency},
		ByRequest: map[string]engine.Counts{"predict": counts},
	}
	return t
}

func failing(t journal.Trial, reason journal.Reason, why string, others ...string) journal.Trial {
	t.Verdict, t.Reason, t.Why = journal.Failed, &reason, why
	t.Failures = append([]string{why}, others...)
	return t
}

func firstLook(t journal.Trial) journal.Trial {
	t.FirstLook = true
	return t
}

// grid from 500M by 100M to 4000M, then 4G.
func grid() []float64 {
	var values []float64
	for m := 500; m <= 4000; m += 100 {
		values = append(values, float64(m<<20))
	}
	return append(values, 4<<30)
}

func memorySearch(trials ...journal.Trial) journal.Stage {
	return journal.Stage{
		Address: "search.memory", Kind: "search", Service: "service.api", Dimension: "memory", Grid: grid(), HasLoad: true,
		Margin: 0.15, Seconds: 72.4, Trials: trials,
	}
}

// found is the seed case: 1300M passes, 1200M is killed, and 1500M, which is
// recommended, passes a first look.
func found() journal.Stage {
	s := least()
	s.Trials = append(s.Trials, firstLook(loaded(trial("search.memory/4", 1500), 1, 9, 0, 15, 0.02)))
	s.Certificate.Recommended = "search.memory/4"
	return s
}

// least is the same, without a trial at what is recommended.
func least() journal.Stage {
	top := firstLook(loaded(trial("search.memory/1", 4096), 1, 8, 0, 15, 0.02))
	top.Seconds = journal.Seconds{Ready: to(5.6), Total: 26}
	s := memorySearch(top, loaded(trial("search.memory/2", 1300), 1, 15, 0, 30, 0.02), killed(trial("search.memory/3", 1200), 3.1))
	s.Verdict, s.Found, s.Recommended = journal.Passed, &journal.Point{Memory: mega(1300)}, &journal.Point{Memory: mega(1500)}
	s.Certificate = &journal.Certificate{Passed: "search.memory/2", Failed: []string{"search.memory/3"}}
	return s
}

// held is a ramp that stops at 250 users.
func held() journal.Stage {
	step := func(n, users int, ok, failed int64, p95 float64) journal.Trial {
		return loaded(trial(fmt.Sprintf("ramp.users/%d", n), 1300), users, ok, failed, 150, p95)
	}
	s := journal.Stage{
		Address: "ramp.users", Kind: "ramp", Service: "service.api", HasLoad: true, Steps: []int{10, 50, 100, 250, 500, 1000, 2500, 5000, 10000},
		Verdict: journal.Passed, Held: to(100), Seconds: 655,
		Certificate: &journal.Certificate{Passed: "ramp.users/3", Failed: []string{"ramp.users/4"}},
		Trials: []journal.Trial{
			step(1, 10, 741, 0, 0.0084), step(2, 50, 3702, 0, 0.021), step(3, 100, 7394, 3, 0.12),
			failing(step(4, 250, 12011, 1344, 0.78), journal.Errors, "error rate 10.1 % over 1 %, 1344 × timeout", "p95 780ms over 500ms"),
		},
	}
	over := &s.Trials[3]
	over.CPU = journal.CPU{Share: to(0.997), Seconds: to(77.0), Periods: to[int64](1500), ThrottledPeriods: to[int64](1483)}
	over.Load.UsersNeverAnswered, over.Load.UsersOverdue = to(4), to(2)
	return s
}

func met() journal.Stage {
	return journal.Stage{
		Address: "check.steady", Kind: "check", Service: "service.api", HasLoad: true, Verdict: journal.Passed, Met: to(true), Seconds: 41,
		Certificate: &journal.Certificate{Passed: "check.steady/1", Failed: []string{}},
		Trials:      []journal.Trial{loaded(trial("check.steady/1", 1500), 20, 300, 0, 30, 0.03)},
	}
}

// arrived is a check of arrivals that went as planned.
func arrived() journal.Stage {
	s := met()
	l := s.Trials[0].Load
	s.Trials[0].Arrivals, l.Dropped, l.Invalid = to(10.0), new(int64), []engine.Saturation{{Kind: engine.SaturationLateness, Text: "late"}}
	return s
}

// crowded is one of staged arrivals that more came of than there were users
// for, and that a feed ended; its scenario has two requests.
func crowded() journal.Stage {
	s := arrived()
	t := &s.Trials[0]
	*t = failing(*t, journal.Latency, "p95 30ms over 20ms")
	t.Arrivals, t.Staged = to(2500.0), true
	l := t.Load
	l.Dropped, l.UsersNeverAnswered, l.UsersOverdue, l.Ended = to(int64(7)), to(3), new(int), `the feed "items" was used up`
	l.Invalid = []engine.Saturation{{Kind: engine.SaturationRate, Text: "310 of 330 arrivals were sent, 94 %"}}
	predict := l.ByRequest["predict"]
	predict.Retried = to(int64(2))
	l.ByRequest = map[string]engine.Counts{"predict": predict, "health": {Requests: 30, OK: 29, Failed: 1, Retried: new(int64), Errors: map[exchange.Class]int64{exchange.Timeout: 1}}}
	s.Verdict, s.Met, s.Certificate = journal.Failed, to(false), &journal.Certificate{Failed: []string{t.ID}}
	return s
}

// lazy is a run in which 10 users were killed at what was recommended, as a
// command wrote it that did not look at that.
func lazy() journal.Run {
	ramp := held()
	ramp.Steps, ramp.Held, ramp.Certificate, ramp.Verdict = []int{10, 20}, nil, nil, journal.Failed
	first := killed(loaded(trial("ramp.users/1", 1500), 10, 4, 2, 3, 0.2), 4.8)
	first.Phase, first.Reason, first.Why = "load", to(journal.OOMLoad), "out of memory under load (exit 137)"
	first.Failures = nil
	ramp.Trials, ramp.Reason = []journal.Trial{first}, first.Why
	return runOf(1, least(), ramp)
}

// disprovedRun is the same, where the search went on and the ramp ran again.
func disprovedRun() journal.Run {
	before := lazy()
	s, old := found(), before.Stages[1].Trials[0]
	s.Disproved = []journal.Disproof{{Found: *s.Found, Recommended: *s.Recommended, At: *s.Recommended, Trial: old.ID, Why: old.Why}}
	s.Found, s.Recommended = &journal.Point{Memory: mega(1600)}, &journal.Point{Memory: mega(1900)}
	s.Trials = append(s.Trials, loaded(trial("search.memory/5", 1600), 1, 15, 0, 30, 0.02), firstLook(loaded(trial("search.memory/6", 1900), 1, 9, 0, 15, 0.02)))
	s.Certificate = &journal.Certificate{Passed: "search.memory/5", Failed: []string{old.ID}, Recommended: "search.memory/6"}
	ramp := held()
	ramp.Steps, ramp.SetAside = []int{10, 20}, 1
	second := killed(loaded(trial("ramp.users/3", 1900), 20, 30, 9, 12, 0.3), 20)
	second.Phase, second.Reason, second.Why = "load", to(journal.OOMLoad), "out of memory under load (exit 137)"
	second.Failures = nil
	ramp.Trials = []journal.Trial{old, loaded(trial("ramp.users/2", 1900), 10, 741, 0, 150, 0.0084), second}
	ramp.Held, ramp.Certificate = to(10), &journal.Certificate{Passed: "ramp.users/2", Failed: []string{"ramp.users/3"}}
	return runOf(0, s, ramp)
}

// exhausted is a search that every answer of is disproved.
func exhausted() journal.Run {
	s := disprovedRun().Stages[0]
	s.Grid = s.Grid[:11] // up to 1500M
	s.Trials, s.Found, s.Recommended, s.Certificate = s.Trials[:4], nil, nil, nil
	s.Verdict, s.FailedBy = journal.Failed, journal.Disproved
	ramp := skipped()
	ramp.SetAside, ramp.Trials = 1, lazy().Stages[1].Trials
	return runOf(1, s, ramp)
}

// islands is a service that fails at 1200M, and passes with less.
func islands() journal.Run {
	s := least()
	s.Trials = append(s.Trials, firstLook(loaded(trial("search.memory/4", 900), 1, 8, 0, 15, 0.02)), loaded(trial("search.memory/5", 900), 1, 15, 0, 30, 0.02),
		loaded(trial("search.memory/6", 600), 1, 15, 0, 30, 0.02), killed(trial("search.memory/7", 500), 2))
	s.Found, s.Recommended = &journal.Point{Memory: mega(600)}, &journal.Point{Memory: mega(700)}
	s.Certificate = &journal.Certificate{Passed: "search.memory/6", Failed: []string{"search.memory/7"}}
	s.NotTried = "the guard did not let it start: a limit of 700M does not fit into the 650M that the host can spare above 2G"
	s.Reason = "more is not always easier: 600M passed (search.memory/6) though 1200M failed (search.memory/3)"
	return runOf(0, s)
}

func skipped() journal.Stage {
	return journal.Stage{
		Address: "ramp.users", Kind: "ramp", Service: "service.api", HasLoad: true, Verdict: journal.Skipped,
		Reason: "search.memory has no value, which it needs", Steps: []int{10, 50},
	}
}

func runOf(exitCode int, stages ...journal.Stage) journal.Run {
	r := journal.Run{
		FormatVersion: journal.Format, Plan: journal.Plan{Name: "minimal-resources", File: "plans/minimal-resources.hcl", SHA256: "5e884898da28"},
		Run: journal.Header{
			Version: "0.2.0",
			ID:      "20260301-120000-a1b2", Started: begun, Seconds: 728.5, ExitCode: exitCode,
			Host: journal.Host{Name: "bench", Memory: 24 << 30, CPUs: 2, OS: "Debian GNU/Linux 12", Kernel: "6.1.0", Engine: "20.10.24", CgroupVersion: "1", Local: true},
		},
		Stages: stages, Outputs: map[string]any{},
	}
	for _, s := range stages {
		if s.Found != nil {
			r.Outputs[s.Address[len(s.Kind)+1:]] = pointText(s.Found)
		}
	}
	return r
}

// whole is a run with everything in it.
func whole() journal.Run {
	r := runOf(0, found(), held(), met())
	r.Images = []journal.Image{
		{Address: "image.api", Name: "registry.example.org/api:latest", Digest: to("sha256:9f86d081884c7d659a2feaa0c55ad015"), Pushed: true},
		{Address: "image.base", Name: "base:latest"},
	}
	r.Outputs = map[string]any{"memory": "1300M", "users": 100.0, "limits": map[string]any{"cpus": 0.5}, "unknown": nil}
	return r
}
