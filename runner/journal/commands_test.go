package journal

import (
	"testing"

	"plan/plans"
)

// TestCommandsNameThePlatform: without it, they would clean or resume on Docker, or in another namespace.
func TestCommandsNameThePlatform(t *testing.T) {
	for _, c := range []struct {
		platform      *plans.Platform
		clean, resume string
	}{
		{nil, "plan clean test", "plan run 'my plan.hcl' --resume=test"},
		{
			&plans.Platform{Name: plans.Kubernetes},
			"plan clean test --platform kubernetes", "plan run 'my plan.hcl' --resume=test --platform kubernetes",
		},
		{
			&plans.Platform{Name: plans.Kubernetes, Context: "Ann's (tests)", Namespace: "sizing", AgentImage: "registry.example.org/plan:1"},
			`plan clean test --platform kubernetes --context 'Ann'\''s (tests)' --namespace sizing`,
			`plan run 'my plan.hcl' --resume=test --platform kubernetes --context 'Ann'\''s (tests)' --namespace sizing --agent-image registry.example.org/plan:1`,
		},
	} {
		run := Run{Plan: Plan{File: "my plan.hcl"}, Run: Header{ID: "test", Platform: PlatformOf(c.platform)}}
		if got := run.Run.CleanCommand(); got != c.clean {
			t.Errorf("%q, want %q", got, c.clean)
		}
		if got := run.ResumeCommand(); got != c.resume {
			t.Errorf("%q, want %q", got, c.resume)
		}
	}
}
