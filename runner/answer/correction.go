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

// correction returns by how many bytes the need of a trial is above its limit: the
// files that one of its containers maps and others are charged for, since they
// read them before or map them too. On another machine they are charged to the
// service. sharedWith names who is charged.
func correction(t journal.Trial) (bytes int64, sharedWith []string) {
	for _, one := range t.Instances {
		bytes = max(bytes, one.Files.Elsewhere())
	}
	if bytes < int64(leastCorrection) {
		return 0, nil
	}
	if len(t.Instances) > 1 {
		return bytes, append(t.SharedWith, "the other replicas")
	}
	return bytes, t.SharedWith
}

// correct raises the index of a found value by the correction of the trial that
// passed, rounded up to the grid; false where that is beyond its end.
func correct(s *journal.Stage, grid []int64, found int, passed string) (corrected int, within bool) {
	if s.Dimension != plans.Memory {
		return found, true
	}
	need := grid[found]
	for _, t := range s.Trials {
		if t.ID != passed {
			continue
		}
		s.Corrected, s.SharedWith = correction(t)
		for _, one := range t.Instances {
			if charged := mostNeeded(one); charged != nil && s.Corrected > 0 {
				need = max(need, *charged+s.Corrected)
			}
		}
	}
	return ceiling(grid, need), need <= grid[len(grid)-1]
}
