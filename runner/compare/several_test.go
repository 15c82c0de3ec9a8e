package compare

import (
	"cmp"
	"fmt"
	"testing"

	"plan/internal/units"
	"plan/plans"
	"plan/runner/journal"
)

// combined is a search of memory, in MiB, and CPUs that prefers the least price: 1 a GiB
// and 1 a CPU. Its first trial passed and is the answer; the others were killed.
func combined(id string, trials ...[2]float64) journal.Run {
	s := journal.Stage{Address: "search.both", Kind: plans.Search, Service: "service.api", Verdict: journal.Passed, Prefer: plans.ByPrice,
		Price: &journal.Price{CPUs: 1, Memory: 1}, Axes: []journal.Axis{{Dimension: plans.Memory}, {Dimension: plans.CPUs}}, Certificate: &journal.Certificate{}}
	for i, at := range trials {
		t := journal.Trial{ID: fmt.Sprintf("search.both/%d", i+1), Verdict: journal.Passed, Set: journal.Settings{Memory: new(int64(at[0]) << 20), CPUs: &at[1]}}
		peak := int64(at[0]*0.9) << 20
		if s.Certificate.Passed = cmp.Or(s.Certificate.Passed, t.ID); i > 0 {
			t.Verdict, t.Reason, peak = journal.Failed, new(journal.OOMLoad), *t.Set.Memory
			s.Certificate.Failed = append(s.Certificate.Failed, t.ID)
		}
		t.Instances = []journal.Instance{{Limits: journal.Limits{Memory: units.Bytes(*t.Set.Memory)}, Memory: journal.Memory{Peak: &peak}}}
		s.Trials = append(s.Trials, t)
	}
	s.Found = &journal.Point{Memory: s.Trials[0].Set.Memory, CPUs: s.Trials[0].Set.CPUs}
	return run(id, s)
}

// preferring is a search with another preference.
func preferring(r journal.Run, prefer string) journal.Run {
	return changed(r, func(s *journal.Stage) { s.Prefer, s.Price = prefer, nil })
}

// tenth is a search at a tenth of the prices, whose sums are rounded.
func tenth(r journal.Run) journal.Run {
	return changed(r, func(s *journal.Stage) { s.Price = &journal.Price{CPUs: 0.1, Memory: 0.1} })
}

// withWorkers makes the second axis of a search a setting, of which each trial has a value.
func withWorkers(r journal.Run, workers ...float64) journal.Run {
	return changed(r, func(s *journal.Stage) {
		s.Axes[1].Dimension = "workers"
		for i := range s.Trials {
			s.Trials[i].Set.CPUs, s.Trials[i].Set.Vary = nil, map[string]any{"workers": workers[i]}
		}
		s.Found = new(journal.Point(s.Trials[0].Set))
	})
}

// none takes the answer of a search away, and the trial that passed.
func none(r journal.Run) journal.Run {
	return changed(r, func(s *journal.Stage) {
		s.Found, s.Certificate, s.Trials, s.Verdict = nil, nil, s.Trials[1:], journal.Failed
	})
}

func TestCombinations(t *testing.T) {
	type at = [2]float64
	const low, high = 1024, 2048
	for _, c := range []pair{
		{"dearer", combined("a", at{low, 2}, at{1000, 8}), combined("b", at{high, 2}, at{low, 8}), Worse,
			"search.both/1 of the first run at 2 CPU × 1G passed, and search.both/2 of the second run at 8 CPU × 1G failed: oom_load; at the limit of 1G, the trial that passed has 103M left"},
		{"cheaper", combined("a", at{high, 2}, at{low, 8}), combined("b", at{low, 2}, at{1000, 8}), Better, "search.both/1 of the second run at 2 CPU × 1G passed"},
		{"dearer, with less of one", combined("a", at{low, 2}, at{1000, 8}), combined("b", at{3072, 1}, at{low, 8}), Worse, ""},
		{"dearer, and what failed has less of one", combined("a", at{low, 2}, at{1000, 8}), combined("b", at{high, 2}, at{low, 1.9}), Unclear,
			"search.both/1 of the first run at 2 CPU × 1G passed, and in the other run no trial that was as easy failed"},
		{"dearer, and what failed has less of the other", combined("a", at{low, 2}, at{1000, 8}), combined("b", at{high, 2}, at{1023, 8}), Unclear, "no trial that was as easy failed"},
		{"the second failure is as easy", combined("a", at{low, 2}, at{1000, 8}), combined("b", at{high, 2}, at{1023, 8}, at{low, 2}), Worse, "search.both/3 of the second run"},
		{"of two failures the easier one", combined("a", at{low, 2}, at{1000, 8}), combined("b", at{high, 2}, at{low, 2}, at{1900, 2}), Worse, "search.both/3 of the second run"},
		{"a failure at the answer itself", combined("a", at{low, 2}, at{1000, 8}), combined("b", at{high, 2}, at{low, 2}), Worse, ""},
		{"what failed has no reason", combined("a", at{low, 2}, at{1000, 8}), changed(combined("b", at{high, 2}, at{low, 8}), func(s *journal.Stage) { s.Trials[1].Reason = nil }), Unclear,
			"no trial of this stage proves the difference"},
		{"a failure of another stage", combined("a", at{low, 2}, at{1000, 8}), changed(combined("b", at{high, 2}, at{low, 8}), func(s *journal.Stage) {
			s.Certificate.Failed = []string{"ramp.users/1", "search.both/2"}
		}), Worse, ""},
		{"more was not easier", combined("a", at{low, 2}, at{1100, 8}), combined("b", at{high, 2}, at{low, 8}), Unclear, "the first run: search.both/1 passed although search.both/2 failed with more"},
		{"little was left", changed(combined("a", at{low, 2}, at{1000, 8}), func(s *journal.Stage) { s.Trials[0].Instances[0].Memory.Peak = new(int64(1000 << 20)) }),
			combined("b", at{high, 2}, at{low, 8}), Unclear, "at the limit of 1G, the trial that passed has 24M left"},
		{"at the same price", combined("a", at{low, 2}, at{1000, 8}), combined("b", at{high, 1}, at{low, 8}), Unclear, "neither combination is better: 2 CPU × 1G, then 1 CPU × 2G"},
		{"at the same price but for rounding", tenth(combined("a", at{high, 1}, at{1000, 8})), tenth(combined("b", at{2560, 0.5}, at{high, 8})), Unclear,
			"neither combination is better: 1 CPU × 2G, then 0.5 CPU × 2560M"},
		{"cheaper by rounding alone", tenth(combined("a", at{2560, 0.5}, at{high, 8})), tenth(combined("b", at{high, 1}, at{1000, 8})), Unclear, "neither combination is better"},
		{"dearer by a little", combined("a", at{low, 2}, at{1000, 8}), combined("b", at{1030, 1.995}, at{low, 8}), Worse, ""},
		{"cheaper by a little", combined("a", at{1030, 1.995}, at{low, 8}), combined("b", at{low, 2}, at{1000, 8}), Better, ""},
		{"the same combination", combined("a", at{low, 2}, at{1000, 8}), combined("b", at{low, 2}, at{1000, 4}), Unchanged, "the same answer"},
		{"other prices", combined("a", at{low, 2}, at{1000, 8}), changed(combined("b", at{high, 2}, at{low, 8}), func(s *journal.Stage) { s.Price.CPUs = 2 }), Unclear,
			"different questions: prices 1 for a CPU, 1 for 1 GiB, 0 for a replica, then 2 for a CPU"},
		{"prices that one does not know", combined("a", at{low, 2}, at{1000, 8}), changed(combined("b", at{3072, 1}, at{low, 8}), func(s *journal.Stage) { s.Price = nil }), Unclear, "neither combination is better"},
		{"more of everything at prices that are not known", combined("a", at{low, 2}, at{1000, 8}), changed(combined("b", at{high, 2}, at{low, 8}), func(s *journal.Stage) { s.Price = nil }), Worse, ""},
		{"nothing found now", combined("a", at{low, 2}, at{1000, 8}), none(combined("b", at{high, 2}, at{4096, 8})), Worse, "search.both/2 of the second run at 8 CPU × 4G failed"},
		{"nothing found before", none(combined("a", at{high, 2}, at{4096, 8})), combined("b", at{low, 2}, at{1000, 8}), Better, ""},
		{"never found", none(combined("a", at{high, 2}, at{4096, 8})), none(combined("b", at{high, 2}, at{4096, 8})), Unchanged, "the same answer"},
		{"more of what is preferred", preferring(combined("a", at{low, 2}, at{1000, 8}), "memory"), preferring(combined("b", at{1100, 1}, at{low, 8}), "memory"), Worse, ""},
		{"less of what is preferred", preferring(combined("a", at{low, 2}, at{1000, 8}), "cpus"), preferring(combined("b", at{high, 1}, at{low, 8}), "cpus"), Unchanged,
			"not worse, and not proven better: search.both/1 of the second run at 1 CPU × 2G passed, and in the other run no trial that was as easy failed"},
		{"as much of what is preferred, and more of the other", preferring(combined("a", at{low, 2}, at{1000, 8}), "cpus"), preferring(combined("b", at{high, 2}, at{low, 8}), "cpus"), Worse, ""},
		{"as much of what is preferred, and less of the other", preferring(combined("a", at{high, 2}, at{low, 8}), "cpus"), preferring(combined("b", at{low, 2}, at{1000, 8}), "cpus"), Better, ""},
		{"no preference, more of everything", preferring(combined("a", at{low, 2}, at{1000, 8}), ""), preferring(combined("b", at{high, 4}, at{low, 8}), ""), Worse, ""},
		{"no preference, more of one", preferring(combined("a", at{low, 2}, at{1000, 8}), ""), preferring(combined("b", at{high, 1}, at{low, 8}), ""), Unclear, "neither combination is better"},
		{"no preference, nothing found now", preferring(combined("a", at{low, 2}, at{1000, 8}), ""), none(preferring(combined("b", at{high, 1}, at{low, 8}), "")), Worse, ""},
		{"no preference, nothing found before", none(preferring(combined("a", at{low, 2}, at{low, 8}), "")), preferring(combined("b", at{low, 2}, at{1000, 8}), ""), Better, ""},
		{"the same setting", withWorkers(combined("a", at{low, 0}, at{1000, 0}), 2, 2), withWorkers(combined("b", at{high, 0}, at{low, 0}), 4, 2), Worse,
			"search.both/1 of the first run at 1G, workers 2 passed, and search.both/2 of the second run at 1G, workers 2 failed"},
		{"another setting", withWorkers(combined("a", at{low, 0}, at{1000, 0}), 2, 2), withWorkers(combined("b", at{high, 0}, at{low, 0}), 4, 4), Unclear, "no trial that was as easy failed"},
	} {
		c.check(t)
	}
}

// The price is that of all limits of the trial that proves the answer, also of those
// that are not searched.
func TestThePriceOfAnAnswer(t *testing.T) {
	r := withWorkers(combined("a", [2]float64{1024, 0}), 2)
	r.Stages[0].Trials[0].Set.CPUs = new(2.0)
	if got := first(r, &r.Stages[0]).answer(); got != 3 {
		t.Errorf("1 GiB and 2 CPUs cost %v", got)
	}
	r.Stages[0].Certificate.Passed = "search.both/9"
	if got := first(r, &r.Stages[0]).answer(); got != 1 {
		t.Errorf("1 GiB costs %v", got)
	}
}

// Without an answer every failure counts, also where a proof names none.
func TestFailuresWithoutAnAnswer(t *testing.T) {
	r := none(combined("a", [2]float64{2048, 2}, [2]float64{4096, 8}))
	for _, c := range []*journal.Certificate{nil, {}} {
		r.Stages[0].Certificate = c
		if got := first(r, &r.Stages[0]).failures(); len(got) != 1 {
			t.Errorf("%+v: %d failures", c, len(got))
		}
	}
}

// Figures of the trials that passed are compared as those of a search of one dimension.
func TestWhatMovedBetweenCombinations(t *testing.T) {
	a, b := combined("a", [2]float64{1024, 2}, [2]float64{1000, 8}), combined("b", [2]float64{1024, 2}, [2]float64{1000, 8})
	a.Stages[0].Trials[0].Seconds.Ready, b.Stages[0].Trials[0].Seconds.Ready = new(1.0), new(2.0)
	if moved := Runs(a, b).Stages[0].Moved; len(moved) != 1 || moved[0].Metric.Name != "ready_seconds" {
		t.Errorf("%+v", moved)
	}
}

// A latency is compared with each failure that proves the answer: one of them may have
// been killed.
func TestLatencyNearAnyFailure(t *testing.T) {
	slow := func(r journal.Run, trial int, p95 float64) journal.Run {
		return changed(r, func(s *journal.Stage) {
			of := step("", 10, p95)
			s.Thresholds = []journal.Threshold{{Metric: "p95", Limit: 0.5}}
			if s.Trials[trial].Load = of.Load; trial > 0 {
				s.Trials[trial].Reason = new(journal.Latency)
			}
		})
	}
	for _, c := range []pair{
		{"nearer to what passed", slow(slow(combined("a", [2]float64{1024, 2}, [2]float64{1000, 8}, [2]float64{4096, 1}), 0, 0.1), 2, 100),
			slow(combined("b", [2]float64{1024, 4}, [2]float64{1024, 2}), 1, 3), Unclear, "nearer to what passed"},
		{"nearer to what failed", slow(slow(combined("a", [2]float64{1024, 2}, [2]float64{1000, 8}, [2]float64{4096, 1}), 0, 0.1), 2, 4),
			slow(combined("b", [2]float64{1024, 4}, [2]float64{1024, 2}), 1, 3), Worse, "p95 3s, before 100ms"},
	} {
		c.check(t)
	}
}
