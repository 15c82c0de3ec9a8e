package runner

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"plan/internal/units"
	"plan/internal/wait"
	"plan/plans"
	"plan/runner/journal"
	"plan/runner/judge"
	"plan/runner/search"
)

// hunt is a search under way. It is kept once it has an answer, which a later
// stage may disprove.
type hunt struct {
	stage plans.Stage
	found *journal.Stage // its record, with the trials
	blank journal.Stage  // its record before anything was found

	grid   []int64
	cut    string        // why the grid ends below that of the plan
	longer time.Duration // than the plan says, so that full loads have enough samples

	tried []search.Tried
	ids   []string // of the trials of tried
	open  string   // why it is not known whether less is enough; "" where it is
}

// search begins a search, and goes on until it has an answer.
func (r *run) search(ctx context.Context, stage plans.Stage, s *journal.Stage) error {
	grid := stage.Vary.Grid()
	s.Dimension, s.Grid, s.Margin = stage.Vary.Dimension, stage.Vary.Numbers(), stage.Margin
	if err := r.begin(*s); err != nil {
		return err
	}
	h := &hunt{stage: stage, found: s, blank: *s}
	h.grid, h.cut = r.affordable(stage, grid)
	r.hunts[stage.Address] = h
	return r.seek(ctx, h)
}

// seek finds an answer that no trial of the run speaks against.
func (r *run) seek(ctx context.Context, h *hunt) error {
	for {
		h.clear()
		if answered, err := r.pair(ctx, h); err != nil || !answered {
			return err
		}
		h.conclude()
		if err := r.dependOnLimit(h.found); err != nil {
			return err
		}
		if h.found.Found == nil {
			return nil
		}
		if err := r.recommend(ctx, h); err != nil {
			return err
		}
		t, disproved := r.record.Disproof(*h.found)
		if !disproved {
			return nil
		}
		r.Observer.Note(h.disprove(t))
	}
}

// clear makes the record one without an answer.
func (h *hunt) clear() {
	trials, disproved, seconds := h.found.Trials, h.found.Disproved, h.found.Seconds
	*h.found = h.blank
	h.found.Trials, h.found.Disproved, h.found.Seconds = trials, disproved, seconds
}

// pair asks the strategy for the next value until it has enough; false where
// the stage ended before.
func (r *run) pair(ctx context.Context, h *hunt) (answered bool, err error) {
	for len(h.grid) > 0 {
		next := search.Next(h.stage.Strategy, len(h.grid), r.looks(h), h.tried)
		if next.Done {
			break
		}
		t, err := r.attempt(ctx, h, h.grid[next.Index], next.FirstLook)
		switch {
		case err != nil: // also where the trial itself passed, as when it could not be removed
			h.found.Verdict, h.found.Reason = journal.Aborted, t.Why
			return false, err
		case counts(h.found.Trials, len(h.found.Trials)-1):
			h.add(r.tried(h.stage, h.grid, next, t), t.ID)
		case guarded(t) && ctx.Err() == nil && below(next.Index, h.tried):
			h.grid, h.cut = h.grid[:next.Index], t.Why // the search goes on below what the host cannot hold
			wait.For(ctx, recoverTime)
		case search.Conclude(len(h.grid), h.tried).Found >= 0: // what was tried below an answer leaves it as it is
			h.open = fmt.Sprintf("whether less is enough was not seen: %s at %s: %s", t.ID, limitsText(t.Set.Values()), t.Why)
			return true, nil
		default:
			h.found.Verdict, h.found.Reason = t.Verdict, t.Why
			return false, nil
		}
	}
	return true, nil
}

// looks says whether a first look is shorter than the load.
func (r *run) looks(h *hunt) bool {
	load := h.stage.Load
	return load != nil && lookTime(load.Load(load.Users, r.Seed)) < load.Runtime+h.longer
}

// attempt runs a trial at a value.
func (r *run) attempt(ctx context.Context, h *hunt, value int64, firstLook bool) (journal.Trial, error) {
	o := r.order(h.stage, loadUsers(h.stage), firstLook)
	o.limits.Put(h.stage.Vary.Dimension, value)
	if o.load != nil && !o.firstLook {
		o.load.Runtime, o.longer = o.load.Runtime+h.longer, &h.longer
	}
	return r.settled(ctx, h.found, o)
}

func (h *hunt) add(t search.Tried, id string) { h.tried, h.ids = append(h.tried, t), append(h.ids, id) }

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
	result := search.Tried{Index: step.Index, Passed: t.Verdict == journal.Passed, FirstLook: step.FirstLook, Probe: step.Probe, Low: low, High: high}
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

// conclude says what the trials so far prove.
func (h *hunt) conclude() {
	s, a := h.found, search.Conclude(len(h.grid), h.tried)
	s.NotMemory = a.NotMemory
	s.Reason = h.contradictions(a)
	top := h.top()
	switch {
	case s.NotMemory:
		s.Verdict, s.Reason = journal.Failed, "not "+string(h.stage.Vary.Dimension)+": the service ends by itself at any limit"
	case a.Found < 0 && top.Unexplained: // no limit has shown that it depends on the limit
		s.Verdict, s.Reason = top.Verdict, top.Why
	case a.Found < 0 && len(s.Disproved) > 0:
		s.Verdict, s.FailedBy = journal.Failed, journal.Disproved
	case a.Found < 0:
		s.Verdict = journal.Failed
	default:
		s.Verdict, s.AtMost = journal.Passed, a.AtMost
		s.Certificate = certificate(h.ids, a.Passed, a.Failed)
		whole := h.stage.Vary.Grid() // correction and margin may lead beyond what the guard admits now
		found, within := correct(s, whole, a.Found, s.Certificate.Passed)
		if !within {
			s.Verdict = journal.Failed
			s.Reason = fmt.Sprintf("with the %s of files that others were charged for it needs more than %s", units.Bytes(s.Corrected), units.Bytes(whole[len(whole)-1]))
			break
		}
		s.Found, s.Recommended = answerOf(*h.stage.Vary, whole, found, h.stage.Margin)
	}
	if s.Found == nil && h.cut != "" && !s.NotMemory { // an answer may lie where nothing could be tried
		s.Verdict, s.AbortedBy, s.FailedBy, s.Reason = journal.Aborted, journal.GuardStop, "", h.cut
	}
}

// contradictions tells what speaks against "more never hurts", and where that
// was not seen.
func (h *hunt) contradictions(a search.Answer) string {
	var pairs, texts []string
	value := func(position int) string { return h.stage.Vary.Dimension.Short(h.grid[h.tried[position].Index]) }
	for _, c := range a.Contradictions {
		pairs = append(pairs, fmt.Sprintf("%s passed (%s) though %s failed (%s)", value(c.Passed), h.ids[c.Passed], value(c.Failed), h.ids[c.Failed]))
	}
	if len(pairs) > 0 {
		texts = append(texts, "more is not always easier: "+strings.Join(pairs, ", "))
	}
	if h.open != "" {
		texts = append(texts, h.open)
	}
	return strings.Join(texts, "; ")
}

// counts says whether a strategy sees a trial: one that passed or failed, and one
// that was killed twice and nothing tells by whom. That is taken for a failure
// until the search ends: where the next higher limit passes, it is one.
func counts(trials []journal.Trial, i int) bool {
	t := trials[i]
	return t.Verdict.Counts() || t.Unexplained && i > 0 && trials[i-1].ID == t.Repeats && trials[i-1].Unexplained
}

// top is the trial of this search that failed at its highest value; a zero one
// where none did.
func (h *hunt) top() journal.Trial {
	for i, one := range h.tried {
		if one.Index == len(h.grid)-1 && !one.Passed && !one.Undecided {
			own := h.found.Find(h.ids[i])
			if own < 0 { // another stage's
				break
			}
			return h.found.Trials[own]
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
		i := s.Find(failed)
		if i < 0 || !s.Trials[i].Unexplained { // it may be one of the stage that disproved a lower answer
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
