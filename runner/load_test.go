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
