package images

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plan/containers"
	"plan/plans"
	"plan/runner/journal"
	"plan/runner/record"
)

// engine has every image. It notes which ones were asked for.
type engine struct{ ensured []string }

func (e *engine) Push(context.Context, string, string, func(string)) (Image, error) {
	return Image{ID: "sha256:1", Digest: "sha256:2", Size: 5}, nil
}

func (e *engine) Image(_ context.Context, reference string, pull containers.Pull, _ func(string)) (Image, error) {
	if pull != "" {
		reference += " " + string(pull)
	}
	e.ensured = append(e.ensured, reference)
	return Image{ID: "sha256:1"}, nil
}

// lines is the journal of a run whose trials nobody watches.
type lines []journal.Line

func (l *lines) Append(line journal.Line) (journal.Line, error) {
	*l = append(*l, line)
	return line, nil
}
func (l *lines) Keep(int) error            { return nil }
func (l *lines) Trial(journal.Trial, bool) {}
func (l *lines) Stage(journal.Stage, bool) {}

func TestEveryImageIsPreparedOnce(t *testing.T) {
	plain := func(reference string) plans.Service { return plans.Service{Image: reference} }
	block := plans.Service{Image: "api:1", ImageOf: "image.api"}
	runtime, written := &engine{}, &lines{}
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
	ignore := func(string) {}
	r := record.New(written, written, nil)
	i := &Images{Engine: runtime, Record: r, Doing: ignore, Advance: ignore, Note: ignore}
	if err := i.Prepare(t.Context(), plan); err != nil {
		t.Fatal(err)
	}
	want := []string{"api:1 never", "base:1 always", "tool:1", "redis:7 missing", "locust:2 missing"}
	if diff := cmp.Diff(want, runtime.ensured); diff != "" {
		t.Error(diff)
	}
	digest := "sha256:2"
	recorded := []journal.Image{
		{Address: "image.api", Name: "reg/api:1", Digest: &digest, Pushed: true},
		{Address: "image.base", Name: "base:1"}, {Address: "image.tool", Name: "tool:1"},
	}
	var got []journal.Image
	for _, line := range *written {
		got = append(got, *line.Image)
	}
	if diff := cmp.Diff(recorded, got); diff != "" {
		t.Error(diff)
	}
	for _, reference := range []string{"api:1", "base:1", "redis:7", "locust:2"} {
		if ran := i.Pinned(reference); ran != "sha256:1" {
			t.Errorf("%s would run as %q, not by the image's id", reference, ran)
		}
	}
	if n := len(i.Digests()); n != 5 {
		t.Errorf("the inputs have %d images", n)
	}
	if run := r.Known.Images["image.api"].Run; run != "sha256:1" {
		t.Errorf("the service would run %q, not the image's id", run)
	}
}
