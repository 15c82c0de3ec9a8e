package runner

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"plan/internal/units"
	"plan/runner/journal"
)

// TestWhatHappensAfterTheLastVerdictChangesNoAnswer: an output that is infinite, resources that cannot be removed, and an
// interrupt while they are removed.
//
// Right: the exit code of the answers, a complete journal, and a note of what was left.
func TestWhatHappensAfterTheLastVerdictChangesNoAnswer(t *testing.T) {
	plan := searchPlan("anchored") + `
output "huge" { value = search.memory.found.memory_bytes / 0 }
output "large" { value = search.memory.found.memory_bytes * 1e308 * 1e308 }
`
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, plan, fakeService{start: 560 * units.MiB, perUser: units.MiB})
		said := &notes{}
		b.runner.Observer = said
		ctx, cancel := context.WithCancel(t.Context())
		lines := 0
		b.runtime.onClean = func() error {
			lines = len(b.journal.lines)
			cancel()
			return errors.New("the network has endpoints")
		}
		r := b.runner.Run(ctx)
		last := b.journal.lines[len(b.journal.lines)-1]
		if r.Run.ExitCode != ExitMet || r.Run.Problem != "" || last.Type != journal.EndLine || lines != len(b.journal.lines) {
			t.Errorf("exit %d: %q; the last of %d lines is %s, %d before cleaning", r.Run.ExitCode, r.Run.Problem, len(b.journal.lines), last.Type, lines)
		}
		if r.Outputs["huge"] != "+Inf" || r.Outputs["large"] == nil || r.Outputs["large"] == "+Inf" {
			t.Errorf("outputs: %v", r.Outputs)
		}
		if n := len(said.texts); n == 0 || said.texts[n-1] != "some resources could not be removed: the network has endpoints; remove them with: plan clean test" {
			t.Errorf("notes: %q", said.texts)
		}
	})
}

// Right: a stage that was aborted after a trial that passed has the reason of its end, not "all requests answered".
func TestAnAbortedStageHasTheReasonOfItsEnd(t *testing.T) {
	for name, plan := range map[string]string{"search": searchPlan("ladder"), "check": slowPlan} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t, plan, fakeService{start: 100 * units.MiB})
			b.runtime.stays = errors.New("the container cannot be removed")
			r := b.runner.Run(t.Context())
			if s := r.Stages[0]; s.Trials[0].Verdict == journal.Aborted || s.Verdict == journal.Aborted && s.Reason != "the container cannot be removed" {
				t.Errorf("%s: %s: %s", name, s.Verdict, s.Reason)
			}
			if s := r.Stages[0]; name == "search" && s.Verdict != journal.Aborted {
				t.Errorf("the search is %s", s.Verdict)
			}
		})
	}
}
