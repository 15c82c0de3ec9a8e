package ramp

import (
	"fmt"
	"slices"
	"strings"

	"plan/engine"
	"plan/plans"
	"plan/runner/journal"
	"plan/runner/search"
)

// Range returns the range of a ramp that finds its users itself: up to what the plan
// says, the guard admits, and the driver may open files for. admitted are the users that
// the host can hold now, where that is known. A tenth of them is left out, since the guard
// reads the free memory again before each trial. files are those of each agent, 0 where
// they are not known.
func Range(stage plans.Stage, admitted int, known bool, files int64) *journal.AutoUsers {
	u := journal.AutoUsers{
		From: stage.Auto.From, To: stage.Auto.To, Step: stage.Auto.Step, Growth: stage.Auto.Growth,
	}
	most, cut := plans.MostAutoUsers, "the plan has no `to`"
	if u.To > 0 {
		most, cut = u.To, ""
	}
	if reserved := admitted - admitted/10; known && reserved < most {
		most, cut = reserved, "the driver would use more memory than the guard admits"
	}
	if open := (int(files) - engine.SpareFiles) * stage.AgentsOf(); files > 0 && open < most {
		most, cut = open, "the driver may not open more files"
	}
	u.To, u.Cut = max(u.From, most), cut
	return &u
}

// Users is a ramp that finds its users itself: its trials so far, and what they prove.
type Users struct {
	record *journal.Stage
	search search.Users
	tried  []search.Loaded
}

// NewUsers returns a ramp that has tried nothing. record has its range and its trials;
// least are the users that are asked for, 0 for none.
func NewUsers(record *journal.Stage, least int) *Users {
	a := record.Auto
	return &Users{
		record: record,
		search: search.Users{From: a.From, To: a.To, Step: a.Step, Growth: a.Growth, Least: least},
	}
}

// Next returns the next step; it is done where nothing is left.
func (u *Users) Next() search.UsersStep { return u.search.Next(u.tried) }

// Add adds the newest trial, which passed or failed.
func (u *Users) Add(step search.UsersStep, t journal.Trial) {
	u.tried = append(u.tried, loadedOf(step, t))
}

// Bound leaves out what the host cannot hold: the guard stopped the newest trial. It
// returns false where no users passed, so that nothing is left to be tried.
func (u *Users) Bound(step search.UsersStep, t journal.Trial) bool {
	most := mostPassed(u.tried, step, t)
	if most < u.search.From {
		return false
	}
	auto := u.record.Auto
	u.search.To, auto.To, auto.Cut = most, max(most, u.search.Answer(u.tried).Held), t.Why
	if step.Grow != nil {
		u.Add(step, t)
	}
	return true
}

// Answer writes into the record what the trials so far prove.
func (u *Users) Answer() {
	s, a := u.record, u.search.Answer(u.tried)
	if a.Knee > 0 {
		s.Knee = &a.Knee
	}
	if a.Mixed > 0 {
		s.Mixed = &a.Mixed
	}
	if a.Held == 0 {
		return
	}
	s.Held, s.Certificate = &a.Held, &journal.Certificate{Failed: []string{}}
	for _, t := range s.Trials {
		switch {
		case t.FirstLook: // its load grew
		case *t.Users == a.Held && t.Verdict == journal.Passed:
			s.Certificate.Passed = t.ID
		case *t.Users == a.Failed && t.Verdict == journal.Failed && a.Failed-a.Held <= u.search.Gap(a):
			s.Certificate.Failed = []string{t.ID}
		}
	}
}

// Conclude writes the answer and the verdict into the record. stopped is whether the run
// was stopped.
func (u *Users) Conclude(last journal.Trial, stopped bool) {
	u.Answer()
	s := u.record
	conclude(s, last, stopped)
	if s.Verdict == journal.Failed && u.search.Answer(u.tried).Failed == 0 {
		s.Verdict = journal.Inconclusive
		text := fmt.Sprintf("no trial failed, and more than %d users were not tried: %s", u.search.To, s.Auto.Cut)
		s.Reason = strings.TrimSuffix(text, ": ")
	}
}

// mostPassed returns the most users that passed in trials or windows, also those of the
// last trial, which the guard stopped. Where that had all of its load, they are fewer than
// its users: the host cannot hold these for as long.
func mostPassed(tried []search.Loaded, step search.UsersStep, last journal.Trial) int {
	most := 0
	passed := func(users int) {
		if step.Grow != nil || users < step.Users {
			most = max(most, users)
		}
	}
	for _, t := range append(slices.Clone(tried), loadedOf(step, last)) {
		if t.Windows == nil && t.Passed {
			passed(t.Users)
		}
		for _, w := range t.Windows {
			if !w.Broken {
				passed(w.Users)
			}
		}
	}
	return most
}

// loadedOf returns a trial as the search for the most users takes it.
func loadedOf(step search.UsersStep, t journal.Trial) search.Loaded {
	if step.Grow == nil {
		return search.Loaded{Users: step.Users, Passed: t.Verdict == journal.Passed}
	}
	l := search.Loaded{Windows: windowsOf(t.Windows)}
	switch {
	case l.Windows != nil:
	case t.Verdict.Counts(): // it was not begun
		l.Windows = []search.Window{{Users: step.Grow[0], Broken: true}}
	default: // it was stopped before, which says nothing of its users
		l.Windows = []search.Window{}
	}
	return l
}
