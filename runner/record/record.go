// Package record writes the lines of a run to its journal. A run that was cut off is
// resumed by running its plan again: what its journal has is the answer to each question
// that the run asked before, and only what follows is run and written:
// docs/decisions/0021-resume.md.
package record

import (
	"slices"
	"time"

	"plan/plans"
	"plan/runner/journal"
)

// Journal stores the lines of a run. A line is on disk once Append returns. Append
// returns the line as written, without secrets: only that is shown.
type Journal interface {
	Append(journal.Line) (journal.Line, error)
	// Keep removes all lines but the first n.
	Keep(n int) error
}

// Observer receives each trial and each answer, and whether the journal of a run that
// is resumed had it already.
type Observer interface {
	Trial(t journal.Trial, recorded bool)
	Stage(s journal.Stage, recorded bool)
}

// Record writes the lines of a run to the journal, and folds each into the
// journal.Run that reports are made from.
type Record struct {
	Run   journal.Run
	Known plans.Known // what later stages may refer to

	journal  Journal
	observer Observer
	past     []journal.Line // of a run that is resumed: what is not repeated yet
	repeated int            // lines of the journal that were repeated
	live     bool           // lines are written: all of the past is repeated
	refused  error          // why the run cannot be resumed

	configurations, scenarios numbers // what trials ran with
}

// New returns the record of a run that has begun nothing. Past are the lines that a run
// that is resumed has written; nil in a new run.
func New(to Journal, observer Observer, past []journal.Line) *Record {
	return &Record{
		Known:   plans.Known{Images: map[string]plans.ImageResult{}, Stages: map[string]plans.StageResult{}},
		journal: to, observer: observer, past: journal.Replayable(past), live: past == nil,
		configurations: numbers{}, scenarios: numbers{},
	}
}

// Live reports whether lines are written: a run that is resumed has repeated its past.
func (r *Record) Live() bool { return r.live }

// Append writes a line and folds it into the run, in that order. While a resumed run
// repeats its past, the line is in the journal already.
func (r *Record) Append(line journal.Line) error {
	past, err := r.repeat(line)
	switch {
	case err != nil:
		return err
	case past != nil:
		line = *past
	default:
		if err := r.Resume(); err != nil {
			return err
		}
		if line, err = r.journal.Append(line); err != nil {
			return err
		}
	}
	journal.Apply(&r.Run, line)
	switch {
	case line.Trial != nil:
		r.observer.Trial(*line.Trial, past != nil)
	case line.Type == journal.AnswerLine:
		r.observer.Stage(r.Run.Stages[r.Index(line.Stage.Address)], past != nil)
	}
	return nil
}

// End writes the last line: outputs, and how the run ended. A run that ended before
// all of its past was repeated has changed nothing: its journal stays as it was, and
// the run can be resumed again. The error is that of the journal; the Run has the
// outcome nevertheless.
func (r *Record) End(end journal.Header, outputs map[string]any) error {
	line := journal.Line{Type: journal.EndLine, End: &end, Outputs: outputs}
	if r.Next() != nil || r.refused != nil {
		for _, past := range r.past {
			journal.Apply(&r.Run, past)
		}
		end.Seconds = r.Run.Run.Seconds
		journal.Apply(&r.Run, line)
		return nil
	}
	err := r.Resume()
	end.Seconds = r.Run.Run.Elapsed(time.Now())
	if err == nil {
		line, err = r.journal.Append(line)
	}
	journal.Apply(&r.Run, line)
	if err != nil { // what is printed still shows how it ended
		r.Run.Run.Problem = err.Error()
	}
	return err
}

// Begin writes that a stage begins.
func (r *Record) Begin(stage journal.Stage) error {
	stage.Trials = nil
	return r.Append(journal.Line{Type: journal.StageLine, Stage: &stage})
}

// Answer writes what a stage found, and lets later stages refer to it.
func (r *Record) Answer(stage journal.Stage) error {
	r.Known.Stages[stage.Address] = plans.StageResult{
		Found: pointOf(stage.Found), Recommended: pointOf(stage.Recommended),
		Held: stage.Held, Met: stage.Met, Trials: len(stage.Trials),
	}
	stage.Trials = nil // each has a line of its own
	return r.Append(journal.Line{Type: journal.AnswerLine, Stage: &stage})
}

func pointOf(p *journal.Point) *plans.Point {
	if p == nil {
		return nil
	}
	return new(journal.Settings(*p).Point())
}

// Index returns the position of a stage; -1 when it has not begun.
func (r *Record) Index(address string) int {
	return slices.IndexFunc(r.Run.Stages, func(stage journal.Stage) bool { return stage.Address == address })
}

// Trials returns the number of finished trials of a stage.
func (r *Record) Trials(address string) int {
	if i := r.Index(address); i >= 0 {
		return len(r.Run.Stages[i].Trials)
	}
	return 0
}

// Unrepeated returns the number of finished trials of a stage without those that repeat
// an earlier one.
func (r *Record) Unrepeated(address string) int {
	n := 0
	if i := r.Index(address); i >= 0 {
		for _, t := range r.Run.Stages[i].Trials {
			if t.Repeats == "" {
				n++
			}
		}
	}
	return n
}

// NewStage returns a stage's record before anything was found. What it tried
// before at an answer that was disproved is set aside.
func (r *Record) NewStage(stage plans.Stage) journal.Stage {
	s := journal.Stage{
		SetAside: r.Trials(stage.Address),
		Address:  stage.Address, Kind: stage.Kind, Service: stage.Service.Address,
		HasLoad: stage.Load != nil, HasScenario: stage.Asks != nil, HasThreshold: len(stage.Threshold) > 0, LeakHorizon: stage.LeakHorizon.Seconds(),
	}
	for _, o := range stage.Threshold {
		s.Thresholds = append(s.Thresholds, journal.Threshold(o))
	}
	return s
}

// Skip answers a stage of the plan that no trial was run for.
func (r *Record) Skip(stage plans.Stage, verdict journal.Verdict, reason string) error {
	s := r.NewStage(stage)
	s.Verdict, s.Reason = verdict, reason
	if err := r.Begin(s); err != nil {
		return err
	}
	return r.Answer(s)
}
