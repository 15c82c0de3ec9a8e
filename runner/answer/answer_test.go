package answer

import (
	"slices"
	"strings"
	"testing"
	"time"

	"plan/internal/units"
	"plan/plans"
	"plan/runner/journal"
	"plan/runner/search"
)

// gigabytes are 1G, 2G, ..., of so many values; of CPUs quarters.
func gigabytes(d plans.Dimension, n int64) plans.Vary {
	step := int64(units.GiB)
	if d == plans.CPUs {
		step, n = 250, 8
	}
	return plans.Vary{Dimension: d, From: step, To: n * step, Step: step}
}

// searched is a stage that searches a dimension with replicas and users; with
// none it has no load.
func searched(dimension plans.Dimension, replicas, users int) plans.Stage {
	stage := plans.Stage{Kind: plans.Search, Set: plans.Settings{Replicas: replicas}, Vary: []plans.Vary{gigabytes(dimension, 4)}}
	if users > 0 {
		stage.Load = &plans.Workload{Users: users}
	}
	return stage
}

func TestTheLeastValueThatReaches(t *testing.T) {
	grid := []int64{10, 20, 30}
	for x, want := range map[int64]int{0: 0, 10: 0, 11: 1, 20: 1, 21: 2, 30: 2, 31: 2} {
		if got := ceiling(grid, x); got != want {
			t.Errorf("%d: index %d, want %d", x, got, want)
		}
	}
}

// used is a replica with a working set and a peak in bytes; 0: not known.
func used(workingSet, peak units.Bytes) journal.Instance {
	var i journal.Instance
	if workingSet > 0 {
		i.Memory.WorkingSet = (*int64)(&workingSet)
	}
	if peak > 0 {
		i.Memory.Peak = (*int64)(&peak)
	}
	return i
}

// estimate is where a trial places the need on the grid of a search.
func estimate(d plans.Dimension, t journal.Trial) search.Need {
	return tried(searched(d, 0, 0), search.Step{}, t).Needs[d.Axis()]
}

func TestWhatATrialShowsOfTheMemoryNeeded(t *testing.T) {
	const short = 8 * units.MiB // what samples may have missed
	for name, c := range map[string]struct {
		verdict   journal.Verdict
		instances []journal.Instance
		low, high int
	}{
		"both":                        {journal.Passed, []journal.Instance{used(2*units.GiB-short, 3*units.GiB)}, 1, 2},
		"a byte more":                 {journal.Passed, []journal.Instance{used(2*units.GiB-short+1, 3*units.GiB+1)}, 2, 3},
		"the working set alone":       {journal.Passed, []journal.Instance{used(units.GiB, 0)}, 1, -1},
		"the peak alone":              {journal.Passed, []journal.Instance{used(0, units.GiB)}, -1, 0},
		"the neediest replica, first": {journal.Passed, []journal.Instance{used(2*units.GiB, 3*units.GiB), used(1, 1)}, 2, 2},
		"the neediest replica, last":  {journal.Passed, []journal.Instance{used(1, 1), used(2*units.GiB, 3*units.GiB)}, 2, 2},
		"nothing":                     {journal.Passed, []journal.Instance{{}}, -1, -1},
		"a failure":                   {journal.Failed, []journal.Instance{used(2*units.GiB, 3*units.GiB)}, -1, -1},
	} {
		if got, want := estimate(plans.Memory, journal.Trial{Verdict: c.verdict, Instances: c.instances}), (search.Need{Low: c.low, High: c.high}); got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
}

func TestWhatATrialShowsOfTheCPUsNeeded(t *testing.T) {
	for name, c := range map[string]struct {
		share, cpus *float64
		low, high   int
	}{
		"0.4 of 2 CPUs at 80 %":     {new(0.2), new(2.0), 1, 3},
		"a little more":             {new(0.2001), new(2.0), 2, 4},
		"idle":                      {new(0.0), new(2.0), 0, 0},
		"the share is not known":    {nil, new(2.0), -1, -1},
		"there is no limit of CPUs": {new(0.2), nil, -1, -1},
	} {
		trial := journal.Trial{Verdict: journal.Passed, CPU: journal.CPU{Share: c.share}, Set: journal.Settings{CPUs: c.cpus}}
		trial.Instances = []journal.Instance{used(units.GiB, units.GiB)}
		if got, want := estimate(plans.CPUs, trial), (search.Need{Low: c.low, High: c.high}); got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
}

func TestWhatTheStrategyLearnsFromATrial(t *testing.T) {
	memory := [search.Axes]bool{true} // was not what it lacked
	for name, c := range map[string]struct {
		verdict      journal.Verdict
		reason       journal.Reason // none: passed
		code         *int
		look, loaded bool
		want         search.Tried
	}{
		"passed":                       {journal.Passed, "", nil, false, true, search.Tried{Passed: true}},
		"passed a first look":          {journal.Passed, "", nil, true, true, search.Tried{Passed: true, FirstLook: true}},
		"ended by itself":              {journal.Failed, journal.Exit, new(3), false, true, search.Tried{Exited: true, ExitCode: 3}},
		"ended with 0":                 {journal.Failed, journal.Exit, new(0), false, true, search.Tried{Exited: true}},
		"ended, and started again":     {journal.Failed, journal.Exit, nil, false, true, search.Tried{}},
		"out of memory at start":       {journal.Failed, journal.OOMStart, new(137), true, false, search.Tried{FirstLook: true}},
		"out of memory under load":     {journal.Failed, journal.OOMLoad, new(137), true, true, search.Tried{FirstLook: true}},
		"slow in a first look":         {journal.Failed, journal.Latency, nil, true, true, search.Tried{FirstLook: true, Undecided: true, Ample: memory}},
		"errors in a first look":       {journal.Failed, journal.Errors, nil, true, true, search.Tried{FirstLook: true, Undecided: true, Ample: memory}},
		"few answers in a first look":  {journal.Failed, journal.Throughput, nil, true, true, search.Tried{FirstLook: true, Undecided: true, Ample: memory}},
		"no answers in a first look":   {journal.Failed, journal.Hung, nil, true, true, search.Tried{FirstLook: true, Undecided: true, Ample: memory}},
		"an assertion in a first look": {journal.Failed, journal.Assert, nil, true, true, search.Tried{FirstLook: true, Undecided: true}},
		"errors before the load":       {journal.Failed, journal.Errors, nil, true, false, search.Tried{FirstLook: true, Ample: memory}},
		"slow under a full load":       {journal.Failed, journal.Latency, nil, false, true, search.Tried{Ample: memory}},
		"never ready":                  {journal.Failed, journal.NotReady, nil, true, false, search.Tried{FirstLook: true}},
		"leaks in a first look":        {journal.Failed, journal.Leak, nil, true, true, search.Tried{FirstLook: true, Undecided: true}},
		"reads its files again":        {journal.Failed, journal.Thrash, nil, false, true, search.Tried{}},
	} {
		trial := journal.Trial{Verdict: c.verdict, ExitCode: c.code, Instances: []journal.Instance{used(units.GiB, 2*units.GiB)}}
		if c.reason != "" {
			trial.Reason = &c.reason
		}
		if c.loaded {
			trial.Load = &journal.Load{}
		}
		c.want.Cell = search.Cell{2}
		for axis := range c.want.Needs {
			c.want.Needs[axis] = search.Need{Low: -1, High: -1}
		}
		if c.want.Passed {
			c.want.Needs[0] = search.Need{Low: 1, High: 1}
		}
		if got := tried(searched(plans.Memory, 0, 1), search.Step{Cell: search.Cell{2}, FirstLook: c.look}, trial); got != c.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestOnlyValuesBelowTheGuardsWereTried(t *testing.T) {
	s := &Search{tried: []search.Tried{{Cell: search.Cell{2}}, {Cell: search.Cell{5}}}}
	for index, want := range map[int]bool{6: true, 5: false, 4: false, 1: false} {
		if s.Above(search.Cell{index}) != want {
			t.Errorf("%d: %v", index, !want)
		}
	}
}

func TestTheMarginGoesUpToTheGridAndNotBeyond(t *testing.T) {
	for _, c := range []struct {
		dimension plans.Dimension
		found     int
		margin    float64
		want      int64
	}{
		{plans.Memory, 0, 0, 1000}, {plans.Memory, 0, 0.1, 1100}, {plans.Memory, 0, 0.1001, 1200}, {plans.Memory, 2, 0.5, 1300}, {plans.CPUs, 0, 0.1, 1000},
	} {
		stage := plans.Stage{Margin: c.margin, Vary: []plans.Vary{{Dimension: c.dimension, From: 1000, To: 1300, Step: 100}}}
		cell := search.Cell{}.On(c.dimension.Axis(), c.found)
		found, recommended := answerOf(stage, cell)
		of := func(p *journal.Point) int64 { return journal.Settings(*p).Values().Get(c.dimension) }
		if of(found) != int64(1000+100*c.found) || of(recommended) != c.want {
			t.Errorf("%+v: %d, %d", c, of(found), of(recommended))
		}
	}
}

// Of several dimensions only memory has a margin.
func TestTheMarginOfSeveralDimensions(t *testing.T) {
	stage := plans.Stage{Margin: 0.15, Vary: []plans.Vary{
		{Dimension: plans.Memory, From: 1000, To: 1300, Step: 100}, {Dimension: plans.CPUs, From: 500, To: 2000, Step: 500}, {Dimension: plans.Replicas, From: 1, To: 3, Step: 1},
	}}
	found, recommended := answerOf(stage, search.Cell{0, 1, 2})
	want := plans.Settings{Limits: plans.Limits{Memory: 1000, CPUs: 1000}, Replicas: 3}
	if got := journal.Settings(*found).Values(); got != want {
		t.Errorf("found %+v", got)
	}
	want.Memory = 1200
	if got := journal.Settings(*recommended).Values(); got != want {
		t.Errorf("recommended %+v", got)
	}
}

func TestAProofNamesItsTrials(t *testing.T) {
	stage := plans.Stage{Vary: []plans.Vary{{Dimension: plans.Memory, From: 1, To: 2, Step: 1}}}
	for name, c := range map[string]struct {
		tried  []search.Tried
		failed []string
	}{
		"nothing failed":     {[]search.Tried{{Cell: search.Cell{1}, Passed: true}, {Cell: search.Cell{0}, Passed: true}}, []string{}},
		"the first failed":   {[]search.Tried{{Cell: search.Cell{0}}, {Cell: search.Cell{1}, Passed: true}}, []string{"a"}},
		"a later one failed": {[]search.Tried{{Cell: search.Cell{1}, Passed: true, FirstLook: true}, {Cell: search.Cell{1}, Passed: true}, {Cell: search.Cell{0}}}, []string{"c"}},
	} {
		s := &Search{Stage: stage, Record: &journal.Stage{}, Grid: stage.Cells(), tried: c.tried, ids: []string{"a", "b", "c"}}
		s.Conclude()
		got := s.Record.Certificate
		if got == nil || got.Passed != "b" || !slices.Equal(got.Failed, c.failed) || got.Failed == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// What no limit passed is decided by the trial at the highest one.
func TestWhatNoLimitPassedMeans(t *testing.T) {
	killed := journal.Trial{Verdict: journal.Inconclusive, Why: "killed", Unexplained: true}
	slow := journal.Trial{Verdict: journal.Failed, Why: "slow"}
	passed, failed, undecided := search.Tried{Passed: true}, search.Tried{}, search.Tried{Undecided: true}
	at := func(t search.Tried, index int) search.Tried { t.Cell = t.Cell.On(plans.Memory.Axis(), index); return t }
	for name, c := range map[string]struct {
		tried     []search.Tried
		trials    []journal.Trial // of tried; a trial without an ID is another stage's
		disproved int
		want      journal.Verdict
		reason    string
		by        journal.Reason
	}{
		"killed at the top":                      {[]search.Tried{at(failed, 2)}, []journal.Trial{killed}, 0, journal.Inconclusive, "killed", ""},
		"killed at the top, after others":        {[]search.Tried{at(failed, 0), at(failed, 1), at(failed, 2)}, []journal.Trial{slow, slow, killed}, 0, journal.Inconclusive, "killed", ""},
		"killed below the top":                   {[]search.Tried{at(failed, 1), at(failed, 2)}, []journal.Trial{killed, slow}, 0, journal.Failed, "", ""},
		"killed in a first look at the top":      {[]search.Tried{at(undecided, 2), at(failed, 2)}, []journal.Trial{killed, slow}, 0, journal.Failed, "", ""},
		"slow at the top":                        {[]search.Tried{at(failed, 2)}, []journal.Trial{slow}, 0, journal.Failed, "", ""},
		"slow at the top, answers are disproved": {[]search.Tried{at(failed, 2)}, []journal.Trial{slow}, 1, journal.Failed, "", journal.Disproved},
		"the lowest passed, killed at the top":   {[]search.Tried{at(failed, 2), at(passed, 0)}, []journal.Trial{killed, slow}, 0, journal.Inconclusive, "killed", ""},
		"the lowest passed, one is disproved":    {[]search.Tried{at(passed, 2), at(passed, 0)}, []journal.Trial{slow, slow}, 1, journal.Passed, "", ""},
	} {
		stage := plans.Stage{Vary: []plans.Vary{{Dimension: plans.Memory, From: int64(units.GiB), To: 3 * int64(units.GiB), Step: int64(units.GiB)}}}
		s := New(stage, &journal.Stage{Disproved: make([]journal.Disproof, c.disproved)})
		for i, one := range c.tried {
			c.trials[i].ID = string(rune('a' + i))
			s.Record.Trials = append(s.Record.Trials, c.trials[i])
			s.add(one, c.trials[i].ID)
		}
		s.Conclude()
		if r := s.Record; r.Verdict != c.want || r.Reason != c.reason || r.FailedBy != c.by {
			t.Errorf("%s: %s (%s), %q", name, r.Verdict, r.FailedBy, r.Reason)
		}
	}
}

func TestWhichTrialsAStrategySees(t *testing.T) {
	killed := func(id, repeats string, unexplained bool) journal.Trial {
		return journal.Trial{ID: id, Repeats: repeats, Verdict: journal.Inconclusive, Reason: new(journal.Killed), Unexplained: unexplained}
	}
	for name, c := range map[string]struct {
		trials []journal.Trial
		want   bool
	}{
		"passed":                         {[]journal.Trial{{Verdict: journal.Passed}}, true},
		"failed":                         {[]journal.Trial{{Verdict: journal.Failed}}, true},
		"killed once":                    {[]journal.Trial{killed("1", "", true)}, false},
		"killed twice":                   {[]journal.Trial{killed("1", "", true), killed("2", "1", true)}, true},
		"the first one is explained":     {[]journal.Trial{killed("1", "", false), killed("2", "1", true)}, false},
		"the second one is explained":    {[]journal.Trial{killed("1", "", true), killed("2", "1", false)}, false},
		"the second repeats another one": {[]journal.Trial{killed("1", "", true), killed("2", "0", true)}, false},
	} {
		if got := (&Search{Record: &journal.Stage{Trials: c.trials}}).Counts(); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// The record of a stage that runs again has only its new trials: those that are set
// aside are in the journal.
func TestABudgetCountsTheTrialsOfThisTimeOnly(t *testing.T) {
	for trials, want := range map[int]bool{0: false, 7: false, 8: true} {
		stage := plans.Stage{Vary: []plans.Vary{gigabytes(plans.Memory, 16)}, Budget: plans.Budget{Trials: 8}}
		s := New(stage, &journal.Stage{SetAside: 6, Trials: make([]journal.Trial, trials)})
		if s.Spend() != want {
			t.Errorf("%d trials: %v", trials, !want)
		}
	}
}

// TestABudgetIsUsedUp: at its bound, not before.
func TestABudgetIsUsedUp(t *testing.T) {
	trials := []journal.Trial{{}, {}}
	trials[0].Seconds.Total, trials[1].Seconds.Total = 4, 6
	for _, c := range []struct {
		budget plans.Budget
		trials int
		want   string
	}{
		{plans.Budget{}, 2, ""},
		{plans.Budget{Trials: 1}, 0, ""},
		{plans.Budget{Trials: 1}, 1, "the budget of 1 trial is used up"},
		{plans.Budget{Trials: 3}, 2, ""},
		{plans.Budget{Time: 10*time.Second + 1}, 2, ""},
		{plans.Budget{Time: 10 * time.Second}, 2, "the budget of 10s is used up"},
		{plans.Budget{Time: 10 * time.Second}, 1, ""},
		{plans.Budget{Time: 1}, 1, "the budget of 0µs is used up"},
		{plans.Budget{Trials: 2, Time: time.Second}, 2, "the budget of 2 trials is used up"},
	} {
		s := New(plans.Stage{Vary: []plans.Vary{gigabytes(plans.Memory, 16)}, Budget: c.budget}, &journal.Stage{Trials: trials[:c.trials]})
		if got := s.Spend(); got != (c.want != "") || s.Spent != c.want {
			t.Errorf("%+v after %d trials: %v, %q", c.budget, c.trials, got, s.Spent)
		}
	}
}

// TestWhatAHostHolds: a value is left out where it fits with none of the settings, a setting never.
func TestWhatAHostHolds(t *testing.T) {
	memory, replicas := gigabytes(plans.Memory, 4), plans.Vary{Dimension: plans.Replicas, From: 1, To: 3, Step: 1}
	workers := plans.Vary{Dimension: "workers", Values: []any{1.0, 2.0, 4.0}}
	for name, c := range map[string]struct {
		vary []plans.Vary
		fits func(search.Cell) bool
		want search.Cell
	}{
		"no value":           {[]plans.Vary{memory}, func(search.Cell) bool { return false }, search.Cell{0, 0, 0, 1}},
		"the least":          {[]plans.Vary{memory}, func(c search.Cell) bool { return c[0] < 1 }, search.Cell{1, 1, 1, 1}},
		"all":                {[]plans.Vary{memory}, func(search.Cell) bool { return true }, search.Cell{4, 1, 1, 1}},
		"one of two":         {[]plans.Vary{memory, replicas}, func(c search.Cell) bool { return c[0]+2*c[2] < 3 }, search.Cell{3, 1, 2, 1}},
		"no combination":     {[]plans.Vary{memory, replicas, workers}, func(search.Cell) bool { return false }, search.Cell{0, 0, 0, 3}},
		"the first setting":  {[]plans.Vary{memory, workers}, func(c search.Cell) bool { return c[3] > 0 || c[0] < 2 }, search.Cell{4, 1, 1, 3}},
		"the last setting":   {[]plans.Vary{memory, workers}, func(c search.Cell) bool { return c[3] == 2 && c[0] < 3 }, search.Cell{3, 1, 1, 3}},
		"settings alone":     {[]plans.Vary{workers}, func(c search.Cell) bool { return c[3] != 2 }, search.Cell{1, 1, 1, 3}},
		"no setting of them": {[]plans.Vary{workers}, func(search.Cell) bool { return false }, search.Cell{0, 0, 0, 3}},
	} {
		s := New(plans.Stage{Vary: c.vary, Prefer: "memory"}, &journal.Stage{})
		s.Bound(c.fits, "too much")
		if all := s.Stage.Cells().Sizes; s.Grid.Sizes != c.want || s.Grid.All != all || s.Cut != "too much" {
			t.Errorf("%s: %v of %v, want %v; %q", name, s.Grid.Sizes, s.Grid.All, c.want, s.Cut)
		}
		s.Bound(func(search.Cell) bool { return false }, "too much")
		if all := s.Stage.Cells().Sizes; s.Grid.All != all {
			t.Errorf("%s, twice: of %v, want %v", name, s.Grid.All, all)
		}
	}
}

// TestWhatIsExpectedOfWhatTheHostHolds: values that are cut away are not expected to be tried,
// and the trial at the highest one that is left is the trial with the most.
func TestWhatIsExpectedOfWhatTheHostHolds(t *testing.T) {
	begun := func(values int64) *Search {
		stage := searched(plans.Memory, 0, 1)
		stage.Vary, stage.Strategy, stage.Load.Runtime = []plans.Vary{gigabytes(plans.Memory, values)}, "anchored", time.Minute
		return New(stage, &journal.Stage{})
	}
	look := func(s *Search, index int) {
		trial := journal.Trial{Verdict: journal.Passed, Instances: []journal.Instance{used(8*units.GiB-slack, 8*units.GiB)}}
		trial.Seconds.Total = 20
		s.Add(search.Step{Cell: search.Cell{}.On(plans.Memory.Axis(), index), FirstLook: true}, trial)
	}
	within := func(n int) func(search.Cell) bool {
		return func(c search.Cell) bool { return c[plans.Memory.Axis()] < n }
	}
	for _, n := range []int{9, 16, 32} {
		cut, whole := begun(64), begun(int64(n))
		before := cut.Expected()
		cut.Bound(within(n), "cut")
		if got, want := cut.Expected(), whole.Expected(); got != want || n < 32 && got == before {
			t.Errorf("of %d values, before a trial: %+v, want %+v, not %+v", n, got, want, before)
		}
		look(cut, n-1)
		look(whole, n-1)
		if got, want := cut.Expected(), whole.Expected(); got != want || got.Trials == 0 {
			t.Errorf("of %d values, after the first look: %+v, want %+v", n, got, want)
		}
	}
	none := begun(64)
	look(none, 63)
	none.Add(search.Step{Cell: search.Cell{}}, journal.Trial{Verdict: journal.Failed})
	none.Bound(within(0), "cut")
	if got := none.Expected(); got.Trials != 0 {
		t.Errorf("of no value: %+v", got)
	}
}

// TestWhatEndsASearch: what stops it, or keeps values from it, before the answer is proven.
func TestWhatEndsASearch(t *testing.T) {
	memory := plans.Vary{Dimension: plans.Memory, From: int64(units.GiB), To: 3 * int64(units.GiB), Step: int64(units.GiB)}
	replicas := plans.Vary{Dimension: plans.Replicas, From: 1, To: 2, Step: 1}
	one, both := []plans.Vary{memory}, []plans.Vary{memory, replicas}
	top := search.Cell{}.On(plans.Memory.Axis(), 2)
	passed, failed := search.Tried{Passed: true, Cell: top}, search.Tried{Cell: top}
	for name, c := range map[string]struct {
		vary       []plans.Vary
		tried      []search.Tried
		spent, cut string
		stop       string // what stopped it: "guard", or "other"; "": nothing did

		verdict       journal.Verdict
		by            journal.Reason
		reason        string
		found, points string
		undecided     int
	}{
		"its budget, after a pass":                  {both, []search.Tried{passed}, "spent", "", "", journal.Aborted, journal.BudgetUsed, "spent", "a", "a", 3},
		"its budget, after a failure and a pass":    {both, []search.Tried{failed, {Passed: true, Cell: top.On(plans.Replicas.Axis(), 1)}}, "spent", "", "", journal.Aborted, journal.BudgetUsed, "spent", "b", "b", 2},
		"its budget, after a failure":               {both, []search.Tried{failed}, "spent", "", "", journal.Aborted, journal.BudgetUsed, "spent", "", "", 0},
		"its budget, before a trial":                {both, nil, "spent", "", "", journal.Aborted, journal.BudgetUsed, "spent", "", "", 0},
		"its budget, one dimension, after a pass":   {one, []search.Tried{passed}, "spent", "", "", journal.Aborted, journal.BudgetUsed, "spent", "a", "", 2},
		"its budget, and the host":                  {both, []search.Tried{failed}, "spent", "cut", "", journal.Aborted, journal.BudgetUsed, "spent", "", "", 0},
		"the host, after a pass":                    {both, []search.Tried{passed}, "", "cut", "", journal.Aborted, journal.GuardStop, "cut", "a", "a", 3},
		"the host, after a failure":                 {both, []search.Tried{failed}, "", "cut", "", journal.Aborted, journal.GuardStop, "cut", "", "", 0},
		"the host, one dimension, after a pass":     {one, []search.Tried{passed}, "", "cut", "", journal.Aborted, journal.GuardStop, "cut", "", "", 0},
		"something else, after a pass":              {both, []search.Tried{passed}, "", "", "other", "", "", "", "a", "", 3},
		"something else, after a failure":           {both, []search.Tried{failed}, "", "", "other", "", "", "", "", "", 0},
		"the guard, after a pass":                   {both, []search.Tried{passed}, "", "", "guard", "", "", "", "a", "", 3},
		"the guard, after a failure":                {both, []search.Tried{failed}, "", "", "guard", "", "", "", "", "", 0},
		"the guard, one dimension, after a pass":    {one, []search.Tried{passed}, "", "", "guard", "", "", "", "a", "", 2},
		"the guard, one dimension, after both":      {one, []search.Tried{passed, {}}, "", "", "guard", "", "", "", "a", "", 1},
		"the guard, one dimension, after a failure": {one, []search.Tried{failed}, "", "", "guard", "", "", "", "", "", 0},
		"the guard, one dimension, a first look":    {one, []search.Tried{{Passed: true, FirstLook: true, Cell: top}}, "", "", "guard", "", "", "", "", "", 0},
		"something else, one dimension, has passed": {one, []search.Tried{passed}, "", "", "other", "", "", "", "", "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := New(plans.Stage{Vary: c.vary, Prefer: "memory"}, &journal.Stage{})
			for i, tried := range c.tried {
				s.add(tried, string(rune('a'+i)))
			}
			s.Spent, s.Cut = c.spent, c.cut
			if c.stop != "" {
				s.Stop(c.stop == "guard")
			} else {
				s.Conclude()
			}
			r, found := s.Record, ""
			if r.Certificate != nil {
				found = r.Certificate.Passed
			}
			if r.Verdict != c.verdict || r.AbortedBy != c.by || r.Reason != c.reason || found != c.found || (r.Found != nil) != (found != "") ||
				strings.Join(r.Points, " ") != c.points || r.Undecided != c.undecided {
				t.Errorf("%s (%s), %q, found %q, points %q, %d undecided", r.Verdict, r.AbortedBy, r.Reason, found, r.Points, r.Undecided)
			}
		})
	}
}

// TestAnAnswerAboveWhatIsDemanded fails its stage, also where the demand is the least there is.
func TestAnAnswerAboveWhatIsDemanded(t *testing.T) {
	for demand, want := range map[int]journal.Verdict{0: journal.Passed, 1: journal.Failed, 2: journal.Passed} {
		stage := plans.Stage{
			Vary:   []plans.Vary{{Dimension: plans.Replicas, From: 1, To: 3, Step: 1}},
			AtMost: plans.Settings{Replicas: demand},
		}
		s := New(stage, &journal.Stage{})
		s.add(search.Tried{Passed: true, Cell: search.Cell{}.On(plans.Replicas.Axis(), 1)}, "a")
		s.add(search.Tried{}, "b")
		s.Conclude()
		if s.Record.Verdict != want || s.Record.Found == nil {
			t.Errorf("at most %d: %s, %q", demand, s.Record.Verdict, s.Record.Reason)
		}
	}
}
