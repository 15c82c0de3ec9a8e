package compare

import (
	"math"
	"strings"
	"testing"

	"plan/engine"
	"plan/internal/metrics"
	"plan/internal/units"
	"plan/plans"
	"plan/runner/journal"
)

// at is a trial of a search for memory, in MiB, which needed so much: one that passed,
// or that was killed where it needed more.
func at(id string, limit, needed int64) journal.Trial {
	t := journal.Trial{ID: id, Verdict: journal.Passed, Set: journal.Settings{Memory: new(limit << 20)}}
	if needed > limit {
		t.Verdict, t.Reason, needed = journal.Failed, new(journal.OOMStart), limit
	}
	t.Instances = []journal.Instance{{Limits: journal.Limits{Memory: units.Bytes(*t.Set.Memory)}, Memory: journal.Memory{Peak: new(needed << 20)}}}
	return t
}

// found is a search of a run in steps of 100M that found a value: a first look at the
// top and the pair that proves it, with what each needed; 0 is none.
func found(id string, value, needed int64) journal.Run {
	s := journal.Stage{Address: "search.memory", Kind: plans.Search, Service: "service.api", Dimension: plans.Memory, Verdict: journal.Failed}
	for m := 100; m <= 2000; m += 100 {
		s.Grid = append(s.Grid, float64(m<<20))
	}
	if value == 0 {
		s.Trials = []journal.Trial{at("search.memory/1", 2000, 2001)}
		return run(id, s)
	}
	top := at("search.memory/1", 2000, needed)
	top.FirstLook = true
	s.Trials = []journal.Trial{top, at("search.memory/2", value, needed), at("search.memory/3", value-100, value)}
	s.Verdict, s.Found = journal.Passed, &journal.Point{Memory: new(value << 20)}
	s.Certificate = &journal.Certificate{Passed: "search.memory/2", Failed: []string{"search.memory/3"}}
	return run(id, s)
}

func run(id string, stages ...journal.Stage) journal.Run {
	return journal.Run{Run: journal.Header{ID: id, Host: journal.Host{CPUs: 2}}, Stages: stages}
}

// step is a step of a ramp with a p95 in seconds and a threshold of 500 ms.
func step(id string, users int, p95 float64) journal.Trial {
	t := journal.Trial{ID: id, Verdict: journal.Passed, Users: &users, Set: journal.Settings{Memory: new(int64(1000 << 20))},
		Load: &journal.Load{Driver: journal.OwnEngine, Judged: engine.Judged{OK: 1000, Latency: engine.Percentiles{P95: &p95}}}}
	t.Instances = []journal.Instance{{Limits: journal.Limits{Memory: units.Bytes(*t.Set.Memory)}, Memory: journal.Memory{Peak: new(int64(500 << 20))}}}
	if p95 > 0.5 {
		t.Verdict, t.Reason = journal.Failed, new(journal.Latency)
	}
	return t
}

// ramp has a step of 10, 20, 40, ... users for each p95; the last one may fail.
func ramp(id string, p95s ...float64) journal.Run {
	s := journal.Stage{Address: "ramp.users", Kind: plans.Ramp, Service: "service.api", Verdict: journal.Failed, HasThreshold: true,
		Thresholds: []journal.Threshold{{Metric: "p95", Limit: 0.5}}}
	for i, p95 := range p95s {
		t := step("ramp.users/"+string(rune('1'+i)), 10<<i, p95)
		s.Trials, s.Steps = append(s.Trials, t), append(s.Steps, 10<<i)
		if t.Verdict == journal.Passed {
			s.Verdict, s.Held, s.Certificate = journal.Passed, t.Users, &journal.Certificate{Passed: t.ID}
		} else if s.Certificate != nil {
			s.Certificate.Failed = []string{t.ID}
		}
	}
	return run(id, s)
}

// auto is a ramp that found its users itself: a load that grew without a broken window, whose users are the most that
// it could have reached, then trials with a p95 for each number of users, in this order.
func auto(id string, held int, trials ...journal.Trial) journal.Run {
	grew := step("ramp.users/1", 1000, 0.01)
	grew.FirstLook, grew.Windows = true, []journal.Window{{Users: 64, OK: 1000}, {Users: 128, OK: 1000}}
	s := journal.Stage{Address: "ramp.users", Kind: plans.Ramp, Service: "service.api", Verdict: journal.Failed, HasThreshold: true,
		Thresholds: []journal.Threshold{{Metric: "p95", Limit: 0.5}}, Auto: &journal.AutoUsers{From: 1, To: 1000}}
	s.Trials = append([]journal.Trial{grew}, trials...)
	if held > 0 {
		s.Verdict, s.Held, s.Certificate = journal.Passed, &held, &journal.Certificate{}
	}
	for _, t := range trials {
		switch {
		case t.Verdict == journal.Passed && *t.Users == held:
			s.Certificate.Passed = t.ID
		case t.Verdict == journal.Failed && held > 0:
			s.Certificate.Failed = []string{t.ID}
		}
	}
	return run(id, s)
}

// broke makes the load that grew one that failed.
func broke(why journal.Reason) func(*journal.Stage) {
	return func(s *journal.Stage) {
		s.Trials[0].Verdict, s.Trials[0].Reason = journal.Failed, &why
		s.Trials[0].Windows[1].Broken = "p95 1s over 500ms"
	}
}

// changed returns a run with its stage changed.
func changed(r journal.Run, by func(*journal.Stage)) journal.Run {
	by(&r.Stages[0])
	return r
}

// last is the last trial of a stage.
func last(s *journal.Stage) *journal.Trial { return &s.Trials[len(s.Trials)-1] }

// fails makes the last trial of a ramp one that failed for another reason.
func fails(r journal.Run, why journal.Reason) journal.Run {
	return changed(r, func(s *journal.Stage) { last(s).Reason = &why })
}

// several makes a search one of memory and CPUs.
func several(s *journal.Stage) {
	s.Dimension, s.Grid, s.Prefer = "", nil, "memory"
	s.Axes = []journal.Axis{{Dimension: plans.Memory}, {Dimension: plans.CPUs}}
}

func TestChanges(t *testing.T) {
	for _, c := range []struct {
		name string
		a, b journal.Run
		want Change
		why  string // part of it
	}{
		{"the same", found("a", 1300, 1250), found("b", 1300, 1280), Unchanged, "the same answer"},
		{"a step up", found("a", 1300, 1250), found("b", 1400, 1350), Worse, "search.memory/2 of the first run at 1300M passed, and search.memory/3 of the second run at 1300M failed: oom_start; it needs 100M more"},
		{"a step down", found("a", 1400, 1350), found("b", 1300, 1250), Better, "it needs 100M more"},
		{"half a step more", found("a", 1300, 1270), found("b", 1400, 1320), Worse, "50M more memory (a difference under 50M"},
		{"less than half", found("a", 1300, 1270), found("b", 1400, 1319), Unclear, "49M more memory (a difference under 50M"},
		{"less than half, down", found("a", 1400, 1319), found("b", 1300, 1270), Unchanged, "not proven better"},
		{"more than noise of a large need", changed(found("a", 1900, 1801), noTop), changed(found("b", 2000, 1901), noTop), Worse, "a difference under 54M"},
		{"none found", found("a", 1300, 1250), found("b", 0, 0), Worse, "it needs 750M more"},
		{"none found, and little was left", found("a", 2000, 1951), found("b", 0, 0), Unclear, "it needs 49M more memory (a difference under 59M"},
		{"none found before", found("a", 0, 0), found("b", 1300, 1250), Better, ""},
		{"never found", found("a", 0, 0), found("b", 0, 0), Unchanged, "the same answer"},
		{"no need known", found("a", 1300, 1250), changed(found("b", 1400, 1350), func(s *journal.Stage) {
			s.Trials[0].Instances, s.Trials[1].Instances = nil, nil
		}), Unclear, "not known"},
		{"a need that depends on the limit", found("a", 1300, 1250), changed(found("b", 1400, 1350), func(s *journal.Stage) {
			s.Trials[0].Instances[0].Memory.Peak = new(int64(1240 << 20))
		}), Unclear, "it needs 0B more"},
		{"corrected for files", found("a", 1300, 1250), changed(found("b", 1400, 1350), func(s *journal.Stage) { s.Corrected = 1 }), Unclear, "the second run: the answer is corrected"},
		{"more was not easier", changed(found("a", 1300, 1250), func(s *journal.Stage) {
			s.Trials = append(s.Trials, at("search.memory/4", 600, 500))
		}), found("b", 1400, 1350), Unclear, "the first run: search.memory/4 passed although search.memory/3 failed with more"},
		{"the same combination", changed(found("a", 1300, 1250), several), changed(found("b", 1300, 1280), several), Unchanged, "the same answer"},
		{"another combination", changed(found("a", 1300, 1250), several), changed(found("b", 1400, 1350), several), Worse,
			"search.memory/2 of the first run at 1300M passed, and search.memory/3 of the second run at 1300M failed: oom_start; at the limit of 1300M, the trial that passed has 50M left"},
		{"of several dimensions, and of one", changed(found("a", 1300, 1250), several), found("b", 1300, 1250), Unclear, "least memory and CPU, then least memory"},
		{"another preference", changed(found("a", 1300, 1250), several), changed(found("b", 1300, 1250), func(s *journal.Stage) {
			several(s)
			s.Prefer = "price"
		}), Unclear, "prefer memory, then price"},
		{"not ended", found("a", 1300, 1250), changed(found("b", 1400, 1350), func(s *journal.Stage) { s.Verdict = "" }), Unclear, "the second run has no answer: it did not end"},
		{"inconclusive", changed(found("a", 1300, 1250), func(s *journal.Stage) { s.Verdict = journal.Inconclusive }), found("b", 1400, 1350), Unclear, "the first run has no answer: inconclusive"},
		{"disproved", found("a", 1300, 1250), changed(found("b", 1400, 1350), func(s *journal.Stage) {
			killed := at("search.memory/4", 1400, 1500)
			killed.Phase = journal.PhaseStart
			s.Trials = append(s.Trials, killed)
		}), Unclear, "the second run has no answer: it is disproved by search.memory/4"},
		{"fewer CPUs besides", found("a", 1300, 1250), changed(found("b", 1400, 1350), func(s *journal.Stage) {
			s.Trials[2].Set.CPUs = new(0.5)
		}), Unclear, "also had different limits: search.memory/3 at 0.5 CPU, and search.memory/2 at no limit"},
		{"more CPUs besides", changed(found("a", 1300, 1250), func(s *journal.Stage) {
			s.Trials[1].Set.CPUs = new(0.5)
		}), changed(found("b", 1400, 1350), func(s *journal.Stage) { s.Trials[2].Set.CPUs = new(0.6) }), Worse, ""},
		{"another service", found("a", 1300, 1250), changed(found("b", 1400, 1350), func(s *journal.Stage) { s.Service = "service.web" }), Unclear, "different questions: service.api, then service.web"},
		{"another dimension", found("a", 1300, 1250), changed(found("b", 1400, 1350), func(s *journal.Stage) { s.Dimension = plans.CPUs }), Unclear, "least memory, then least CPU"},
		{"values that do not meet", changed(found("a", 1300, 1250), func(s *journal.Stage) {}), changed(found("b", 1350, 1340), func(s *journal.Stage) {
			s.Trials[2] = at("search.memory/3", 1200, 1300)
		}), Unclear, "no trial that was as easy failed"},

		{"fewer users", ramp("a", 0.01, 0.02, 0.2, 4), ramp("b", 0.01, 0.02, 3), Worse, "ramp.users/3 of the first run at 40 users passed, and ramp.users/3 of the second run at 40 users failed: latency; p95 3s, before 200ms"},
		{"more users", ramp("a", 0.01, 0.02, 3), ramp("b", 0.01, 0.02, 0.2, 4), Better, ""},
		{"two steps fewer", ramp("a", 0.01, 0.02, 0.2, 4), ramp("b", 0.01, 1.9), Worse, "ramp.users/2 of the first run at 20 users passed, and ramp.users/2 of the second run"},
		{"the same users, slower", ramp("a", 0.01, 0.02, 0.2, 4), ramp("b", 0.01, 0.02, 0.49, 4), Unchanged, "the same answer"},
		{"not even the least step", ramp("a", 0.01, 4), ramp("b", 1), Worse, ""},
		{"three times as slow", ramp("a", 0.25, 0.75), ramp("b", 0.75), Worse, ""},
		{"less than three times", ramp("a", 0.25, 0.75), ramp("b", 0.74), Unclear, "p95 740ms, before 250ms: this difference may be chance"},
		{"nearer to what passed", ramp("a", 0.2, 20), ramp("b", 1.9), Unclear, "nearer to what passed"},
		{"nearer to what failed", ramp("a", 0.2, 20), ramp("b", 2.1), Worse, ""},
		{"another machine", ramp("a", 0.01, 4), func() journal.Run {
			r := ramp("b", 4)
			r.Run.Host.CPUs = 4
			return r
		}(), Unclear, "different numbers of CPUs"},
		{"another threshold", ramp("a", 0.01, 4), changed(ramp("b", 4), func(s *journal.Stage) { s.Thresholds[0].Limit = 0.3 }), Unclear, "thresholds p95 0.5, then p95 0.3"},
		{"a threshold that is not known", ramp("a", 0.01, 4), changed(ramp("b", 4), func(s *journal.Stage) { s.Thresholds = nil }), Unclear, "its figures are not known"},
		{"another driver", ramp("a", 0.01, 4), changed(ramp("b", 0.4, 4), func(s *journal.Stage) { s.Trials[0].Load.Driver = journal.Locust }), Unclear, "a load of plan with, then of locust with"},
		{"one crash", ramp("a", 0.01, 0.02, 4), fails(ramp("b", 0.01, 4), journal.Exit), Unclear, "one failure that has no figure to compare"},
		{"two crashes in a search", found("a", 1300, 1250), crashed(found("b", 1500, 1450), 1400, 1300), Worse, "2 trials failed where the other run passed"},
		{"one of two crashes where it passed", found("a", 1300, 1250), crashed(found("b", 1500, 1450), 1400, 1200), Unclear, "one failure that has no figure to compare"},
		{"the second one does not count", ramp("a", 0.01, 0.02, 4), changed(fails(ramp("b", 4, 4), journal.Exit), func(s *journal.Stage) {
			s.Trials[0].Reason, s.Held, s.Certificate = new(journal.Exit), nil, nil
		}), Unclear, "one failure"},
		{"out of memory, with room before", ramp("a", 0.01, 0.02, 4), fails(ramp("b", 0.01, 4), journal.OOMLoad), Worse, "at the limit of 1000M, the trial that passed has 500M left"},
		{"out of memory, without room before", changed(ramp("a", 0.01, 0.02, 4), func(s *journal.Stage) {
			s.Trials[1].Instances[0].Memory.Peak = new(int64(971 << 20))
		}), fails(ramp("b", 0.01, 4), journal.OOMLoad), Unclear, "at the limit of 1000M, the trial that passed has 29M left"},
		{"out of memory, just with room", changed(ramp("a", 0.01, 0.02, 4), func(s *journal.Stage) {
			s.Trials[1].Instances[0].Memory.Peak = new(int64(970 << 20))
		}), fails(ramp("b", 0.01, 4), journal.OOMLoad), Worse, "has 30M left"},
		{"users that were found: fewer", auto("a", 170, step("ramp.users/2", 170, 0.2), step("ramp.users/3", 173, 3)),
			auto("b", 50, step("ramp.users/2", 50, 0.2), step("ramp.users/3", 51, 2)), Worse,
			"ramp.users/2 of the first run at 170 users passed, and ramp.users/3 of the second run at 51 users failed: latency; p95 2s, before 200ms"},
		{"users that were found: more", auto("a", 50, step("ramp.users/2", 50, 0.2), step("ramp.users/3", 51, 2)),
			auto("b", 170, step("ramp.users/2", 170, 0.2), step("ramp.users/3", 173, 3)), Better, ""},
		{"users that were found: none", auto("a", 200, step("ramp.users/2", 200, 0.1), step("ramp.users/3", 204, 3)),
			changed(auto("b", 0, step("ramp.users/2", 64, 3), step("ramp.users/3", 1, 2)), broke(journal.Latency)), Worse,
			"ramp.users/2 of the first run at 200 users passed, and ramp.users/3 of the second run at 1 user failed: latency"},
		{"users that were found: none, after an exit", auto("a", 200, step("ramp.users/2", 200, 0.1), step("ramp.users/3", 204, 3)),
			changed(fails(auto("b", 0, step("ramp.users/2", 1, 3)), journal.Exit), broke(journal.Exit)), Unclear, "one failure that has no figure to compare"},
		{"a band of users", auto("a", 200, step("ramp.users/2", 200, 0.1), step("ramp.users/3", 204, 3), step("ramp.users/4", 210, 0.1)),
			auto("b", 50, step("ramp.users/2", 50, 0.2), step("ramp.users/3", 51, 2)), Unclear, "ramp.users/4 passed although ramp.users/3 failed with fewer users"},
		{"as many users with more CPUs", limited(ramp("a", 0.01, 4), 1), limited(ramp("b", 0.01, 4), 2), Unclear,
			"the same answer at different limits: ramp.users/1 of the first run at 1 CPU, and ramp.users/1 of the second run at 2 CPU"},
		{"as many users with fewer CPUs", limited(ramp("a", 0.01, 4), 2), limited(ramp("b", 0.01, 4), 1), Unchanged,
			"the same answer at different limits: ramp.users/1 of the first run at 2 CPU, and ramp.users/1 of the second run at 1 CPU"},
		{"as many users without a limit", limited(ramp("a", 0.01, 4), 1), ramp("b", 0.01, 4), Unclear, "at 1 CPU, and ramp.users/1 of the second run at no limit"},
		{"as many users with a limit", ramp("a", 0.01, 4), limited(ramp("b", 0.01, 4), 1), Unchanged, "at no limit, and ramp.users/1 of the second run at 1 CPU"},
		{"as much memory with more CPUs", limited(found("a", 1300, 1250), 1), limited(found("b", 1300, 1250), 2), Unclear, "at 1 CPU, and search.memory/2 of the second run at 2 CPU"},
		{"as many CPUs with more memory", cpus("a", 2, 900), changed(cpus("b", 2, 900), func(s *journal.Stage) {
			s.Trials[0].Set.Memory = new(int64(3000 << 20))
		}), Unclear, "of the second run at 3000M"},
		{"the same combination with more CPUs", changed(limited(found("a", 1300, 1250), 1), severalMemories), changed(limited(found("b", 1300, 1250), 2), severalMemories),
			Unclear, "the same answer at different limits"},
		{"as many users, and a proof that is lost", ramp("a", 0.01, 4), changed(ramp("b", 0.01, 4), func(s *journal.Stage) { s.Certificate.Passed = "ramp.users/9" }),
			Unchanged, "the same answer"},
		{"no users with more CPUs", limited(ramp("a", 4), 1), limited(ramp("b", 4), 2), Unchanged, "the same answer"},
		{"no load began, twice", found("a", 1300, 1250), unasked(crashed(found("b", 1500, 1450), 1400, 1300)), Worse,
			"search.memory/3 of the second run at 1400M failed: errors; 2 trials failed where the other run passed"},
		{"no load began, once", ramp("a", 0.01, 0.02, 4), unasked(ramp("b", 4)), Unclear, "errors; one failure that has no figure to compare may be chance"},
		{"no load began, on another machine", found("a", 1300, 1250), func() journal.Run {
			r := unasked(crashed(found("b", 1500, 1450), 1400, 1300))
			r.Run.Host.CPUs = 4
			return r
		}(), Unclear, "different numbers of CPUs"},
		{"not ready in twice the time", readyIn(ramp("a", 0.01, 4), 10), changed(fails(ramp("b", 4), journal.NotReady), func(s *journal.Stage) {
			last(s).Seconds.Total = 20
		}), Worse, "not ready after 20s, ready after 10s"},
		{"not ready in less", readyIn(ramp("a", 0.01, 4), 10), changed(fails(ramp("b", 4), journal.NotReady), func(s *journal.Stage) {
			last(s).Seconds.Total = 19.9
		}), Unclear, ""},
		{"not ready, and it is not known when the other one was", ramp("a", 0.01, 4), fails(ramp("b", 4), journal.NotReady), Unclear, "not known"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Runs(c.a, c.b)
			if s := got.Stages[0]; s.Change != c.want || !strings.Contains(s.Why, c.why) || got.Change() != c.want {
				t.Errorf("%s: %s; want %s: %s", s.Change, s.Why, c.want, c.why)
			}
		})
	}
}

// Servers start a thread for each CPU that they see, and memory is counted differently by
// versions of control groups.
func TestOtherMachines(t *testing.T) {
	on := func(r journal.Run, cpus float64, version string) journal.Run {
		r.Run.Host.CPUs, r.Run.Host.CgroupVersion = cpus, version
		return r
	}
	const cpusDiffer, versionsDiffer = "the machines have different numbers of CPUs", "the machines have different versions of control groups"
	notReady := func(id string) journal.Run {
		return changed(fails(ramp(id, 4), journal.NotReady), func(s *journal.Stage) { last(s).Seconds.Total = 20 })
	}
	for _, c := range []pair{
		{"memory, as many CPUs", on(found("a", 1300, 1250), 8, "2"), on(found("b", 1400, 1350), 8, "2"), Worse, ""},
		{"memory, more CPUs", on(found("a", 1300, 1250), 2, "2"), on(found("b", 1400, 1350), 8, "2"), Unclear, cpusDiffer},
		{"memory, fewer CPUs", on(found("a", 1300, 1250), 8, "2"), on(found("b", 1400, 1350), 2, "2"), Unclear, cpusDiffer},
		{"memory, fewer CPUs, and less of it", on(found("a", 1400, 1350), 8, "2"), on(found("b", 1300, 1250), 2, "2"), Unchanged, cpusDiffer},
		{"memory, another version", on(found("a", 1300, 1250), 2, "1"), on(found("b", 1400, 1350), 2, "2"), Unclear, versionsDiffer},
		{"memory, a version that is not known before", on(found("a", 1300, 1250), 2, ""), on(found("b", 1400, 1350), 2, "2"), Worse, ""},
		{"memory, a version that is not known now", on(found("a", 1300, 1250), 2, "1"), on(found("b", 1400, 1350), 2, ""), Worse, ""},
		{"out of memory under a load, another version", on(ramp("a", 0.01, 4), 2, "1"), on(fails(ramp("b", 4), journal.OOMLoad), 2, "2"), Unclear, versionsDiffer},
		{"latency, another version", on(ramp("a", 0.01, 4), 2, "1"), on(ramp("b", 4), 2, "2"), Worse, ""},
		{"not ready, more CPUs", on(readyIn(ramp("a", 0.01, 4), 10), 2, ""), on(notReady("b"), 4, ""), Unclear, cpusDiffer},
		{"two exits, more CPUs", on(found("a", 1300, 1250), 2, ""), on(crashed(found("b", 1500, 1450), 1400, 1300), 4, ""), Unclear, cpusDiffer},
	} {
		c.check(t)
	}
}

// crashed makes the last trial of a search one that ended by itself at a limit, and adds
// another one.
func crashed(r journal.Run, limit, other int64) journal.Run {
	return changed(r, func(s *journal.Stage) {
		s.Trials = append(s.Trials, at("search.memory/4", other, other+1))
		s.Trials[2] = at("search.memory/3", limit, limit+1)
		for i := 2; i < 4; i++ {
			s.Trials[i].Reason = new(journal.Exit)
		}
	})
}

// unasked makes the trials that failed those of a service whose first requests failed.
func unasked(r journal.Run) journal.Run {
	return changed(r, func(s *journal.Stage) {
		for i := range s.Trials {
			if s.Trials[i].Verdict == journal.Failed {
				s.Trials[i].Reason, s.Trials[i].Load = new(journal.Errors), nil
			}
		}
	})
}

// limited gives each trial of a stage so many CPUs.
func limited(r journal.Run, cpus float64) journal.Run {
	return changed(r, func(s *journal.Stage) {
		for i := range s.Trials {
			s.Trials[i].Set.CPUs = &cpus
		}
	})
}

// severalMemories makes a search one of memory and a setting.
func severalMemories(s *journal.Stage) {
	several(s)
	s.Axes[1].Dimension = "workers"
}

// A limit that a search of the same run found is compared there.
func TestLimitsThatSearchesFound(t *testing.T) {
	of := func(id string, value, memory int64, recommended bool) journal.Run {
		search, ramp := found("", value, value-50).Stages[0], ramp("", 0.01, 4).Stages[0]
		if recommended {
			search.Recommended = &journal.Point{Memory: new(memory << 20)}
		}
		for i := range ramp.Trials {
			ramp.Trials[i].Set.Memory = new(memory << 20)
		}
		return run(id, search, ramp)
	}
	elsewhere := of("b", 1400, 1400, false)
	elsewhere.Stages[0].Service = "service.web"
	for _, c := range []struct {
		name string
		a, b journal.Run
		want Change
	}{
		{"what was found", of("a", 1300, 1300, false), of("b", 1400, 1400, false), Unchanged},
		{"what was recommended", of("a", 1300, 1500, true), of("b", 1400, 1700, true), Unchanged},
		{"what was found, then another value", of("a", 1300, 1300, false), of("b", 1400, 1500, false), Unclear},
		{"another value, then what was found", of("a", 1300, 1200, false), of("b", 1400, 1400, false), Unclear},
		{"of another service", of("a", 1300, 1300, false), elsewhere, Unclear},
	} {
		if got := Runs(c.a, c.b).Stages[1]; got.Change != c.want {
			t.Errorf("%s: %s: %s", c.name, got.Change, got.Why)
		}
	}
}

// noTop takes the first look at the top out of a search.
func noTop(s *journal.Stage) { s.Trials = s.Trials[1:] }

func readyIn(r journal.Run, seconds float64) journal.Run {
	return changed(r, func(s *journal.Stage) { s.Trials[0].Seconds.Ready = &seconds })
}

// failing makes the load of the last step one in which a share of 1000 failed.
func failing(r journal.Run, limit float64, failed int64) journal.Run {
	return changed(fails(r, journal.Errors), func(s *journal.Stage) {
		last(s).Load.Judged = engine.Judged{OK: 1000 - failed, Failed: failed}
		if s.Thresholds = nil; limit > 0 {
			s.Thresholds = []journal.Threshold{{Metric: "error_rate", Limit: limit}}
		}
		s.HasThreshold = limit > 0
	})
}

func TestErrors(t *testing.T) {
	for _, c := range []struct {
		limit         float64 // of the error rate; 0 is none
		before, after int64   // of 1000 requests
		want          Change
	}{
		{0, 0, 10, Worse}, {0, 0, 9, Unclear}, {0.02, 0, 40, Worse}, {0.02, 0, 39, Unclear}, {0.02, 20, 40, Worse}, {0.05, 20, 99, Unclear}, {0.05, 50, 100, Worse},
	} {
		a := ramp("a", 0.01, 4)
		a = changed(failing(a, c.limit, c.after), func(s *journal.Stage) {
			s.Trials[0].Load.Judged = engine.Judged{OK: 1000 - c.before, Failed: c.before}
		})
		if got := Runs(a, failing(ramp("b", 4), c.limit, c.after)).Stages[0]; got.Change != c.want {
			t.Errorf("%+v: %s: %s", c, got.Change, got.Why)
		}
	}
}

func TestFarAndNear(t *testing.T) {
	throughput := metrics.Named("throughput")
	for _, c := range []struct {
		x, y float64
		want bool
	}{{100, 80, true}, {100, 81, false}} {
		if far(throughput, c.x, c.y, 90) != c.want {
			t.Errorf("throughput %v after %v: far is %v", c.y, c.x, !c.want)
		}
	}
	for _, c := range []struct {
		x, y, z float64
		want    bool
	}{
		{1, 10.1, 100, true}, {1, 9.9, 100, false}, {100, 9.9, 1, true}, {100, 10.1, 1, false}, {0, 1, 100, true}, {1, 2, 0, true}, {2, 3, 1, true},
	} {
		if nearer(c.x, c.y, c.z) != c.want {
			t.Errorf("%v between %v and %v: nearer is %v", c.y, c.x, c.z, !c.want)
		}
	}
}

func TestSteps(t *testing.T) {
	s := &journal.Stage{Grid: []float64{100, 200, 250}}
	for at, want := range map[float64]float64{100: 100, 200: 50, 210: 50, 250: 50} {
		if got := stepAfter(s, at); got != want {
			t.Errorf("at %v: %v, want %v", at, got, want)
		}
	}
	if got := stepAfter(&journal.Stage{Grid: []float64{100}}, 100); got != 0 {
		t.Error(got)
	}
}

func TestStagesOfOneRun(t *testing.T) {
	both := run("both", found("", 1300, 1250).Stages[0], ramp("", 0.01, 4).Stages[0])
	one := found("one", 1300, 1250)
	if c := Runs(one, both); len(c.Stages) != 2 || c.Stages[1].Change != New || c.Change() != Unchanged {
		t.Errorf("a new stage: %+v", c)
	}
	if c := Runs(both, one); len(c.Stages) != 2 || c.Stages[1].Change != Unclear || c.Stages[1].Address != "ramp.users" {
		t.Errorf("a stage that is gone: %+v", c)
	}
	worse := run("worse", found("", 1400, 1350).Stages[0], changed(ramp("", 0.01, 4), func(s *journal.Stage) { s.Verdict = "" }).Stages[0])
	if got := Runs(both, worse).Change(); got != Worse {
		t.Error("worse and unclear:", got)
	}
}

func TestWhatMoved(t *testing.T) {
	a, b := ramp("a", 0.1, 0.2, 4), ramp("b", 0.111, 4)
	c := Runs(a, b).Stages[0]
	if len(c.Moved) != 1 || c.Moved[0].Metric.Name != "p95" || c.Moved[0].A != 0.1 || c.Moved[0].B != 0.111 || *c.Moved[0].Limit != 0.5 {
		t.Errorf("%+v", c.Moved)
	}
	if share := c.Moved[0].Share(); math.Abs(share-0.11) > 1e-9 {
		t.Error(share)
	}
	if c := Runs(a, ramp("b", 0.109, 4)).Stages[0]; len(c.Moved) != 0 {
		t.Errorf("less than a tenth: %+v", c.Moved)
	}
	if c := Runs(found("a", 1300, 1250), found("b", 0, 0)).Stages[0]; c.Moved != nil {
		t.Errorf("nothing passed: %+v", c.Moved)
	}
}

func TestNotes(t *testing.T) {
	a, b := found("a", 1300, 1250), found("b", 1300, 1250)
	if got := Runs(a, b).Notes; got != nil {
		t.Error(got)
	}
	b.Run.Host.Memory, b.Run.Host.Kernel = int64(2*units.GiB), "6.1"
	a.Run.Host.Engine, b.Run.Host.Engine = "20.10", "28.5"
	a.Images = []journal.Image{{Address: "image.api", Name: "api:1"}, {Address: "image.old"}}
	b.Images = []journal.Image{{Address: "image.api", Name: "api:1", Digest: new("sha256:ab")}, {Address: "image.new"}}
	got := strings.Join(Runs(a, b).Notes, "\n")
	if want := "memory of the machine: 0.0G, then 2.0G\nversion of Docker Engine: 20.10, then 28.5\nimage.api: api:1, then api:1 sha256:ab"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
