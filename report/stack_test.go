package report

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"plan/internal/golden"
	"plan/internal/tty"
	"plan/report/fixture"
	"plan/runner/journal"
)

func TestAQuietMachineIsNotToldOf(t *testing.T) {
	for name, c := range map[string]struct {
		host *journal.HostCPU
		want string
	}{
		"not known":                     {nil, ""},
		"a tenth of a CPU":              {&journal.HostCPU{Neighbours: 0.1, Other: 0.1}, ""},
		"helpers are the plan's own":    {&journal.HostCPU{Helpers: 1.5}, ""},
		"others":                        {&journal.HostCPU{Other: 0.31}, "20 users: programs other than the service and the driver used 0.3 CPU: other processes 0.3"},
		"neighbours, beside the helper": {&journal.HostCPU{Helpers: 1, Neighbours: 0.4}, "20 users: programs other than the service and the driver used 1.4 CPU: helpers 1.0, neighbours 0.4"},
	} {
		s := fixture.Met()
		s.Trials[0].Host, s.Trials[0].Evidence = c.host, nil
		if got := strings.Join(machineRemarks(s), "\n"); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestTheBusiestTrialHasTheLine: of several trials during which others used the machine, one is named.
func TestTheBusiestTrialHasTheLine(t *testing.T) {
	s := fixture.Held()
	for i, other := range []float64{0.3, 0.9, 0.05, 0.9} {
		s.Trials[i].Host = &journal.HostCPU{Other: other}
	}
	want := "50 users: programs other than the service and the driver used 0.9 CPU: other processes 0.9; in 2 other trials they used as much or less"
	if got := strings.Join(machineRemarks(s), "\n"); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestTheManualShowsALineOfTheMachine(t *testing.T) {
	manual, err := os.ReadFile(filepath.Join("..", "docs", "report.md"))
	if err != nil {
		t.Fatal(err)
	}
	if line := machineRemarks(fixture.Disturbed(fixture.Met()))[0]; !strings.Contains(string(manual), "`"+line+"`") {
		t.Errorf("the manual does not show this: %s", line)
	}
}

// A journal of before replicas, helpers and other drivers is still printed.
func TestAnOldJournalIsPrinted(t *testing.T) {
	run, err := journal.Read(filepath.Join("..", "runner", "journal", "testdata", "0.1.0.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	golden.Compare(t, "testdata/old.txt", []byte(tables(t, run, tty.Options{})))
}

func TestTheMostThatReplicasHaveIsOfTheWholeStage(t *testing.T) {
	s := fixture.Held()
	if got := replicas(s); got != 1 {
		t.Errorf("%d without any", got)
	}
	s.Trials[1].Set.Replicas, s.Trials[2].Set.Replicas = new(4), nil
	if got := replicas(s); got != 4 {
		t.Errorf("%d, want 4", got)
	}
	if got := LimitsText(s.Trials[1]); got != "1300M, 0.5 CPU, 4 replicas, 50 users" {
		t.Error(got)
	}
}
