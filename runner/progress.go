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
	p.observer.Status(Status{Doing: what, Left: p.left("", 0)})
}

// advance reports how far it has come with what it does.
func (p *progress) advance(what string) {
	p.observer.Status(Status{Doing: what, Passes: true, Left: p.left("", 0)})
}

// trial reports what happens in a trial.
func (p *progress) trial(o order, doing string) {
	p.observer.Status(Status{
		Stage: o.stage.Address, Trial: o.id, Limits: limitsText(o.limits), Users: o.users,
		Doing: doing, Left: p.left(o.stage.Address, p.record.trials(o.stage.Address)),
	})
}

func limitsText(l plans.Settings) string {
	texts := l.Texts()
	if l.Memory == 0 {
		texts = append([]string{"no memory limit"}, texts...)
	}
	return strings.Join(texts, ", ")
}

// left returns the longest that the run can still take: the stages that have not
// begun, and of the present one the trials that are not done.
func (p *progress) left(present string, done int) time.Duration {
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
