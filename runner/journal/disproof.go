package journal

import (
	"slices"

	"plan/plans"
)

// Disproof is the first trial that speaks against the answer of a search for
// memory: it ran at what was found or recommended for the same service and was
// killed for memory, before a load began, under a load that asks for no more
// than the search's own, or in the first step of a ramp. A kill under a heavier
// load is the answer of the stage that has it.
func (r Run) Disproof(answer Stage) (Trial, bool) {
	if answer.Dimension != plans.Memory || answer.Found == nil || answer.Certificate == nil {
		return Trial{}, false
	}
	for _, s := range r.Stages {
		for _, t := range s.Trials {
			killed := t.Reason != nil && t.Reason.Explain().OOM
			if s.Service == answer.Service && killed && answer.holds(t) && (t.beforeLoad() || s.begins(t) || r.asksNoMore(t, answer)) {
				return t, true
			}
		}
	}
	return Trial{}, false
}

// holds says whether a trial ran at what was found or recommended.
func (s Stage) holds(t Trial) bool {
	ran := orZero(t.Set.Memory)
	return ran == orZero(s.Found.Memory) || s.Recommended != nil && ran == orZero(s.Recommended.Memory)
}

func (t Trial) beforeLoad() bool { return t.Phase == PhaseStart || t.Phase == PhaseFirst }

// begins says whether a trial is the first step of a ramp.
func (s Stage) begins(t Trial) bool {
	return s.Kind == plans.Ramp && len(s.Steps) > 0 && t.Users != nil && *t.Users == s.Steps[0]
}

// asksNoMore compares the load of a trial with that of the trial that proves an
// answer: no more users, no more arrivals, and no request that was not asked
// there. How long a load lasts makes it no heavier.
func (r Run) asksNoMore(t Trial, answer Stage) bool {
	own, found := r.trial(answer.Certificate.Passed)
	open := t.Arrivals != nil
	if !found || own.Load == nil || open != (own.Arrivals != nil) || orZero(t.Users) > orZero(own.Users) || orZero(t.Arrivals) > orZero(own.Arrivals) {
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

// trial is the one of an id.
func (r Run) trial(id string) (Trial, bool) {
	for _, s := range r.Stages {
		if i := s.Find(id); i >= 0 {
			return s.Trials[i], true
		}
	}
	return Trial{}, false
}

// Find is the place of a trial among those of the stage; -1 of another stage's.
func (s Stage) Find(id string) int {
	return slices.IndexFunc(s.Trials, func(t Trial) bool { return t.ID == id })
}

// Counted is a stage without the trials that were set aside.
func (s Stage) Counted() Stage {
	s.Trials, s.SetAside = s.Trials[min(s.SetAside, len(s.Trials)):], 0
	return s
}
