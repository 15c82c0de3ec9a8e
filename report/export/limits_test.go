package export

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"

	"plan/internal/units"
	"plan/plans"
	"plan/runner/journal"
)

// A limit is named at the head of every format, also where the format has no
// word for it.
func TestEveryLimitStandsAtTheHead(t *testing.T) {
	for _, d := range plans.Dimensions() {
		s := Service{Name: "api"}
		s.Put(d, 64_000)
		if got := limitsText(s); !strings.Contains(got, strings.TrimSuffix(d.Text(64_000), " replicas")) && d != plans.Memory {
			t.Errorf("the head of an export tells %s as %q", d, got)
		}
	}
}

// pidsRun is a search whose containers had a limit of processes besides.
func pidsRun() journal.Run {
	search := memory(0.5, 1)
	for i := range search.Trials {
		search.Trials[i].Instances = []journal.Instance{{Limits: journal.Limits{Memory: units.Bytes(*search.Trials[i].Set.Memory), CPUs: 500, PIDs: 64}}}
		search.Trials[i].OOMKills = new(int64(0))
	}
	return runOf(search)
}

// TestComposeTakesTheLimits: Compose itself reads what is written, over a file
// that has other limits.
func TestComposeTakesTheLimits(t *testing.T) {
	folder := t.TempDir()
	base, override := filepath.Join(folder, "compose.yaml"), filepath.Join(folder, "override.yaml")
	for file, text := range map[string]string{
		base:     "name: a\nservices:\n  api:\n    image: a\n    pids_limit: 200\n    mem_limit: 4g\n",
		override: written(t, Formats()[0], pidsRun(), ""),
	} {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	options, err := cli.NewProjectOptions([]string{base, override})
	if err != nil {
		t.Fatal(err)
	}
	project, err := options.LoadProject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s := project.Services["api"]
	if s.PidsLimit != 64 || s.Deploy.Resources.Limits.Pids != 64 || s.MemLimit != types.UnitBytes(1500<<20) || s.CPUS != 0.5 {
		t.Errorf("pids %d and %d, memory %d, CPUs %v", s.PidsLimit, s.Deploy.Resources.Limits.Pids, s.MemLimit, s.CPUS)
	}
}
