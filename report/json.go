package report

import (
	"encoding/json"
	"io"
	"time"

	"plan/runner/journal"
)

// document is a run in format 1: a journal.Run whose header has no exit code where
// the run has no end.
type document struct {
	FormatVersion int             `json:"format_version"`
	Plan          journal.Plan    `json:"plan"`
	Run           header          `json:"run"`
	Images        []journal.Image `json:"images"`
	Stages        []journal.Stage `json:"stages"`
	Outputs       map[string]any  `json:"outputs"`
}

type header struct {
	ID       string       `json:"id"`
	Version  string       `json:"version,omitempty"`
	Started  time.Time    `json:"started"`
	Seconds  float64      `json:"seconds"`
	ExitCode *int         `json:"exit_code"`
	Problem  string       `json:"problem,omitempty"`
	Help     string       `json:"help,omitempty"`
	Host     journal.Host `json:"host"`
}

// jsonReport writes a run in format 1: docs/report.schema.json. Bytes, seconds and
// CPUs are plain numbers; unknown values are null.
func jsonReport(w io.Writer, run journal.Run) error {
	h := run.Run
	d := document{
		FormatVersion: run.FormatVersion, Plan: run.Plan,
		Run: header{ID: h.ID, Version: h.Version, Started: h.Started, Seconds: h.Seconds, Problem: h.Problem, Help: h.Help,
			Host: h.Host},
		Images: List(run.Images), Stages: stages(run.Stages), Outputs: run.Outputs,
	}
	if !h.Unfinished {
		d.Run.ExitCode = &h.ExitCode
	}
	if d.Outputs == nil {
		d.Outputs = map[string]any{}
	}
	return WriteJSON(w, d)
}

// stages returns the stages without their evidence, and with empty lists for nil.
func stages(all []journal.Stage) []journal.Stage {
	kept := make([]journal.Stage, len(all))
	for i, s := range all {
		s.Trials = trials(s.Trials)
		if s.Certificate != nil {
			certificate := *s.Certificate
			certificate.Failed = List(certificate.Failed)
			s.Certificate = &certificate
		}
		kept[i] = s
	}
	return kept
}

func trials(all []journal.Trial) []journal.Trial {
	kept := make([]journal.Trial, len(all))
	for i, t := range all {
		t.Evidence = nil
		t.Instances = List(t.Instances)
		kept[i] = t
	}
	return kept
}

// List returns a list that is not nil, which JSON would call null.
func List[T any](l []T) []T { return append([]T{}, l...) }

// WriteJSON writes a value as indented JSON.
func WriteJSON(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}
