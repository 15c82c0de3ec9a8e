package acceptance

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"plan/internal/host"
)

// crowdLoad is what these tests read of a trial's load, in seconds and counts.
type crowdLoad struct {
	Requests, OK, Failed int64
	InFlight             int64 `json:"in_flight_at_end"`
	NeverAnswered        int64 `json:"users_never_answered"`
	Seconds              float64
	Errors               map[string]int64
	Judged               struct{ OK, Failed int64 }
}

const (
	crowd        = 10_000 // users
	crowdRuntime = 15 * time.Second
	aroundLoad   = time.Minute // for all of a run that is not its load, on a busy machine
)

// TestManyUsersOnAQuarterOfACPU lets ten thousand users ask a service that could
// serve some hundred of them. The run ends in time, tells how it was, and leaves
// the machine to others meanwhile.
func TestManyUsersOnAQuarterOfACPU(t *testing.T) {
	needEngine(t)
	image := sample(t)
	for name, think := range map[string]string{"who think for a second": "1s", "who do not think": "0s"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			watched := watchHost(t)
			r := run(t, dir, planArgs(t, dir, "testdata/crowd.hcl", "image="+image, "think="+think)...)
			processes, free := watched()
			one := readReport(t, dir, r).only(t).Trials[0]
			load := crowdOf(t, dir)
			t.Logf("exit %d after %v, %s: %s; %+v; a process of the host took %v at p99 and %v at most, %d bytes of memory were left",
				r.code, r.took.Round(time.Millisecond), one.reason(), one.Why, load, percentile(processes, 99), percentile(processes, 100), free.MemoryAvailable)
			if r.code != 1 || one.Verdict != "failed" {
				t.Errorf("exit %d, the trial is %s\n%s", r.code, one.Verdict, r.stderr)
			}
			if r.took > crowdRuntime+aroundLoad || load.Seconds != crowdRuntime.Seconds() {
				t.Errorf("it took %v, its load %v s, with a runtime of %v", r.took, load.Seconds, crowdRuntime)
			}
			if p99 := percentile(processes, 99); p99 > time.Second {
				t.Errorf("a process of the host that does nothing took %v at p99", p99)
			}
			if floor := max(512<<20, free.MemoryTotal/10); free.MemoryAvailable < floor {
				t.Errorf("%d bytes of memory were left, want %d", free.MemoryAvailable, floor)
			}
			load.holds(t)
		})
	}
}

// holds says where the counts contradict each other. An answer is that of one
// user, so that whoever is not among them was never answered.
func (l crowdLoad) holds(t *testing.T) {
	t.Helper()
	var errors int64
	for _, n := range l.Errors {
		errors += n
	}
	if l.Requests != l.OK+l.Failed+l.InFlight || errors != l.Failed {
		t.Errorf("the counts do not add up: %+v", l)
	}
	if l.OK == 0 || l.Judged.OK >= crowd*2/3 || l.Requests < crowd {
		t.Errorf("not what a quarter of a CPU serves of 2 ms each: %+v", l)
	}
	if l.NeverAnswered < crowd-l.OK || l.NeverAnswered > crowd {
		t.Errorf("%d answers, and %d of %d users without one", l.OK, l.NeverAnswered, crowd)
	}
	if l.InFlight > crowd || l.Errors["socket"] > 0 {
		t.Errorf("%d in flight with %d users, errors %v", l.InFlight, crowd, l.Errors)
	}
}

func crowdOf(t *testing.T, dir string) crowdLoad {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "report.json"))
	if err != nil {
		t.Fatal(err)
	}
	var read struct {
		Stages []struct{ Trials []struct{ Load *crowdLoad } }
	}
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	load := read.Stages[0].Trials[0].Load
	if load == nil {
		t.Fatalf("no load in the report: %s", text)
	}
	return *load
}

// watchHost starts a process that does nothing four times a second until it is
// asked how long each took, in order of duration, and how much memory the host
// had left at the least.
func watchHost(t *testing.T) func() ([]time.Duration, host.Figures) {
	reader, err := host.NewReader()
	if err != nil {
		t.Fatal(err)
	}
	stop, ended := make(chan struct{}), make(chan struct{})
	var took []time.Duration
	var least host.Figures
	go func() {
		defer close(ended)
		for each := time.Tick(250 * time.Millisecond); ; {
			select {
			case <-stop:
				return
			case <-each:
			}
			began := time.Now()
			if err := exec.Command("true").Run(); err != nil {
				t.Error(err)
			}
			took = append(took, time.Since(began))
			now, err := reader.Read()
			if err != nil {
				t.Error(err)
			}
			if len(took) == 1 || now.MemoryAvailable < least.MemoryAvailable {
				least = now
			}
		}
	}()
	return func() ([]time.Duration, host.Figures) {
		close(stop)
		<-ended
		slices.Sort(took)
		return took, least
	}
}

func percentile(sorted []time.Duration, p int) time.Duration {
	return sorted[(len(sorted)-1)*p/100]
}
