// Package compare decides whether a run is worse than an earlier one of the same
// plan.
//
// It compares proofs, not means: a run is worse where it failed at limits, or under a
// load, at which the earlier one passed, and where the figures of these two trials are
// further apart than those of two runs of one service. It knows nothing of files and
// tables. It is pure.
package compare

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"plan/internal/english"
	"plan/internal/metrics"
	"plan/internal/tty"
	"plan/internal/units"
	"plan/plans"
	"plan/runner/journal"
)

// Change is how an answer has changed from A to B.
type Change string

// Values of Change.
const (
	Unchanged Change = "unchanged"
	Better    Change = "better"
	Worse     Change = "worse"
	Unclear   Change = "unclear" // B may be worse
	New       Change = "new"     // only B has the stage
)

// Comparison is the difference of two runs.
type Comparison struct {
	A, B   journal.Run
	Stages []Stage // in the order of B, then those that only A has
	Notes  []string
}

// Change returns the change of the whole run: that of its worst stage.
func (c Comparison) Change() Change {
	for _, worst := range []Change{Worse, Unclear, Better} {
		if slices.ContainsFunc(c.Stages, func(s Stage) bool { return s.Change == worst }) {
			return worst
		}
	}
	return Unchanged
}

// Stage is the difference of one stage.
type Stage struct {
	Address string
	A, B    *journal.Stage // nil where the run has no such stage
	Change  Change
	Why     string  // one line for people
	Moved   []Moved // between the trials that passed
	// The trials that failed one step away from the answers; nil where none did.
	FailedA, FailedB *journal.Trial
}

// Moved is a metric that changed between the trials of both runs that passed, at the
// same limits and under the same load or at the answers.
type Moved struct {
	Request string // by its name; "" is all of them together
	Metric  metrics.Metric
	A, B    float64
	Limit   *float64 // its threshold; nil without one
}

// Share returns by how much it changed, as a share of A; infinite where A is 0.
func (m Moved) Share() float64 { return m.B/m.A - 1 }

// Runs compares run B with the earlier run A.
func Runs(a, b journal.Run) Comparison {
	c := Comparison{A: a, B: b, Notes: notes(a, b)}
	for i := range b.Stages {
		c.Stages = append(c.Stages, stage(first(a, find(a, b.Stages[i].Address)), second(b, &b.Stages[i])))
	}
	for i := range a.Stages {
		if find(b, a.Stages[i].Address) == nil {
			c.Stages = append(c.Stages, stage(first(a, &a.Stages[i]), second(b, nil)))
		}
	}
	return c
}

func find(r journal.Run, address string) *journal.Stage {
	for i := range r.Stages {
		if r.Stages[i].Address == address {
			return &r.Stages[i]
		}
	}
	return nil
}

// notes lists differences of the environments, which may explain a change.
func notes(a, b journal.Run) []string {
	var all []string
	note := func(what string, before, after any) {
		if before != after && before != "" && after != "" {
			all = append(all, fmt.Sprintf("%s: %v, then %v", what, before, after))
		}
	}
	x, y := a.Run.Host, b.Run.Host
	note("plan", a.Plan.Name, b.Plan.Name)
	note("plan file", short(journal.Digest(a.Plan.SHA256)), short(journal.Digest(b.Plan.SHA256)))
	if a.Inputs != nil && b.Inputs != nil {
		for _, name := range slices.Sorted(maps.Keys(b.Inputs.Variables)) { // the hash of a secret depends on its run
			note("var."+name, a.Inputs.Variables[name].Value, b.Inputs.Variables[name].Value)
		}
		for _, path := range slices.Sorted(maps.Keys(b.Inputs.Files)) {
			if before, after := a.Inputs.Files[path], b.Inputs.Files[path]; before.Comparable() && after.Comparable() {
				note("file "+path, short(before), short(after))
			}
		}
	}
	note("CPUs of the machine", x.CPUs, y.CPUs)
	note("memory of the machine", units.Bytes(x.Memory).Machine(), units.Bytes(y.Memory).Machine())
	note("kernel", x.Kernel, y.Kernel)
	p, q := a.Run.Platform, b.Run.Platform
	note("platform", p.Title(), q.Title())
	if p.Title() == q.Title() {
		note("version of "+p.Title(), x.Engine, y.Engine)
	}
	if p != nil && q != nil {
		note("context", p.Context, q.Context)
		note("namespace", p.Namespace, q.Namespace)
	}
	note("control groups version", x.CgroupVersion, y.CgroupVersion)
	note("version of plan", a.Run.Version, b.Run.Version)
	for _, image := range b.Images {
		i := slices.IndexFunc(a.Images, func(old journal.Image) bool { return old.Address == image.Address })
		if i >= 0 && (a.Images[i].Name != image.Name || tty.OrZero(a.Images[i].Digest) != tty.OrZero(image.Digest)) {
			note(image.Address, imageText(a.Images[i]), imageText(image))
		}
	}
	return all
}

// short is the beginning of a digest, for people.
func short(d journal.Digest) string {
	const algorithm, most = "sha256:", 12
	text := strings.TrimPrefix(string(d), algorithm)
	if text == "" {
		return ""
	}
	return algorithm + text[:min(most, len(text))]
}

func imageText(i journal.Image) string { return tty.Join(" ", i.Name, tty.OrZero(i.Digest)) }

// side is a stage of one of the runs.
type side struct {
	name  string // for people
	run   journal.Run
	stage *journal.Stage
}

func first(r journal.Run, s *journal.Stage) side  { return side{"the first run", r, s} }
func second(r journal.Run, s *journal.Stage) side { return side{"the second run", r, s} }

func stage(a, b side) Stage {
	result := Stage{A: a.stage, B: b.stage}
	decide := func(change Change, why string) Stage {
		result.Change, result.Why = change, why
		return result
	}
	switch {
	case a.stage == nil:
		result.Address = b.stage.Address
		return decide(New, "only the second run has it")
	case b.stage == nil:
		result.Address = a.stage.Address
		return decide(Unclear, "only the first run has it")
	}
	result.Address, result.FailedA, result.FailedB = b.stage.Address, a.failed(), b.failed()
	for _, s := range []side{a, b} {
		if why := s.unanswered(); why != "" {
			return decide(Unclear, s.name+" has no answer: "+why)
		}
	}
	if why := differently(a, b); why != "" {
		return decide(Unclear, "the runs ask different questions: "+why)
	}
	result.Moved = moved(a, b)
	order, ordered := answers(a, b)
	switch {
	case !ordered:
		return decide(Unclear, fmt.Sprintf("neither combination is better: %s, then %s", combination(a.stage),
			combination(b.stage)))
	case order == 0:
		return decide(sameAnswer(a, b))
	case order > 0:
		if why := unequal(b, a); why != "" {
			return decide(Unclear, why)
		}
		proven, why := contradiction(a, b)
		if !proven {
			return decide(Unclear, why)
		}
		return decide(Worse, why)
	}
	if why := unequal(a, b); why != "" {
		return decide(Unchanged, "not worse, and not proven better: "+why)
	}
	proven, why := contradiction(b, a)
	if !proven {
		return decide(Unchanged, "not worse, and not proven better: "+why)
	}
	return decide(Better, why)
}

// unanswered returns why a stage has no answer that can be compared; "" where it has
// one.
func (s side) unanswered() string {
	t, disproved := s.run.Disproof(*s.stage)
	switch {
	case s.stage.Verdict == "":
		return "it did not end"
	case !s.stage.Verdict.Counts():
		return string(s.stage.Verdict)
	case disproved:
		return "it is disproved by " + t.ID
	case len(s.stage.Counted().Trials) == 0:
		return "no trial counts"
	}
	return ""
}

// value returns a setting in the unit of its dimension.
func value(d plans.Dimension, s journal.Settings) float64 { return d.Number(s.Values().Get(d)) }

// passed returns the trial that proves the answer; nil where none passed.
func (s side) passed() *journal.Trial {
	if s.stage.Certificate == nil {
		return nil
	}
	return s.trial(s.stage.Certificate.Passed)
}

func (s side) trial(id string) *journal.Trial {
	if i := s.stage.Find(id); i >= 0 {
		return &s.stage.Trials[i]
	}
	return nil
}

// failed returns the trial that failed one step away from the answer, without an answer
// the easiest one that failed; nil where none did.
func (s side) failed() *journal.Trial { return easiest(s.stage, s.failures()) }

// failures returns the trials that failed one step away from the answer, without an
// answer all that failed.
func (s side) failures() []journal.Trial {
	var all []journal.Trial
	if c := s.stage.Certificate; c != nil && len(c.Failed) > 0 {
		for _, id := range c.Failed {
			if t := s.trial(id); t != nil { // else another stage's
				all = append(all, *t)
			}
		}
		return all
	}
	if s.answered() {
		return nil
	}
	return slices.DeleteFunc(s.trials(), func(t journal.Trial) bool { return t.Verdict != journal.Failed })
}

// trials returns those that show what the service does at a value: none that was set
// aside, and no load that grew, whose users are the most that it could have reached.
func (s side) trials() []journal.Trial {
	grew := func(t journal.Trial) bool { return t.Windows != nil }
	return slices.DeleteFunc(slices.Clone(s.stage.Counted().Trials), grew)
}

// differently returns how the questions of two stages differ; "" where they do not.
func differently(a, b side) string {
	x, y := a.stage, b.stage
	switch {
	case x.Kind != y.Kind:
		return fmt.Sprintf("%s, then %s", x.Kind, y.Kind)
	case x.Service != y.Service:
		return fmt.Sprintf("%s, then %s", x.Service, y.Service)
	case x.Noun() != y.Noun():
		return fmt.Sprintf("least %s, then least %s", x.Noun(), y.Noun())
	case x.Prefer != y.Prefer:
		return fmt.Sprintf("prefer %s, then %s", cmp.Or(x.Prefer, "nothing"), cmp.Or(y.Prefer, "nothing"))
	case x.Prefer == plans.ByPrice && x.Price != nil && y.Price != nil && *x.Price != *y.Price:
		return fmt.Sprintf("prices %s, then %s", prices(*x.Price), prices(*y.Price))
	}
	known := func(s *journal.Stage) bool { return !s.HasThreshold || len(s.Thresholds) > 0 } // older journals lack them
	if before, after := thresholds(x), thresholds(y); known(x) && known(y) && before != after {
		return fmt.Sprintf("thresholds %s, then %s", before, after)
	}
	before, after := loadOf(a), loadOf(b)
	if before != "" && after != "" && before != after {
		return fmt.Sprintf("a load of %s, then of %s", before, after)
	}
	one, other := a.loadHash(), b.loadHash()
	if one != "" && other != "" && one != other && a.run.Run.Version == b.run.Run.Version {
		return "the loads differ in their requests, times or rates"
	}
	return ""
}

// prices are those of an hour, for people.
func prices(p journal.Price) string {
	return fmt.Sprintf("%g for a CPU, %g for 1 GiB, %g for a replica", p.CPUs, p.Memory, p.Replicas)
}

// loadHash returns the hash of the load of a stage; "" where it is not known. Versions of
// plan may hash one load in different ways.
func (s side) loadHash() journal.Digest {
	if s.run.Inputs == nil {
		return ""
	}
	return s.run.Inputs.Loads[s.stage.Address]
}

func thresholds(s *journal.Stage) string {
	var all []string
	for _, t := range s.Thresholds {
		all = append(all, fmt.Sprintf("%s %s", tty.Join(" ", t.Request, t.Metric), tty.Figure(t.Limit)))
	}
	if len(all) == 0 {
		return "none"
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// loadOf describes the load that decides a stage; the users of a ramp vary. It is ""
// where no trial had one.
func loadOf(s side) string {
	t := s.passed()
	if t == nil || t.Load == nil {
		return ""
	}
	size := ""
	switch {
	case s.stage.Kind == plans.Ramp:
	case t.Arrivals != nil:
		size = tty.Figure(*t.Arrivals) + "/s"
	default:
		size = english.Count(tty.OrZero(t.Users), "user")
	}
	return tty.Join(" ", size, string(t.Load.Driver), "with "+english.Or(slices.Sorted(maps.Keys(t.Load.ByRequest))))
}

// unequal returns why the worse answer says nothing about the service: its trials had
// less of another resource. It is "" where they did not.
func unequal(worse, better side) string {
	bad, good := worse.failed(), better.passed()
	if bad == nil || good == nil {
		return ""
	}
	d, is := lower(worse.stage, *bad, *good)
	if !is {
		return ""
	}
	return fmt.Sprintf("the trials also had different limits: %s at %s, and %s at %s", bad.ID, limitText(*bad, d),
		good.ID, limitText(*good, d))
}

// sameAnswer returns the change between equal answers: B may be worse where it had more of
// a resource. What searches of both runs found is compared there.
func sameAnswer(a, b side) (Change, string) {
	x, y := a.passed(), b.passed()
	if x == nil || y == nil {
		return Unchanged, "the same answer"
	}
	var found []plans.Dimension
	for _, d := range plans.Dimensions() {
		if a.found(d, *x) && b.found(d, *y) {
			found = append(found, d)
		}
	}
	change := Unclear
	d, is := lower(a.stage, *x, *y, found...)
	if !is {
		change = Unchanged
		d, is = lower(b.stage, *y, *x, found...)
	}
	if !is {
		return Unchanged, "the same answer"
	}
	return change, fmt.Sprintf("the same answer at different limits: %s of %s at %s, and %s of %s at %s", x.ID, a.name,
		limitText(*x, d), y.ID, b.name, limitText(*y, d))
}

// found reports whether a search of the run found or recommends what a trial had.
func (s side) found(d plans.Dimension, t journal.Trial) bool {
	had := limits(t).Get(d)
	return slices.ContainsFunc(s.run.Stages, func(other journal.Stage) bool {
		is := func(p *journal.Point) bool { return p != nil && journal.Settings(*p).Values().Get(d) == had }
		return other.Service == s.stage.Service && other.Varies(d) && (is(other.Found) || is(other.Recommended))
	})
}

// lower returns the first dimension of which a trial had less than another one, besides
// those that the stage varies and some others; false where it had no less.
func lower(s *journal.Stage, t, than journal.Trial, besides ...plans.Dimension) (plans.Dimension, bool) {
	x, y := limits(t), limits(than)
	for _, d := range plans.Dimensions() {
		less := x.Get(d) != 0 && (y.Get(d) == 0 || x.Get(d) < y.Get(d))
		if less && !s.Varies(d) && !slices.Contains(besides, d) {
			return d, true
		}
	}
	return "", false
}

// limits returns what a trial had; one replica where it does not say how many.
func limits(t journal.Trial) plans.Settings {
	s := t.Settings()
	s.Replicas = s.Containers()
	return s
}

func limitText(t journal.Trial, d plans.Dimension) string {
	if v := limits(t).Get(d); v != 0 {
		return d.Text(v)
	}
	return "no limit"
}

// least is the share by which a metric has to change to be reported as moved.
const least = 0.1

// moved lists the metrics, of single requests those with a threshold, that differ between
// trials of both runs that passed: of the greatest load at which both did, else those that
// prove the answers.
func moved(a, b side) []Moved {
	x, y := a.passed(), b.passed()
	if x == nil || y == nil {
		return nil
	}
	if a.stage.Kind == plans.Ramp {
		if easier(a.stage, *y, *x) {
			x = nearest(a, *y)
		} else {
			y = nearest(b, *x)
		}
	}
	var all []Moved
	add := func(request string, m metrics.Metric, before, after, limit *float64) {
		if m.Unit == metrics.Count || m.Better == metrics.Neither || before == nil || after == nil {
			return
		}
		one := Moved{Request: request, Metric: m, A: *before, B: *after, Limit: limit}
		if *before != *after && !(math.Abs(one.Share()) < least) {
			all = append(all, one)
		}
	}
	for _, m := range metrics.All() {
		var limit *float64
		for _, t := range b.stage.Thresholds {
			if t.Request == "" && t.Metric == m.Name {
				limit = &t.Limit
				break
			}
		}
		add("", m, x.Value(m), y.Value(m), limit)
	}
	for _, t := range b.stage.Thresholds {
		if m := metrics.Named(t.Metric); t.Request != "" {
			add(t.Request, m, judged(*x, t.Request, m), judged(*y, t.Request, m), &t.Limit)
		}
	}
	return all
}

// nearest returns the trial of a side that passed and is the hardest that is at least
// as easy as another one; else the one that proves the answer.
func nearest(s side, to journal.Trial) *journal.Trial {
	best := s.passed()
	for _, t := range s.trials() {
		if t.Verdict != journal.Passed || t.FirstLook {
			continue
		}
		if asEasy(s.stage, to, t) && easier(s.stage, t, *best) {
			best = &t
		}
	}
	return best
}
