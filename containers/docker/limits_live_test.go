package docker

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"plan/containers"
	"plan/internal/units"
)

// TestTheKernelHoldsTheLimits reads them from the control groups that the
// container sees as its own, of either version.
func TestTheKernelHoldsTheLimits(t *testing.T) {
	limits := containers.Limits{Memory: 64 * units.MiB, CPUs: 500, PIDs: 77}
	held := []string{"67108864", "50000", "77"} // as the kernel tells each of them
	files := []string{                          // of version 1, and of version 2
		"/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "/sys/fs/cgroup/pids/pids.max",
		"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/cpu.max", "/sys/fs/cgroup/pids.max",
	}
	fields := reflect.ValueOf(limits)
	for i := range fields.NumField() {
		if fields.Field(i).IsZero() || len(held) != fields.NumField() || len(files) != 2*fields.NumField() {
			t.Fatalf("%s: give every limit a value here, with its file and what the kernel has in it", fields.Type().Field(i).Name)
		}
	}
	d := live(t)
	s := spec(t, d, append([]string{"show"}, files...)...)
	s.Limits = limits
	i := start(t, d, s)
	await(t, i, containers.Died)
	if got := state(t, i).Limits; got != s.Limits {
		t.Errorf("limits read back are %+v, want %+v", got, s.Limits)
	}
	log, err := i.Logs(t.Context(), 100)
	if err != nil {
		t.Fatal(err)
	}
	var seen []string
	for _, line := range log {
		if path, text, shown := strings.Cut(line, " "); shown && slices.Contains(files, path) {
			words := strings.Fields(text)
			seen = append(seen, words[2])
		}
	}
	if !slices.Equal(seen, held) {
		t.Errorf("the kernel has %v, want %v:\n%s", seen, held, strings.Join(log, "\n"))
	}
}
