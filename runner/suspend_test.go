package runner

import (
	"context"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"plan/internal/units"
	"plan/runner/journal"
	"plan/runner/lasting"
)

// TestATrialInWhichTheCommandStoodStill: the command is stopped for 8 s, in which the agent ends.
//
// Right: the trial is invalid(suspended), the agent is started again, the trial is repeated once, and the answer is given.
func TestATrialInWhichTheCommandStoodStill(t *testing.T) {
	for times, want := range map[int][]journal.Reason{1: {journal.Suspended, ""}, 9: {journal.Suspended, journal.Suspended}} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t, slowPlan, fakeService{start: 100 * units.MiB})
			said := &notes{}
			b.runner.Observer = said
			dialled, stopped, next := 0, 0, time.Now().Add(5*time.Second)
			b.runner.Dial = func(context.Context, io.ReadWriteCloser) (lasting.Client, error) {
				dialled++
				b.agent = &fakeAgent{runtime: b.runtime}
				return b.agent, nil
			}
			b.runtime.onSample = func() {
				if stopped == times || time.Now().Before(next) {
					return
				}
				stopped++
				b.agent.gone.Store(true)
				time.Sleep(8 * time.Second)
				next = time.Now().Add(5 * time.Second)
			}
			r := b.runner.Run(t.Context())
			trials := r.Stages[0].Trials
			if got := reasons(trials); !slices.Equal(got, want) || trials[1].Repeats != trials[0].ID || trials[0].Verdict != journal.Invalid {
				t.Fatalf("%d stops: %v", times, got)
			}
			if code := map[int]int{1: ExitMet, 9: ExitInconclusive}[times]; r.Run.ExitCode != code || dialled != 2 {
				t.Errorf("%d stops: exit %d, %d agents", times, r.Run.ExitCode, dialled)
			}
			if !slices.ContainsFunc(said.texts, func(text string) bool { return strings.Contains(text, "the agent had ended") }) {
				t.Errorf("notes: %q", said.texts)
			}
		})
	}
}

// TestAStandstillThatEndsInAReadiness: the service is not ready, and the command stands still until its time is over.
//
// Right: the trial is invalid(suspended), not failed, although the time is over before the next sample.
func TestAStandstillThatEndsInAReadiness(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, slowPlan, fakeService{never: true})
		stopped := false
		b.runtime.onSample = func() {
			if !stopped {
				stopped = true
				time.Sleep(70 * time.Second)
			}
		}
		r := b.runner.Run(t.Context())
		if got, want := reasons(r.Stages[0].Trials), []journal.Reason{journal.Suspended, journal.NotReady}; !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	})
}
