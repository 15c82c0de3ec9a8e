package runner

import (
	"strings"
	"time"

	"plan/plans"
)

// progress reports to the observer what is happening, and how long the run can
// still take.
type progress struct {
	observer Observer
	stages   []plans.Stage
	record   *record
}

// doing reports what happens between trials.
func (p *progress) doing(what string) {
	p.observer.Status(Status{Doing: what, Left: p.timeLeft("", 0)})
}

// advance reports how far it has come with what it does.
func (p *progress) advance(what string) {
	p.observer.Status(Status{Doing: what, Passes: true, Left: p.timeLeft("", 0)})
}

// inTrial reports what happens in a trial.
func (p *progress) inTrial(spec trialSpec, doing string) {
	p.observer.Status(Status{
		Stage: spec.stage.Address, Trial: spec.id, Limits: limitsText(spec.limits), Users: spec.users,
		Doing: doing, Left: p.timeLeft(spec.stage.Address, p.record.trials(spec.stage.Address)),
	})
}

func limitsText(l plans.Settings) string {
	texts := l.Texts()
	if l.Memory == 0 {
		texts = append([]string{"no memory limit"}, texts...)
	}
	return strings.Join(texts, ", ")
}

// timeLeft returns the longest that the run can still take: the stages that have not
// begun, and of the present one the trials that are not done.
func (p *progress) timeLeft(present string, done int) time.Duration {
	var left time.Duration
	ahead := present == ""
	for _, stage := range p.stages {
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
