package formats

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
	ID         string            `json:"id"`
	Version    string            `json:"version,omitempty"`
	Started    time.Time         `json:"started"`
	Seconds    float64           `json:"seconds"`
	ExitCode   *int              `json:"exit_code"`
	Problem    string            `json:"problem,omitempty"`
	Help       string            `json:"help,omitempty"`
	EngineLost bool              `json:"engine_lost,omitempty"`
	Host       journal.Host      `json:"host"`
	Platform   *journal.Platform `json:"platform,omitempty"`
	Resumed    []journal.Resume  `json:"resumed,omitempty"`
}

// jsonReport writes a run in format 1: docs/report.schema.json. Bytes, seconds and
// CPUs are plain numbers; unknown values are null.
func jsonReport(w io.Writer, run journal.Run) error {
	return WriteJSON(w, documentOf(run))
}

func documentOf(run journal.Run) document {
	d := document{FormatVersion: run.FormatVersion, Plan: run.Plan, Run: headerOf(run.Run), Images: List(run.Images),
		Stages: stages(run.Stages), Outputs: run.Outputs}
	if d.Outputs == nil {
		d.Outputs = map[string]any{}
	}
	return d
}

func headerOf(h journal.Header) header {
	of := header{ID: h.ID, Version: h.Version, Started: h.Started, Seconds: h.Seconds, Problem: h.Problem, Help: h.Help,
		EngineLost: h.EngineLost, Host: h.Host, Platform: h.Platform, Resumed: h.Resumed}
	if !h.Unfinished {
		of.ExitCode = &h.ExitCode
	}
	return of
}

// jsonLine is a journal.Line in the form of the report.
type jsonLine struct {
	Type    journal.LineType `json:"type"`
	Run     *document        `json:"run,omitempty"`
	Image   *journal.Image   `json:"image,omitempty"`
	Stage   *journal.Stage   `json:"stage,omitempty"`
	Trial   *journal.Trial   `json:"trial,omitempty"`
	End     *header          `json:"end,omitempty"`
	Outputs map[string]any   `json:"outputs,omitempty"`

	Recorded bool `json:"recorded,omitempty"`
}

// JSONLine writes a line of a journal without its evidence, as one line:
// docs/lines.schema.json. Lines that only a resumed run reads are left out. A recorded
// line is of before the run was resumed.
func JSONLine(w io.Writer, line journal.Line, recorded bool) error {
	if line.Type == journal.InputsLine || line.Type == journal.ResumeLine {
		return nil
	}
	l := jsonLine{Type: line.Type, Image: line.Image, Outputs: line.Outputs, Recorded: recorded}
	if line.Run != nil {
		begun := *line.Run
		begun.Run.Unfinished = true
		l.Run = new(documentOf(begun))
	}
	if line.Stage != nil {
		l.Stage = &stages([]journal.Stage{*line.Stage})[0]
	}
	if line.Trial != nil {
		l.Trial = &trials([]journal.Trial{*line.Trial})[0]
	}
	if line.End != nil {
		l.End = new(headerOf(*line.End))
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(l)
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
