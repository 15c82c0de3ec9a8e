package runner

import (
	"context"
	"errors"
	"strings"
	"time"

	"plan/engine"
	"plan/internal/units"
	"plan/plans"
	"plan/runner/journal"
	"plan/runner/judge"
)

// A load that had too few samples is repeated with a runtime that is long enough,
// with some to spare, since random draws may bring fewer; at most plans.Extended times
// as long as planned.
const spareSamples = 1.1

// missingRuntime returns how much longer the load of a trial has to be to have the
// samples that its thresholds need, or to distinguish a leak from a heap that is filled;
// 0 where it was long enough, and where so long a load is not allowed or does not fit
// into the guard's runtime.
func (r *run) missingRuntime(ctx context.Context, spec trialSpec, t journal.Trial) time.Duration {
	if t.Reason == nil {
		return 0
	}
	var more time.Duration
	switch *t.Reason {
	case journal.Samples:
		neediest, request := judge.Neediest(spec.stage.Threshold, t.Load.JudgedOf)
		needed, have := neediest.Samples(), t.Load.JudgedOf(request).OK
		more = units.Seconds(t.Load.Judged.Seconds * (spareSamples*float64(needed)/float64(have) - 1)).Round(time.Second)
		var extra time.Duration // that the load is longer than planned already
		if spec.extraRuntime != nil {
			extra = *spec.extraRuntime
		}
		if extra+more > (plans.Extended-1)*(spec.load.Runtime-extra) {
			return 0
		}
	case journal.Leak:
		if !spec.load.EndsHighest() {
			return 0
		}
		more = (plans.LeakWindow - t.Load.Steady() + plans.LeakSpare).Round(time.Second)
	default:
		return 0
	}
	if end, bounded := ctx.Deadline(); bounded && time.Until(end) < units.Seconds(t.Seconds.Total)+more {
		return 0
	}
	return more
}

// ending ends a load as soon as its seconds show enough.
type ending struct {
	Observer
	enough  func(seconds []engine.Window) error // the cause of the end; nil: the load goes on
	seconds []engine.Window
	end     context.CancelCauseFunc
}

// Window takes the figures of one more second.
func (e *ending) Window(w engine.Window) {
	e.Observer.Window(w)
	e.seconds = append(e.seconds, w)
	if cause := e.enough(e.seconds); cause != nil {
		e.end(cause)
	}
}

// errShown ends a load that grows.
var errShown = errors.New("its windows show enough")

// lost ends the load of a trial that can no longer keep these thresholds.
type lost struct{ metrics string }

func (l lost) Error() string { return "it could no longer keep its threshold of " + l.metrics }

// enough returns what ends the load of a trial before its runtime; nil: nothing does. A
// load that grows ends when its windows show enough. That of a trial by which a search
// only decides where it continues ends when it can no longer keep a threshold.
func (s trialSpec) enough() func(seconds []engine.Window) error {
	switch {
	case s.growth != nil:
		return func(seconds []engine.Window) error {
			if s.growth.Enough(seconds) {
				return errShown
			}
			return nil
		}
	case s.stage.Kind == plans.Search || s.stage.Auto != nil:
		return func(seconds []engine.Window) error {
			var metrics []string
			for _, o := range judge.Lost(seconds, *s.load, s.stage.Threshold) {
				metrics = append(metrics, o.Metric)
			}
			if len(metrics) > 0 {
				return lost{strings.Join(metrics, " and ")}
			}
			return nil
		}
	}
	return nil
}
