package engine

import (
	"errors"
	"fmt"
)

// maxRate is the highest arrival rate: one per nanosecond, the resolution of
// time.Duration.
const maxRate = 1e9

// Check returns the reason why Run would refuse the load, or nil. It does not
// check requests and feeds; Run does.
func (l Load) Check() error {
	switch {
	case l.Users < 1:
		return errors.New("a load needs at least one user")
	case l.Runtime <= 0:
		return errors.New("a load needs a runtime above 0")
	case !isRate(l.ArrivalRate):
		return fmt.Errorf("an arrival rate of %v per second cannot be", l.ArrivalRate)
	case l.WarmUp < 0:
		return fmt.Errorf("a warm-up of %v cannot be", l.WarmUp)
	case l.Threads < 0:
		return fmt.Errorf("a load cannot run on %d threads", l.Threads)
	}
	if err := l.checkStages(); err != nil {
		return err
	}
	return l.ThinkTime.check()
}

func isRate(rate float64) bool { return rate >= 0 && rate <= maxRate }

func (l Load) checkStages() error {
	users, rates := false, false
	for _, s := range l.Stages {
		users, rates = users || s.Users > 0, rates || s.Rate > 0
	}
	switch {
	case len(l.Stages) == 0:
		return nil
	case l.ArrivalRate > 0:
		return errors.New("a load has stages or an arrival rate, not both: write the rate as a stage")
	case users && rates:
		return errors.New("the stages of a load are all of users or all of a rate, not of both")
	}
	for i, s := range l.Stages {
		if err := s.check(l.Users); err != nil {
			return fmt.Errorf("stage %d: %w", i+1, err)
		}
	}
	if !users && !rates {
		return errors.New("the stages of a load need at least one target above 0")
	}
	return nil
}

// check returns the reason why the stage is invalid in a load of at most so
// many users, or nil.
func (s Stage) check(most int) error {
	switch {
	case s.Over < 0:
		return fmt.Errorf("it cannot take %v", s.Over)
	case s.Users < 0 || s.Users > most:
		return fmt.Errorf("%d users, of a load that has up to %d", s.Users, most)
	case !isRate(s.Rate):
		return fmt.Errorf("a rate of %v per second cannot be", s.Rate)
	}
	return nil
}
