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
			o.load.Runtime += longer
		}
		t, err := r.settled(ctx, s, o)
		if more := r.lacking(ctx, o, t); err == nil && longer == 0 && more > 0 {
			longer = more
			o.load.Runtime, o.repeats = o.load.Runtime+more, t.ID
			r.Observer.Note(fmt.Sprintf("%s: %s: once more for %s", t.ID, t.Why, units.Duration(o.load.Runtime)))
			t, err = r.settled(ctx, s, o)
		}
		if err != nil { // also where the trial itself passed, as when it could not be removed
			s.Verdict, s.Reason = journal.Aborted, t.Why
			return err
		}
		if guarded(t) && ctx.Err() == nil && below(next.Index, tried) {
			grid, cut = grid[:next.Index], t.Why // the search goes on below what the host cannot hold
			pause(ctx, recoverTime)
			continue
		}
		if !t.Verdict.Counts() {
			s.Verdict, s.Reason = t.Verdict, t.Why
			return nil
		}
		tried = append(tried, r.tried(stage, grid, next, t))
	}
	concludeSearch(s, stage, grid, tried)
	if s.Found == nil && cut != "" && !s.NotMemory { // an answer may lie where nothing could be tried
		s.Verdict, s.AbortedBy, s.Reason = journal.Aborted, journal.GuardStop, cut
	}
	return nil
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
	case journal.Errors, journal.Latency, journal.Throughput, journal.Hung, journal.Assert:
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
		if one.Memory.Peak != nil {
			high = max(high, ceiling(grid, *one.Memory.Peak))
		}
	}
	return low, high
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
	switch {
	case s.NotMemory:
		s.Verdict, s.Reason = journal.Failed, "not "+string(stage.Vary.Dimension)+": the service ends by itself at any limit"
	case a.Found < 0:
		s.Verdict = journal.Failed
	default:
		s.Verdict, s.AtMost = journal.Passed, a.AtMost
		s.Found, s.Recommended = answerOf(*stage.Vary, stage.Vary.Grid(), a.Found, stage.Margin) // the margin may lead beyond what the guard admits now
		s.Certificate = certificate(ids(s.Trials), a.Passed, a.Failed)
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
	for _, t := range trials {
		if t.Verdict.Counts() {
			ids = append(ids, t.ID)
		}
	}
	return ids
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
