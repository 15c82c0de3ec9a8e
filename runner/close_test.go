package runner

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"plan/plans"
	"plan/runner/journal"
	"plan/runner/lasting"
)

// TestManyAgentsLeaveTimeToClean: each takes two seconds to close, all together no longer.
func TestManyAgentsLeaveTimeToClean(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, slowPlan, fakeService{})
		said := &notes{}
		b.runner.Observer, b.runner.Header.Platform = said, &journal.Platform{Name: plans.Kubernetes, Namespace: "sizing"}
		b.runtime.closing = 2 * time.Second
		r := newRun(&b.runner)
		r.agents.start = func(context.Context) (lasting.Client, error) { return &fakeAgent{runtime: b.runtime}, nil }
		if err := r.agents.renew(t.Context(), 20, said.Note); err != nil {
			t.Fatal(err)
		}
		b.runtime.onClean = func() error { return errors.New("a pod stays") }
		begun := time.Now()
		r.close(t.Context())
		if took := time.Since(begun); took != 2*time.Second || b.runtime.left != cleanupTime {
			t.Errorf("closing took %s, and %s were left to clean", took, b.runtime.left)
		}
		want := "some resources could not be removed: a pod stays; remove them with: " +
			"plan clean test --platform kubernetes --namespace sizing"
		if len(said.texts) != 1 || said.texts[0] != want {
			t.Errorf("notes: %q", said.texts)
		}
	})
}
