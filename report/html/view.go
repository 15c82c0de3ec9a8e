package html

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"plan/internal/tty"
	"plan/report"
	"plan/runner/journal"
)

// view is what the template prints.
type view struct {
	Title, Subtitle, Footer string
	Problem                 []string
	Summary, Outputs        table
	Stages                  []stageView
	Machine, Helpers        table
	Environment             []table
	Doubts                  []string
}

type stageView struct {
	Anchor, Address, Title, Sentence, Disproof string
	Verdict                                    journal.Verdict
	Proof                                      []link
	Pictures                                   []string
	Tables                                     []table
	Reasons                                    []string
	Trials                                     []trialView
}

// link is a trial that proves an answer.
type link struct {
	ID, Anchor string
	Verdict    journal.Verdict
}

type trialView struct {
	ID, Anchor, Name, Why string
	Verdict               journal.Verdict
	Proves                bool
	Failures, Notes       []string
	Pictures              []string
	Tables                []table
	Log                   []string
}

func viewOf(run journal.Run) view {
	h := run.Run
	v := view{
		Title: run.Plan.Name,
		Subtitle: fmt.Sprintf("Run %s, %s, %s", h.ID, h.Started.UTC().Format("2006-01-02 15:04 UTC"),
			tty.Seconds(&h.Seconds)),
		Footer: "Written by plan " + h.Version + " from the journal of the run. Bytes are powers of 1024; " + tty.Unknown +
			" marks values that were not or cannot be measured.",
		Problem: report.Problem(run), Summary: report.Summary(run),
		Machine: machine(run), Helpers: report.HelpersTable(run), Environment: environment(run), Doubts: doubts(run),
	}
	v.Summary.Name = "Stages"
	v.Outputs = table{Name: "Outputs", Header: []string{"output", "value"}}
	for _, name := range slices.Sorted(maps.Keys(run.Outputs)) {
		v.Outputs.Rows = append(v.Outputs.Rows, []string{name, report.OutputText(run.Outputs[name])})
	}
	for _, s := range run.Stages {
		v.Stages = append(v.Stages, stageOf(s, run))
	}
	return v
}

func anchor(id string) string { return "trial-" + strings.ReplaceAll(id, "/", "-") }

func stageOf(s journal.Stage, run journal.Run) stageView {
	part := report.PartOf(s, run)
	v := stageView{
		Anchor: "stage-" + s.Address, Address: s.Address, Title: part.Title, Sentence: part.Sentence, Disproof: part.Disproof,
		Verdict: part.Verdict,
		Tables:  part.Tables, Reasons: part.Reasons,
	}
	for i := range v.Tables {
		v.Tables[i].Name = cmp.Or(v.Tables[i].Name, "Trials of "+s.Address)
	}
	for _, c := range stageCharts(s) {
		v.Pictures = append(v.Pictures, c.SVG())
	}
	for _, id := range proof(s) {
		for _, t := range allTrials(run) {
			if t.ID == id {
				v.Proof = append(v.Proof, link{ID: id, Anchor: anchor(id), Verdict: t.Verdict})
			}
		}
	}
	for _, t := range s.Trials {
		v.Trials = append(v.Trials, trialOf(s, t))
	}
	return v
}

func allTrials(run journal.Run) []journal.Trial {
	var all []journal.Trial
	for _, s := range run.Stages {
		all = append(all, s.Trials...)
	}
	return all
}

// proof lists the trials that prove the answer of a stage.
func proof(s journal.Stage) []string {
	if s.Certificate == nil {
		return nil
	}
	ids := append([]string{s.Certificate.Passed}, s.Certificate.Failed...)
	return slices.DeleteFunc(append(ids, s.Certificate.Recommended), func(id string) bool { return id == "" })
}

func trialOf(s journal.Stage, t journal.Trial) trialView {
	v := trialView{
		ID: t.ID, Anchor: anchor(t.ID), Name: report.TrialName(s, t), Why: report.Reason(t), Verdict: t.Verdict,
		Proves: slices.Contains(proof(s), t.ID),
		Notes:  slices.Clone(t.Notes), Tables: []table{lifeCycle(t), limits(t), figures(t)},
	}
	if len(t.Failures) > 1 {
		v.Failures = t.Failures
	}
	if t.NotEvicted != "" {
		v.Notes = append(v.Notes, "Files may have been in the page cache before it: "+t.NotEvicted)
	}
	if c := timeline(s, t); !c.Empty() {
		v.Pictures = append(v.Pictures, c.SVG())
	}
	if c, measured := latencies(t); measured {
		v.Pictures = append(v.Pictures, c.SVG())
	}
	v.Tables = append(v.Tables, errorsOf(t), firstRequests(t), processes(t))
	v.Tables = slices.DeleteFunc(v.Tables, func(t table) bool { return len(t.Rows) == 0 })
	if t.Evidence != nil {
		v.Log = slices.Clone(t.Evidence.Log[max(0, len(t.Evidence.Log)-mostLines):])
		for i, line := range v.Log {
			if letters := []rune(line); len(letters) > mostLetter {
				v.Log[i] = string(letters[:mostLetter]) + "…"
			}
		}
	}
	return v
}

// Of a log the page has the last lines, each up to a length.
const (
	mostLines  = 30
	mostLetter = 400
)
