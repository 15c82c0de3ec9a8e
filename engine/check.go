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
		return fmt.Errorf("the arrival rate must be from 0 to %g per second, not %v", maxRate, l.ArrivalRate)
	case l.WarmUp < 0:
		return fmt.Errorf("the warm-up must not be negative: %v", l.WarmUp)
	case l.Threads < 0:
		return fmt.Errorf("the number of threads must not be negative: %d", l.Threads)
	case l.Agents < 0 || l.Agents > l.Users:
		return fmt.Errorf("the number of agents must be from 1 to the %d users, not %d", l.Users, l.Agents)
	case l.Agent < 0 || l.Agent >= l.shares():
		return fmt.Errorf("the number of the agent must be from 0 to %d, not %d", l.shares()-1, l.Agent)
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
		return errors.New("a load cannot have both stages and an arrival rate: write the rate as a stage")
	case users && rates:
		return errors.New("a load cannot have stages of users and stages of a rate")
	}
	for i, s := range l.Stages {
		if err := s.check(l.Users); err != nil {
			return fmt.Errorf("load stage %d: %w", i+1, err)
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
		return fmt.Errorf("its time must not be negative: %v", s.Over)
	case s.Users < 0 || s.Users > most:
		return fmt.Errorf("its users must be from 0 to %d, not %d", most, s.Users)
	case !isRate(s.Rate):
		return fmt.Errorf("its rate must be from 0 to %g per second, not %v", maxRate, s.Rate)
	}
	return nil
}
