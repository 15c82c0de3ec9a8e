package docker

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"

	"plan/containers"
	"plan/internal/units"
)

// A container has the entrypoint, the folder, the file systems in memory and
// the limits of processes that its spec asks for.
func TestWhatAContainerIsAskedForIsInIt(t *testing.T) {
	d := live(t)
	s := spec(t, d, "/dev/shm", "/scratch")
	s.Entrypoint, s.WorkingDir = []string{"/plan", "inside"}, "/srv/app"
	s.ShmSize, s.Tmpfs = 128*units.MiB, []containers.Tmpfs{{Target: "/scratch", Options: "size=16m"}}
	s.Ulimits = []containers.Ulimit{{Name: "fsize", Soft: 3000000, Hard: 4000000}}
	i := start(t, d, s)
	await(t, i, containers.Died)
	got, err := i.Logs(t.Context(), 10)
	const tmpfs = "1021994" // TMPFS_MAGIC of the kernel
	if want := []string{"/srv/app 3000000 4000000", "/dev/shm " + tmpfs + " 128M <nil>", "/scratch " + tmpfs + " 16M <nil>"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v, want %q", got, err, want)
	}
}

// An engine is asked for GPUs before the first trial. One that has them gives
// no fault, one that has none says so, and neither keeps a container of it.
func TestGPUsAreAskedFor(t *testing.T) {
	d := live(t)
	_, lacks := exec.LookPath("nvidia-container-runtime-hook")
	err := d.GPUs(t.Context(), containers.AllGPUs)
	switch {
	case lacks == nil && err != nil:
		t.Error(err)
	case lacks != nil && (!isKind(err, containers.CannotStart) || !strings.Contains(err.Error(), "the engine has no runtime for GPUs")):
		t.Errorf("an engine without GPUs gives %v", err)
	}
	left, err := d.engine.ContainerList(t.Context(), container.ListOptions{All: true, Filters: filters.NewArgs(filters.Arg("label", labelRun+"="+d.options.Run))})
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}
