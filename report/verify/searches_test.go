package verify

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"plan/internal/exchange"
	"plan/internal/units"
	"plan/plans"
	answers "plan/runner/answer"
	"plan/runner/journal"
	"plan/runner/search"
)

// TestTheCheckerAgreesWithSearches draws services, also such that need more with more, and searches of one and several
// dimensions with budgets and hosts that hold only a part: what each search concludes holds, and neither without its answer nor with more
// that is undecided.
func TestTheCheckerAgreesWithSearches(t *testing.T) {
	random, ends := rand.New(rand.NewPCG(1, 2)), rand.New(rand.NewPCG(3, 4))
	found, none, undecided, levels := 0, 0, 0, 0
	for n := range 800 {
		stage := drawnSearch(random)
		record := &journal.Stage{Address: "search.s", Kind: plans.Search, Service: "service.api", Prefer: stage.Prefer, LeakHorizon: 1,
			HasLoad: ends.IntN(4) > 0, HasScenario: ends.IntN(2) == 0}
		if only := stage.Only(); only != "" {
			record.Dimension, record.Grid, record.Prefer = only, stage.Vary[0].Numbers(), ""
		} else {
			for _, v := range stage.Vary {
				a := journal.Axis{Dimension: v.Dimension, Values: v.Values}
				if !v.Setting() {
					for _, x := range v.Numbers() {
						a.Values = append(a.Values, x)
					}
				}
				record.Axes = append(record.Axes, a)
			}
		}
		s := answers.New(stage, record)
		if random.IntN(3) == 0 {
			most := 1 + random.IntN(8)
			s.Bound(func(c search.Cell) bool { return c[0]+c[1] <= most }, "the host")
		}
		verdict, looks := drawnService(random), random.IntN(2) == 0
		for next := s.Next(looks); !next.Done && !s.Spend(); next = s.Next(looks) {
			one := verdict(next.Cell, next.FirstLook)
			one.ID, one.FirstLook = fmt.Sprintf("search.s/%d", len(record.Trials)+1), next.FirstLook
			at := stage.At(next.Cell)
			one.Set = journal.SettingsOf(at.Settings)
			one.Set.Vary = at.Values
			drawEnd(ends, next.Cell, &one)
			record.Trials = append(record.Trials, one)
			s.Add(next, one)
		}
		s.Conclude()
		record.Levels = answers.Levels(*record)
		holds := func(answer journal.Stage) []string {
			lines := []journal.Line{{Type: journal.RunLine, Run: &journal.Run{FormatVersion: journal.Format}}}
			for i := range record.Trials {
				lines = append(lines, journal.Line{Type: journal.TrialLine, Trial: &record.Trials[i]})
			}
			r, err := read(bytes.NewReader(written(t, append(lines, journal.Line{Type: journal.AnswerLine, Stage: &answer}))))
			if err != nil {
				t.Fatal(err)
			}
			return r.stages[0].answer(&r)
		}
		if got := holds(*record); len(got) > 0 {
			var way []string
			for _, one := range record.Trials {
				way = append(way, fmt.Sprintf("%s %s %v", one.Set.Text(), one.Verdict, one.FirstLook))
			}
			t.Errorf("%d, %s: %q\n%s (%s) %s, %d undecided of %v, points %q\n%s", n, stage.Strategy, got, record.Verdict, record.AbortedBy, record.Reason,
				record.Undecided, s.Grid.Sizes, record.Points, strings.Join(way, "\n"))
		}
		forged := *record
		forged.Found, forged.Recommended, forged.Certificate, forged.Points, forged.Undecided = nil, nil, nil, nil, 0
		if forged.Verdict == journal.Passed {
			forged.Verdict = journal.Failed
		}
		if record.Found != nil && len(holds(forged)) == 0 {
			t.Errorf("%d: the answer of %s may be removed", n, stage.Strategy)
		}
		forged = *record
		forged.Undecided++
		if record.Found != nil && len(holds(forged)) == 0 {
			t.Errorf("%d: more may be undecided of %s", n, stage.Strategy)
		}
		for i := range record.Levels {
			levels++
			forged = *record
			forged.Levels = slices.Clone(record.Levels)
			if forged.Levels[i].Undecided++; len(holds(forged)) == 0 {
				t.Errorf("%d: more may be undecided below a level of %s", n, stage.Strategy)
			}
		}
		switch {
		case record.Found == nil:
			none++
		case record.Undecided > 0:
			undecided++
		default:
			found++
		}
	}
	if found < 200 || none < 100 || undecided < 30 || levels < 40 {
		t.Errorf("%d found, %d without an answer, %d not proven, %d levels", found, none, undecided, levels)
	}
}

// drawEnd draws where a trial that failed ended, mostly the later the more it had, and what
// others were charged for.
func drawEnd(random *rand.Rand, c search.Cell, t *journal.Trial) {
	t.Phase = journal.PhaseEnd
	if t.Verdict == journal.Failed {
		came := min(c[0]+c[1]+c[2], 2)
		if random.IntN(5) == 0 {
			came = random.IntN(3)
		}
		t.Phase = []journal.Phase{journal.PhaseStart, journal.PhaseFirst, journal.PhaseLoad}[came]
	}
	switch {
	case t.Phase == journal.PhaseLoad && t.Load != nil:
		t.Load.OK = int64(random.IntN(3))
	case t.Phase == journal.PhaseLoad && random.IntN(2) == 0:
		t.Evidence = &journal.Evidence{First: map[string]exchange.Outcome{"predict": {}}}
	}
	if t.Verdict == journal.Failed && random.IntN(5) == 0 { // no pass, which they would correct
		t.Instances = []journal.Instance{{
			Memory: journal.Memory{Peak: t.Set.Memory}, Files: &journal.Files{Mapped: new(int64(0)), Resident: new(30 * mega)},
		}}
	}
}

// drawnSearch is a search of some of memory, CPUs, replicas and a setting.
func drawnSearch(random *rand.Rand) plans.Stage {
	all := []plans.Vary{
		{Dimension: plans.Memory, From: int64(units.MiB), To: int64(1+random.IntN(8)) * int64(units.MiB), Step: int64(units.MiB)},
		{Dimension: plans.CPUs, From: 250, To: int64(1+random.IntN(6)) * 250, Step: 250},
		{Dimension: plans.Replicas, From: 1, To: int64(1 + random.IntN(3)), Step: 1},
		{Dimension: "workers", Values: []any{1.0, "two", true}[:1+random.IntN(3)]},
	}
	stage := plans.Stage{Kind: plans.Search, Address: "search.s", Strategy: "anchored"}
	for _, i := range random.Perm(len(all))[:1+random.IntN(len(all))] {
		stage.Vary = append(stage.Vary, all[i])
	}
	strategies := search.Strategies()
	if stage.Only() == "" {
		stage.Prefer, strategies = "memory", search.OfSeveral()
		if random.IntN(2) == 0 {
			stage.Prefer = "cpus"
		}
	}
	stage.Strategy = strategies[random.IntN(len(strategies))].Name
	if random.IntN(3) == 0 {
		stage.Budget.Trials = 1 + random.IntN(6)
	}
	return stage
}

// drawnService is what trials of a service show: it needs a cell, for each setting another
// one; or it exits; or it is not the same each time.
func drawnService(random *rand.Rand) func(c search.Cell, look bool) journal.Trial {
	var needs [3]search.Cell
	for setting := range needs {
		needs[setting] = search.Cell{random.IntN(4) * random.IntN(2), random.IntN(3) * random.IntN(2), random.IntN(2) * random.IntN(2), setting}
	}
	kind := random.IntN(6)
	reasons := []journal.Reason{journal.OOMStart, journal.Latency}
	return func(c search.Cell, look bool) journal.Trial {
		passes := needs[c[search.Setting]].Under(c)
		if kind == 0 && random.IntN(4) == 0 {
			passes = !passes
		}
		if passes {
			return journal.Trial{Verdict: journal.Passed, Load: &journal.Load{}}
		}
		if kind == 1 {
			return journal.Trial{Verdict: journal.Failed, Reason: new(journal.Exit), ExitCode: new(3)}
		}
		one := journal.Trial{Verdict: journal.Failed, Reason: &reasons[random.IntN(2)]}
		if *one.Reason == journal.Latency {
			one.Load = &journal.Load{}
		}
		return one
	}
}
