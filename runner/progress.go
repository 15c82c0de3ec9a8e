package runner

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"plan/plans"
	"plan/runner/answer"
	"plan/runner/record"
)

// progress reports to the observer what is happening, and how long the run can
// still take.
type progress struct {
	observer Observer
	stages   []plans.Stage
	record   *record.Record
	searches map[string]*answer.Search // by address
	ahead    map[string]plans.Bounds   // expected of stages that have not begun
	end      time.Time                 // when the guard stops the run; zero: it does not
}

// doing reports what happens between trials.
func (p *progress) doing(what string) {
	p.report(Status{Doing: what}, 0)
}

// report adds how long the run can still take, when that many trials of the stage are
// done.
func (p *progress) report(s Status, done int) {
	likely := p.likely(s.Stage)
	likely.Longest = p.timeLeft(s.Stage, done)
	if !p.end.IsZero() {
		likely = likely.Within(max(time.Second, time.Until(p.end)))
	}
	s.Left, s.Likely, s.Trials = likely.Longest, likely.Time, likely.Trials
	p.observer.Status(s)
}

// likely returns what the run is expected to take from the present stage on.
func (p *progress) likely(present string) plans.Bounds {
	var all plans.Bounds
	ahead := present == ""
	for _, stage := range p.stages {
		var b plans.Bounds
		switch h := p.searches[stage.Address]; {
		case stage.Address == present && h != nil:
			b = h.Expected()
		case stage.Address == present || ahead:
			b = p.expected(stage)
		}
		if stage.Address == present {
			ahead = true
			if stage.Kind != plans.Search {
				left := max(0, b.Trials-p.record.Trials(present))
				b = plans.Bounds{Trials: left, Time: b.Time * time.Duration(left) / time.Duration(max(1, b.Trials))}
			}
		}
		all = all.Plus(b)
	}
	return all
}

// expected returns what a stage is expected to take before it has begun.
func (p *progress) expected(stage plans.Stage) plans.Bounds {
	b, known := p.ahead[stage.Address]
	if !known {
		b = stage.Expected()
		p.ahead[stage.Address] = b
	}
	return b
}

// advance reports how far it has come with what it does.
func (p *progress) advance(what string) {
	p.report(Status{Doing: what, Passes: true}, 0)
}

// inTrial reports what happens in a trial.
func (p *progress) inTrial(spec trialSpec, doing string) {
	done := p.record.Unrepeated(spec.stage.Address)
	if spec.repeats != "" {
		done--
	}
	p.report(Status{
		Stage: spec.stage.Address, Trial: spec.id, Limits: limitsText(spec.limits, spec.vary), Users: spec.users,
		Doing: doing,
	}, done)
}

func limitsText(l plans.Settings, vary map[string]any) string {
	texts := l.Texts()
	if l.Memory == 0 {
		texts = append([]string{"no memory limit"}, texts...)
	}
	for _, name := range slices.Sorted(maps.Keys(vary)) {
		texts = append(texts, fmt.Sprintf("%s %v", name, vary[name]))
	}
	return strings.Join(texts, ", ")
}

// timeLeft returns the longest that the run can still take: the stages that have not
// begun, and of the present one the trials that are not done.
func (p *progress) timeLeft(present string, done int) time.Duration {
	var left plans.Bounds
	ahead := present == ""
	for _, stage := range p.stages {
		b := stage.Bounds()
		if stage.Address == present {
			ahead = true
			b.Longest = b.Longest / time.Duration(max(1, b.Trials)) * time.Duration(max(0, b.Trials-done))
		}
		if ahead {
			left = left.Plus(b)
		}
	}
	return left.Longest
}
