package verify

import (
	"fmt"
	"math"
	"slices"
)

// users checks a ramp that found its users itself: what it says is held passed, nothing
// at or below failed, and one step above a trial failed, or a tenth above where trials
// contradict each other, unless it holds the most that
// it was to try, or its service is saturated. Loads that grew prove nothing.
func (s *stage) users() []string {
	all := append(s.concluded(), s.knee()...)
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
	if (s.Mixed == nil) != (highest == 0) || s.Mixed != nil && *s.Mixed != highest {
		say("%d users passed above a failure, but its `mixed` is %s", highest, number(s.Mixed))
	}
	switch {
	case held == 0 && (s.Held != nil || s.Certificate != nil):
		return append(all, "it has held users, but no trial passed below every failure")
	case held == 0:
		return all
	case s.Held == nil || *s.Held != held:
		return append(all, fmt.Sprintf("%d users passed without a failure at or below, but its answer is %s",
			held, number(s.Held)))
	case s.Certificate == nil:
		return append(all, "it has no proof")
	}
	if pass := s.shows(s.Certificate.Passed); pass == nil || *pass.Users != held || pass.Verdict != passed {
		say("its proof names %s, which is not a trial that passed with %d users", s.Certificate.Passed, held)
	}
	step := s.Auto.step(held)
	gap := step
	if highest > 0 { // some trials passed and some failed: a tenth is near enough
		gap = max(step, lowest/10)
	}
	for _, id := range s.Certificate.Failed {
		fail := s.shows(id)
		if fail == nil || *fail.Users != lowest || fail.Verdict != failed || lowest > held+gap {
			say("its proof names %s, which is not the lowest failure within %d users above", id, gap)
		}
	}
	near := lowest > 0 && lowest <= held+step
	if failures := len(s.Certificate.Failed); near && failures == 0 || failures > 1 {
		say("the lowest failure is at %d users, but its proof names %d failures", lowest, len(s.Certificate.Failed))
	}
	saturated := s.Knee != nil && held >= 2**s.Knee
	last := s.own()[len(s.own())-1]
	if lowest == 0 && held < s.Auto.To && !saturated && s.Verdict == passed && last.Verdict == passed {
		say("no trial failed, but it ended at %d users, below `to`, which is %d", held, s.Auto.To)
	}
	return all
}

// autoUsers is the range of a ramp that found its users itself.
type autoUsers struct {
	From, To, Step int
	Growth         float64
}

// step is the distance of a proof from the users that are held: the one of the plan, a
// share of them rounded up, or the larger of 1 and 2 %.
func (a autoUsers) step(held int) int {
	switch {
	case a.Step > 0:
		return a.Step
	case a.Growth > 0:
		return max(1, int(math.Ceil(a.Growth*float64(held)-1e-9))) // 7 % of 100 is a little more than 7 in binary
	}
	return max(1, held/50)
}

// concluded returns how the verdict of a ramp differs from that of its trials. It passed
// where it held what was asked for and it is known that it holds no more, or the guard
// stopped it; else it failed where its last trial counts and, of a ramp that found its
// users itself, one failed. Why one was aborted is not decided.
func (s *stage) concluded() []string {
	own := s.own()
	switch {
	case len(own) == 0 && s.Verdict == passed:
		return []string{"it passed without a trial"}
	case len(own) == 0 || s.Verdict == aborted:
		return nil
	}
	last := own[len(own)-1]
	guard := last.Verdict == aborted && last.Reason != nil && *last.Reason == "guard"
	enough := s.Held != nil && (s.AtLeast == nil || *s.Held >= *s.AtLeast)
	known := last.counts() || guard || s.AtLeast != nil && last.Verdict != aborted
	fails := func(t *trial) bool { return t.Verdict == failed && !t.FirstLook }
	want := last.Verdict
	switch {
	case enough && known:
		want = passed
	case last.counts() && s.Auto != nil && !slices.ContainsFunc(own, fails):
		want = inconclusive
	case last.counts():
		want = failed
	}
	if s.Verdict == want {
		return nil
	}
	return []string{fmt.Sprintf("it is %s, but has to be %s: it held %s users, at_least is %s, and its last trial, %s, is %s",
		s.Verdict, want, number(s.Held), number(s.AtLeast), last.ID, last.written())}
}

// shows returns one of its trials with a whole load; nil where there is none.
func (s *stage) shows(id string) *trial {
	i := slices.IndexFunc(s.own(), func(t *trial) bool { return t.ID == id && t.Users != nil && !t.FirstLook })
	if i < 0 {
		return nil
	}
	return s.own()[i]
}

// kneeAnswers is how many OK responses show a rate.
const kneeAnswers = 100

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
			if w.OK >= kneeAnswers {
				all = append(all, load{w.Users, w.OKRate})
			}
		}
		if t.Load != nil && t.Users != nil && len(t.Windows) == 0 && t.Load.Judged.OK >= kneeAnswers {
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
	return []string{fmt.Sprintf("its knee is at %d users, but no load shows that", *s.Knee)}
}

// grows returns where the windows of a load that grew contradict themselves, or the
// seconds of the load.
func (t *trial) grows() []string {
	var all []string
	var answers, seconds int64
	for _, w := range t.Windows {
		answers += w.OK
		if !equal(w.OKRate*w.Seconds, float64(w.OK)) || w.Seconds == 0 && w.OKRate != 0 {
			all = append(all, fmt.Sprintf("%d OK answers in %g s with %d users are not %g a second", w.OK, w.Seconds,
				w.Users, w.OKRate))
		}
	}
	if t.Evidence == nil {
		return all
	}
	for _, second := range t.Evidence.Series {
		seconds += second.OK
	}
	if answers > seconds {
		all = append(all, fmt.Sprintf("its windows have %d OK answers, but its seconds have %d", answers, seconds))
	}
	return all
}
