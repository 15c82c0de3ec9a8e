package answer

import (
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

// Search is a search: its trials so far, and what they prove. It is kept once it
// has an answer, which a later stage may disprove.
type Search struct {
	Stage  plans.Stage
	Record *journal.Stage // with the trials
	blank  journal.Stage  // Record before anything was found

	Grid   []int64
	Cut    string        // why Grid ends below that of the plan
	Longer time.Duration // than the plan says, so that full loads have enough samples
	Open   string        // why it is not known whether less is enough; "" where it is

	tried []search.Tried
	ids   []string // of the trials of tried
}

// New returns a search that has tried nothing. Cut is why grid ends below that of
// the plan, "" where it does not.
func New(stage plans.Stage, record *journal.Stage, grid []int64, cut string) *Search {
	return &Search{Stage: stage, Record: record, blank: *record, Grid: grid, Cut: cut}
}

// Clear removes the answer from the record.
func (s *Search) Clear() {
	trials, disproved, seconds := s.Record.Trials, s.Record.Disproved, s.Record.Seconds
	*s.Record = s.blank
	s.Record.Trials, s.Record.Disproved, s.Record.Seconds = trials, disproved, seconds
}

// Next returns what the strategy tries next; it is done where no value is left.
func (s *Search) Next(firstLooks bool) search.Step {
	if len(s.Grid) == 0 {
		return search.Step{Done: true}
	}
	return search.Next(s.Stage.Strategy, len(s.Grid), firstLooks, s.tried)
}

// Add adds the newest trial, which ran as the step says.
func (s *Search) Add(step search.Step, t journal.Trial) {
	s.add(tried(s.Stage, s.Grid, step, t), t.ID)
}

func (s *Search) add(t search.Tried, id string) {
	s.tried, s.ids = append(s.tried, t), append(s.ids, id)
}

// Counts reports whether the strategy sees the newest trial: one that passed or
// failed, or the second one that was killed by an unknown sender. That counts as
// a failure until the search ends: where the next higher limit passes, it is one.
func (s *Search) Counts() bool {
	trials, i := s.Record.Trials, len(s.Record.Trials)-1
	t := trials[i]
	return t.Verdict.Counts() || t.Unexplained && i > 0 && trials[i-1].ID == t.Repeats && trials[i-1].Unexplained
}

// Answered reports whether the trials so far prove an answer.
func (s *Search) Answered() bool { return search.Conclude(len(s.Grid), s.tried).Found >= 0 }

// Above reports whether every trial so far was at a lower value than that of an
// index.
func (s *Search) Above(index int) bool {
	return !slices.ContainsFunc(s.tried, func(t search.Tried) bool { return t.Index >= index })
}

// tried returns what the strategy learns from a trial.
func tried(stage plans.Stage, grid []int64, step search.Step, t journal.Trial) search.Tried {
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
		result.Undecided = step.FirstLook && t.Load != nil // in a longer load the first seconds weigh less
	}
	return result
}

// slack is added to the sampled working set: samples are some 25 ms apart.
const slack = 8 * units.MiB

// estimates returns, by dimension, where on the grid the need lies that a trial
// showed: at least low, at most high; -1 where it shows nothing.
var estimates = map[plans.Dimension]func(grid []int64, t journal.Trial) (low, high int){
	plans.Memory: estimateMemory,
	plans.CPUs:   estimateCPUs,
}

// estimateMemory uses the working set and the peak.
func estimateMemory(grid []int64, t journal.Trial) (low, high int) {
	low, high = -1, -1
	for _, one := range t.Instances { // that of the replica that needs most
		if one.Memory.WorkingSet != nil {
			low = max(low, ceiling(grid, *one.Memory.WorkingSet+int64(slack)))
		}
		if most := mostNeeded(one); most != nil {
			high = max(high, ceiling(grid, *most))
		}
	}
	return low, high
}

// mostNeeded returns the peak without files that were read and not mapped: the
// kernel caches those up to any limit.
func mostNeeded(one journal.Instance) *int64 {
	peak, anonymous := one.Memory.Peak, one.Memory.Anonymous
	if peak == nil || anonymous == nil || one.Files == nil || one.Files.Mapped == nil {
		return peak
	}
	return new(min(*peak, *anonymous+*one.Files.Mapped+int64(slack)))
}

// busyShare is how full a CPU limit may be on average before queues grow.
const busyShare = 0.8

// estimateCPUs uses the mean use.
func estimateCPUs(grid []int64, t journal.Trial) (low, high int) {
	if t.CPU.Share == nil || t.Set.CPUs == nil {
		return -1, -1
	}
	mean := *t.CPU.Share * *t.Set.CPUs * 1000
	return ceiling(grid, int64(math.Ceil(mean/busyShare))), ceiling(grid, int64(math.Ceil(2*mean/busyShare)))
}

// ceiling returns the index of the lowest grid value of at least x, or the last
// index.
func ceiling(grid []int64, x int64) int {
	for i, value := range grid {
		if value >= x {
			return i
		}
	}
	return len(grid) - 1
}

// Conclude writes into the record what the trials so far prove.
func (s *Search) Conclude() {
	r, a := s.Record, search.Conclude(len(s.Grid), s.tried)
	r.LimitIndependent = a.LimitIndependent
	var pairs, texts []string // passes below failures, and what is undecided, for people
	value := func(position int) string { return s.Stage.Vary.Dimension.Short(s.Grid[s.tried[position].Index]) }
	for _, c := range a.Contradictions {
		pairs = append(pairs, fmt.Sprintf("%s passed (%s) though %s failed (%s)",
			value(c.Passed), s.ids[c.Passed], value(c.Failed), s.ids[c.Failed]))
	}
	if len(pairs) > 0 {
		texts = append(texts, "more is not always easier: "+strings.Join(pairs, ", "))
	}
	if s.Open != "" {
		texts = append(texts, s.Open)
	}
	r.Reason = strings.Join(texts, "; ")
	top := s.top()
	switch {
	case r.LimitIndependent:
		r.Verdict = journal.Failed
		r.Reason = "not " + string(s.Stage.Vary.Dimension) + ": the service exits by itself at every limit"
	case a.Found < 0 && top.Unexplained: // no limit passed, so it may not depend on the limit
		r.Verdict, r.Reason = top.Verdict, top.Why
	case a.Found < 0 && len(r.Disproved) > 0:
		r.Verdict, r.FailedBy = journal.Failed, journal.Disproved
	case a.Found < 0:
		r.Verdict = journal.Failed
	default:
		r.Verdict, r.AtMost = journal.Passed, a.AtMost
		r.Certificate = &journal.Certificate{Passed: s.ids[a.Passed], Failed: []string{}}
		if a.Failed >= 0 {
			r.Certificate.Failed = append(r.Certificate.Failed, s.ids[a.Failed])
		}
		whole := s.Stage.Vary.Grid() // correction and margin may exceed what the guard admits now
		found, within := correct(r, whole, a.Found, r.Certificate.Passed)
		if !within {
			r.Verdict = journal.Failed
			r.Reason = fmt.Sprintf("with the %s of files that others were charged for it needs more than %s",
				units.Bytes(r.Corrected), units.Bytes(whole[len(whole)-1]))
			break
		}
		r.Found, r.Recommended = answerOf(*s.Stage.Vary, whole, found, s.Stage.Margin)
	}
	if r.Found == nil && s.Cut != "" && !r.LimitIndependent { // the answer may be a value that could not be tried
		r.Verdict, r.AbortedBy, r.FailedBy, r.Reason = journal.Aborted, journal.GuardStop, "", s.Cut
	}
}

// top returns the trial of this search that failed at its highest value; the zero
// one where none did.
func (s *Search) top() journal.Trial {
	for i, one := range s.tried {
		if one.Index == len(s.Grid)-1 && !one.Passed && !one.Undecided {
			own := s.Record.Find(s.ids[i])
			if own < 0 { // it is another stage's
				break
			}
			return s.Record.Trials[own]
		}
	}
	return journal.Trial{}
}

// answerOf returns found and recommended: the same, or with the margin, rounded up
// to the grid and at most its end.
func answerOf(v plans.Vary, grid []int64, found int, margin float64) (*journal.Point, *journal.Point) {
	recommended := found
	if v.Dimension.Margin() {
		recommended = ceiling(grid, int64(math.Ceil(float64(grid[found])*(1+margin))))
	}
	return point(v, grid[found]), point(v, grid[recommended])
}

// point returns the settings of one value.
func point(v plans.Vary, value int64) *journal.Point {
	var s plans.Settings
	s.Put(v.Dimension, value)
	return new(journal.Point(journal.SettingsOf(s)))
}

// LastAt returns the id of the last trial at a value that passed or failed.
func (s *Search) LastAt(value int64) (id string, tried bool) {
	for _, t := range slices.Backward(s.Record.Trials) {
		if t.Verdict.Counts() && t.Set.Values().Get(s.Stage.Vary.Dimension) == value {
			return t.ID, true
		}
	}
	return "", false
}

// Disprove withdraws the answer that a trial disproves, and returns a note of it
// for people.
func (s *Search) Disprove(t journal.Trial) string {
	r, dimension := s.Record, s.Stage.Vary.Dimension
	value := t.Set.Values().Get(dimension)
	r.Disproved = append(r.Disproved, journal.Disproof{
		Found: *r.Found, Recommended: *r.Recommended, At: *point(*s.Stage.Vary, value), Trial: t.ID, Why: t.Why,
	})
	s.add(search.Tried{Index: ceiling(s.Grid, value), Disproves: true}, t.ID)
	s.Open = ""
	return fmt.Sprintf("%s: %s is disproved by %s at %s: %s; the search continues above it", s.Stage.Address,
		dimension.Short(journal.Settings(*r.Found).Values().Get(dimension)), t.ID, dimension.Short(value), t.Why)
}
