package evidence

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"plan/containers"
	"plan/engine"
	"plan/internal/filled"
	"plan/internal/metrics"
	"plan/runner/journal"
	"plan/runner/judge"
)

// TestNothingOfAResultIsLost: every value of an engine.Result stands in the
// trial's line of the journal, or is listed here with where it went.
func TestNothingOfAResultIsLost(t *testing.T) {
	elsewhere := map[string]string{
		"threads":        "in load.cpu_share, which is cpu_seconds over seconds and threads",
		"total.on_start": "not of a total: in load.by_request",
		"total.method":   "not of a total: in load.by_request",
	}
	for _, m := range metrics.Percentiles() {
		if m.Name != "p99" && m.Name != "max" {
			elsewhere["lateness."+m.Name] = "in evidence.histograms.lateness"
		}
	}
	var result engine.Result
	filled.Fill(&result)
	var trial journal.Trial
	Record(&trial, judge.Observation{
		Phase: journal.PhaseEnd, Load: &result, Source: journal.Source{Driver: journal.OwnEngine, Way: journal.Network},
		Replicas: []judge.Replica{{Address: slices.Collect(maps.Keys(result.PerAddress))[0], State: containers.State{Running: true}}},
	}, 0, 0)
	kept := map[string]bool{}
	for _, value := range leaves(t, trial) {
		kept[value] = true
	}
	for path, value := range leaves(t, result) {
		if !kept[value] && elsewhere[path] == "" {
			t.Errorf("%s of an engine.Result (%s) does not reach the journal: keep it in journal.LoadOf or in the evidence", path, value)
		}
	}
}

// leaves are the scalar values of a value's JSON, by their path.
func leaves(t *testing.T, value any) map[string]string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for key, inner := range v {
				walk(strings.TrimPrefix(path+"."+key, "."), inner)
			}
		case []any:
			for i, inner := range v {
				walk(fmt.Sprintf("%s[%d]", path, i), inner)
			}
		case bool: // one of two values is nothing to be found again by
			found[path] = fmt.Sprintf("%s: %v", path[strings.LastIndex(path, ".")+1:], v)
		default:
			found[path] = fmt.Sprint(v)
		}
	}
	walk("", tree)
	return found
}

// The engine has a container as started after it has used CPU, on a busy machine after its end: its share is that of the
// time in which it was sampled, and what it used is all of it.
func TestTheShareOfCPUOfATrialThatIsKilledAtItsStart(t *testing.T) {
	begun := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	at := func(ms int) time.Time { return begun.Add(time.Duration(ms) * time.Millisecond) }
	for name, c := range map[string]struct {
		started, first, end int // in ms
		before, cpu         float64
		want                *float64
	}{
		"started before it is sampled":  {0, 20, 420, 0.01, 0.11, new(0.5)},
		"started while it is sampled":   {350, 0, 400, 0.02, 0.12, new(0.5)}, // 0.12 / 0.05 s / 0.5 would be 480 %
		"started after its end":         {500, 0, 400, 0, 0.1, new(0.5)},
		"sampled once":                  {0, 400, 400, 0.1, 0.1, nil},
		"a burst of the quota's period": {0, 0, 100, 0, 0.09, new(1.0)},
	} {
		r := judge.Replica{State: containers.State{Started: at(c.started)}}
		r.End = containers.Usage{At: at(c.first), CPUSeconds: &c.before}.After(containers.Usage{}, containers.Usage{})
		r.End = containers.Usage{At: at(c.end), CPUSeconds: &c.cpu}.After(r.End, containers.Usage{})
		got := instanceOf(r, 500, judge.Observation{}).CPU
		if *got.Seconds != c.cpu || (got.Share == nil) != (c.want == nil) || c.want != nil && math.Abs(*got.Share-*c.want) > 1e-9 {
			t.Errorf("%s: %v CPU seconds, share %v", name, *got.Seconds, got.Share)
		}
	}
}

// A trial of a few periods of the quota, whose end is sampled late: no share is above the limit.
func TestAShareOfCPUIsAtMostTheLimit(t *testing.T) {
	begun := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for seconds, want := range map[float64]float64{0.05: 0.5, 0.1: 1, 0.16: 1} {
		r := judge.Replica{Rest: containers.Usage{At: begun, CPUSeconds: new(float64)}}
		r.End = containers.Usage{At: begun.Add(200 * time.Millisecond), CPUSeconds: &seconds}
		if got := instanceOf(r, 500, judge.Observation{}).CPU; *got.Share != want || *got.Seconds != seconds {
			t.Errorf("%v CPU seconds: share %v", seconds, *got.Share)
		}
	}
}

// A figure that nothing shows is null, and so is a sum with it.
func TestKillsThatAreNotKnown(t *testing.T) {
	witness := []containers.Witness{{Source: "state"}}
	for name, c := range map[string]struct {
		states []containers.State
		counts []*int64 // of the last samples
		want   *int64
	}{
		"none":                             {[]containers.State{{}}, []*int64{nil}, new(int64(0))},
		"counted":                          {[]containers.State{{}}, []*int64{new(int64(2))}, new(int64(2))},
		"a witness":                        {[]containers.State{{Witnesses: witness}}, []*int64{new(int64(0))}, new(int64(1))},
		"not known":                        {[]containers.State{{KillsUnknown: true}}, []*int64{nil}, nil},
		"not known since the last counter": {[]containers.State{{KillsUnknown: true}}, []*int64{new(int64(0))}, nil},
		"counted after its end":            {[]containers.State{{KillsUnknown: true}}, []*int64{new(int64(1))}, new(int64(1))},
		"of one replica":                   {[]containers.State{{}, {KillsUnknown: true}}, []*int64{nil, nil}, nil},
	} {
		var trial journal.Trial
		observed := judge.Observation{Phase: journal.PhaseEnd}
		for i, state := range c.states {
			state.Running = true
			observed.Replicas = append(observed.Replicas, judge.Replica{State: state, End: containers.Usage{OOMKills: c.counts[i]}})
		}
		Record(&trial, observed, 0, 0)
		if got := trial.OOMKills; (got == nil) != (c.want == nil) || got != nil && *got != *c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
