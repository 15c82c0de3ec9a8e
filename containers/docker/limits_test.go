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
		var given, none, taken container.HostConfig
		limit(&given, limits)
		text, err := json.Marshal(given)
		if err != nil || json.Unmarshal(text, &taken) != nil {
			t.Fatal(err)
		}
		if reflect.DeepEqual(given, none) {
			t.Errorf("containers.Limits.%s is not given to the engine: see limit", field.Name)
		} else if got := limitsOf(&taken); got != limits {
			t.Errorf("containers.Limits.%s is read back as %+v: see limitsOf", field.Name, got)
		}
	}
}

func TestNoLimits(t *testing.T) {
	var host container.HostConfig
	if limit(&host, containers.Limits{}); !reflect.DeepEqual(host, container.HostConfig{}) {
		t.Errorf("given are %+v", host)
	}
	for _, none := range []*int64{nil, new(int64(0)), new(int64(-1))} {
		if got := limitsOf(&container.HostConfig{Resources: container.Resources{PidsLimit: none}}); got != (containers.Limits{}) {
			t.Errorf("no limit is read as %+v", got)
		}
	}
}
