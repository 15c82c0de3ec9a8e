package evidence

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

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
