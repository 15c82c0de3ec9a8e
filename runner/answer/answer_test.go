package answer

import (
	"slices"
	"testing"

	"plan/internal/units"
	"plan/plans"
	"plan/runner/journal"
	"plan/runner/search"
)

// gigabytes is a grid of 1G, 2G, ..., of so many values.
func gigabytes(n int) []int64 {
	grid := make([]int64, n)
	for i := range grid {
		grid[i] = int64(i+1) * int64(units.GiB)
	}
	return grid
}

// searched is a stage that searches a dimension with replicas and users; with
// none it has no load.
func searched(dimension plans.Dimension, replicas, users int) plans.Stage {
	stage := plans.Stage{Kind: plans.Search, Set: plans.Settings{Replicas: replicas}, Vary: &plans.Vary{Dimension: dimension}}
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
func estimate(d plans.Dimension, grid []int64, t journal.Trial) (low, high int) {
	got := tried(searched(d, 0, 0), grid, search.Step{}, t)
	return got.Low, got.High
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
		low, high := estimate(plans.Memory, gigabytes(4), journal.Trial{Verdict: c.verdict, Instances: c.instances})
		if low != c.low || high != c.high {
			t.Errorf("%s: %d and %d, want %d and %d", name, low, high, c.low, c.high)
		}
	}
}

func TestWhatATrialShowsOfTheCPUsNeeded(t *testing.T) {
	grid := []int64{250, 500, 750, 1000, 1250, 1500, 1750, 2000} // thousandths
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
		low, high := estimate(plans.CPUs, grid, trial)
		if low != c.low || high != c.high {
			t.Errorf("%s: %d and %d, want %d and %d", name, low, high, c.low, c.high)
		}
	}
}

func TestWhatTheStrategyLearnsFromATrial(t *testing.T) {
	for name, c := range map[string]struct {
		verdict      journal.Verdict
		reason       journal.Reason // none: passed
		code         *int
		look, loaded bool
		want         search.Tried
	}{
		"passed":                       {journal.Passed, "", nil, false, true, search.Tried{Passed: true, Low: 1, High: 1}},
		"passed a first look":          {journal.Passed, "", nil, true, true, search.Tried{Passed: true, FirstLook: true, Low: 1, High: 1}},
		"ended by itself":              {journal.Failed, journal.Exit, new(3), false, true, search.Tried{Exited: true, ExitCode: 3, Low: -1, High: -1}},
		"ended with 0":                 {journal.Failed, journal.Exit, new(0), false, true, search.Tried{Exited: true, Low: -1, High: -1}},
		"ended, and started again":     {journal.Failed, journal.Exit, nil, false, true, search.Tried{Low: -1, High: -1}},
		"out of memory at start":       {journal.Failed, journal.OOMStart, new(137), true, false, search.Tried{FirstLook: true, Low: -1, High: -1}},
		"out of memory under load":     {journal.Failed, journal.OOMLoad, new(137), true, true, search.Tried{FirstLook: true, Low: -1, High: -1}},
		"slow in a first look":         {journal.Failed, journal.Latency, nil, true, true, search.Tried{FirstLook: true, Undecided: true, Low: -1, High: -1}},
		"errors in a first look":       {journal.Failed, journal.Errors, nil, true, true, search.Tried{FirstLook: true, Undecided: true, Low: -1, High: -1}},
		"few answers in a first look":  {journal.Failed, journal.Throughput, nil, true, true, search.Tried{FirstLook: true, Undecided: true, Low: -1, High: -1}},
		"no answers in a first look":   {journal.Failed, journal.Hung, nil, true, true, search.Tried{FirstLook: true, Undecided: true, Low: -1, High: -1}},
		"an assertion in a first look": {journal.Failed, journal.Assert, nil, true, true, search.Tried{FirstLook: true, Undecided: true, Low: -1, High: -1}},
		"errors before the load":       {journal.Failed, journal.Errors, nil, true, false, search.Tried{FirstLook: true, Low: -1, High: -1}},
		"slow under a full load":       {journal.Failed, journal.Latency, nil, false, true, search.Tried{Low: -1, High: -1}},
		"never ready":                  {journal.Failed, journal.NotReady, nil, true, false, search.Tried{FirstLook: true, Low: -1, High: -1}},
	} {
		trial := journal.Trial{Verdict: c.verdict, ExitCode: c.code, Instances: []journal.Instance{used(units.GiB, 2*units.GiB)}}
		if c.reason != "" {
			trial.Reason = &c.reason
		}
		if c.loaded {
			trial.Load = &journal.Load{}
		}
		c.want.Index = 2
		if got := tried(searched(plans.Memory, 0, 1), gigabytes(4), search.Step{Index: 2, FirstLook: c.look}, trial); got != c.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestOnlyValuesBelowTheGuardsWereTried(t *testing.T) {
	s := &Search{tried: []search.Tried{{Index: 2}, {Index: 5}}}
	for index, want := range map[int]bool{6: true, 5: false, 4: false, 1: false} {
		if s.Above(index) != want {
			t.Errorf("%d: %v", index, s.Above(index))
		}
	}
}

func TestTheMarginGoesUpToTheGridAndNotBeyond(t *testing.T) {
	grid := []int64{1000, 1100, 1200, 1300}
	for _, c := range []struct {
		dimension plans.Dimension
		found     int
		margin    float64
		want      int
	}{
		{plans.Memory, 0, 0, 0}, {plans.Memory, 0, 0.1, 1}, {plans.Memory, 0, 0.1001, 2}, {plans.Memory, 2, 0.5, 3}, {plans.CPUs, 0, 0.1, 0},
	} {
		v := plans.Vary{Dimension: c.dimension}
		found, recommended := answerOf(v, grid, c.found, c.margin)
		if c.dimension == plans.CPUs {
			if *found.CPUs != 1 || *recommended.CPUs != 1 || found.Memory != nil {
				t.Errorf("%+v: %v, %v", c, *found.CPUs, *recommended.CPUs)
			}
			continue
		}
		if *found.Memory != grid[c.found] || *recommended.Memory != grid[c.want] || found.CPUs != nil {
			t.Errorf("%+v: %d, %d", c, *found.Memory, *recommended.Memory)
		}
	}
}

func TestACertificateNamesItsTrials(t *testing.T) {
	stage := plans.Stage{Vary: &plans.Vary{Dimension: plans.CPUs, From: 1, To: 2, Step: 1}}
	for name, c := range map[string]struct {
		tried  []search.Tried
		failed []string
	}{
		"nothing failed":     {[]search.Tried{{Index: 1, Passed: true}, {Index: 0, Passed: true}}, []string{}},
		"the first failed":   {[]search.Tried{{Index: 0}, {Index: 1, Passed: true}}, []string{"a"}},
		"a later one failed": {[]search.Tried{{Index: 1, Passed: true, FirstLook: true}, {Index: 1, Passed: true}, {Index: 0}}, []string{"c"}},
	} {
		s := &Search{Stage: stage, Record: &journal.Stage{}, Grid: []int64{1, 2}, tried: c.tried, ids: []string{"a", "b", "c"}}
		s.Conclude()
		got := s.Record.Certificate
		if got == nil || got.Passed != "b" || !slices.Equal(got.Failed, c.failed) || got.Failed == nil {
			t.Errorf("%s: %+v", name, got)
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
