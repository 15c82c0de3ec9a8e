package report

import (
	"fmt"
	"slices"

	"plan/internal/tty"
	"plan/plans"
	"plan/runner/journal"
)

// Part is what the tables print of a stage, for formats that are no text.
type Part struct {
	Title    string
	Sentence string          // the answer
	Answer   string          // the same in a few words
	Disproof string          // the trial that disproves the answer; "" where none does
	Verdict  journal.Verdict // of the stage; failed where its answer is disproved
	Tables   []NamedTable
	Reasons  []string // why trials did not pass
	Doubts   []string // all other remarks on the trials
	Log      []string // of a stage without an answer, the end of the log of a trial
}

// NamedTable is a table with a name; "" is the name of the table of trials.
type NamedTable struct {
	Name   string
	Header []string
	Rows   [][]string
}

// PartOf returns what the tables print of a stage of a run.
func PartOf(whole journal.Stage, run journal.Run) Part {
	s := whole.Counted()
	p := Part{
		Title: questionOf(s).Title(), Sentence: Sentence(whole), Answer: answerText(s),
		Doubts: slices.Concat(setAsideLines(whole), doubts(s)), Log: logLines(whole), Verdict: s.Verdict,
	}
	if t, is := run.Disproof(whole); is { // the run ended before the search could continue
		p.Disproof = fmt.Sprintf("%s disproves this at %s: %s.", t.ID, trialValue(s, t), Reason(t))
		p.Verdict = journal.Failed
	}
	trials := loadTable(s)
	if s.Kind == plans.Search {
		trials = searchTable(s)
	} else {
		p.Reasons = reasonRemarks(s)
	}
	add := func(name string, t tty.Table) {
		if len(t.Rows) > 0 {
			p.Tables = append(p.Tables, NamedTable{Name: name, Header: t.Header, Rows: t.Rows})
		}
	}
	add("", trials)
	add("Each replica", instanceTable(s))
	add("By request, over the whole load", requestTable(s))
	return p
}

// Summary returns the table of a run, with a row for each stage.
func Summary(run journal.Run) NamedTable {
	t := summaryTable(run)
	return NamedTable{Header: t.Header, Rows: t.Rows}
}

// Inference is a range of values of a search without a trial.
type Inference struct {
	From, To float64         // bytes, CPUs or a number
	Verdict  journal.Verdict // inferred from other trials; "" where nothing is known
}

// Inferences returns the ranges of values of a search without a trial, in
// ascending order.
func Inferences(s journal.Stage) []Inference {
	var all []Inference
	for _, span := range spansOf(cellsOf(s.Counted())) {
		if span.isUntried() {
			all = append(all, Inference{From: span.from, To: span.to, Verdict: span.verdict})
		}
	}
	return all
}
