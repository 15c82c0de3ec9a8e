package answer

import (
	"plan/internal/units"
	"plan/plans"
	"plan/runner/journal"
)

// leastCorrection is the least that an answer is corrected by. A static binary that
// runs elsewhere too, such as the agent, is less, and within the margin of what is
// recommended.
const leastCorrection = 20 * units.MiB

// correct raises the index of a found value by the correction of the trial that
// passed, rounded up to the grid; false where that is beyond its end. The correction
// is the files that one of the trial's containers maps and others are charged for,
// since they read them before or map them too. On another machine they are charged
// to the service.
func correct(s *journal.Stage, grid []int64, found int, passed string) (corrected int, within bool) {
	if s.Dimension != plans.Memory {
		return found, true
	}
	need := grid[found]
	for _, t := range s.Trials {
		if t.ID != passed {
			continue
		}
		s.Corrected, s.SharedWith = 0, nil
		for _, one := range t.Instances {
			s.Corrected = max(s.Corrected, one.Files.Elsewhere())
		}
		if s.Corrected < int64(leastCorrection) {
			s.Corrected = 0
			continue
		}
		s.SharedWith = t.SharedWith
		if len(t.Instances) > 1 {
			s.SharedWith = append(s.SharedWith, "the other replicas")
		}
		for _, one := range t.Instances {
			if charged := mostNeeded(one); charged != nil {
				need = max(need, *charged+s.Corrected)
			}
		}
	}
	return ceiling(grid, need), need <= grid[len(grid)-1]
}
