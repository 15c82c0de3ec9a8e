package runner

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"plan/engine"
	"plan/internal/units"
	"plan/plans"
	"plan/runner/journal"
	"plan/runner/search"
)

// firstLookTime is how long the shortened load of a first look lasts.
const firstLookTime = 15 * time.Second

// stage runs one stage to its answer. The error is the environment's.
func (r *run) stage(ctx context.Context, address string) error {
	stage, err := r.Plan.Resolve(address, r.known)
	var missing *plans.MissingValue
	if errors.As(err, &missing) {
		return r.skip(address, missing)
	}
	if err != nil {
		return err
	}
	begun := time.Now()
	s := journal.Stage{Address: address, Kind: string(stage.Kind), Service: stage.Service.Address, HasLoad: stage.Load != nil}
	switch stage.Kind {
	case plans.Search:
		err = r.search(ctx, stage, &s)
	case plans.Ramp:
		err = r.ramp(ctx, stage, &s)
	default:
		err = r.check(ctx, stage, &s)
	}
	s.Seconds = time.Since(begun).Seconds()
	return firstError(r.answer(s), err)
}

func (r *run) skip(address string, missing *plans.MissingValue) error {
	declared := r.declared(address)
	s := journal.Stage{
		Address: address, Kind: string(declared.Kind), Service: declared.Service.Address, HasLoad: declared.Load != nil,
		Verdict: journal.Skipped, Reason: missing.Error() + ", which it needs",
	}
	if err := r.begin(s); err != nil {
		return err
	}
	return r.answer(s)
}

// search asks the strategy for the next value until it has enough.
func (r *run) search(ctx context.Context, stage plans.Stage, s *journal.Stage) error {
	grid := stage.Vary.Grid()
	s.Dimension, s.Grid, s.Margin = stage.Vary.Dimension, numbers(*stage.Vary, grid), stage.Margin
	if err := r.begin(*s); err != nil {
		return err
	}
	grid, cut := r.affordable(stage, grid)
	looks := stage.Load != nil && stage.Load.Runtime > firstLookTime
	var tried []search.Tried
	for {
		next := search.Next(stage.Strategy, len(grid), looks, tried)
		if len(grid) == 0 || next.Done {
			break
		}
		o := r.order(stage, loadUsers(stage), next.FirstLook)
		o.limits = with(o.limits, *stage.Vary, grid[next.Index])
		t, err := r.settled(ctx, s, o)
		if err != nil || !counts(t.Verdict) {
			s.Verdict, s.Reason = t.Verdict, t.Why
			return err
		}
		tried = append(tried, r.tried(stage, grid, next, t))
	}
	concludeSearch(s, stage, grid, tried)
	if s.Found == nil && s.Reason == "" {
		s.Reason = cut
	}
	return nil
}

// counts says whether a verdict moves a search.
func counts(verdict string) bool { return verdict == journal.Passed || verdict == journal.Failed }

// affordable cuts the grid of a memory search to what the guard admits.
func (r *run) affordable(stage plans.Stage, grid []int64) ([]int64, string) {
	free, known := r.admitted(loadUsers(stage))
	if !known || stage.Vary.Dimension != plans.Memory {
		return grid, ""
	}
	n := 0
	for n < len(grid) && grid[n] <= int64(free) {
		n++
	}
	if n == len(grid) {
		return grid, ""
	}
	return grid[:n], fmt.Sprintf("the host can spare %s above the guard's %s: no value above that was tried", free, r.floor)
}

// tried is what the strategy learns from a trial.
func (r *run) tried(stage plans.Stage, grid []int64, step search.Step, t journal.Trial) search.Tried {
	low, high := estimate(*stage.Vary, grid, t)
	result := search.Tried{Index: step.Index, Passed: t.Verdict == journal.Passed, FirstLook: step.FirstLook, Low: low, High: high}
	if t.Reason != nil && *t.Reason == journal.Exit && t.ExitCode != nil {
		result.Exited, result.ExitCode = true, *t.ExitCode
	}
	return result
}

// slack is added to the sampled working set: samples are some 25 ms apart.
const slack = 8 * units.MiB

// estimate places the need that a trial showed on the grid: from its working
// set and from its peak, or from its mean and its highest use of CPU. -1 where
// it shows nothing.
func estimate(v plans.Vary, grid []int64, t journal.Trial) (low, high int) {
	if t.Verdict != journal.Passed {
		return -1, -1
	}
	if v.Dimension == plans.CPUs {
		return estimateCPUs(grid, t)
	}
	low, high = -1, -1
	if t.Memory.WorkingSet != nil {
		low = ceiling(grid, *t.Memory.WorkingSet+int64(slack))
	}
	if t.Memory.Peak != nil {
		high = ceiling(grid, *t.Memory.Peak)
	}
	return low, high
}

// busyShare is how full a CPU limit may be on average before queues grow.
const busyShare = 0.8

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
	case len(grid) == 0:
		s.Verdict = journal.Aborted
	case s.NotMemory:
		s.Verdict, s.Reason = journal.Failed, "not "+stage.Vary.Dimension+": the service ends by itself at any limit"
	case a.Found < 0:
		s.Verdict = journal.Failed
	default:
		s.Verdict, s.AtMost = journal.Passed, a.AtMost
		s.Found, s.Recommended = answerOf(*stage.Vary, grid, a.Found, stage.Margin)
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
		if counts(t.Verdict) {
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

// answerOf gives found and recommended: memory with its margin, up to the grid
// and at most its end; CPUs as found.
func answerOf(v plans.Vary, grid []int64, found int, margin float64) (*journal.Point, *journal.Point) {
	recommended := found
	if v.Dimension == plans.Memory {
		recommended = ceiling(grid, int64(math.Ceil(float64(grid[found])*(1+margin))))
	}
	return point(v, grid[found]), point(v, grid[recommended])
}

func point(v plans.Vary, value int64) *journal.Point {
	if v.Dimension == plans.Memory {
		return &journal.Point{Memory: &value}
	}
	cpus := units.CPUs(value).Float()
	return &journal.Point{CPUs: &cpus}
}

func numbers(v plans.Vary, grid []int64) []float64 {
	list := make([]float64, len(grid))
	for i, value := range grid {
		list[i] = float64(value)
		if v.Dimension == plans.CPUs {
			list[i] = units.CPUs(value).Float()
		}
	}
	return list
}

func with(limits plans.Settings, v plans.Vary, value int64) plans.Settings {
	if v.Dimension == plans.Memory {
		limits.Memory = units.Bytes(value)
	} else {
		limits.CPUs = units.CPUs(value)
	}
	return limits
}

// ramp takes its steps in order and stops at the first that does not pass.
func (r *run) ramp(ctx context.Context, stage plans.Stage, s *journal.Stage) error {
	s.Steps = stage.Users
	if stage.AtLeast > 0 {
		s.AtLeast = &stage.AtLeast
	}
	if err := r.begin(*s); err != nil {
		return err
	}
	misses := 0
	var last journal.Trial
	for i, users := range stage.Users {
		t, err := r.settled(ctx, s, r.order(stage, users, false))
		if err != nil {
			s.Verdict, s.Reason = journal.Aborted, t.Why
			return err
		}
		if last = t; t.Verdict == journal.Passed {
			misses = 0
			if held(s) {
				s.Held, s.Certificate = &stage.Users[i], &journal.Certificate{Passed: t.ID, Failed: []string{}}
			}
			continue
		}
		misses++
		if s.Certificate != nil && t.Verdict == journal.Failed && len(s.Certificate.Failed) == 0 {
			s.Certificate.Failed = []string{t.ID}
		}
		if !counts(t.Verdict) || misses >= max(1, stage.StopAfter) {
			s.Reason = t.Why
			break
		}
	}
	concludeRamp(s, last)
	return nil
}

// held says whether no step before the last one failed: held is the last that
// passed before the first that did not.
func held(s *journal.Stage) bool {
	for _, t := range s.Trials {
		if t.Verdict == journal.Failed {
			return false
		}
	}
	return true
}

func concludeRamp(s *journal.Stage, last journal.Trial) {
	answered := s.Held != nil && (s.AtLeast == nil || *s.Held >= *s.AtLeast)
	switch {
	case last.Verdict == journal.Aborted && (!answered || *last.Reason != journal.GuardStop):
		s.Verdict = journal.Aborted
	case answered:
		s.Verdict = journal.Passed
	case counts(last.Verdict):
		s.Verdict = journal.Failed
	default:
		s.Verdict = last.Verdict
	}
}

// check runs one load, met or not.
func (r *run) check(ctx context.Context, stage plans.Stage, s *journal.Stage) error {
	if err := r.begin(*s); err != nil {
		return err
	}
	t, err := r.settled(ctx, s, r.order(stage, loadUsers(stage), false))
	s.Verdict, s.Reason = t.Verdict, t.Why
	if counts(t.Verdict) {
		met := t.Verdict == journal.Passed
		s.Met = &met
		s.Certificate = &journal.Certificate{Failed: []string{}}
		if met {
			s.Certificate.Passed = t.ID
		} else {
			s.Certificate.Failed = []string{t.ID}
		}
	}
	return err
}

// settled runs a trial, once more if it was killed and nobody knows by whom,
// and writes each into the journal.
func (r *run) settled(ctx context.Context, s *journal.Stage, o order) (journal.Trial, error) {
	t, err := r.recorded(ctx, s, o)
	if err == nil && t.Verdict == journal.Inconclusive && *t.Reason == journal.Killed {
		o.repeats = t.ID
		t, err = r.recorded(ctx, s, o)
	}
	return t, err
}

func (r *run) recorded(ctx context.Context, s *journal.Stage, o order) (journal.Trial, error) {
	o.id = fmt.Sprintf("%s/%d", s.Address, len(s.Trials)+1)
	t, err := r.trial(ctx, o)
	s.Trials = append(s.Trials, t)
	return t, firstError(r.append(journal.Line{Type: "trial", Trial: &t}), err)
}

func loadUsers(stage plans.Stage) int {
	if stage.Load == nil {
		return 0
	}
	return stage.Load.Users
}

// order is a trial of the stage at its own limits.
func (r *run) order(stage plans.Stage, users int, firstLook bool) order {
	o := order{stage: stage, limits: stage.Limits(), users: users, firstLook: firstLook}
	if stage.Load == nil {
		return o
	}
	rate, runtime := stage.Load.Rate(users), stage.Load.Runtime
	if firstLook {
		runtime = min(runtime, firstLookTime+units.Seconds(float64(users-1)/rate))
	}
	o.load = &engine.Load{
		Users: users, SpawnRate: rate, Runtime: runtime,
		ThinkTime: engine.ThinkTime(stage.Load.Scenario.ThinkTime), Requests: stage.Load.Scenario.Requests, Seed: r.Seed,
	}
	return o
}
