package compose_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"plan/plans"
	"plan/plans/compose"
)

// written are ways in which a Compose file limits a container, by what the plan
// then has.
var written = map[plans.Dimension]map[string]string{
	plans.Memory: {
		"mem_limit: 700m": `memory = "700M"`,
		"deploy: {resources: {limits: {memory: 700m}}}": `memory = "700M"`,
	},
	plans.CPUs: {
		"cpus: 0.5":         "cpus = 0.5",
		"cpu_quota: 150000": "cpus = 1.5",
		"cpu_quota: 10000\n    cpu_period: 20000":       "cpus = 0.5",
		`deploy: {resources: {limits: {cpus: "0.25"}}}`: "cpus = 0.25",
	},
	plans.PIDs: {
		"pids_limit: 64": "pids = 64",
		"deploy: {resources: {limits: {pids: 64}}}": "pids = 64",
	},
}

// TestEveryLimitIsConverted: whatever a plan can limit, plan init takes from a
// Compose file, and says of none that it is left out.
func TestEveryLimitIsConverted(t *testing.T) {
	for _, d := range plans.Dimensions() {
		if d.OfContainer() && written[d] == nil {
			t.Errorf("%s is not in this test: write how Compose has it, or {} where it has no word for it; see limits.go", d)
		}
		for source, want := range written[d] {
			draft := converted(t, source)
			if !strings.Contains(string(draft.Text), want) {
				t.Errorf("%s does not become %s: see limits.go, where limitWords must have the word too\n%s", source, want, draft.Text)
			}
			for _, n := range draft.Notes {
				t.Errorf("%s becomes %s, and is noted: %s: see limitWords in limits.go", source, want, n.Text)
			}
		}
	}
}

func TestLimitsThatAreNone(t *testing.T) {
	for source, note := range map[string]string{
		"pids_limit: -1":      "",
		"pids_limit: 9999999": "9999999 is above the maximum of Linux. The limit is left out.",
	} {
		draft, said := converted(t, source), ""
		for _, n := range draft.Notes {
			said += n.Text
		}
		if strings.Contains(string(draft.Text), "pids =") || said != note {
			t.Errorf("%s: %q\n%s", source, said, draft.Text)
		}
	}
}

// converted is the plan of a service with some lines of its own.
func converted(t *testing.T, lines string) *compose.Draft {
	t.Helper()
	folder := t.TempDir()
	file := filepath.Join(folder, "compose.yaml")
	text := fmt.Sprintf("name: a\nservices:\n  api:\n    image: team/model:1\n    ports: ['8000:8000']\n    %s\n", lines)
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	draft, err := compose.Convert(t.Context(), compose.Options{Files: []string{file}, Service: "api", Output: filepath.Join(folder, "plan.hcl")})
	if err != nil {
		t.Fatal(err)
	}
	return draft
}
