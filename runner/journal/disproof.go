package journal

import (
	"maps"
	"slices"

	"plan/plans"
)

// Disproof returns the first trial that disproves the answer of a search that varies memory:
// it ran at what was found or recommended for the same service, with the same command
// and environment, and was killed for memory, before a load began, as a trial of the
// search, without any request, under a load that is no heavier than the search's own, or
// with the fewest users of a ramp. A kill under a heavier load is the answer of its own
// stage.
func (r Run) Disproof(answer Stage) (Trial, bool) {
	if !answer.Varies(plans.Memory) || answer.Found == nil || answer.Certificate == nil {
		return Trial{}, false
	}
	for _, s := range r.Stages {
		if s.Service != answer.Service {
			continue
		}
		for i, t := range s.Trials {
			atAnswer := t.Set.at(answer.Found) || t.Set.at(answer.Recommended)
			if killed := t.Reason != nil && t.Reason.Explain().OOM; !killed || !atAnswer {
				continue
			}
			own := s.Address == answer.Address && i >= s.SetAside
			if !own && !r.configuredAs(t, answer) {
				continue
			}
			beforeLoad := t.Phase == PhaseStart || t.Phase == PhaseFirst
			unasked := t.Users == nil && !s.HasScenario
			if beforeLoad || unasked || own || s.atFewest(t) || r.asksNoMore(t, answer) {
				return t, true
			}
		}
	}
	return Trial{}, false
}

// atFewest reports whether a trial of a ramp had the users that the ramp begins with,
// and a load that did not grow.
func (s Stage) atFewest(t Trial) bool {
	switch {
	case s.Kind != plans.Ramp || t.Users == nil || t.Windows != nil:
		return false
	case s.Auto != nil:
		return *t.Users == s.Auto.From
	}
	return len(s.Steps) > 0 && *t.Users == s.Steps[0]
}

// at reports whether the settings of a trial are those of an answer, in all that was
// searched.
func (s Settings) at(answer *Point) bool {
	if answer == nil {
		return false
	}
	own, searched := s.Values(), Settings(*answer).Values()
	return (len(answer.Vary) == 0 || maps.Equal(s.Vary, answer.Vary)) && !slices.ContainsFunc(plans.Searchable(),
		func(d plans.Dimension) bool {
			return searched.Get(d) != 0 && searched.Get(d) != own.Get(d)
		})
}

// configuredAs reports whether a trial at an answer had the command and the environment
// of the search's own trial there: its `set` may change both, also with the limit.
func (r Run) configuredAs(t Trial, answer Stage) bool {
	there := answer.Certificate.Passed
	if id := answer.Certificate.Recommended; id != "" && !t.Set.at(answer.Found) {
		there = id
	}
	own, found := r.trial(there)
	return !found || t.ConfiguredLike(own)
}

// ConfiguredLike reports whether two trials of a run had the same command and
// environment, as far as that is known.
func (t Trial) ConfiguredLike(other Trial) bool { return same(t.Configuration, other.Configuration) }

// same reports whether two numbers may be those of equal values.
func same(a, b int) bool { return a == b || a == 0 || b == 0 }

// asksNoMore reports whether the load of a trial is no heavier than that of the
// trial that proves an answer: the same scenario, no more users, no more arrivals, and
// no other requests. A longer load is no heavier.
func (r Run) asksNoMore(t Trial, answer Stage) bool {
	own, found := r.trial(answer.Certificate.Passed)
	if !found || own.Load == nil || !same(t.Scenario, own.Scenario) {
		return false
	}
	if (t.Arrivals != nil) != (own.Arrivals != nil) || orZero(t.Users) > orZero(own.Users) ||
		orZero(t.Arrivals) > orZero(own.Arrivals) {
		return false
	}
	if t.Load == nil {
		return true
	}
	for name := range t.Load.ByRequest {
		if _, asked := own.Load.ByRequest[name]; !asked {
			return false
		}
	}
	return true
}

// trial returns the one with an id.
func (r Run) trial(id string) (Trial, bool) {
	for _, s := range r.Stages {
		if i := s.Find(id); i >= 0 {
			return s.Trials[i], true
		}
	}
	return Trial{}, false
}

// Find returns the index of a trial in the stage; -1 where it is not there.
func (s Stage) Find(id string) int {
	return slices.IndexFunc(s.Trials, func(t Trial) bool { return t.ID == id })
}

// Counted returns a stage without the trials that were set aside.
func (s Stage) Counted() Stage {
	s.Trials, s.SetAside = s.Trials[min(s.SetAside, len(s.Trials)):], 0
	return s
}
