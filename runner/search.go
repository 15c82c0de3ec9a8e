package runner

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"plan/internal/units"
	"plan/plans"
	"plan/runner/journal"
	"plan/runner/judge"
	"plan/runner/search"
)

// search asks the strategy for the next value until it has enough.
func (r *run) search(ctx context.Context, stage plans.Stage, s *journal.Stage) error {
	grid := stage.Vary.Grid()
	s.Dimension, s.Grid, s.Margin = stage.Vary.Dimension, stage.Vary.Numbers(), stage.Margin
	if err := r.begin(*s); err != nil {
		return err
	}
	grid, cut := r.affordable(stage, grid)
	looks := stage.Load != nil && lookTime(stage.Load.Load(stage.Load.Users, r.Seed)) < stage.Load.Runtime
	var tried []search.Tried
	var longer time.Duration // than the plan says, so that full loads have enough samples
	for {
		next := search.Next(stage.Strategy, len(grid), looks, tried)
		if len(grid) == 0 || next.Done {
			break
		}
		o := r.order(stage, loadUsers(stage), next.FirstLook)
		o.limits.Put(stage.Vary.Dimension, grid[next.Index])
		if o.load != nil && !o.firstLook {
			o.load.Runtime, o.longer = o.load.Runtime+longer, &longer
		}
		t, err := r.settled(ctx, s, o)
		if err != nil { // also where the trial itself passed, as when it could not be removed
			s.Verdict, s.Reason = journal.Aborted, t.Why
			return err
		}
		if guarded(t) && ctx.Err() == nil && below(next.Index, tried) {
			grid, cut = grid[:next.Index], t.Why // the search goes on below what the host cannot hold
			pause(ctx, recoverTime)
			continue
		}
		if !counts(s.Trials, len(s.Trials)-1) {
			s.Verdict, s.Reason = t.Verdict, t.Why
			return nil
		}
		tried = append(tried, r.tried(stage, grid, next, t))
	}
	concludeSearch(s, stage, grid, tried)
	if s.Found == nil && cut != "" && !s.NotMemory { // an answer may lie where nothing could be tried
		s.Verdict, s.AbortedBy, s.Reason = journal.Aborted, journal.GuardStop, cut
	}
	return r.dependOnLimit(s)
}

// recoverTime is what the host gets after the guard had to stop a trial.
const recoverTime = 5 * time.Second

// guarded says whether the guard gave a trial up.
func guarded(t journal.Trial) bool {
	return t.Verdict == journal.Aborted && *t.Reason == journal.GuardStop
}

// below says whether every trial so far was at a lower value.
func below(index int, tried []search.Tried) bool {
	return !slices.ContainsFunc(tried, func(t search.Tried) bool { return t.Index >= index })
}

// affordable cuts the grid of a search to what the guard admits, where its
// values are part of what the host must hold.
func (r *run) affordable(stage plans.Stage, grid []int64) ([]int64, string) {
	free, known := r.admitted(loadUsers(stage))
	limits := stage.Limits()
	holds := func(value int64) units.Bytes {
		limits.Put(stage.Vary.Dimension, value)
		return reserved(limits)
	}
	n := 0
	for n < len(grid) && holds(grid[n]) <= free {
		n++
	}
	if !known || n == len(grid) || holds(grid[n]) == holds(0) {
		return grid, ""
	}
	return grid[:n], fmt.Sprintf("the host can spare %s above the guard's %s: no value above that was tried", free, r.floor)
}

// tried is what the strategy learns from a trial.
func (r *run) tried(stage plans.Stage, grid []int64, step search.Step, t journal.Trial) search.Tried {
	low, high := -1, -1
	if t.Verdict == journal.Passed {
		low, high = estimates[stage.Vary.Dimension](grid, t)
	}
	result := search.Tried{Index: step.Index, Passed: t.Verdict == journal.Passed, FirstLook: step.FirstLook, Low: low, High: high}
	if t.Reason == nil {
		return result
	}
	switch *t.Reason {
	case journal.Exit:
		if t.ExitCode != nil {
			result.Exited, result.ExitCode = true, *t.ExitCode
		}
	case journal.Errors, journal.Latency, journal.Throughput, journal.Hung, journal.Thrash, journal.Leak, journal.Assert:
		result.Undecided = step.FirstLook && t.Load != nil // a longer load may get over its first seconds
	}
	return result
}

// slack is added to the sampled working set: samples are some 25 ms apart.
const slack = 8 * units.MiB

// estimates place the need that a trial showed on the grid of a search: at
// least low, at most high; -1 where it shows nothing.
var estimates = map[plans.Dimension]func(grid []int64, t journal.Trial) (low, high int){
	plans.Memory: estimateMemory,
	plans.CPUs:   estimateCPUs,
}

// estimateMemory goes by the working set and the peak.
func estimateMemory(grid []int64, t journal.Trial) (low, high int) {
	low, high = -1, -1
	for _, one := range t.Instances { // the neediest replica rules
		if one.Memory.WorkingSet != nil {
			low = max(low, ceiling(grid, *one.Memory.WorkingSet+int64(slack)))
		}
		if most := mostNeeded(one); most != nil {
			high = max(high, ceiling(grid, *most))
		}
	}
	return low, high
}

// mostNeeded is the peak, less files that it read and does not map: the kernel
// keeps those up to any limit.
func mostNeeded(one journal.Instance) *int64 {
	peak, anonymous := one.Memory.Peak, one.Memory.Anonymous
	if peak == nil || anonymous == nil || one.Files == nil || one.Files.Mapped == nil {
		return peak
	}
	return new(min(*peak, *anonymous+*one.Files.Mapped+int64(slack)))
}

// busyShare is how full a CPU limit may be on average before queues grow.
const busyShare = 0.8

// estimateCPUs goes by the mean use.
func estimateCPUs(grid []int64, t journal.Trial) (low, high int) {
	if t.CPU.Share == nil || t.Set.CPUs == nil {
		return -1, -1
	}
	mean := *t.CPU.Share * *t.Set.CPUs * 1000
	return ceiling(grid, int64(math.Ceil(mean/busyShare))), ceiling(grid, int64(math.Ceil(2*mean/busyShare)))
}

// ceiling is the index of the least grid value of at least x, or the last one.
func ceiling(grid []int64, x int64) int {
	for i, value := range grid {
		if value >= x {
			return i
		}
	}
	return len(grid) - 1
}

func concludeSearch(s *journal.Stage, stage plans.Stage, grid []int64, tried []search.Tried) {
	a := search.Conclude(len(grid), tried)
	s.NotMemory = a.NotMemory
	s.Reason = contradictions(s.Trials, a.Contradictions)
	top := topFailed(s.Trials, len(grid), tried)
	switch {
	case s.NotMemory:
		s.Verdict, s.Reason = journal.Failed, "not "+string(stage.Vary.Dimension)+": the service ends by itself at any limit"
	case a.Found < 0 && top.Unexplained: // no limit has shown that it depends on the limit
		s.Verdict, s.Reason = top.Verdict, top.Why
	case a.Found < 0:
		s.Verdict = journal.Failed
	default:
		s.Verdict, s.AtMost = journal.Passed, a.AtMost
		s.Certificate = certificate(ids(s.Trials), a.Passed, a.Failed)
		whole := stage.Vary.Grid() // correction and margin may lead beyond what the guard admits now
		found, within := correct(s, whole, a.Found, s.Certificate.Passed)
		if !within {
			s.Verdict = journal.Failed
			s.Reason = fmt.Sprintf("with the %s of files that others were charged for it needs more than %s", units.Bytes(s.Corrected), units.Bytes(whole[len(whole)-1]))
			break
		}
		s.Found, s.Recommended = answerOf(*stage.Vary, whole, found, stage.Margin)
	}
}

// contradictions tells what speaks against "more never hurts".
func contradictions(trials []journal.Trial, found []search.Contradiction) string {
	var texts []string
	for _, c := range found {
		texts = append(texts, fmt.Sprintf("%s passed though %s failed with no less", ids(trials)[c.Passed], ids(trials)[c.Failed]))
	}
	return strings.Join(texts, "; ")
}

// ids of the trials that count, as the strategy saw them.
func ids(trials []journal.Trial) []string {
	var ids []string
	for i, t := range trials {
		if counts(trials, i) {
			ids = append(ids, t.ID)
		}
	}
	return ids
}

// counts says whether a strategy sees a trial: one that passed or failed, and one
// that was killed twice and nothing tells by whom. That is taken for a failure
// until the search ends: where the next higher limit passes, it is one.
func counts(trials []journal.Trial, i int) bool {
	t := trials[i]
	return t.Verdict.Counts() || t.Unexplained && i > 0 && trials[i-1].ID == t.Repeats && trials[i-1].Unexplained
}

// topFailed is the trial that failed at the top of n values; a zero one where
// none did.
func topFailed(trials []journal.Trial, n int, tried []search.Tried) journal.Trial {
	all := ids(trials)
	for i, one := range tried {
		if one.Index == n-1 && !one.Passed && !one.Undecided {
			return trials[slices.IndexFunc(trials, func(t journal.Trial) bool { return t.ID == all[i] })]
		}
	}
	return journal.Trial{}
}

// dependOnLimit makes failures of the trials that prove an answer by being
// killed, both at that limit, and writes them into the journal once more.
func (r *run) dependOnLimit(s *journal.Stage) error {
	if s.Certificate == nil {
		return nil
	}
	for _, failed := range s.Certificate.Failed {
		i := slices.IndexFunc(s.Trials, func(t journal.Trial) bool { return t.ID == failed })
		if !s.Trials[i].Unexplained {
			continue
		}
		for both := i - 1; both <= i; both++ {
			t := decided(s.Trials[both], judge.DependsOnLimit(s.Trials[both]))
			s.Trials[both] = t
			if err := r.append(journal.Line{Type: journal.TrialLine, Trial: &t}); err != nil {
				return err
			}
		}
	}
	return nil
}

// certificate names the trials that prove an answer.
func certificate(ids []string, passed, failed int) *journal.Certificate {
	c := &journal.Certificate{Passed: ids[passed], Failed: []string{}}
	if failed >= 0 {
		c.Failed = append(c.Failed, ids[failed])
	}
	return c
}

// answerOf gives found and recommended: as found, or with the margin, up to the
// grid and at most its end.
func answerOf(v plans.Vary, grid []int64, found int, margin float64) (*journal.Point, *journal.Point) {
	recommended := found
	if v.Dimension.Margin() {
		recommended = ceiling(grid, int64(math.Ceil(float64(grid[found])*(1+margin))))
	}
	return point(v, grid[found]), point(v, grid[recommended])
}

func point(v plans.Vary, value int64) *journal.Point {
	var s plans.Settings
	s.Put(v.Dimension, value)
	return new(journal.Point(journal.SettingsOf(s)))
}
