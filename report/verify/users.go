package verify

import (
	"fmt"
	"slices"
)

// users checks a ramp that found its users itself: what it says is held passed, nothing
// at or below failed, and one step above a trial failed, unless it holds the most that
// it was to try, or its service is saturated. Loads that grew prove nothing.
func (s *stage) users() []string {
	var all []string
	say := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	held, lowest, highest := 0, 0, 0
	for _, t := range s.own() {
		switch {
		case t.Users == nil || *t.Users < s.Auto.From:
			say("%s is outside of the range", t.ID)
		case t.FirstLook || t.Verdict != failed:
		case lowest == 0 || *t.Users < lowest:
			lowest = *t.Users
		}
	}
	for _, t := range s.own() {
		if t.Users == nil || t.FirstLook || t.Verdict != passed {
			continue
		}
		if lowest == 0 || *t.Users < lowest {
			held = max(held, *t.Users)
		} else {
			highest = max(highest, *t.Users)
		}
	}
	switch {
	case held == 0 && (s.Held != nil || s.Certificate != nil):
		return append(all, "it held something, and no trial passed below every failure")
	case held == 0:
		return all
	case s.Held == nil || *s.Held != held:
		return append(all, fmt.Sprintf("%d users passed with no failure at or below, and it says %s", held, number(s.Held)))
	case s.Certificate == nil:
		return append(all, "it has no proof")
	case (s.Mixed == nil) != (highest == 0) || s.Mixed != nil && *s.Mixed != highest:
		say("%d users passed above a failure, and it says %s", highest, number(s.Mixed))
	}
	if pass := s.shows(s.Certificate.Passed); pass == nil || *pass.Users != held || pass.Verdict != passed {
		say("its proof names %s, and that is no trial that passed with %d users", s.Certificate.Passed, held)
	}
	step := max(1, held/50)
	if s.Auto.Step > 0 {
		step = s.Auto.Step
	}
	for _, id := range s.Certificate.Failed {
		fail := s.shows(id)
		if fail == nil || *fail.Users != lowest || fail.Verdict != failed || lowest > held+step {
			say("its proof names %s, and that is no trial that failed with at most %d users more", id, step)
		}
	}
	near := lowest > 0 && lowest <= held+step
	if near != (len(s.Certificate.Failed) == 1) {
		say("the least failure is at %d users, and its proof names %d", lowest, len(s.Certificate.Failed))
	}
	all = append(all, s.knee()...)
	saturated := s.Knee != nil && held >= 2**s.Knee
	last := s.own()[len(s.own())-1]
	if lowest == 0 && held < s.Auto.To && !saturated && s.Verdict == passed && last.Verdict == passed {
		say("no trial failed, and it ended with %d users: it was to try %d", held, s.Auto.To)
	}
	if s.Verdict == failed && lowest == 0 {
		say("it failed, and no trial did")
	}
	reached := s.AtLeast == nil || held >= *s.AtLeast
	if s.Verdict == passed && !reached {
		say("it passed with %d users, and %s were asked for", held, number(s.AtLeast))
	}
	return all
}

// shows returns one of its trials with a whole load; nil where there is none.
func (s *stage) shows(id string) *trial {
	i := slices.IndexFunc(s.own(), func(t *trial) bool { return t.ID == id && t.Users != nil && !t.FirstLook })
	if i < 0 {
		return nil
	}
	return s.own()[i]
}

// knee checks where a ramp says that more users bring no more: a load there had under 5 %
// more OK responses per second than one with at most half of its users.
func (s *stage) knee() []string {
	if s.Knee == nil {
		return nil
	}
	type load struct {
		users int
		rate  float64
	}
	var all []load
	for _, t := range s.own() {
		for _, w := range t.Windows {
			all = append(all, load{w.Users, w.OKRate})
		}
		if t.Load != nil && t.Users != nil && len(t.Windows) == 0 {
			all = append(all, load{*t.Users, t.Load.Judged.OKRate})
		}
	}
	bends := slices.ContainsFunc(all, func(more load) bool {
		return more.users == *s.Knee && slices.ContainsFunc(all, func(fewer load) bool {
			return 2*fewer.users <= *s.Knee && more.rate < 1.05*fewer.rate
		})
	})
	if bends {
		return nil
	}
	return []string{fmt.Sprintf("its knee is at %d users, and no load shows that", *s.Knee)}
}
