package answer

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"plan/internal/english"
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

	Grid   search.Grid   // the cells that may be tried
	Cut    string        // why these are not all of the plan's
	Longer time.Duration // than the plan says, so that full loads have enough samples
	Open   string        // why it is not known whether less is enough; "" where it is
	Spent  string        // how the budget was used up; "" where it is not

	tried []search.Tried
	ids   []string // of the trials of tried

	left    plans.Bounds // expected on Grid after the first leftOf trials of tried
	leftOf  int
	guessed bool
}

// Expected returns what the rest of the search is expected to take.
func (s *Search) Expected() plans.Bounds {
	if !s.guessed || s.leftOf != len(s.tried) {
		s.left, s.leftOf, s.guessed = s.Stage.Left(s.Grid, s.tried), len(s.tried), true
	}
	return s.left
}

// New returns a search that has tried nothing.
func New(stage plans.Stage, record *journal.Stage) *Search {
	return &Search{Stage: stage, Record: record, blank: *record, Grid: stage.Cells()}
}

// Bound leaves out the cells that do not fit, and all above them. Why is for people.
func (s *Search) Bound(fits func(search.Cell) bool, why string) {
	s.Cut, s.guessed = why, false
	if s.Grid.All == (search.Cell{}) {
		s.Grid.All = s.Grid.Sizes
	}
	least := func(axis, value int) bool { // fits with one of the settings
		for setting := range s.Grid.Sizes[search.Setting] {
			if fits(search.Cell{search.Setting: setting}.On(axis, value)) {
				return true
			}
		}
		return false
	}
	for axis := range search.Setting { // values that no cell has
		for s.Grid.Sizes[axis] > 0 && !least(axis, s.Grid.Sizes[axis]-1) {
			s.Grid.Sizes[axis]--
		}
	}
	before := s.Grid.Fits
	s.Grid.Fits = func(c search.Cell) bool { return fits(c) && (before == nil || before(c)) }
}

// Clear removes the answer from the record.
func (s *Search) Clear() {
	trials, disproved, seconds := s.Record.Trials, s.Record.Disproved, s.Record.Seconds
	*s.Record = s.blank
	s.Record.Trials, s.Record.Disproved, s.Record.Seconds = trials, disproved, seconds
}

// Next returns what the strategy tries next; it is done where nothing is left.
func (s *Search) Next(firstLooks bool) search.Step {
	return s.Grid.Next(s.Stage.Strategy, firstLooks, s.tried)
}

// Spend reports whether the budget of the search is used up, and notes how. The record
// has no trials that are set aside: those are in the journal alone.
func (s *Search) Spend() bool {
	var took time.Duration
	trials := s.Record.Trials
	for _, t := range trials {
		took += units.Seconds(t.Seconds.Total)
	}
	switch b := s.Stage.Budget; {
	case b.Trials > 0 && len(trials) >= b.Trials:
		s.Spent = "the budget of " + english.Count(b.Trials, "trial") + " is used up"
	case b.Time > 0 && took >= b.Time:
		s.Spent = "the budget of " + units.Duration(b.Time) + " is used up"
	default:
		return false
	}
	return true
}

// Add adds the newest trial, which ran as the step says.
func (s *Search) Add(step search.Step, t journal.Trial) {
	s.add(tried(s.Stage, step, t), t.ID)
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
func (s *Search) Answered() bool { return s.Grid.Conclude(s.tried).Passed >= 0 }

// Above reports whether every trial so far was at a cell that is not above that one.
func (s *Search) Above(c search.Cell) bool {
	return !slices.ContainsFunc(s.tried, func(t search.Tried) bool { return c.Under(t.Cell) })
}

// tried returns what the strategy learns from a trial.
func tried(stage plans.Stage, step search.Step, t journal.Trial) search.Tried {
	result := search.Tried{
		Cell: step.Cell, Passed: t.Verdict == journal.Passed, FirstLook: step.FirstLook, Probe: step.Probe, Seconds: t.Seconds.Total,
	}
	for axis := range result.Needs {
		result.Needs[axis] = search.Need{Low: -1, High: -1}
	}
	for _, v := range stage.Vary {
		if result.Passed && !v.Setting() {
			low, high := estimates[v.Dimension](v.Grid(), t)
			result.Needs[v.Dimension.Axis()] = search.Need{Low: low, High: high}
		}
	}
	if t.Reason == nil {
		return result
	}
	undecided := step.FirstLook && t.Load != nil // in a longer load the first seconds weigh less
	switch *t.Reason {
	case journal.Exit:
		if t.ExitCode != nil {
			result.Exited, result.ExitCode = true, *t.ExitCode
		}
	case journal.Errors, journal.Latency, journal.Throughput, journal.Hung:
		result.Undecided = undecided
		result.Ample[plans.Memory.Axis()] = true // a service short of memory is killed, or reads its files again
	case journal.Thrash, journal.Leak, journal.Assert:
		result.Undecided = undecided
	}
	return result
}

// slack is added to the sampled working set: samples are some 25 ms apart.
const slack = 8 * units.MiB

// estimates returns, by dimension, where on the grid the need lies that a trial
// showed: at least low, at most high; -1 where it shows nothing.
var estimates = map[plans.Dimension]func(grid []int64, t journal.Trial) (low, high int){
	plans.Memory:   estimateMemory,
	plans.CPUs:     estimateCPUs,
	plans.Replicas: func([]int64, journal.Trial) (low, high int) { return -1, -1 }, // what one of them uses says nothing of fewer
}

// estimateMemory uses the working set and the peak.
func estimateMemory(grid []int64, t journal.Trial) (low, high int) {
	low, high = -1, -1
	for _, one := range t.Instances { // that of the replica that needs most
		if one.Memory.WorkingSet != nil {
			low = max(low, ceiling(grid, *one.Memory.WorkingSet+int64(slack)))
		}
		if most := MostNeeded(one); most != nil {
			high = max(high, ceiling(grid, *most))
		}
	}
	return low, high
}

// MostNeeded returns the memory that a container needed: its peak without files
// that were read and not mapped, which the kernel caches up to any limit.
func MostNeeded(one journal.Instance) *int64 {
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
	r, p := s.Record, s.Grid.Conclude(s.tried)
	r.LimitIndependent = p.LimitIndependent
	var pairs, texts []string // passes below failures, and what is undecided, for people
	value := func(position int) string { return s.text(s.tried[position].Cell) }
	for _, c := range p.Contradictions {
		pairs = append(pairs, fmt.Sprintf("%s passed (%s) though %s failed (%s)",
			value(c.Passed), s.ids[c.Passed], value(c.Failed), s.ids[c.Failed]))
	}
	if len(pairs) > 0 {
		texts = append(texts, "more is not always easier: "+strings.Join(pairs, ", "))
	}
	if s.Open != "" {
		texts = append(texts, s.Open)
	}
	if s.Stage.Only() == "" {
		for _, i := range p.Points {
			r.Points = append(r.Points, s.ids[i])
		}
	}
	r.Reason = strings.Join(texts, "; ")
	top := s.top()
	switch {
	case r.LimitIndependent:
		r.Verdict = journal.Failed
		r.Reason = "not " + r.Noun() + ": the service exits by itself at every limit"
	case p.Passed >= 0:
		r.Verdict, r.AtMost = journal.Passed, p.AtMost
		s.found(p, p.Passed)
	case p.Best >= 0 && s.Spent != "":
		r.Verdict, r.AbortedBy, r.Undecided, r.Reason = journal.Aborted, journal.BudgetUsed, p.Open, s.Spent
		s.found(p, p.Best)
	case s.Spent != "":
		r.Verdict, r.AbortedBy, r.Reason = journal.Aborted, journal.BudgetUsed, s.Spent
	case p.Best >= 0 && s.Stage.Only() == "": // the host cannot hold the rest
		r.Verdict, r.AbortedBy, r.Undecided = journal.Aborted, journal.GuardStop, p.Open
		r.Reason = strings.Join(append(texts, s.Cut), "; ")
		s.found(p, p.Best)
	case top.Unexplained: // no limit passed, so it may not depend on the limit
		r.Verdict, r.Reason = top.Verdict, top.Why
	case len(r.Disproved) > 0:
		r.Verdict, r.FailedBy = journal.Failed, journal.Disproved
	default:
		r.Verdict = journal.Failed
	}
	if r.Found == nil && s.Cut != "" && !r.LimitIndependent && s.Spent == "" { // the answer may be a value that could not be tried
		r.Verdict, r.AbortedBy, r.FailedBy, r.Reason = journal.Aborted, journal.GuardStop, "", s.Cut
	}
}

// Stop writes the best point so far into the record of a search that something ended. Of
// one dimension only the guard leaves one, as a budget does.
func (s *Search) Stop(byGuard bool) {
	p := s.Grid.Conclude(s.tried)
	if p.Best < 0 || s.Stage.Only() != "" && !byGuard {
		return
	}
	s.Record.Undecided = p.Open
	s.found(p, p.Best)
}

// found writes the answer that a trial passed at, its proof and what is recommended.
func (s *Search) found(p search.Proof, passed int) {
	r := s.Record
	r.Certificate = &journal.Certificate{Passed: s.ids[passed], Failed: []string{}}
	for _, i := range p.Failed {
		r.Certificate.Failed = append(r.Certificate.Failed, s.ids[i])
	}
	found, within := correct(r, s.Stage, s.tried[passed].Cell)
	if !within {
		memory, _ := s.Stage.Varied(plans.Memory)
		r.Verdict = journal.Failed
		r.Reason = fmt.Sprintf("it needs more than %s: other containers were charged for %s of its files",
			units.Bytes(memory.To), units.Bytes(r.Corrected))
		return
	}
	r.Found, r.Recommended = answerOf(s.Stage, found)
	for _, v := range s.Stage.Vary {
		need, demand := s.Stage.At(found).Get(v.Dimension), s.Stage.AtMost.Get(v.Dimension)
		if demand > 0 && need > demand && r.Verdict == journal.Passed {
			r.Verdict = journal.Failed
			r.Reason = fmt.Sprintf("%s is more than the %s that at_most allows", v.Dimension.Text(need),
				v.Dimension.Text(demand))
		}
	}
}

// text returns a cell for people.
func (s *Search) text(c search.Cell) string {
	if only := s.Stage.Only(); only != "" {
		return only.Short(s.Stage.At(c).Get(only))
	}
	return journal.Settings(*journal.PointOf(s.Stage.At(c))).Text()
}

// top returns the trial of this search that failed at its highest cell; the zero one
// where none did.
func (s *Search) top() journal.Trial {
	for i, one := range s.tried {
		if s.Grid.Top(one.Cell) && !one.Passed && !one.Undecided {
			own := s.Record.Find(s.ids[i])
			if own < 0 { // it is another stage's
				break
			}
			return s.Record.Trials[own]
		}
	}
	return journal.Trial{}
}

// answerOf returns found and recommended: the same, or where a dimension has one with
// the margin, rounded up to the grid and at most its end.
func answerOf(stage plans.Stage, found search.Cell) (*journal.Point, *journal.Point) {
	recommended := stage.At(found)
	for _, v := range stage.Vary {
		if v.Dimension.Margin() {
			need := float64(recommended.Get(v.Dimension)) * (1 + stage.Margin)
			recommended.Put(v.Dimension, int64(math.Ceil(need)))
		}
	}
	c, _ := stage.Above(recommended)
	return journal.PointOf(stage.At(found)), journal.PointOf(stage.At(c))
}

// LastAt returns the id of the last trial at a cell that passed or failed.
func (s *Search) LastAt(c search.Cell) (id string, tried bool) {
	for _, t := range slices.Backward(s.Record.Trials) {
		at, on := s.Stage.CellAt(t.Set.Point())
		if t.Verdict.Counts() && on && at == c {
			return t.ID, true
		}
	}
	return "", false
}

// Recommended returns the cell of what is recommended, and whether it may be tried.
func (s *Search) Recommended() (c search.Cell, may bool) {
	c, _ = s.Stage.CellAt(journal.Settings(*s.Record.Recommended).Point())
	return c, s.Grid.Has(c)
}

// Disprove withdraws the answer that a trial disproves, and returns a note of it
// for people.
func (s *Search) Disprove(t journal.Trial) string {
	r := s.Record
	c, _ := s.Stage.Above(t.Set.Point())
	r.Disproved = append(r.Disproved, journal.Disproof{
		Found: *r.Found, Recommended: *r.Recommended, At: *journal.PointOf(s.Stage.At(c)), Trial: t.ID, Why: t.Why,
	})
	found, _ := s.Stage.CellAt(journal.Settings(*r.Found).Point())
	for axis, n := range s.Grid.Sizes { // what is recommended may be beyond what the guard admits
		c[axis] = min(c[axis], n-1)
	}
	s.add(search.Tried{Cell: c, Disproves: true}, t.ID)
	s.Open = ""
	return fmt.Sprintf("%[1]s: %[3]s at %[4]s disproves %[2]s: %[5]s; the search continues above %[4]s", s.Stage.Address,
		s.text(found), t.ID, s.text(c), t.Why)
}
