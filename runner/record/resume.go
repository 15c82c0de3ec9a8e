package record

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"plan/containers"
	"plan/runner/journal"
)

// Next returns the line of the past that is to be repeated next; nil where none is
// left, and in a new run.
func (r *Record) Next() *journal.Line {
	for len(r.past) > 0 && r.past[0].Resume != nil {
		journal.Apply(&r.Run, r.past[0])
		r.pop()
	}
	if len(r.past) == 0 {
		return nil
	}
	return &r.past[0]
}

func (r *Record) pop() { r.past, r.repeated = r.past[1:], r.repeated+1 }

// repeat returns the line of the past that has the same event as a line; nil where
// the past has another one, or none.
func (r *Record) repeat(line journal.Line) (*journal.Line, error) {
	past := r.Next()
	if past == nil || !sameEvent(*past, line) {
		return nil, nil
	}
	if past.Inputs != nil {
		if changed := past.Inputs.ChangedImages(line.Inputs.Images); len(changed) > 0 {
			return nil, r.Refuse(strings.Join(changed, "; "))
		}
	}
	r.pop()
	return past, nil
}

// sameEvent reports whether a line of the past says what a run would write now. What
// a trial measured and how long a stage took are the past's.
func sameEvent(past, now journal.Line) bool {
	switch {
	case past.Type != now.Type:
		return false
	case past.Image != nil:
		return past.Image.Address == now.Image.Address
	case past.Trial != nil:
		return past.Trial.ID == now.Trial.ID
	case past.Stage != nil:
		answer := func(s *journal.Stage) []any {
			return []any{s.Address, s.Verdict, s.Found, s.Recommended, s.Held, s.Met, s.Certificate}
		}
		return reflect.DeepEqual(answer(past.Stage), answer(now.Stage))
	}
	return true
}

// Resume ends the past of a run: lines are written from here on. What the journal
// has besides is removed: the end of the earlier process, and what it caused.
func (r *Record) Resume() error {
	if r.live || r.refused != nil {
		return r.refused
	}
	i := slices.IndexFunc(r.past, func(l journal.Line) bool { return l.Trial != nil && l.Trial.Verdict.Counts() })
	if i >= 0 {
		return r.Refuse("its journal has the trial " + r.past[i].Trial.ID + ", which this command would not run")
	}
	if err := r.journal.Keep(r.repeated); err != nil {
		return err
	}
	r.live, r.past = true, nil
	now := journal.Resume{At: time.Now(), After: r.Run.Run.Seconds}
	return r.Append(journal.Line{Type: journal.ResumeLine, Resume: &now})
}

// Refuse refuses to resume the run: from then on nothing is written.
func (r *Record) Refuse(why string) error {
	r.refused = NotResumable(r.Run.Run.ID, why)
	return r.refused
}

// NotResumable returns the error of a run that cannot be resumed here.
func NotResumable(id, why string) error {
	return &containers.Error{
		Kind: containers.Other, Summary: fmt.Sprintf("the run %s cannot be resumed: %s", id, why),
		Help: "start a new run, without --resume; the journal of the old one stays",
	}
}
