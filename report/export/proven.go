package export

import (
	"cmp"
	"slices"

	"plan/internal/units"
	"plan/plans"
	"plan/runner/journal"
)

// Choice says which of a search's answers is taken.
type Choice string

// The answers of a search.
const (
	Recommended Choice = "recommended" // the least and its margin
	Found       Choice = "found"       // the least
)

// Choices are all of them, the usual one first.
func Choices() []Choice { return []Choice{Recommended, Found} }

// Service is what a run proved of one service.
type Service struct {
	Name     string
	Memory   units.Bytes // bytes; 0: the trials had no limit
	CPUs     units.CPUs  // thousandths; 0: the trials had no limit
	Replicas int         // containers, each under these limits; at least 1
	Proof    []string    // lines for people: which stages and trials say so, and what they do not say
}

// Proven are the services of a run for which a stage has an answer, in the
// order in which they were first asked about. Searches say the limits: where
// several were made of one service the later one wins in what it searched, and
// what none searched is as in the last one's trials. Where none was made, the
// last ramp or check that passed says them. A service whose trials ran without
// limits is left out.
func Proven(run journal.Run, choice Choice) []Service {
	var services []Service
	for _, address := range addresses(run) {
		stages := slices.DeleteFunc(slices.Clone(run.Stages), func(s journal.Stage) bool { return s.Service != address })
		limits, ok := settled(basis(stages), choice)
		if !ok || (limits.Memory == nil && limits.CPUs == nil) {
			continue
		}
		services = append(services, service(address, limits, proof(stages, limits)))
	}
	return services
}

// addresses of the services that a run asked about.
func addresses(run journal.Run) []string {
	var list []string
	for _, s := range run.Stages {
		if !slices.Contains(list, s.Service) {
			list = append(list, s.Service)
		}
	}
	return list
}

func service(address string, limits journal.Settings, proof []string) Service {
	s := Service{Name: NameOf(address), Replicas: containersOf(limits), Proof: proof}
	if limits.Memory != nil {
		s.Memory = units.Bytes(*limits.Memory)
	}
	if limits.CPUs != nil {
		s.CPUs, _ = units.CPUsOf(*limits.CPUs) // it was a limit: it is in range
	}
	return s
}

// containersOf is how many there are; not given means one.
func containersOf(s journal.Settings) int {
	if s.Replicas == nil {
		return 1
	}
	return max(1, *s.Replicas)
}

// basis are the stages that say the limits of their service.
func basis(stages []journal.Stage) []journal.Stage {
	var searches, loads []journal.Stage
	for _, s := range stages {
		_, proved := certified(s)
		switch {
		case !proved:
		case searches == nil && !isSearch(s):
			loads = []journal.Stage{s}
		case isSearch(s):
			searches = append(searches, s)
		}
	}
	if searches != nil {
		return searches
	}
	return loads
}

func isSearch(s journal.Stage) bool { return s.Kind == plans.Search }

// certified is the trial that proves the answer of a stage that has one.
func certified(s journal.Stage) (journal.Trial, bool) {
	if s.Verdict != journal.Passed || s.Certificate == nil {
		return journal.Trial{}, false
	}
	i := slices.IndexFunc(s.Trials, func(t journal.Trial) bool { return t.ID == s.Certificate.Passed })
	if i < 0 {
		return journal.Trial{}, false
	}
	return s.Trials[i], true
}

// settled puts the answers of the stages together.
func settled(basis []journal.Stage, choice Choice) (journal.Settings, bool) {
	var ran, answers journal.Settings
	for _, s := range basis {
		trial, _ := certified(s)
		ran = trial.Set
		answers = over(answer(s, choice), answers)
	}
	return over(answers, ran), len(basis) > 0
}

// answer is what a stage says by itself; nothing in what it did not search.
func answer(s journal.Stage, choice Choice) journal.Settings {
	point := s.Found
	if choice == Recommended {
		point = cmp.Or(s.Recommended, s.Found)
	}
	if point == nil {
		return journal.Settings{}
	}
	return journal.Settings(*point)
}

// over takes from base what top leaves open.
func over(top, base journal.Settings) journal.Settings {
	return journal.Settings{
		Memory:   cmp.Or(top.Memory, base.Memory),
		CPUs:     cmp.Or(top.CPUs, base.CPUs),
		Replicas: cmp.Or(top.Replicas, base.Replicas),
	}
}
