package judge

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"plan/containers"
	"plan/engine"
	"plan/internal/exchange"
	"plan/internal/metrics"
	"plan/plans"
	"plan/runner/journal"
)

// running is a replica that was started once and lives.
func running() Replica { return Replica{Starts: 1, State: containers.State{Running: true}} }

// exited is a replica that ended with a code.
func exited(code int) Replica {
	return Replica{Starts: 1, State: containers.State{ExitCode: &code}}
}

// with changes a replica.
func with(r Replica, change func(*Replica)) Replica {
	change(&r)
	return r
}

func witnessed(r *Replica) { r.State.Witnesses = []containers.Witness{{Source: "cgroup"}} }
func killed(r *Replica)    { r.State.Killed = true }
func evicted(r *Replica)   { r.State.Displaced = "evicted from node1" }
func startedAgain(r *Replica) {
	r.Starts = 2
}
func restartedByEngine(r *Replica) { r.State.Restarts = 1 }

// trial is one that ended in a phase with some replicas.
func trial(phase journal.Phase, replicas ...Replica) Observation {
	return Observation{Phase: phase, Replicas: replicas}
}

// loaded is a trial whose one replica lives at the end of its load.
func loaded(r engine.Result) Observation {
	o := trial(journal.PhaseEnd, running())
	o.Load = &r
	return o
}

// silent is a trial whose last replica of some gave these outcomes after its
// load, and the others answered.
func silent(replicas int, outcomes ...exchange.Outcome) Observation {
	o := loaded(good(nil))
	o.Replicas = slices.Repeat(o.Replicas, replicas)
	for i := range o.Replicas {
		answers := []exchange.Outcome{{Status: 200}}
		if i == replicas-1 {
			answers = outcomes
		}
		o.Again, o.Answers = append(o.Again, []exchange.Request{{Name: "a"}, {Name: "b"}}), append(o.Answers, answers)
	}
	return o
}

// good is a load of 1,000 answers within 100 ms, 90 a second.
func good(change func(*engine.Result)) engine.Result {
	r := engine.Result{
		Total:    engine.Counts{Requests: 1000, OK: 1000, InFlight: new(int64)},
		Judged:   engine.Judged{Requests: 900, OK: 900, OKRate: 90, Latency: engine.Percentiles{P50: new(0.05), P95: new(0.1), P99: new(0.2), Max: new(0.4)}},
		Lateness: engine.Percentiles{P50: new(0.001), P90: new(0.002), P95: new(0.005), P99: new(0.01), P999: new(0.02), Max: new(0.03)},
	}
	if change != nil {
		change(&r)
	}
	return r
}

func bound(metric string, limit float64) Criteria {
	return Criteria{Threshold: []plans.Objective{{Metric: metric, Limit: limit}}}
}

// TestEveryState: what a trial showed, and what that says of the service.
func TestEveryState(t *testing.T) {
	said := map[journal.Reason][]string{}
	limited := func(kinds ...engine.SaturationKind) func(*engine.Result) {
		return func(r *engine.Result) {
			for _, kind := range kinds {
				r.Saturated = append(r.Saturated, engine.Saturation{Kind: kind, Text: "limit of " + string(kind)})
			}
		}
	}
	late := func(r *engine.Result) {
		limited(engine.SaturationLateness)(r)
		r.Judged.Latency.P95, r.Lateness.P99 = new(0.5), new(0.25)
	}
	hung := func(r *engine.Result) {
		r.Hung = true
		r.Total.Requests, r.Total.OK, *r.Total.InFlight = 150, 100, 50
		r.Judged.Latency.Max, r.Total.LatencyOK.Max, r.Lateness.Max = new(7.6), new(0.5), new(0.125)
	}
	for _, c := range []struct {
		name    string
		o       Observation
		c       Criteria
		verdict journal.Verdict
		reason  journal.Reason
		why     string
	}{
		// A stop from outside comes before everything else.
		{"the guard stopped it", Observation{Stop: Stop{journal.GuardStop, "too little memory"}, Replicas: []Replica{exited(1)}}, Criteria{}, journal.Aborted, journal.GuardStop, "too little memory"},
		{"the engine was lost", Observation{Stop: Stop{journal.EngineLost, "no answer"}, Replicas: []Replica{with(exited(137), witnessed)}}, Criteria{}, journal.Aborted, journal.EngineLost, "no answer"},
		{"interrupted", Observation{Stop: Stop{journal.User, "interrupted"}, Phase: journal.PhaseLoad, Replicas: []Replica{running()}}, Criteria{}, journal.Aborted, journal.User, "interrupted"},

		// Out of memory needs a witness.
		{"witness at start", trial(journal.PhaseStart, with(exited(137), witnessed)), Criteria{}, journal.Failed, journal.OOMStart, "out of memory at start (exit 137)"},
		{"witness at start, exit 1 of a shell", trial(journal.PhaseStart, with(exited(1), witnessed)), Criteria{}, journal.Failed, journal.OOMStart, "out of memory at start (exit 1)"},
		{"witness on the first request", trial(journal.PhaseFirst, with(exited(137), witnessed)), Criteria{}, journal.Failed, journal.OOMLoad, "out of memory on the first request (exit 137)"},
		{"witness under load", trial(journal.PhaseLoad, with(exited(137), witnessed)), Criteria{}, journal.Failed, journal.OOMLoad, "out of memory under load (exit 137)"},
		{"witness after the load", trial(journal.PhaseHold, with(exited(137), witnessed)), Criteria{}, journal.Failed, journal.OOMLoad, "out of memory after the load (exit 137)"},
		{"witness at the end", trial(journal.PhaseEnd, with(exited(137), witnessed)), Criteria{}, journal.Failed, journal.OOMLoad, "out of memory at the end (exit 137)"},
		{"witness and a kill from outside", trial(journal.PhaseLoad, with(with(exited(137), witnessed), killed)), Criteria{}, journal.Failed, journal.OOMLoad, "out of memory under load (exit 137)"},
		{"a worker was killed at start", trial(journal.PhaseStart, with(running(), witnessed)), Criteria{}, journal.Failed, journal.OOMWorker, "out of memory at start: a process was killed, and the container kept running"},
		{"a worker was killed under load", trial(journal.PhaseLoad, with(running(), witnessed)), Criteria{}, journal.Failed, journal.OOMWorker, "out of memory under load: a process was killed, and the container kept running"},
		{"killed and started again", trial(journal.PhaseStart, with(with(running(), witnessed), startedAgain)), Criteria{}, journal.Failed, journal.OOMStart, "out of memory at start"},
		{"killed and restarted by the engine", trial(journal.PhaseLoad, with(with(running(), witnessed), restartedByEngine)), Criteria{}, journal.Failed, journal.OOMLoad, "out of memory under load"},

		// What the cluster ended is not the service's failure, and never out of memory.
		{"evicted", trial(journal.PhaseLoad, with(exited(137), evicted)), Criteria{}, journal.Inconclusive, journal.Evicted, "evicted from node1"},
		{"evicted, with a witness", trial(journal.PhaseLoad, with(with(exited(137), witnessed), evicted)), Criteria{}, journal.Inconclusive, journal.Evicted, "evicted from node1"},
		{"its node is lost while it runs", trial(journal.PhaseStart, with(running(), evicted)), Criteria{}, journal.Inconclusive, journal.Evicted, "evicted from node1"},
		{"the second of two was evicted", trial(journal.PhaseLoad, with(exited(137), witnessed), with(exited(137), evicted)), Criteria{}, journal.Inconclusive, journal.Evicted, "replica 2: evicted from node1"},

		// 137 without a witness is not memory.
		{"137 without a witness at start", trial(journal.PhaseStart, exited(137)), Criteria{}, journal.Inconclusive, journal.Killed, "killed from outside, not by the kernel for memory (exit 137)"},
		{"137 without a witness under load", trial(journal.PhaseLoad, exited(137)), Criteria{}, journal.Inconclusive, journal.Killed, "killed from outside, not by the kernel for memory (exit 137)"},
		{"the engine was asked for a kill", trial(journal.PhaseLoad, with(exited(143), killed)), Criteria{}, journal.Inconclusive, journal.Killed, "killed from outside, not by the kernel for memory (exit 143)"},
		{"killed from outside while it lives", trial(journal.PhaseLoad, with(running(), killed)), Criteria{}, journal.Inconclusive, journal.Killed, "killed from outside, not by the kernel for memory"},
		{"135 is explained", trial(journal.PhaseStart, exited(135)), Criteria{}, journal.Failed, journal.Exit, "ended by itself at start (exit 135: SIGBUS, often because /dev/shm is full: it has 64M unless shm_size sets more)"},
		{"136 is an exit", trial(journal.PhaseStart, exited(136)), Criteria{}, journal.Failed, journal.Exit, "ended by itself at start (exit 136)"},
		{"138 is an exit", trial(journal.PhaseStart, exited(138)), Criteria{}, journal.Failed, journal.Exit, "ended by itself at start (exit 138)"},

		// The main process ended, or was restarted.
		{"exit 0 at start", trial(journal.PhaseStart, exited(0)), Criteria{}, journal.Failed, journal.Exit, "ended by itself at start (exit 0)"},
		{"exit 1 under load", trial(journal.PhaseLoad, exited(1)), Criteria{}, journal.Failed, journal.Exit, "ended by itself under load (exit 1)"},
		{"exit 3 after the load", trial(journal.PhaseHold, exited(3)), Criteria{}, journal.Failed, journal.Exit, "ended by itself after the load (exit 3)"},
		{"started again", trial(journal.PhaseLoad, with(running(), startedAgain)), Criteria{}, journal.Failed, journal.Exit, "ended by itself under load"},
		{"restarted by the engine", trial(journal.PhaseLoad, with(running(), restartedByEngine)), Criteria{}, journal.Failed, journal.Exit, "ended by itself under load"},
		{"one start is no restart", trial(journal.PhaseEnd, running()), Criteria{}, journal.Passed, "", "starts"},
		{"no start event is no restart", trial(journal.PhaseEnd, with(running(), func(r *Replica) { r.Starts = 0 })), Criteria{}, journal.Passed, "", "starts"},
		{"ended, also where it was not ready", Observation{Phase: journal.PhaseStart, Replicas: []Replica{exited(1)}, NotReady: "connection refused"}, Criteria{}, journal.Failed, journal.Exit, "ended by itself at start (exit 1)"},

		// Readiness.
		{"not ready", Observation{Phase: journal.PhaseStart, Replicas: []Replica{running()}, NotReady: "HTTP 503"}, Criteria{Within: time.Minute}, journal.Failed, journal.NotReady, "not ready within 1m: HTTP 503"},

		// Several replicas: the one whose end says most.
		{"the second of two ran out of memory", trial(journal.PhaseLoad, exited(1), with(exited(137), witnessed)), Criteria{}, journal.Failed, journal.OOMLoad, "replica 2: out of memory under load (exit 137)"},
		{"a kill says more than an end", trial(journal.PhaseLoad, exited(1), exited(137)), Criteria{}, journal.Inconclusive, journal.Killed, "replica 2: killed from outside, not by the kernel for memory (exit 137)"},
		{"the first of two ended", trial(journal.PhaseLoad, exited(1), running()), Criteria{}, journal.Failed, journal.Exit, "replica 1: ended by itself under load (exit 1)"},
		{"the third of three was restarted", trial(journal.PhaseLoad, running(), running(), with(running(), startedAgain)), Criteria{}, journal.Failed, journal.Exit, "replica 3: ended by itself under load"},
		{"the second was not ready", Observation{Phase: journal.PhaseStart, Replicas: []Replica{running(), running()}, Asked: 1, NotReady: "no answer"}, Criteria{Within: time.Second}, journal.Failed, journal.NotReady, "replica 2: not ready within 1s: no answer"},
		{"both live", trial(journal.PhaseEnd, running(), running()), Criteria{}, journal.Passed, "", "starts"},

		// The first request of each kind.
		{"the first answers", Observation{
			Phase: journal.PhaseEnd, Replicas: []Replica{running()}, Requests: []exchange.Request{{Name: "a"}}, First: []exchange.Outcome{{Class: exchange.OK}},
		}, Criteria{}, journal.Passed, "", "starts"},
		{"the second of the first answers fails", Observation{
			Phase: journal.PhaseFirst, Replicas: []Replica{running()}, Requests: []exchange.Request{{Name: "a"}, {Name: "b"}},
			First: []exchange.Outcome{{Class: exchange.OK}, {Class: exchange.HTTP5xx, Status: 500, Detail: "boom"}},
		}, Criteria{}, journal.Failed, journal.Errors, `the first "b" failed: HTTP 500: boom`},
		{"the first answer timed out", Observation{
			Phase: journal.PhaseFirst, Replicas: []Replica{running(), running()}, Requests: []exchange.Request{{Name: "a"}}, First: []exchange.Outcome{{Class: exchange.ConnectTimeout}},
		}, Criteria{}, journal.Failed, journal.Errors, `replica 1: the first "a" failed: connect timeout`},
		{"the generator has no socket for it", Observation{
			Phase: journal.PhaseFirst, Replicas: []Replica{running()}, Requests: []exchange.Request{{Name: "a"}}, First: []exchange.Outcome{{Class: exchange.Socket, Detail: "too many open files"}},
		}, Criteria{}, journal.Invalid, journal.Generator, "the driver could not open a socket: too many open files"},
		{"an agent was lost", Observation{
			Phase: journal.PhaseLoad, Replicas: []Replica{running()}, Requests: []exchange.Request{{Name: "a"}}, First: []exchange.Outcome{{Class: exchange.OK}},
			LostShare: "agent 2 of 4: the agent has ended",
		}, Criteria{}, journal.Invalid,
			journal.Generator, "agent 2 of 4: the agent has ended"},
		{"an agent was lost with the service", Observation{
			Phase: journal.PhaseLoad, Replicas: []Replica{exited(1)}, Requests: []exchange.Request{{Name: "a"}}, First: []exchange.Outcome{{Class: exchange.OK}},
			LostShare: "agent 2 of 4: the agent has ended",
		}, Criteria{}, journal.Failed, journal.Exit, "ended by itself under load (exit 1)"},

		// Loads without thresholds.
		{"a good load", loaded(good(nil)), Criteria{}, journal.Passed, "", "1000 of 1000 requests OK"},
		{"arrivals were dropped", loaded(good(func(r *engine.Result) { r.Total.Dropped = new(int64(1)) })), Criteria{}, journal.Passed, "", "1000 of 1000 requests OK, 1 arrivals dropped"},
		{"no arrival was dropped", loaded(good(func(r *engine.Result) { r.Total.Dropped = new(int64) })), Criteria{}, journal.Passed, "", "1000 of 1000 requests OK"},
		{"one request failed", loaded(good(func(r *engine.Result) {
			r.Total.Failed, r.Total.Errors = 1, map[exchange.Class]int64{exchange.Timeout: 1}
		})), Criteria{}, journal.Failed, journal.Errors, "1 of 1001 requests failed, 1 × timeout"},
		{"the most frequent error with its example", loaded(good(func(r *engine.Result) {
			r.Total.Failed, r.Total.Errors = 7, map[exchange.Class]int64{exchange.Timeout: 2, exchange.Refused: 5}
			r.Examples = map[exchange.Class]string{exchange.Refused: "port 8000"}
		})), Criteria{}, journal.Failed, journal.Errors, "7 of 1007 requests failed, 5 × refused (port 8000)"},
		{"of equally frequent errors the first by name", loaded(good(func(r *engine.Result) {
			r.Total.Failed, r.Total.Errors = 4, map[exchange.Class]int64{exchange.Timeout: 2, exchange.Refused: 2}
		})), Criteria{}, journal.Failed, journal.Errors, "4 of 1004 requests failed, 2 × refused"},
		{"of frequent and rare errors the frequent", loaded(good(func(r *engine.Result) {
			r.Total.Failed, r.Total.Errors = 7, map[exchange.Class]int64{exchange.Timeout: 5, exchange.Refused: 2}
		})), Criteria{}, journal.Failed, journal.Errors, "7 of 1007 requests failed, 5 × timeout"},
		{"nothing was answered, with a threshold", loaded(engine.Result{}), bound("p95", 1), journal.Failed, journal.Errors, "no request got an OK response"},
		{"one was answered, before what is judged", loaded(engine.Result{Total: engine.Counts{OK: 1}}), bound("p95", 1), journal.Failed, journal.Errors, "no request got an OK response in the judged window"},
		{"nothing was answered", loaded(engine.Result{}), Criteria{}, journal.Failed, journal.Errors, "no request got an OK response"},
		{"logins alone were answered", loaded(good(func(r *engine.Result) {
			r.ByRequest = map[string]engine.Counts{"login": {OnStart: true, OK: 1000}}
		})), Criteria{}, journal.Failed, journal.Errors, "no request got an OK response"},
		{"failed logins alone fail nothing", loaded(good(func(r *engine.Result) {
			r.Total.Failed, r.ByRequest = 3, map[string]engine.Counts{"login": {OnStart: true, Failed: 3}}
		})), Criteria{}, journal.Passed, "", "1000 of 1003 requests OK"},

		// Hung.
		{"it stopped responding", loaded(good(hung)), Criteria{}, journal.Failed, journal.Hung, "stopped responding: 50 of 150 requests waited when the load ended, the longest for 7.6s"},
		{"it stopped responding, with a threshold", loaded(good(hung)), bound("p95", 0.5), journal.Failed, journal.Hung, "stopped responding: 50 of 150 requests waited when the load ended, the longest for 7.6s"},
		{"it stopped responding, by a generator that counts no waits", loaded(good(func(r *engine.Result) {
			r.Hung, r.Total.InFlight, r.Judged.Latency.Max = true, nil, nil
		})), Criteria{}, journal.Failed, journal.Hung, "stopped responding"},
		{"the generator was late, but by less than the waits", loaded(good(func(r *engine.Result) { hung(r); limited(engine.SaturationLateness)(r) })), Criteria{}, journal.Failed, journal.Hung, "stopped responding: 50 of 150 requests waited when the load ended, the longest for 7.6s"},
		{"the generator was late by as much as the waits", loaded(good(func(r *engine.Result) {
			hung(r)
			limited(engine.SaturationLateness)(r)
			r.Judged.Latency.Max = new(1.125)
		})), Criteria{}, journal.Invalid, journal.Generator, "limit of lateness"},
		{"the generator was late, and nobody knows for how long", loaded(good(func(r *engine.Result) {
			hung(r)
			limited(engine.SaturationLateness)(r)
			r.Lateness.Max = nil
		})), Criteria{}, journal.Invalid, journal.Generator, "limit of lateness"},
		{"fewer arrivals, and hung all the same", loaded(good(func(r *engine.Result) { hung(r); limited(engine.SaturationRate)(r) })), Criteria{}, journal.Failed, journal.Hung, "stopped responding: 50 of 150 requests waited when the load ended, the longest for 7.6s"},

		// Silence after the load.
		{"all is answered after the load, whatever the status", silent(1, exchange.Outcome{Status: 200}, exchange.Outcome{Class: exchange.HTTP5xx, Status: 503}), Criteria{}, journal.Passed, "", "1000 of 1000 requests OK"},
		{"the second is not answered after the load", silent(1, exchange.Outcome{Status: 200}, exchange.Outcome{Class: exchange.Timeout, Detail: "no complete response within 10s"}), bound("p95", 1), journal.Failed, journal.Hung, `stopped responding: after the load "b" failed: timeout: no complete response within 10s`},
		{"refused after the load", silent(1, exchange.Outcome{Class: exchange.Refused}), Criteria{}, journal.Failed, journal.Hung, `stopped responding: after the load "a" failed: refused`},
		{"the second replica is silent", silent(2, exchange.Outcome{Class: exchange.Reset}), Criteria{}, journal.Failed, journal.Hung, `replica 2: stopped responding: after the load "a" failed: reset`},
		{"no socket to ask with after the load", silent(1, exchange.Outcome{Class: exchange.Socket}), Criteria{}, journal.Passed, "", "1000 of 1000 requests OK"},
		{"given up before an answer", silent(1, exchange.Outcome{Class: exchange.Aborted}), Criteria{}, journal.Passed, "", "1000 of 1000 requests OK"},
		{"silence says more than latency", silent(1, exchange.Outcome{Class: exchange.Timeout}), bound("p95", 0.01), journal.Failed, journal.Hung, `stopped responding: after the load "a" failed: timeout`},
		{"silence, though Locust does not know all", func() Observation {
			o := silent(1, exchange.Outcome{Class: exchange.Timeout})
			limited(engine.SaturationRate)(o.Load)
			return o
		}(), Criteria{}, journal.Failed, journal.Hung, `stopped responding: after the load "a" failed: timeout`},

		// Thresholds; a value at its bound holds.
		{"p95 at its bound", loaded(good(nil)), bound("p95", 0.1), journal.Passed, "", "1000 of 1000 requests OK"},
		{"p95 over its bound", loaded(good(nil)), bound("p95", 0.09), journal.Failed, journal.Latency, "p95 100ms over 90ms"},
		{"max over its bound", loaded(good(nil)), bound("max", 0.3), journal.Failed, journal.Latency, "max 400ms over 300ms"},
		{"throughput at its bound", loaded(good(nil)), bound("throughput", 90), journal.Passed, "", "1000 of 1000 requests OK"},
		{"throughput under its bound", loaded(good(nil)), bound("throughput", 90.1), journal.Failed, journal.Throughput, "throughput 90.0/s under 90.1/s"},
		{"error rate at its bound", loaded(good(func(r *engine.Result) { r.Judged.Failed = 100 })), bound("error_rate", 0.1), journal.Passed, "", "1000 of 1000 requests OK"},
		{"error rate over its bound", loaded(good(func(r *engine.Result) { r.Judged.Failed = 100 })), bound("error_rate", 0.05), journal.Failed, journal.Errors, "error rate 10 % over 5 %"},
		{"a failure under a threshold without error_rate", loaded(good(func(r *engine.Result) { r.Judged.Failed = 1 })), bound("p95", 1), journal.Failed, journal.Errors, "1 of 901 requests failed"},
		{"a failure before what is judged", loaded(good(func(r *engine.Result) { r.Total.Failed = 5 })), bound("p95", 1), journal.Passed, "", "1000 of 1005 requests OK"},
		{"nothing judged was answered", loaded(good(func(r *engine.Result) { r.Judged = engine.Judged{} })), bound("p95", 1), journal.Failed, journal.Errors, "no request got an OK response in the judged window"},
		{"all that is judged failed", loaded(good(func(r *engine.Result) { r.Judged = engine.Judged{Failed: 9} })), bound("error_rate", 1), journal.Failed, journal.Errors, "no request got an OK response"},
		{"a percentile that was not measured", loaded(good(nil)), bound("p999", 1), journal.Failed, journal.Latency, "p999 unknown: the driver does not measure it"},

		// Enough samples: 44 for p90, 90 for p95, 459 for p99, 4,603 for p99.9.
		{"459 answers tell p99", loaded(good(func(r *engine.Result) { r.Judged.OK = 459 })), bound("p99", 1), journal.Passed, "", "1000 of 1000 requests OK"},
		{"458 answers do not tell p99", loaded(good(func(r *engine.Result) { r.Judged.OK = 458 })), bound("p99", 1), journal.Inconclusive, journal.Samples, "p99 cannot be determined from 458 responses: it needs 459"},
		{"too few answers may fail", loaded(good(func(r *engine.Result) { r.Judged.OK = 17 })), bound("p99", 0.1), journal.Failed, journal.Latency, "p99 200ms over 100ms"},
		{"one answer tells the longest", loaded(good(func(r *engine.Result) { r.Judged.OK = 1 })), bound("max", 1), journal.Passed, "", "1000 of 1000 requests OK"},
		{"the neediest percentile counts", loaded(good(func(r *engine.Result) { r.Judged.OK = 100 })), Criteria{Threshold: []plans.Objective{{Metric: "p95", Limit: 1}, {Metric: "p99", Limit: 1}, {Metric: "p50", Limit: 1}}}, journal.Inconclusive, journal.Samples, "p99 cannot be determined from 100 responses: it needs 459"},
		{"a first look needs no samples", loaded(good(func(r *engine.Result) { r.Judged.OK = 17 })), Criteria{FirstLook: true, Threshold: bound("p99", 1).Threshold}, journal.Passed, "", "1000 of 1000 requests OK"},
		{"too few samples, and fewer arrivals than intended", loaded(good(func(r *engine.Result) { r.Judged.OK = 17; limited(engine.SaturationRate)(r) })), bound("p99", 1), journal.Invalid, journal.Generator, "limit of rate"},
		{"an assertion without samples", loaded(good(func(r *engine.Result) { r.Judged.OK = 17 })), Criteria{Threshold: bound("p99", 1).Threshold, Asserts: []plans.AssertFailure{{Name: "a", Message: "no"}}}, journal.Failed, journal.Assert, `assert "a": no`},

		// The generator at its own limit.
		{"the generator had no CPU", loaded(good(limited(engine.SaturationCPU))), bound("p95", 0.09), journal.Invalid, journal.Generator, "limit of cpu"},
		{"the generator had no sockets", loaded(good(limited(engine.SaturationSockets))), Criteria{}, journal.Invalid, journal.Generator, "limit of sockets"},
		{"the generator was late, and all held", loaded(good(limited(engine.SaturationLateness))), bound("p95", 0.1), journal.Passed, "", "1000 of 1000 requests OK"},
		{"too slow by what the generator was late", loaded(good(late)), bound("p95", 0.25), journal.Invalid, journal.Generator, "limit of lateness"},
		{"too slow by more than the generator was late", loaded(good(late)), bound("p95", 0.24), journal.Failed, journal.Latency, "p95 500ms over 240ms"},
		{"fewer arrivals, hence fewer answers", loaded(good(limited(engine.SaturationRate))), bound("throughput", 95), journal.Invalid, journal.Generator, "limit of rate"},
		{"fewer arrivals, and all held", loaded(good(limited(engine.SaturationRate))), bound("p95", 0.1), journal.Invalid, journal.Generator, "limit of rate"},
		{"fewer arrivals, and too slow even so", loaded(good(limited(engine.SaturationRate))), bound("p95", 0.05), journal.Failed, journal.Latency, "p95 100ms over 50ms"},
		{"late, and fewer answers", loaded(good(limited(engine.SaturationLateness))), bound("throughput", 95), journal.Failed, journal.Throughput, "throughput 90.0/s under 95.0/s"},
		{"ended before it could be judged", loaded(engine.Result{Total: engine.Counts{OK: 3}, Ended: "the feed was used up"}), bound("p95", 1), journal.Invalid, journal.Generator, "the load ended before its judged window: the feed was used up"},
		{"ended early, but judged", loaded(good(func(r *engine.Result) { r.Ended = "the feed was used up" })), bound("p95", 1), journal.Passed, "", "1000 of 1000 requests OK"},
		{"ended early, without a threshold", loaded(good(func(r *engine.Result) { r.Ended, r.Judged = "the feed was used up", engine.Judged{} })), Criteria{}, journal.Passed, "", "1000 of 1000 requests OK"},

		// Assertions.
		{"an assertion without a load", trial(journal.PhaseEnd, running()), Criteria{Asserts: []plans.AssertFailure{{Name: "small", Message: "too large"}}}, journal.Failed, journal.Assert, `assert "small": too large`},
		{"an assertion beside a bound", loaded(good(nil)), Criteria{Threshold: bound("p95", 0.05).Threshold, Asserts: []plans.AssertFailure{{Name: "small", Message: "too large"}}}, journal.Failed, journal.Latency, "p95 100ms over 50ms"},
	} {
		v := Judge(c.o, c.c)
		if v.Verdict != c.verdict || v.Reason != c.reason || v.Why != c.why {
			t.Errorf("%s: %s, %q: %q\nwant %s, %q: %q", c.name, v.Verdict, v.Reason, v.Why, c.verdict, c.reason, c.why)
		}
		said[v.Reason] = append(said[v.Reason], v.Why)
		if first := len(v.Failures) > 0; first != (v.Verdict == journal.Failed) || first && v.Failures[0] != v.Why {
			t.Errorf("%s: %s with the failures %q", c.name, v.Verdict, v.Failures)
		}
	}
	said[journal.Killed] = append(said[journal.Killed], DependsOnLimit(journal.Trial{Why: "got SIGKILL (exit 137) from an unknown sender"}).Why)
	for _, e := range journal.Explanations { // the texts of an abort are those of guard and engine
		if texts := said[e.Reason]; len(texts) > 0 && (e.Verdict != journal.Aborted || e.Reason == journal.User) && !slices.Contains(texts, e.Example) {
			t.Errorf("the example of %s in docs/report.md is no text of this test: %q", e.Reason, e.Example)
		}
	}
}

// TestAllThatDidNotHoldIsReported in the order of the thresholds, after what hung
// and failed.
func TestAllThatDidNotHoldIsReported(t *testing.T) {
	load := good(func(r *engine.Result) { r.Hung, r.Judged.Failed = true, 100 })
	v := Judge(loaded(load), Criteria{
		Threshold: []plans.Objective{{Metric: "throughput", Limit: 100}, {Metric: "p50", Limit: 0.01}, {Metric: "error_rate", Limit: 0.01}, {Metric: "max", Limit: 1}},
		Asserts:   []plans.AssertFailure{{Name: "a", Message: "no"}},
	})
	want := []string{
		"stopped responding: 0 of 1000 requests waited when the load ended, the longest for 400ms",
		"error rate 10 % over 1 %", "throughput 90.0/s under 100.0/s", "p50 50ms over 10ms", `assert "a": no`,
	}
	if !slices.Equal(v.Failures, want) {
		t.Errorf("%q", v.Failures)
	}
}

// TestAnUnknownValueBreaksItsBound, and says why it is not known.
func TestAnUnknownValueBreaksItsBound(t *testing.T) {
	for ok, want := range map[int64]string{0: "p95 unknown: no request got an OK response", 1: "p95 unknown: the driver does not measure it"} {
		if got := violationText(plans.Objective{Metric: "p95", Limit: 1}, engine.Judged{OK: ok}); got != want {
			t.Errorf("%d answered: %q", ok, got)
		}
	}
	if got := violationText(plans.Objective{Metric: "throughput", Limit: 1}, engine.Judged{OKRate: 2}); got != "" {
		t.Errorf("%q", got)
	}
}

// TestTheWorstErrorIsTheSameEachTime: a map has no order.
func TestTheWorstErrorIsTheSameEachTime(t *testing.T) {
	r := &engine.Result{Total: engine.Counts{Errors: map[exchange.Class]int64{exchange.Timeout: 2, exchange.Refused: 2, exchange.Reset: 2, exchange.TLS: 1}}}
	for range 50 {
		if got := r.MostFrequentError(); got != ", 2 × refused" {
			t.Fatalf("%q", got)
		}
	}
}

func TestTheDecisiveReplica(t *testing.T) {
	for name, c := range map[string]struct {
		replicas []Replica
		asked    int
		want     int
	}{
		"all live":                {[]Replica{running(), running(), running()}, 2, 2},
		"the first of two ends":   {[]Replica{running(), exited(1), exited(2)}, 0, 1},
		"a kill before an end":    {[]Replica{exited(1), with(running(), killed)}, 0, 1},
		"memory before a kill":    {[]Replica{exited(137), with(running(), witnessed)}, 0, 1},
		"memory before an end":    {[]Replica{exited(1), running(), with(exited(1), witnessed)}, 1, 2},
		"an end before readiness": {[]Replica{running(), exited(1)}, 0, 1},
	} {
		if got := (Observation{Replicas: c.replicas, Asked: c.asked}).Decisive(); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

func TestACommandThatCannotStart(t *testing.T) {
	for name, c := range map[string]struct {
		o    Observation
		want int
	}{
		"126":                      {trial(journal.PhaseStart, exited(126)), 126},
		"127":                      {trial(journal.PhaseStart, exited(127)), 127},
		"of the second replica":    {trial(journal.PhaseStart, running(), exited(127)), 127},
		"125":                      {trial(journal.PhaseStart, exited(125)), 0},
		"128":                      {trial(journal.PhaseStart, exited(128)), 0},
		"it runs":                  {trial(journal.PhaseStart, running()), 0},
		"127 under load":           {trial(journal.PhaseLoad, exited(127)), 0},
		"127 on the first request": {trial(journal.PhaseFirst, exited(127)), 0},
		"127 with a witness":       {trial(journal.PhaseStart, with(exited(127), witnessed)), 0},
		"127 when it was stopped":  {Observation{Phase: journal.PhaseStart, Stop: Stop{journal.User, "interrupted"}, Replicas: []Replica{exited(127)}}, 0},
	} {
		if got := CannotStart(c.o); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

// TestEveryBoundHasAReason and a text, when it breaks from either side.
func TestEveryBoundHasAReason(t *testing.T) {
	worse := map[metrics.Direction][2]float64{metrics.Lower: {0.5, 0.25}, metrics.Higher: {0.25, 0.5}} // value, bound
	for _, m := range metrics.Bounded() {
		value := worse[m.Better]
		j := engine.Judged{OK: 1, Failed: 1, OKRate: value[0], Latency: engine.PercentilesOf(func(metrics.Metric) *float64 { return &value[0] })}
		if violationText(plans.Objective{Metric: m.Name, Limit: value[1]}, j) == "" {
			t.Errorf("%s of %v holds a bound of %v", m.Name, value[0], value[1])
		}
		if text := violationText(plans.Objective{Metric: m.Name, Limit: value[0]}, j); text != "" {
			t.Errorf("%s at its bound: %s", m.Name, text)
		}
		want := map[string]journal.Reason{"error_rate": journal.Errors, "throughput": journal.Throughput}[m.Name]
		if reason := reasonOf(m); reason != cmp.Or(want, journal.Latency) {
			t.Errorf("a broken bound of %s has the reason %s", m.Name, reason)
		}
	}
}
