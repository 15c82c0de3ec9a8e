package report

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"plan/containers"
	"plan/engine"
	"plan/internal/tty"
	"plan/runner/journal"
)

// spread returns each trial of a stage three replicas; of one that failed the
// last one ended.
func spread(s journal.Stage) journal.Stage {
	for i := range s.Trials {
		t := &s.Trials[i]
		t.Set.Replicas = to(3)
		one := t.Instances[0]
		t.Instances = nil
		for n := range 3 {
			one.Name, one.Requests, one.Memory, one.CPU, one.OOMKills = fmt.Sprintf("plan-r1-api-%d", n+1), nil, t.Memory, t.CPU, to[int64](0)
			if t.Load != nil {
				one.Requests = to(t.Load.Requests / 3)
			}
			t.Instances = append(t.Instances, one)
		}
		if t.Reason != nil && *t.Reason == journal.OOMStart {
			t.Instances[2].ExitCode, t.Instances[2].OOMKills = to(137), to[int64](1)
		}
		if t.Memory.Peak != nil {
			t.Memory.Peak = to(3 * *t.Memory.Peak)
		}
	}
	return s
}

// disturbed lets others use the machine during the trials of a stage.
func disturbed(s journal.Stage) journal.Stage {
	usage := func(cpus float64) []containers.Usage {
		return []containers.Usage{{At: begun, CPUSeconds: to(1.0)}, {At: begun.Add(time.Second)}, {At: begun.Add(10 * time.Second), CPUSeconds: to(1 + 10*cpus)}}
	}
	for i := range s.Trials {
		t := &s.Trials[i]
		t.Host = &journal.HostCPU{CPUs: 2, Busy: 1.3, Service: 0.45, Generator: 0.15, Helpers: 0.04, Neighbours: 0.42, Other: 0.24}
		t.Evidence.Containers = []journal.Watched{
			{Name: "plan-r1-api", Role: containers.Subject, Usage: usage(0.45)}, {Name: "minio", Role: containers.Neighbour, Usage: usage(0.12)},
			{Name: "mlflow", Role: containers.Neighbour, Usage: usage(0.28)}, {Name: "idle", Role: containers.Neighbour, Usage: usage(0.01)},
			{Name: "gone", Role: containers.Neighbour, Usage: usage(1)[:1]},
		}
	}
	return s
}

// byLocust makes the loads of a stage those of a Locust, which knows less.
func byLocust(s journal.Stage) journal.Stage {
	for i := range s.Trials {
		l := s.Trials[i].Load
		l.Driver, l.Version, l.Transport = "locust", "2.12.1", ""
		l.InFlightAtEnd, l.UsersNeverAnswered, l.UsersOverdue, l.Lateness, l.CPUShare = nil, nil, nil, journal.Lateness{}, to(0.41)
		for name, counts := range l.ByRequest {
			counts.InFlight, counts.Retried, counts.LatencyFailed = nil, nil, engine.Percentiles{}
			l.ByRequest[name] = counts
		}
	}
	return s
}

// undecided is a check during which a helper went away.
func undecided() journal.Stage {
	s := met()
	why := "service.mlflow no longer answers at mlflow:5000: connection refused; with that, the trial says nothing: error rate 4.2 % over 1 %"
	t := &s.Trials[0]
	t.Verdict, t.Reason, t.Why = journal.Inconclusive, to(journal.Dependency), why
	s.Verdict, s.Reason, s.Met, s.Certificate = journal.Inconclusive, why, nil, nil
	return s
}

func TestAQuietMachineIsNotToldOf(t *testing.T) {
	for name, c := range map[string]struct {
		host *journal.HostCPU
		want string
	}{
		"not known":                     {nil, ""},
		"a tenth of a CPU":              {&journal.HostCPU{Neighbours: 0.1, Other: 0.1}, ""},
		"helpers are the plan's own":    {&journal.HostCPU{Helpers: 1.5}, ""},
		"others":                        {&journal.HostCPU{Other: 0.31}, "20 users: 0.3 CPU of the machine went to neither the service nor the load generator: other processes 0.3"},
		"neighbours, beside the helper": {&journal.HostCPU{Helpers: 1, Neighbours: 0.4}, "20 users: 1.4 CPU of the machine went to neither the service nor the load generator: helpers 1.0, neighbours 0.4"},
	} {
		s := met()
		s.Trials[0].Host, s.Trials[0].Evidence = c.host, nil
		if got := strings.Join(machineRemarks(s), "\n"); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestTheManualShowsALineOfTheMachine(t *testing.T) {
	manual, err := os.ReadFile(filepath.Join("..", "docs", "report.md"))
	if err != nil {
		t.Fatal(err)
	}
	if line := machineRemarks(disturbed(met()))[0]; !strings.Contains(string(manual), "`"+line+"`") {
		t.Errorf("the manual does not show this: %s", line)
	}
}

// A journal of before replicas, helpers and other drivers is still printed.
func TestAnOldJournalIsPrinted(t *testing.T) {
	run, err := journal.Read(filepath.Join("..", "runner", "journal", "testdata", "0.1.0.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "old.txt", []byte(tables(t, run, tty.Options{})))
}

func TestTheMostThatReplicasHaveIsOfTheWholeStage(t *testing.T) {
	s := held()
	if got := replicas(s); got != 1 {
		t.Errorf("%d without any", got)
	}
	s.Trials[1].Set.Replicas, s.Trials[2].Set.Replicas = to(4), nil
	if got := replicas(s); got != 4 {
		t.Errorf("%d, want 4", got)
	}
	if got := limitsText(s.Trials[1]); got != "1300M, 0.5 CPU, 4 replicas, 50 users" {
		t.Error(got)
	}
}
