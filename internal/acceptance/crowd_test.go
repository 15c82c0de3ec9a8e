package acceptance

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
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

// TestManyUsersOnHalfACPU lets ten thousand users ask a service that could serve
// some hundred of them. The run ends in time, tells how it was, and leaves the
// machine to others meanwhile.
func TestManyUsersOnHalfACPU(t *testing.T) {
	needEngine(t)
	image := sample(t)
	for name, think := range map[string]string{"who think for a second": "1s", "who do not think": "0s"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			host := watchHost()
			r := run(t, dir, planArgs(t, dir, "testdata/crowd.hcl", "image="+image, "think="+think)...)
			overslept := host()
			one := readReport(t, dir, r).only(t).Trials[0]
			load := crowdOf(t, dir)
			t.Logf("exit %d after %v, %s: %s; %+v; the host overslept %v at p99 and %v at most",
				r.code, r.took.Round(time.Millisecond), one.reason(), one.Why, load, percentile(overslept, 99), percentile(overslept, 100))
			if r.code != 1 || one.Verdict != "failed" {
				t.Errorf("exit %d, the trial is %s\n%s", r.code, one.Verdict, r.stderr)
			}
			if r.took > crowdRuntime+aroundLoad || load.Seconds != crowdRuntime.Seconds() {
				t.Errorf("it took %v, its load %v s, with a runtime of %v", r.took, load.Seconds, crowdRuntime)
			}
			if p99 := percentile(overslept, 99); p99 > time.Second {
				t.Errorf("a sleep of 10 ms took %v longer at p99", p99)
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
		t.Errorf("not what half a CPU serves of 2 ms each: %+v", l)
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

// watchHost sleeps 10 ms at a time until it is asked how much longer it took
// each time, in order of size.
func watchHost() func() []time.Duration {
	stop, over := make(chan struct{}), make(chan []time.Duration)
	go func() {
		var overslept []time.Duration
		for {
			select {
			case <-stop:
				slices.Sort(overslept)
				over <- overslept
				return
			default:
			}
			began := time.Now()
			time.Sleep(10 * time.Millisecond)
			overslept = append(overslept, time.Since(began)-10*time.Millisecond)
		}
	}()
	return func() []time.Duration {
		close(stop)
		return <-over
	}
}

func percentile(sorted []time.Duration, p int) time.Duration {
	return sorted[(len(sorted)-1)*p/100]
}
