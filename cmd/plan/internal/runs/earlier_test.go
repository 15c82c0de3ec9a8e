package runs

import (
	"strings"
	"testing"
	"time"

	"plan/runner"
	"plan/runner/journal"
)

// The engine, its machine and the command must be those of the run.
func TestARunIsResumedOnItsOwnHost(t *testing.T) {
	host := journal.Host{Name: "h", Memory: 1, Engine: "24"}
	earlier := func() *Earlier {
		return &Earlier{ID: "r1", Run: journal.Run{
			Run: journal.Header{Version: "1", Host: host, Seconds: 12, Started: time.Unix(1, 0)}, Inputs: &journal.Inputs{Seed: 7},
		}}
	}
	r := runner.Runner{Header: journal.Header{Version: "1", Host: host}, Seed: 1}
	if err := earlier().Resume(&r); err != nil || r.Seed != 7 || r.Header.Seconds != 12 || !r.Header.Started.Equal(time.Unix(1, 0)) {
		t.Errorf("%v: %+v", err, r.Header)
	}
	r.Header.Version, r.Header.Host.Engine = "2", "25"
	const want = "the run r1 cannot be resumed: the version of the engine was 24, and is now 25; the version of plan was 1, and is now 2"
	if err := earlier().Resume(&r); err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%v", err)
	}
	e := earlier()
	e.Run.Inputs = nil // it was cut off before they were known
	r = runner.Runner{Header: journal.Header{Version: "1", Host: host}, Seed: 1}
	if err := e.Resume(&r); err != nil || r.Seed != 1 {
		t.Errorf("%v, seed %d", err, r.Seed)
	}
}
