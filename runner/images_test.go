package runner

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"plan/plans"
	"plan/runner/journal"
)

func TestEveryImageIsPreparedOnce(t *testing.T) {
	plain := func(reference string) plans.Service { return plans.Service{Image: reference} }
	block := plans.Service{Image: "api:1", ImageOf: "image.api"}
	runtime, lines := &fakeRuntime{}, &memoryJournal{}
	plan := &plans.Plan{
		Images: []plans.Image{
			{Address: "image.api", Source: "api:1", Name: "reg/api:1", Pull: "never", Push: true},
			{Address: "image.base", Source: "base:1", Name: "base:1", Pull: "always"},
			{Address: "image.tool", Source: "tool:1", Name: "tool:1"},
		},
		Stages: []plans.Stage{
			{Service: block, Helpers: []plans.Service{plain("redis:7"), block}},
			{Service: plain("redis:7"), Load: &plans.Workload{Driver: &plans.Driver{Image: "locust:2"}}},
			{Service: plain("base:1"), Load: &plans.Workload{}},
		},
	}
	e := newRun(&Runner{Plan: plan, Platform: runtime, Journal: lines, Observer: silent{}}).environment
	if err := e.images(t.Context(), plan); err != nil {
		t.Fatal(err)
	}
	want := []string{"api:1 never", "base:1 always", "tool:1", "redis:7 missing", "locust:2 missing"}
	if diff := cmp.Diff(want, runtime.ensured); diff != "" {
		t.Error(diff)
	}
	digest := "sha256:2"
	written := []journal.Image{
		{Address: "image.api", Name: "reg/api:1", Digest: &digest, Pushed: true},
		{Address: "image.base", Name: "base:1"}, {Address: "image.tool", Name: "tool:1"},
	}
	var got []journal.Image
	for _, line := range lines.lines {
		got = append(got, *line.Image)
	}
	if diff := cmp.Diff(written, got); diff != "" {
		t.Error(diff)
	}
	for _, reference := range []string{"api:1", "base:1", "redis:7", "locust:2"} {
		if ran := e.pinned(reference); ran != "sha256:1" {
			t.Errorf("%s would run as %q, not by the image's id", reference, ran)
		}
	}
	if ran := e.spec(plain("redis:7")).Image; ran != "sha256:1" {
		t.Errorf("a service runs %q", ran)
	}
	if run := e.record.Known.Images["image.api"].Run; run != "sha256:1" {
		t.Errorf("the service would run %q, not the image's id", run)
	}
}
