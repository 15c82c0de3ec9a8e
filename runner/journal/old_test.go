package journal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"plan/containers"
)

// old is what version 0.1.0 wrote before trials had replicas, helpers and
// other drivers.
var old = filepath.Join("testdata", "0.1.0.jsonl")

// Format 1 may gain fields: what it had is still read, with its meaning.
func TestAnOldJournalIsStillRead(t *testing.T) {
	run, err := Read(old)
	if err != nil {
		t.Fatal(err)
	}
	if run.Run.Unfinished || len(run.Stages) != 2 || len(run.Stages[0].Trials) != 2 || *run.Stages[0].Found.Memory != 300<<20 {
		t.Errorf("%+v", run)
	}
	trial := run.Stages[1].Trials[0]
	load := trial.Load
	if trial.Host != nil || load.CPUShare != nil || load.Version != "" || trial.Instances[0].Requests != nil || trial.Evidence.Containers != nil {
		t.Errorf("what nobody had measured is known: %+v", trial)
	}
	if load.InFlightAtEnd == nil || *load.InFlightAtEnd != 0 || load.ByRequest["stats"].InFlight == nil || *load.UsersNeverAnswered != 0 {
		t.Errorf("what was measured is not known: %+v", load)
	}
}

// dropped are the fields that evidence, which only the journal has, has lost.
var dropped = map[string]bool{".trial.evidence.usage": true}

func TestNoFieldOfAnOldJournalIsLost(t *testing.T) {
	text, err := os.ReadFile(old)
	if err != nil {
		t.Fatal(err)
	}
	for written := range bytes.Lines(text) {
		var line Line
		if err := json.Unmarshal(written, &line); err != nil {
			t.Fatal(err)
		}
		again, err := json.Marshal(line)
		if err != nil {
			t.Fatal(err)
		}
		var before, after any
		if err := json.Unmarshal(written, &before); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(again, &after); err != nil {
			t.Fatal(err)
		}
		for _, path := range lost("", before, after) {
			t.Errorf("%s of a line of type %s", path, line.Type)
		}
	}
}

// lost lists the places at which a value has changed or is gone.
func lost(path string, before, after any) []string {
	var paths []string
	switch b := before.(type) {
	case map[string]any:
		a, _ := after.(map[string]any)
		for name, value := range b {
			if at := path + "." + name; !dropped[at] {
				paths = append(paths, lost(at, value, a[name])...)
			}
		}
	case []any:
		a, _ := after.([]any)
		for i, value := range b {
			var other any
			if i < len(a) {
				other = a[i]
			}
			paths = append(paths, lost(fmt.Sprintf("%s[%d]", path, i), value, other)...)
		}
	default:
		if before != after {
			paths = append(paths, fmt.Sprintf("%s: %v became %v", path, before, after))
		}
	}
	return paths
}

// A secret that reads as a word of the format is not looked for in its fields.
func TestTheFormatsOwnWordsStay(t *testing.T) {
	line := Line{Type: "trial", Trial: &Trial{
		ID: "check.x/1", Reason: pointer(Dependency), Load: &Load{Driver: "locust", Way: "network"},
		Evidence: &Evidence{
			Containers: []Watched{{Role: containers.Subject}, {Role: containers.Helper}, {Role: containers.Generator}, {Role: containers.Neighbour}},
			Events:     []Event{{Kind: containers.Started}, {Kind: containers.OOM}, {Kind: containers.Died}, {Kind: containers.Lost}},
		},
	}}
	secrets := []string{"dependency", "locust", "network", "service", "helper", "generator", "neighbour", "start", "oom", "die", "lost"}
	want, err := json.Marshal(line)
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(NewFilter(secrets).Line(line))
	if err != nil || !bytes.Equal(want, got) {
		t.Errorf("%s, %v", got, err)
	}
	line.Trial.Why = "the helper is lost"
	if got := NewFilter(secrets).Line(line).Trial.Why; got != "the *** is ***" {
		t.Errorf("%q", got)
	}
}
