package runner

import (
	"time"

	"plan/engine"
)

// firstLookTime is how long a first look sees the load at its height.
const firstLookTime = 15 * time.Second

// lookTime is how long the load of a first look lasts. It is the beginning of
// the whole load, up to some time at its height: what fails in it would have
// failed in the whole load too. What is not judged comes on top, as a look at
// nothing else would show nothing.
func lookTime(l engine.Load) time.Duration { return max(l.Rise(), l.JudgedFrom()) + firstLookTime }
