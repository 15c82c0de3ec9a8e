package docker

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/docker/docker/api/types/container"

	"plan/containers"
)

// TestEveryLimitIsGivenAndReadBack: each field of containers.Limits, by itself,
// comes back from what the engine takes.
func TestEveryLimitIsGivenAndReadBack(t *testing.T) {
	for _, field := range reflect.VisibleFields(reflect.TypeFor[containers.Limits]()) {
		var limits containers.Limits
		reflect.ValueOf(&limits).Elem().FieldByIndex(field.Index).SetInt(64_000_000)
		given := resourcesOf(limits)
		text, err := json.Marshal(given)
		var taken container.Resources
		if err != nil || json.Unmarshal(text, &taken) != nil {
			t.Fatal(err)
		}
		if reflect.DeepEqual(given, resourcesOf(containers.Limits{})) {
			t.Errorf("containers.Limits.%s is not given to the engine: see resourcesOf", field.Name)
		} else if got := limitsOf(taken); got != limits {
			t.Errorf("containers.Limits.%s is read back as %+v: see limitsOf", field.Name, got)
		}
	}
}

func TestNoLimits(t *testing.T) {
	if r := resourcesOf(containers.Limits{}); r.PidsLimit != nil || r.Memory != 0 || r.NanoCPUs != 0 {
		t.Errorf("given are %+v", r)
	}
	for _, none := range []*int64{nil, new(int64(0)), new(int64(-1))} {
		if got := limitsOf(container.Resources{PidsLimit: none}); got != (containers.Limits{}) {
			t.Errorf("no limit is read as %+v", got)
		}
	}
}
