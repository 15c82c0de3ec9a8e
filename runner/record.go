package runner

import (
	"fmt"
	"slices"

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
}

// append writes a line and folds it into the run, in that order.
func (r *record) append(line journal.Line) error {
	line, err := r.journal.Append(line)
	if err != nil {
		return err
	}
	journal.Apply(&r.run, line)
	switch {
	case line.Trial != nil:
		r.observer.Trial(*line.Trial)
	case line.Type == journal.AnswerLine:
		r.observer.Stage(r.run.Stages[r.index(line.Stage.Address)])
	}
	return nil
}

// end writes the last line: outputs, and how the run ended.
func (r *record) end(end journal.Header, outputs map[string]any) {
	line, err := r.journal.Append(journal.Line{Type: journal.EndLine, End: &end, Outputs: outputs})
	journal.Apply(&r.run, line)
	if err != nil { // what is printed still shows how it ended
		r.run.Run.Problem, r.run.Run.ExitCode = err.Error(), ExitEnvironment
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
		Found: settingsOf(stage.Found), Recommended: settingsOf(stage.Recommended),
		Held: stage.Held, Met: stage.Met, Trials: len(stage.Trials),
	}
	stage.Trials = nil // each has a line of its own
	return r.append(journal.Line{Type: journal.AnswerLine, Stage: &stage})
}

func settingsOf(p *journal.Point) *plans.Settings {
	if p == nil {
		return nil
	}
	return new(journal.Settings(*p).Values())
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

// newStage returns a stage's record before anything was found. What it tried
// before at an answer that was disproved is set aside.
func (r *record) newStage(stage plans.Stage) journal.Stage {
	return journal.Stage{
		SetAside: r.trials(stage.Address),
		Address:  stage.Address, Kind: stage.Kind, Service: stage.Service.Address,
		HasLoad: stage.Load != nil, HasThreshold: len(stage.Threshold) > 0, Thresholds: thresholdsOf(stage.Threshold),
	}
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

// thresholdsOf returns the thresholds of a stage as the journal has them.
func thresholdsOf(all []plans.Objective) []journal.Threshold {
	var list []journal.Threshold
	for _, o := range all {
		list = append(list, journal.Threshold(o))
	}
	return list
}
