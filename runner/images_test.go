package runner

import (
	"testing"

	"plan/plans"
)

func TestServicesRunTheImagesThatWerePinned(t *testing.T) {
	service := plans.Service{Image: "redis:7"}
	plan := &plans.Plan{Stages: []plans.Stage{{Service: service}}}
	e := newRun(&Runner{Plan: plan, Platform: &fakeRuntime{}, Journal: &memoryJournal{}, Observer: silent{}}).environment
	if err := e.images.Prepare(t.Context(), plan); err != nil {
		t.Fatal(err)
	}
	if ran := e.spec(service).Image; ran != "sha256:1" {
		t.Errorf("a service runs %q", ran)
	}
}
