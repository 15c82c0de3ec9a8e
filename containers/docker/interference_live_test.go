package docker

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/docker/docker/api/types/container"

	"plan/containers"
	"plan/internal/units"
)

// What somebody else asks the engine to do to a container is told; a command of
// our own and the end of the container are not.
func TestWhatOthersDoToAContainerIsReported(t *testing.T) {
	d := live(t)
	i := start(t, d, spec(t, d))
	engine := untimed(d)
	if _, err := i.Exec(t.Context(), []string{"/plan", "exit", "0"}); err != nil {
		t.Fatal(err)
	}
	others := func(do func() error) {
		t.Helper()
		if err := do(); err != nil {
			t.Fatal(err)
		}
	}
	next := func(kind containers.EventKind, detail string) {
		t.Helper()
		if event := await(t, i, kind); event.Detail != detail {
			t.Errorf("%+v, want %q", event, detail)
		}
	}
	others(func() error {
		made, err := engine.ContainerExecCreate(t.Context(), i.ID(), container.ExecOptions{Cmd: []string{"/plan", "exit", "1"}})
		if err != nil {
			return err
		}
		return engine.ContainerExecStart(t.Context(), made.ID, container.ExecStartOptions{Detach: true})
	})
	next(containers.Executed, "/plan exit 1")
	others(func() error { return engine.ContainerPause(t.Context(), i.ID()) })
	next(containers.Paused, "")
	others(func() error { return engine.ContainerUnpause(t.Context(), i.ID()) })
	others(func() error {
		larger := container.Resources{Memory: int64(96 * units.MiB), MemorySwap: int64(96 * units.MiB)}
		_, err := engine.ContainerUpdate(t.Context(), i.ID(), container.UpdateConfig{Resources: larger})
		return err
	})
	next(containers.Updated, "")
	if s := state(t, i); s.Limits != (containers.Limits{Memory: 96 * units.MiB, CPUs: 500}) {
		t.Errorf("read back: %+v", s.Limits)
	}
	network := i.spec.Networks[0]
	others(func() error { return engine.NetworkDisconnect(t.Context(), network, i.ID(), true) })
	next(containers.Disconnected, network)
	if s := state(t, i); !s.Running {
		t.Errorf("state is %+v", s)
	}
}

// Limits that somebody sets without the engine are those of the control group; after
// the end they are those of the engine.
func TestLimitsThatTheEngineDoesNotKnow(t *testing.T) {
	d := live(t)
	if !d.Local(bootID()) || os.Geteuid() != 0 {
		t.Skip("control groups of this engine cannot be written to")
	}
	i := start(t, d, spec(t, d))
	h := d.host.Load()
	found, err := i.inspect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	group, err := h.hierarchy.GroupOf(found.State.Pid, i.ID())
	if err != nil {
		t.Fatal(err)
	}
	asked := i.spec.Limits
	if s := state(t, i); s.Limits != asked {
		t.Errorf("read back: %+v, want %+v", s.Limits, asked)
	}
	file := map[int]string{1: "/sys/fs/cgroup/memory" + group.Path() + "/memory.limit_in_bytes", 2: "/sys/fs/cgroup" + group.Path() + "/memory.max"}[h.hierarchy.Version]
	if err := os.WriteFile(filepath.Clean(file), []byte("48M"), 0); err != nil {
		t.Fatal(err)
	}
	if s := state(t, i); s.Limits != (containers.Limits{Memory: 48 * units.MiB, CPUs: asked.CPUs, PIDs: asked.PIDs}) {
		t.Errorf("read back: %+v", s.Limits)
	}
}
