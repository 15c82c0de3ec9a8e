package docker

import (
	"errors"
	"testing"
	"time"

	"plan/containers"
)

// TestKilledAtStart: the kernel can kill a container for memory before its command runs.
// Whether the runtime says so or only that it has ended depends on its version.
func TestKilledAtStart(t *testing.T) {
	for _, c := range []struct {
		text    string
		witness bool
		want    bool
	}{
		{"container init was OOM-killed (memory limit too low?): unknown", false, true},
		{"cannot start a stopped process: unknown", true, true},
		{"cannot start a stopped process: unknown", false, false},
	} {
		i := newFake(&fake{}).instance(containers.Spec{Service: "api"})
		if c.witness {
			time.AfterFunc(50*time.Millisecond, func() { i.lifecycle.outOfMemory("cgroup", time.Now(), "") })
		}
		if got := i.killedAtStart(t.Context(), errors.New(c.text)); got != c.want || i.lifecycle.witnessed() != c.want {
			t.Errorf("%s, a witness %t: %t", c.text, c.witness, got)
		}
	}
}
