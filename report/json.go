package report

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"

	"plan/runner/journal"
)

// document is a run as format 1 has it.
type document struct {
	journal.Run
	Header header `json:"run"`
}

// header has no exit code where the run has no end.
type header struct {
	journal.Header
	ExitCode *int `json:"exit_code"`
}

// JSON writes a run in format 1: docs/report.schema.json. Bytes, seconds and
// CPUs are plain numbers; what cannot be known is null.
func JSON(w io.Writer, run journal.Run) error {
	d := document{Run: published(run), Header: header{Header: run.Run}}
	if !run.Run.Unfinished {
		d.Header.ExitCode = &run.Run.ExitCode
	}
	return writeJSON(w, d)
}

func writeJSON(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}

// compactJSON is a value in one line.
func compactJSON(v any) (string, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return strings.TrimSuffix(b.String(), "\n"), err
}

// published leaves the evidence to the journal, and makes missing lists empty.
func published(run journal.Run) journal.Run {
	run.Images = list(run.Images)
	stages := make([]journal.Stage, len(run.Stages))
	for i, s := range run.Stages {
		s.Trials = trials(s.Trials)
		if s.Certificate != nil {
			s.Certificate = &journal.Certificate{Passed: s.Certificate.Passed, Failed: list(s.Certificate.Failed)}
		}
		stages[i] = s
	}
	run.Stages = stages
	if run.Outputs == nil {
		run.Outputs = map[string]any{}
	}
	return run
}

func trials(all []journal.Trial) []journal.Trial {
	kept := make([]journal.Trial, len(all))
	for i, t := range all {
		t.Evidence = nil
		t.Instances = list(t.Instances)
		kept[i] = t
	}
	return kept
}

// list is never nil, which JSON would call null.
func list[T any](l []T) []T { return append([]T{}, l...) }
