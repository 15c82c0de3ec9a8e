package watch

import (
	"sync"
	"time"

	"plan/internal/units"
	"plan/runner/journal"
	"plan/runner/judge"
)

// Clock notices that the process, or the machine, stands still.
type Clock struct {
	mu    sync.Mutex
	last  time.Time // when it was looked at
	stood judge.Stop
	quit  chan struct{}
}

// StartClock returns a clock that is looked at until Stop.
func StartClock() *Clock {
	c := &Clock{last: time.Now(), quit: make(chan struct{})}
	go func() {
		tick := time.NewTicker(Every)
		defer tick.Stop()
		for {
			select {
			case <-c.quit:
				return
			case <-tick.C:
				c.Stood()
			}
		}
	}()
	return c
}

// Stop ends a clock of StartClock.
func (c *Clock) Stop() { close(c.quit) }

// Stood returns the first time for which the process stood still since the clock began; the zero Stop if it did not. It
// counts the time until now: what waited meanwhile may go on before the next tick.
func (c *Clock) Stood() judge.Stop {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if s := suspension(c.last, now); c.stood == (judge.Stop{}) {
		c.stood = s
	}
	c.last = now
	return c.stood
}

// standstill is the longest time between two samples, besides their interval, that a trial may have.
const standstill = 2 * time.Second

// suspension returns why a trial shows nothing where the process, or the machine, stood still between two samples: a
// stop by SIGSTOP counts on the monotonic clock, the suspension of a machine only on the clock of the wall.
func suspension(last, now time.Time) judge.Stop {
	gap := max(now.Sub(last), now.Round(0).Sub(last.Round(0)))
	if gap <= standstill+Every {
		return judge.Stop{}
	}
	why := "plan stood still for " + units.Duration(gap.Round(100*time.Millisecond))
	return judge.Stop{Reason: journal.Suspended, Why: why}
}
