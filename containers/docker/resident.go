package docker

import (
	"context"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/docker/docker/api/types/container"

	"plan/containers/cgroup"
	"plan/internal/units"
)

// ResidentCommand is the command of this executable that prints what
// ResidentOfOthers gives.
const ResidentCommand = "resident"

// residentWithin bounds a look into a container; one takes some 400 ms.
const residentWithin = 5 * time.Second

// Resident is what the container's processes map of files, in bytes, whoever is
// charged for it; nil where they cannot be read. They are read from here where
// that may be, else from a container in their process namespace.
func (i *Instance) Resident(ctx context.Context) *units.Bytes {
	found, err := i.inspect(ctx)
	if err != nil || !found.State.Running {
		return nil
	}
	if h := i.docker.host.Load(); h != nil {
		if group, err := h.hierarchy.GroupOf(found.State.Pid, i.id); err == nil {
			if resident, err := group.ResidentFiles(); err == nil {
				return &resident
			}
		}
	}
	resident, err := i.residentInside(ctx)
	if err != nil {
		return nil
	}
	return &resident
}

// residentInside asks a container in the process namespace of this one.
func (i *Instance) residentInside(ctx context.Context) (units.Bytes, error) {
	ctx, cancel := context.WithTimeout(ctx, residentWithin)
	defer cancel()
	image, err := i.docker.agentImage(ctx)
	if err != nil {
		return 0, err
	}
	inside, err := i.docker.startAgent(ctx, image, []string{"none"}, residentHostConfig(i.id), ResidentCommand)
	if err != nil {
		return 0, err
	}
	text, err := io.ReadAll(inside)
	_ = inside.Close() // Clean finds what is left
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	return units.Bytes(n), err
}

// residentHostConfig lets a container see the processes of another one, and
// what they map.
func residentHostConfig(id string) *container.HostConfig {
	host := agentHostConfig([]string{"none"}, 0)
	host.PidMode, host.CapAdd = container.PidMode("container:"+id), []string{"SYS_PTRACE"}
	host.Sysctls = nil // it has no network
	return host
}

// ResidentOfOthers is what all processes of this process namespace but this one
// map of files, in bytes.
func ResidentOfOthers() (units.Bytes, error) {
	all, err := os.ReadDir("/proc")
	if err != nil {
		return 0, err
	}
	var processes []string
	for _, entry := range all {
		if pid, err := strconv.Atoi(entry.Name()); err == nil && pid != os.Getpid() {
			processes = append(processes, entry.Name())
		}
	}
	if len(processes) == 0 {
		return 0, errors.New("no process but this one is seen")
	}
	return cgroup.ResidentFiles(processes)
}
