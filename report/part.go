package report

import (
	"fmt"
	"slices"

	"plan/plans"
	"plan/runner/journal"
)

// Grid is a table as values, for forms that lay tables out themselves.
type Grid struct {
	Title  string
	Header []string
	Rows   [][]string
}

func (t table) grid(title string) Grid { return Grid{Title: title, Header: t.header, Rows: t.rows} }

// Part is what the tables print of a stage.
type Part struct {
	Title    string
	Sentence string // the answer
	Answer   string // the same in a word or two
	Disproof string // what speaks against the answer; "" of one that holds
	Tables   []Grid
	Reasons  []string // why trials did not pass
	Doubts   []string // what else is to be said of the trials
}

// PartOf returns what the tables print of a stage of a run.
func PartOf(whole journal.Stage, run journal.Run) Part {
	s := whole.Counted()
	p := Part{Title: title(s), Sentence: Sentence(whole), Answer: answer(s), Doubts: slices.Concat(setAside(whole), doubts(s))}
	if t, is := run.Disproof(whole); is {
		p.Disproof = disproofOf(s, t)
	}
	tables := []Grid{loadTable(s).grid("")}
	if s.Kind == plans.Search {
		tables[0] = searchTable(s).grid("")
	} else {
		p.Reasons = reasons(s)
	}
	tables = append(tables, instanceTable(s).grid("Each replica"), requestTable(s).grid("By request, over the whole load"))
	p.Tables = slices.DeleteFunc(tables, func(g Grid) bool { return len(g.Rows) == 0 })
	return p
}

// disproofOf says what a trial speaks against.
func disproofOf(s journal.Stage, t journal.Trial) string {
	return fmt.Sprintf("That is disproved: %s at %s: %s.", t.ID, trialValue(s, t), why(t))
}

// Summary is the table of a run, with a row for each stage.
func Summary(run journal.Run) Grid { return summaryTable(run).grid("") }

// Problem says why a run could not go on, and what to do; nil where it did.
func Problem(h journal.Header) []string { return problemLines(h) }

// TrialName names a trial of a stage: by its limit or its users.
func TrialName(s journal.Stage, t journal.Trial) string { return who(s, t) }

// Why is the one line that a trial has for people.
func Why(t journal.Trial) string { return why(t) }

// Inference is what is known of values of a search that were not tried.
type Inference struct {
	From, To float64
	Verdict  journal.Verdict // "" where nothing is known
}

// Inferences returns the ranges of values of a search that were not tried,
// rising.
func Inferences(s journal.Stage) []Inference {
	var all []Inference
	for _, span := range spansOf(cellsOf(s.Counted())) {
		if span.untried() {
			all = append(all, Inference{From: span.from, To: span.to, Verdict: span.verdict})
		}
	}
	return all
}

// Searched is the value of a trial in the dimension of its search: bytes, CPUs
// or a number.
func Searched(s journal.Stage, t journal.Trial) float64 { return searched(s.Dimension, t) }

// PointValue is an answer in the dimension of its search; 0 of none.
func PointValue(s journal.Stage, p *journal.Point) float64 {
	if p == nil {
		return 0
	}
	return pointValue(s.Dimension, *p)
}

// OutputText prints the value of an output as JSON, unknown as a dash.
func OutputText(v any) string { return outputText(v) }
