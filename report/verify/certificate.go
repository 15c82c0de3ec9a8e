package verify

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// answer returns what does not hold of the answer of a stage, by its trials.
func (s *stage) answer(r *record) []string {
	if s.SetAside < 0 || s.SetAside > len(s.trials) {
		return []string{fmt.Sprintf("it sets aside %d trials, but has only %d", s.SetAside, len(s.trials))}
	}
	if s.Verdict == "" || s.Verdict == "skipped" { // it has not ended, or never began
		return s.noAnswer()
	}
	switch s.Kind {
	case "search":
		return append(s.search(r), s.leveled()...)
	case "ramp":
		check := (*stage).ramp
		if s.Auto != nil {
			check = (*stage).users
		}
		all := check(s)
		// What aborted it may have come with its last trial, before that counted.
		if s.Verdict == aborted && len(all) > 0 && len(s.own()) > 0 {
			before := *s
			before.trials = s.trials[:len(s.trials)-1]
			if len(check(&before)) == 0 {
				return nil
			}
		}
		return all
	}
	return s.check()
}

// noAnswer returns the answer that a stage has where it may have none.
func (s *stage) noAnswer() []string {
	if s.Found != nil || s.Held != nil || s.Met != nil || s.Certificate != nil {
		return []string{"it is " + s.Verdict + " and has an answer"}
	}
	return nil
}

// own are the trials that count: those that used a disproved answer are set aside.
func (s *stage) own() []*trial { return s.trials[min(max(0, s.SetAside), len(s.trials)):] }

// value returns what a trial or an answer has of the dimension of a search.
func (s *stage) value(set *settings) float64 {
	switch {
	case set == nil:
	case s.Dimension == "memory" && set.Memory != nil:
		return float64(*set.Memory)
	case s.Dimension == "cpus" && set.CPUs != nil:
		return *set.CPUs
	case s.Dimension == "replicas" && set.Replicas != nil:
		return float64(*set.Replicas)
	}
	return math.NaN()
}

// index returns the place of a value on the grid; -1 where it has none.
func (s *stage) index(value float64) int {
	return slices.IndexFunc(s.Grid, func(g float64) bool { return equal(g, value) })
}

// proves returns the trial that a proof names, which must have a verdict.
func (s *stage) proves(r *record, id, verdict string) (*trial, string) {
	t := r.trial(id)
	switch {
	case t == nil:
		return nil, fmt.Sprintf("its proof names the trial %s, which the journal does not have", id)
	case t.Verdict != verdict:
		return nil, fmt.Sprintf("its proof names %s as %s, but that trial is %s", id, verdict, t.written())
	}
	return t, ""
}

// search checks an answer of a search: a trial that passed at it in full, and failures
// that cover every cell that is preferred to it.
func (s *stage) search(r *record) []string {
	demanded := s.Verdict == failed && strings.HasSuffix(s.Reason, "that at_most allows") // its answer is too high
	// With the files that others were charged for it needs more than its highest value.
	beyond := s.Verdict != passed && s.Corrected > 0 && s.Found == nil && s.Certificate != nil
	endedEarly := s.AbortedBy == "budget" || s.AbortedBy == "guard" || len(s.Axes) > 0
	switch {
	case demanded && (s.Found == nil || s.Certificate == nil):
		return []string{"it failed because its answer is too high, but it has no answer or no proof"}
	case demanded, beyond:
	case s.Verdict != passed && endedEarly && s.Found != nil && s.Certificate != nil:
		// The best cell so far, which is not proven.
	case s.Verdict != passed:
		return append(s.noAnswer(), s.noneFound(r)...)
	case s.Found == nil || s.Certificate == nil:
		return []string{"it passed, but has no answer or no proof"}
	}
	var all []string
	say := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	pass, text := s.proves(r, s.Certificate.Passed, passed)
	if text != "" {
		return []string{text}
	}
	if !slices.Contains(s.own(), pass) {
		say("its proof names %s, which is not one of its trials", pass.ID)
	}
	if pass.FirstLook {
		say("its proof names %s, which had a shortened load", pass.ID)
	}
	at, on := s.axes().cellOf(&pass.Set)
	if !on {
		return append(all, fmt.Sprintf("%s ran at a value that is not on the grid", pass.ID))
	}
	exceeds := false
	for i, a := range s.axes() {
		found, recommended := a.Values[at[i]], a.of(s.Found)
		if value, is := found.(float64); is && a.Dimension == "memory" {
			need := pass.need(value)
			highest, _ := a.Values[len(a.Values)-1].(float64)
			found, exceeds = a.ceiling(need), need > highest
		}
		if beyond {
			continue
		}
		if value, is := recommended.(float64); is && a.Dimension == "memory" {
			recommended = a.ceiling(math.Ceil(value * (1 + s.Margin)))
		}
		if a.index(a.of(s.Found)) != a.index(found) {
			say("its answer is %v, but by its trials it is %v", a.of(s.Found), found)
		}
		if a.index(a.of(s.Recommended)) != a.index(recommended) {
			say("it recommends %v, but by its margin it has to recommend %v", a.of(s.Recommended), recommended)
		}
	}
	if beyond && !exceeds {
		say("the files of others do not show that it needs more than its highest value")
	}
	all = append(append(all, s.recommends()...), s.covered(r, at, pass)...)
	if !beyond {
		all = append(all, s.decided(r, at)...)
	}
	return append(all, s.contradicted(r)...)
}

// recommends returns how the trial that the proof names at what is recommended differs from
// the last one there; none is named where that is the pass. A search that was stopped has
// not looked for it.
func (s *stage) recommends() []string {
	want, named := "", s.Certificate.Recommended
	for _, t := range s.own() {
		if t.counts() && s.axes().at(&t.Set, s.Recommended) {
			want = t.ID
		}
	}
	if want == s.Certificate.Passed {
		want = ""
	}
	stopped := s.Verdict != passed && s.Verdict != failed && s.AbortedBy != "budget"
	if named == want || named == "" && stopped {
		return nil
	}
	return []string{fmt.Sprintf("the last trial at its recommended value is %q, but its proof names %q", want, named)}
}

// covered returns which cells that are preferred to an answer no failure of its proof
// covers, and failures that prove nothing. An answer that is not proven has counted
// them.
func (s *stage) covered(r *record, at cell, pass *trial) []string {
	var all []string
	say := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	var failures, cheaper [][]float64
	for _, id := range s.Certificate.Failed {
		fail, text := s.proves(r, id, failed)
		if text != "" {
			say("%s", text)
			continue
		}
		c, on := s.axes().cellOf(&fail.Set)
		switch {
		case !slices.Contains(s.own(), fail) && !s.disproved(id):
			say("its proof names %s, which is neither one of its trials nor disproved an answer of it", id)
		case on:
			failures = append(failures, s.axes().vector(c))
		}
	}
	preferred := s.cheaper(at, pass)
	for _, c := range preferred {
		cheaper = append(cheaper, s.axes().vector(c))
	}
	proven := (s.Verdict == passed || s.Verdict == failed) && s.AbortedBy == "" && s.Undecided == 0
	if i, open := uncovered(cheaper, failures, s.axes().vector(at)); open && proven {
		say("no failure of its proof covers %s, which would be better than the answer", s.axes().text(preferred[i]))
	}
	if proven && s.AtMost != (len(preferred) == 0) {
		say("at_most is %v, but %d values would be better than the answer", s.AtMost, len(preferred))
	}
	return all
}

// disproved reports whether a trial disproved an earlier answer of the search.
func (s *stage) disproved(id string) bool {
	return slices.ContainsFunc(s.Disproved, func(d disproof) bool { return d.Trial == id })
}

// need returns the memory that a pass with a value proves. The files that others were
// charged for are added: the service pays for them elsewhere.
func (t *trial) need(value float64) float64 {
	const leastCorrection, slack = 20 << 20, 8 << 20
	var elsewhere int64
	for _, in := range t.Instances {
		if f := in.Files; f != nil && f.Mapped != nil && f.Resident != nil {
			elsewhere = max(elsewhere, *f.Resident-*f.Mapped)
		}
	}
	if elsewhere < leastCorrection {
		return value
	}
	for _, in := range t.Instances {
		charged := in.Memory.Peak
		if charged == nil {
			continue
		}
		most := *charged
		// Files that are read and not mapped are no need.
		if in.Memory.Anonymous != nil && in.Files != nil && in.Files.Mapped != nil {
			most = min(most, *in.Memory.Anonymous+*in.Files.Mapped+slack)
		}
		value = max(value, float64(most+elsewhere))
	}
	return value
}

// ceiling returns the lowest value of at least a need; the highest where none is.
func (a axis) ceiling(need float64) float64 {
	highest := need
	for _, v := range a.Values {
		value, _ := v.(float64)
		if value >= need || equal(value, need) {
			return value
		}
		highest = value
	}
	return highest
}

// contradicted returns the trials that speak against the answer of a search: kills for
// memory at it or at what is recommended, where the service was started as in the search
// and no more was asked of it. Below a
// value that failed, an answer needs a pass of its own, which it has.
func (s *stage) contradicted(r *record) []string {
	var all []string
	if !slices.ContainsFunc(s.axes(), func(a axis) bool { return a.Dimension == "memory" }) {
		return nil
	}
	for _, other := range r.stages {
		if other.Service != s.Service {
			continue
		}
		for _, t := range other.trials {
			beforeLoad := t.Phase == "start" || t.Phase == "first_request"
			unasked := t.Users == nil && !other.HasScenario
			own := slices.Contains(s.own(), t)
			there := r.trial(s.Certificate.Passed) // the trial that the proof names at the same answer
			if !s.axes().at(&t.Set, s.Found) && s.Certificate.Recommended != "" {
				there = r.trial(s.Certificate.Recommended)
			}
			// Another command or another environment says nothing, as far as that is known.
			if !own && there != nil && !sameNumber(t.Configuration, there.Configuration) {
				continue
			}
			counts := beforeLoad || unasked || own || other.fewest(t) || s.asksNoMore(r, t)
			oom := t.Reason != nil && strings.HasPrefix(*t.Reason, "oom_")
			if oom && counts && (s.axes().at(&t.Set, s.Found) || s.axes().at(&t.Set, s.Recommended)) {
				all = append(all, fmt.Sprintf("%s was killed for memory at the answer or at the recommended value", t.ID))
			}
		}
	}
	return all
}

// sameNumber reports whether two numbers may be of equal values; 0 is not known.
func sameNumber(a, b int) bool { return a*b == 0 || a == b }

// asksNoMore reports whether a trial had a load that is no heavier than that of the pass
// which proves the answer: the same scenario, no more users or arrivals, and no other
// requests.
func (s *stage) asksNoMore(r *record, t *trial) bool {
	pass := r.trial(s.Certificate.Passed)
	switch {
	case pass == nil || pass.Load == nil || !sameNumber(t.Scenario, pass.Scenario),
		(t.Arrivals == nil) != (pass.Arrivals == nil):
		return false
	case t.Users != nil && (pass.Users == nil || *t.Users > *pass.Users):
		return false
	case t.Arrivals != nil && *t.Arrivals > *pass.Arrivals:
		return false
	case t.Load == nil:
		return true
	}
	for name := range t.Load.ByRequest {
		if _, asked := pass.Load.ByRequest[name]; !asked {
			return false
		}
	}
	return true
}

// fewest reports whether a trial of a ramp had its fewest users, in a load that did not
// grow.
func (s *stage) fewest(t *trial) bool {
	least := 0 // none
	switch {
	case s.Kind != "ramp":
	case s.Auto != nil:
		least = s.Auto.From
	case len(s.Steps) > 0:
		least = s.Steps[0]
	}
	return least > 0 && len(t.Windows) == 0 && t.Users != nil && *t.Users == least
}

// killedTwice checks a failure by an unknown sender: another trial at the same value had
// the same end, and the next higher value passed. Later an answer there may be disproved.
func (s *stage) killedTwice(t *trial) string {
	value := s.index(s.value(&t.Set))
	pair := slices.ContainsFunc(s.trials, func(o *trial) bool {
		return o.Unexplained && s.axes().at(&t.Set, &o.Set) && (o.Repeats == t.ID || t.Repeats == o.ID)
	})
	higher := slices.ContainsFunc(s.trials, func(o *trial) bool {
		return o.Verdict == passed && s.index(s.value(&o.Set)) == value+1
	})
	if s.Kind == "search" && pair && (len(s.Axes) > 0 || value >= 0 && higher) {
		return ""
	}
	return "an unknown sender killed it, but neither a second trial nor a pass above it shows that the limit is the cause"
}

// ramp checks that the steps up to what was held passed, and that the next one that
// counts did not.
func (s *stage) ramp() []string {
	all := append(s.concluded(), s.knee()...)
	var held *trial
	var failure *trial
	for _, t := range s.own() {
		if t.Users == nil || !slices.Contains(s.Steps, *t.Users) {
			all = append(all, t.ID+" is not one of the steps")
			continue
		}
		switch {
		case t.Verdict == passed && failure == nil:
			held = t
		case t.Verdict == failed && failure == nil:
			failure = t
		}
	}
	switch {
	case held == nil && (s.Held != nil || s.Certificate != nil):
		return append(all, "it has held users, but no step passed")
	case held != nil && (s.Held == nil || *s.Held != *held.Users):
		return append(all, fmt.Sprintf("%d users passed in %s, but its answer is %s", *held.Users, held.ID, number(s.Held)))
	case held != nil && (s.Certificate == nil || s.Certificate.Passed != held.ID):
		all = append(all, "its proof is not "+held.ID+", the last step that passed")
	}
	if c := s.Certificate; c != nil {
		var want []string
		if failure != nil && s.find(failure.ID) > s.find(held.ID) {
			want = []string{failure.ID}
		}
		if !slices.Equal(c.Failed, want) && len(c.Failed)+len(want) > 0 {
			all = append(all, fmt.Sprintf("its proof has the failures %q, but the first failure above the held users is %q",
				c.Failed, want))
		}
	}
	if own := s.own(); s.Verdict == passed && failure == nil && len(own) > 0 && len(s.Steps) > 0 {
		last := own[len(own)-1]
		if last.Verdict == passed && last.Users != nil && *last.Users != s.Steps[len(s.Steps)-1] {
			all = append(all, fmt.Sprintf("no step failed, and it ended before its last step: %s is the last trial", last.ID))
		}
	}
	return all
}

func number(n *int) string {
	if n == nil {
		return "none"
	}
	return fmt.Sprint(*n)
}

// check checks that the last trial of a check has its verdict, and is its proof.
func (s *stage) check() []string {
	own := s.own()
	switch {
	case len(own) == 0 && s.Verdict == passed:
		return []string{"it passed without a trial"}
	case len(own) == 0:
		return s.noAnswer()
	}
	last := own[len(own)-1]
	switch {
	case s.Verdict == aborted || s.Verdict == last.Verdict && !last.counts():
		return s.noAnswer()
	case s.Verdict != last.Verdict:
		return []string{fmt.Sprintf("it is %s, but its last trial, %s, is %s", s.Verdict, last.ID, last.Verdict)}
	}
	var all []string
	if met := last.Verdict == passed; s.Met == nil || *s.Met != met {
		all = append(all, "its `met` contradicts its last trial")
	}
	want := proof{Failed: []string{last.ID}}
	if last.Verdict == passed {
		want = proof{Passed: last.ID}
	}
	c := s.Certificate
	if c == nil || c.Passed != want.Passed || !slices.Equal(c.Failed, want.Failed) || c.Recommended != "" {
		all = append(all, fmt.Sprintf("its proof is not its last trial, %s", last.ID))
	}
	return all
}
