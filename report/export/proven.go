package export

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"plan/plans"
	"plan/report"
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
	Name           string
	Refusal        string         // why no limits are given, though a stage has an answer or had one; else ""
	plans.Settings                // 0: the trials had no such limit; at least 1 replica
	Vary           map[string]any // values of settings that the limits were found with, by their names
	Proof          []string       // lines for people: which stages and trials say so, and what they do not say
}

// ProvenLimits are the services of a run for which a stage has an answer, in the
// order in which they were first asked about. Searches say the limits: where
// several were made of one service the later one wins in what it searched, and
// what none searched is as in the last one's trials. Where none was made, the
// last ramp or check that passed says them. A service whose trials ran without
// limits is left out; one of which a trial speaks against the limits is Refused.
func ProvenLimits(run journal.Run, choice Choice) []Service {
	var services []Service
	var addresses []string // of the services that the run asked about
	for _, s := range run.Stages {
		if !slices.Contains(addresses, s.Service) {
			addresses = append(addresses, s.Service)
		}
	}
	for _, address := range addresses {
		stages := slices.DeleteFunc(slices.Clone(run.Stages), func(s journal.Stage) bool { return s.Service != address })
		if why := refusal(run, stages, choice); why != "" {
			services = append(services, Service{Name: NameOf(address), Refusal: why})
			continue
		}
		decisive := decisiveStages(stages)
		var ran, answers plans.Settings
		vary := map[string]any{}
		for _, s := range decisive {
			trial, _ := provingTrial(s)
			ran = settingsOf(trial)
			answers = answer(s, choice).Over(answers)
			maps.Copy(vary, trial.Set.Vary)
		}
		limits := answers.Over(ran)
		if len(decisive) == 0 || limits.Limits == (plans.Limits{}) {
			continue
		}
		if why := tooLittle(decisive, answers, limits); why != "" {
			services = append(services, Service{Name: NameOf(address), Refusal: why})
			continue
		}
		services = append(services, Service{Name: NameOf(address), Settings: limits, Vary: vary,
			Proof: append(proof(stages, limits), startedApart(decisive)...)})
	}
	return services
}

// refusal is why the limits that stages of one service found are no proved ones;
// "" where nothing speaks against them.
func refusal(run journal.Run, stages []journal.Stage, choice Choice) string {
	for _, s := range stages {
		t, is := run.Disproof(s)
		switch {
		case is:
			return fmt.Sprintf("the answer of %s is disproved: %s at the same limits: %s", s.Address, t.ID, t.Why)
		case s.FailedBy == journal.Disproved && len(decisiveStages(stages)) == 0:
			last := s.Disproved[len(s.Disproved)-1]
			return fmt.Sprintf("every answer of %s is disproved; %s disproved the last one: %s", s.Address, last.Trial, last.Why)
		case choice != Recommended || s.Certificate == nil:
			continue
		}
		for _, t := range s.Trials {
			if t.ID == s.Certificate.Recommended && t.Verdict != journal.Passed {
				return fmt.Sprintf("%s failed at the limit that %s recommends: %s "+
					"(write --limits found to export the limit that passed)", t.ID, s.Address, t.Why)
			}
		}
	}
	return ""
}

// tooLittle is why limits are not proved where no stage searched memory: a trial passed
// with them because others were charged for files that it maps; "" where none did.
func tooLittle(decisive []journal.Stage, answers, limits plans.Settings) string {
	if answers.Memory > 0 || limits.Memory == 0 {
		return ""
	}
	for _, s := range decisive {
		t, _ := provingTrial(s)
		if need, elsewhere := report.NeedsAlone(t); need > limits.Memory {
			return fmt.Sprintf("%s passed at %s, but alone the service needs %s: "+
				"other containers were charged for %s of the files that it maps. Raise its limit, and run the plan again",
				t.ID, limits.Memory, need, elsewhere)
		}
	}
	return ""
}

// decisiveStages are the stages that say the limits of their service.
func decisiveStages(stages []journal.Stage) []journal.Stage {
	var searches, loads []journal.Stage
	for _, s := range stages {
		_, proved := provingTrial(s)
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

// provingTrial is the trial that proves the answer of a stage that has one.
func provingTrial(s journal.Stage) (journal.Trial, bool) {
	if s.Verdict != journal.Passed || s.Certificate == nil {
		return journal.Trial{}, false
	}
	i := s.Find(s.Certificate.Passed)
	if i < 0 {
		return journal.Trial{}, false
	}
	return s.Trials[i], true
}

// startedApart names each stage whose limits were found with another command or
// environment than those of the last one.
func startedApart(decisive []journal.Stage) []string {
	var lines []string
	for _, s := range decisive {
		last := decisive[len(decisive)-1]
		a, _ := provingTrial(s)
		b, _ := provingTrial(last)
		apart := !a.ConfiguredLike(b)
		for name, value := range a.Set.Vary {
			other, is := b.Set.Vary[name]
			apart = apart || is && !reflect.DeepEqual(value, other)
		}
		if apart {
			lines = append(lines, fmt.Sprintf("%s started the service with another command or environment than %s: "+
				"no trial shows that it passes with both limits.", s.Address, last.Address))
		}
	}
	return lines
}

// settingsOf are the settings of a trial.
func settingsOf(t journal.Trial) plans.Settings {
	s := t.Settings()
	s.Replicas = max(1, s.Replicas)
	return s
}

// answer is what a stage says by itself; nothing in what it did not search.
func answer(s journal.Stage, choice Choice) plans.Settings {
	point := s.Found
	if choice == Recommended {
		point = cmp.Or(s.Recommended, s.Found)
	}
	if point == nil {
		return plans.Settings{}
	}
	return journal.Settings(*point).Values()
}
