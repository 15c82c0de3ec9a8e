package verify

import (
	"fmt"
	"slices"
)

// recommendedLook is why a search made a look at what it recommends. The answer may be another
// one later, as where it is disproved.
const recommendedLook = "what is recommended"

// failures returns the cells at which a search has seen failures, for covers: those of its
// own trials, of two kills by an unknown sender, and of what disproved an answer. A
// shortened load that a full one might pass is none, nor is the first exit at a cell
// where the next trial passed, nor a look at what is recommended.
func (s *stage) failures(r *record) [][]float64 {
	var all [][]float64
	add := func(set *settings) {
		if c, on := s.axes().cellOf(set); on {
			all = append(all, s.axes().vector(c))
		}
	}
	own := s.own()
	for i, t := range own {
		first := func(o *trial) bool { return o.Unexplained && o.ID == t.Repeats }
		twice := t.Unexplained && slices.ContainsFunc(own[:i], first)
		looked := t.Chosen == recommendedLook || s.Certificate != nil && t.ID == s.Certificate.Recommended
		if twice || t.Verdict == failed && !t.undecided() && !looked && !s.byChance(own, i) {
			add(&t.Set)
		}
	}
	for _, d := range s.Disproved {
		if t := r.trial(d.Trial); d.At == nil && t != nil {
			d.At = &t.Set
		}
		add(d.At)
	}
	return all
}

// undecided reports whether a full load might pass where a shortened one failed.
func (t *trial) undecided() bool {
	late := []string{"errors", "latency", "throughput", "hung", "thrash", "leak", "assert"}
	return t.FirstLook && t.Load != nil && t.Reason != nil && slices.Contains(late, *t.Reason)
}

// byChance reports whether a trial is the first one at its cell and exited by itself, and
// the next one there passed: the limit was not the cause.
func (s *stage) byChance(own []*trial, i int) bool {
	t := own[i]
	there := func(o *trial) bool { return o.counts() && s.axes().at(&o.Set, &t.Set) }
	if t.exit() == nil || slices.ContainsFunc(own[:i], there) {
		return false
	}
	next := slices.IndexFunc(own[i+1:], there)
	return next >= 0 && own[i+1+next].Verdict == passed
}

// exit returns the code of a trial whose service exited by itself; nil of another one.
func (t *trial) exit() *int {
	if t.Verdict != failed || t.Reason == nil || *t.Reason != "exit" {
		return nil
	}
	return t.ExitCode
}

// passes returns the full trials that passed where no failure covers the cell.
func (s *stage) passes(failures [][]float64) []*trial {
	return slices.DeleteFunc(slices.Clone(s.own()), func(t *trial) bool {
		c, on := s.axes().cellOf(&t.Set)
		return t.Verdict != passed || t.FirstLook || !on || s.isCovered(c, failures)
	})
}

func (s *stage) isCovered(c cell, failures [][]float64) bool {
	return slices.ContainsFunc(failures, func(f []float64) bool { return covers(f, s.axes().vector(c)) })
}

// decided checks of an answer what its trials leave open: that no other one passed which is
// preferred, how many preferred cells no failure covers, and what else passed with less of something.
func (s *stage) decided(r *record, at cell) []string {
	var all []string
	say := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	failures, open := s.failures(r), 0
	if len(s.Axes) > 0 || s.AbortedBy != "" { // it ends with the best so far, if nothing is proven
		for _, t := range s.passes(failures) {
			if c, _ := s.axes().cellOf(&t.Set); s.before(c, at, t) {
				say("%s passed in full, and would be better than the answer", t.ID)
			}
		}
		for _, c := range s.cheaper(at, r.trial(s.Certificate.Passed)) {
			if !s.isCovered(c, failures) {
				open++
			}
		}
	}
	if s.Undecided != open {
		say("undecided is %d, but no failure covers %d values that would be better than the answer", s.Undecided, open)
	}
	return append(all, s.pointed(failures)...)
}

// pointed checks what passed where no other trial did with no more of anything. A search that
// was stopped does not list it.
func (s *stage) pointed(failures [][]float64) []string {
	if len(s.Axes) == 0 || s.Points == nil && s.Verdict != passed {
		return nil
	}
	type pass struct {
		id string
		at cell
		t  *trial
	}
	var all []pass
	for _, t := range s.passes(failures) {
		c, _ := s.axes().cellOf(&t.Set)
		all = append(all, pass{t.ID, c, t})
	}
	var want []string
	slices.SortStableFunc(all, func(a, b pass) int {
		if s.before(a.at, b.at, a.t) {
			return -1
		}
		if s.before(b.at, a.at, a.t) {
			return 1
		}
		return 0
	})
	for i, p := range all { // what has no more of anything is preferred, so it is before
		if !slices.ContainsFunc(all[:i], func(o pass) bool { return s.axes().noMore(o.at, p.at) }) {
			want = append(want, p.id)
		}
	}
	if slices.Equal(s.Points, want) {
		return nil
	}
	return []string{fmt.Sprintf("its points are %q, but by its trials they are %q", s.Points, want)}
}

// noneFound checks that a search which failed has failed at the most of each setting, or
// that its service ends by itself at any limit with the same code, and that nothing passed
// in full above all failures.
func (s *stage) noneFound(r *record) []string {
	// What ends these is no failure: they have the best so far.
	stopped := s.AbortedBy == "budget" || s.AbortedBy == "guard" && len(s.Axes) > 0
	if s.Verdict != failed && !stopped || s.FailedBy != "" || len(s.Axes) == 0 && len(s.Grid) == 0 {
		return nil
	}
	var all []string
	failures := s.failures(r)
	for _, t := range s.passes(failures) {
		all = append(all, t.ID+" passed in full, and no failure covers it, but the search has no answer")
	}
	switch {
	case stopped:
		return all
	case s.LimitIndependent:
		own := slices.DeleteFunc(slices.Clone(s.own()), func(t *trial) bool { return !t.counts() })
		other := func(t *trial) bool { return t.exit() == nil || own[0].exit() == nil || *t.exit() != *own[0].exit() }
		if len(own) < 2 || slices.ContainsFunc(own, other) {
			all = append(all, "its answer is that the service exits at every limit, but its trials do not show it")
		}
		return all
	case len(s.Axes) == 0:
		top := s.Grid[len(s.Grid)-1]
		if c := (cell{len(s.Grid) - 1}); !s.isCovered(c, failures) {
			all = append(all, fmt.Sprintf("it failed, but no trial failed at its highest value, %g", top))
		}
		return all
	}
	for _, c := range s.axes().tops() {
		if !s.isCovered(c, failures) {
			all = append(all, "it failed, but no trial failed at "+s.axes().text(c))
		}
	}
	return all
}
