package runner

import (
	"strings"
	"testing"

	"plan/internal/units"
	"plan/runner/journal"
)

func TestMoreUsersThanTheAgentHasFilesFor(t *testing.T) {
	plan := strings.Replace(head+rampPlan, "search.memory.found.memory", `"1G"`, 2)
	for files, exit := range map[int64]int{0: ExitMet, 1100: ExitMet, 1099: ExitEnvironment} {
		in(t, plan, fakeService{start: 100 * units.MiB}, func(b *bench) { b.agent.files = files }, func(t *testing.T, b *bench, r journal.Run) {
			if r.Run.ExitCode != exit {
				t.Fatalf("%d files: exit %d: %s", files, r.Run.ExitCode, r.Run.Problem)
			}
			if exit == ExitEnvironment && (b.runtime.started != 0 || r.Run.Problem != "ramp.users: 1000 users need more than the 1099 open files that the driver may have" || !strings.Contains(r.Run.Help, "LimitNOFILE=1100")) {
				t.Errorf("%d containers started, %q (%s)", b.runtime.started, r.Run.Problem, r.Run.Help)
			}
		})
	}
}

// The load of a search's trial ends when it can no longer keep its threshold; that of a
// listed ramp, whose figures are read as a table, does not.
func TestALoadThatIsLostEnds(t *testing.T) {
	for name, c := range map[string]struct {
		plan    string
		seconds int // of each load that failed
		note    string
	}{
		"search": {
			strings.Replace(searchPlan("ladder"), "  load {", "  threshold {\n    p95 = \"500ms\"\n  }\n  load {", 1), 3,
			"its load ended after 3s of 30s: it could no longer keep its threshold of p95",
		},
		"listed ramp": {strings.Replace(head+rampPlan, "search.memory.found.memory", `"1G"`, 2), 20, ""},
	} {
		t.Run(name, func(t *testing.T) {
			in(t, c.plan, fakeService{p95: func(int) float64 { return 2 }}, nil, func(t *testing.T, _ *bench, r journal.Run) {
				for _, trial := range r.Stages[0].Trials {
					if trial.Verdict != journal.Failed || *trial.Reason != journal.Latency || trial.Phase != journal.PhaseEnd {
						t.Errorf("%s %s in %s: %s", trial.ID, trial.Verdict, trial.Phase, trial.Why)
					}
					if seconds := len(trial.Evidence.Series); seconds != c.seconds || strings.Join(trial.Notes, "; ") != c.note {
						t.Errorf("%s: a load of %d s, want %d: %q", trial.ID, seconds, c.seconds, trial.Notes)
					}
				}
			})
		})
	}
}
