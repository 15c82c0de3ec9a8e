package runner

import (
	"fmt"
	"slices"
	"time"

	"plan/plans"
	"plan/runner/journal"
)

// record writes the lines of a run to the journal, and folds each into the
// journal.Run that reports are made from.
type record struct {
	journal  Journal
	observer Observer
	run      journal.Run
	known    plans.Known // what later stages may refer to

	past     []journal.Line // of a run that is resumed: what is not repeated yet
	repeated int            // lines of the journal that were repeated
	live     bool           // lines are written: all of the past is repeated
	refused  error          // why the run cannot be resumed
}

// append writes a line and folds it into the run, in that order. While a resumed run
// repeats its past, the line is in the journal already.
func (r *record) append(line journal.Line) error {
	past, err := r.repeat(line)
	switch {
	case err != nil:
		return err
	case past != nil:
		line = *past
	default:
		if err := r.resume(); err != nil {
			return err
		}
		if line, err = r.journal.Append(line); err != nil {
			return err
		}
	}
	journal.Apply(&r.run, line)
	switch {
	case line.Trial != nil:
		r.observer.Trial(*line.Trial, past != nil)
	case line.Type == journal.AnswerLine:
		r.observer.Stage(r.run.Stages[r.index(line.Stage.Address)], past != nil)
	}
	return nil
}

// end writes the last line: outputs, and how the run ended. A run that ended before
// all of its past was repeated has changed nothing: its journal stays as it was, and
// the run can be resumed again.
func (r *record) end(end journal.Header, outputs map[string]any) {
	line := journal.Line{Type: journal.EndLine, End: &end, Outputs: outputs}
	if r.next() != nil || r.refused != nil {
		for _, past := range r.past {
			journal.Apply(&r.run, past)
		}
		end.Seconds = r.run.Run.Seconds
		journal.Apply(&r.run, line)
		return
	}
	err := r.resume()
	end.Seconds = r.run.Run.Elapsed(time.Now())
	if err == nil {
		line, err = r.journal.Append(line)
	}
	journal.Apply(&r.run, line)
	if err != nil { // what is printed still shows how it ended
		r.run.Run.Problem = err.Error()
		if r.run.Run.ExitCode == ExitMet {
			r.run.Run.ExitCode = ExitEnvironment
		}
	}
}

// begin writes that a stage begins.
func (r *record) begin(stage journal.Stage) error {
	stage.Trials = nil
	return r.append(journal.Line{Type: journal.StageLine, Stage: &stage})
}

// answer writes what a stage found, and lets later stages refer to it.
func (r *record) answer(stage journal.Stage) error {
	r.known.Stages[stage.Address] = plans.StageResult{
		Found: pointOf(stage.Found), Recommended: pointOf(stage.Recommended),
		Held: stage.Held, Met: stage.Met, Trials: len(stage.Trials),
	}
	stage.Trials = nil // each has a line of its own
	return r.append(journal.Line{Type: journal.AnswerLine, Stage: &stage})
}

func pointOf(p *journal.Point) *plans.Point {
	if p == nil {
		return nil
	}
	return new(journal.Settings(*p).Point())
}

// index returns the position of a stage; -1 when it has not begun.
func (r *record) index(address string) int {
	return slices.IndexFunc(r.run.Stages, func(stage journal.Stage) bool { return stage.Address == address })
}

// trials returns the number of finished trials of a stage.
func (r *record) trials(address string) int {
	if i := r.index(address); i >= 0 {
		return len(r.run.Stages[i].Trials)
	}
	return 0
}

// unrepeated returns the number of finished trials of a stage without those that repeat
// an earlier one.
func (r *record) unrepeated(address string) int {
	n := 0
	if i := r.index(address); i >= 0 {
		for _, t := range r.run.Stages[i].Trials {
			if t.Repeats == "" {
				n++
			}
		}
	}
	return n
}

// newStage returns a stage's record before anything was found. What it tried
// before at an answer that was disproved is set aside.
func (r *record) newStage(stage plans.Stage) journal.Stage {
	s := journal.Stage{
		SetAside: r.trials(stage.Address),
		Address:  stage.Address, Kind: stage.Kind, Service: stage.Service.Address,
		HasLoad: stage.Load != nil, HasScenario: stage.Asks != nil, HasThreshold: len(stage.Threshold) > 0, LeakHorizon: stage.LeakHorizon.Seconds(),
	}
	for _, o := range stage.Threshold {
		s.Thresholds = append(s.Thresholds, journal.Threshold(o))
	}
	return s
}

// skip answers a stage of the plan that no trial was run for.
func (r *record) skip(stage plans.Stage, verdict journal.Verdict, reason string) error {
	s := r.newStage(stage)
	s.Verdict, s.Reason = verdict, reason
	if err := r.begin(s); err != nil {
		return err
	}
	return r.answer(s)
}

// stageOf returns a stage as the plan has it, before anything was found.
func stageOf(plan *plans.Plan, address string) plans.Stage {
	for _, stage := range plan.Stages {
		if stage.Address == address {
			return stage
		}
	}
	panic(fmt.Sprintf("no stage %s in the plan", address))
}
