package formats

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"plan/report/fixture"
	"plan/runner/journal"
)

// linesOf are the lines of a journal that a run writes.
func linesOf(run journal.Run) []journal.Line {
	begun := run
	begun.Images, begun.Stages, begun.Outputs = nil, nil, nil
	begun.Run.ExitCode, begun.Run.Seconds, begun.Run.Problem, begun.Run.Help = 0, 0, "", ""
	lines := []journal.Line{{Type: journal.RunLine, Run: &begun}}
	for _, i := range run.Images {
		lines = append(lines, journal.Line{Type: journal.ImageLine, Image: &i})
	}
	for _, s := range run.Stages {
		answer := s
		answer.Trials = nil
		lines = append(lines, journal.Line{Type: journal.StageLine, Stage: &journal.Stage{Address: s.Address, Kind: s.Kind, Service: s.Service}})
		for _, t := range s.Trials {
			lines = append(lines, journal.Line{Type: journal.TrialLine, Trial: &t})
		}
		lines = append(lines, journal.Line{Type: journal.AnswerLine, Stage: &answer})
	}
	if run.Run.Unfinished {
		return lines
	}
	return append(lines, journal.Line{Type: journal.EndLine, End: &run.Run, Outputs: run.Outputs})
}

// TestJSONLines: each line is one object by the schema, without evidence, and all of
// them together are the run.
func TestJSONLines(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("../../docs/lines.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, run := range fixture.Runs() {
		var again journal.Run
		for _, line := range linesOf(run) {
			var b bytes.Buffer
			if err := JSONLine(&b, line, false); err != nil {
				t.Fatal(err)
			}
			if n := bytes.Count(b.Bytes(), []byte("\n")); n != 1 || bytes.Contains(b.Bytes(), []byte(`"evidence"`)) {
				t.Errorf("%s: %d lines, or evidence: %s", name, n, b.Bytes())
			}
			if err := valid(t, schema, b.Bytes()); err != nil {
				t.Errorf("%s: %v\n%s", name, err, b.Bytes())
			}
			var read journal.Line
			if err := json.Unmarshal(b.Bytes(), &read); err != nil {
				t.Fatal(err)
			}
			journal.Apply(&again, read)
		}
		again.Run.Unfinished = run.Run.Unfinished
		if want, got := jsonOf(t, run), jsonOf(t, again); !bytes.Equal(want, got) && name == "whole" {
			t.Errorf("%s: the lines are another run:\n%s\n%s", name, want, got)
		}
	}
	if err := valid(t, schema, []byte(`{"type":"trial","image":{}}`)); err == nil {
		t.Error("a line of another type is accepted")
	}
	if err := JSONLine(full{}, journal.Line{Type: journal.ImageLine}, false); err == nil {
		t.Error("nothing was written, and no error")
	}
}
