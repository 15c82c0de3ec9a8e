package runner

import (
	"strings"
	"time"

	"plan/plans"
)

// doing tells what happens between trials.
func (s *run) doing(what string) { s.Observer.Status(Status{Doing: what, Left: s.left("", 0)}) }

// advance tells how far it is with what it does.
func (s *run) advance(what string) {
	s.Observer.Status(Status{Doing: what, Passes: true, Left: s.left("", 0)})
}

func (s *run) status(o order, doing string) {
	s.Observer.Status(Status{
		Stage: o.stage.Address, Trial: o.id, Limits: limitsText(o.limits), Users: o.users,
		Doing: doing, Left: s.left(o.stage.Address, s.done(o.stage.Address)),
	})
}

func limitsText(l plans.Settings) string {
	texts := l.Texts()
	if l.Memory == 0 {
		texts = append([]string{"no memory limit"}, texts...)
	}
	return strings.Join(texts, ", ")
}

// done counts the finished trials of a stage.
func (s *run) done(address string) int {
	if i := s.place(address); i >= 0 {
		return len(s.record.Stages[i].Trials)
	}
	return 0
}

// left is the longest that the run can still take: the stages not begun, and
// of the present one the trials not done.
func (s *run) left(present string, done int) time.Duration {
	var left time.Duration
	ahead := present == ""
	for _, stage := range s.Plan.Stages {
		b := stage.Bounds()
		switch {
		case stage.Address == present:
			ahead = true
			left += b.Time * time.Duration(max(0, b.Trials-done)) / time.Duration(max(1, b.Trials))
		case ahead:
			left += b.Time
		}
	}
	return left
}
