package answer

import (
	"plan/internal/units"
	"plan/plans"
	"plan/runner/journal"
	"plan/runner/search"
)

// leastCorrection is the least that an answer is corrected by. A static binary that
// runs elsewhere too, such as the agent, is less, and within the margin of what is
// recommended.
const leastCorrection = 20 * units.MiB

// correct raises the memory of a found cell by the correction of the trial that proves
// it, rounded up to the grid; false where that is beyond its end. The correction
// is the files that one of the trial's containers maps and others are charged for,
// since they read them before or map them too. On another machine they are charged
// to the service.
func correct(s *journal.Stage, stage plans.Stage, found search.Cell) (corrected search.Cell, within bool) {
	if _, varied := stage.Varied(plans.Memory); !varied {
		return found, true
	}
	need := stage.At(found)
	for _, t := range s.Trials {
		if t.ID != s.Certificate.Passed {
			continue
		}
		alone, elsewhere := Alone(t)
		s.Corrected, s.SharedWith = int64(elsewhere), nil
		if elsewhere == 0 {
			continue
		}
		s.SharedWith = t.SharedWith
		if len(t.Instances) > 1 {
			s.SharedWith = append(s.SharedWith, "the other replicas")
		}
		need.Memory = max(need.Memory, alone)
	}
	return stage.Above(need)
}

// Alone returns what a container of a trial needs where others are charged for none of
// its files, and how many bytes of these they were charged for in the trial; 0 and 0
// where that is not known, or too little to count.
func Alone(t journal.Trial) (need, elsewhere units.Bytes) {
	for _, one := range t.Instances {
		elsewhere = max(elsewhere, units.Bytes(one.Files.Elsewhere()))
	}
	if elsewhere < leastCorrection {
		return 0, 0
	}
	for _, one := range t.Instances {
		if charged := MostNeeded(one); charged != nil {
			need = max(need, units.Bytes(*charged)+elsewhere)
		}
	}
	return need, elsewhere
}
