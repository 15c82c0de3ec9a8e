package docker

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/docker/docker/api/types/container"

	"plan/containers"
	"plan/containers/cgroup"
	"plan/internal/units"
)

// Commands of this executable that print what the processes beside it in a
// process namespace show.
const (
	ResidentCommand  = "resident"  // what ResidentOfOthers gives
	ProcessesCommand = "processes" // what OtherProcesses gives, as JSON
)

// insideWithin bounds a look into a container; one takes some 400 ms.
const insideWithin = 5 * time.Second

// Resident is what the container's processes map of files, in bytes, whoever is
// charged for it; nil where they cannot be read.
func (i *Instance) Resident(ctx context.Context) *units.Bytes {
	resident, err := look(ctx, i, cgroup.Group.ResidentFiles, ResidentCommand, func(text []byte) (units.Bytes, error) {
		n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
		return units.Bytes(n), err
	})
	if err != nil {
		return nil
	}
	return &resident
}

// Processes are those of the container, with their TCP sockets; nil where they
// cannot be read.
func (i *Instance) Processes(ctx context.Context) []containers.Process {
	processes, err := look(ctx, i, cgroup.Group.Processes, ProcessesCommand, func(text []byte) (all []containers.Process, err error) {
		return all, json.Unmarshal(text, &all)
	})
	if err != nil {
		return nil
	}
	return processes
}

// look reads something of a running container's processes: from here where that
// may be, else by a command in a container in their process namespace, whose
// text is parsed.
func look[T any](ctx context.Context, i *Instance, direct func(cgroup.Group) (T, error), command string, parse func([]byte) (T, error)) (T, error) {
	var none T
	found, err := i.inspect(ctx)
	if err != nil {
		return none, err
	}
	if !found.State.Running {
		return none, errors.New("it does not run")
	}
	if h := i.docker.host.Load(); h != nil {
		if group, err := h.hierarchy.GroupOf(found.State.Pid, i.id); err == nil {
			if got, err := direct(group); err == nil {
				return got, nil
			}
		}
	}
	text, err := i.inside(ctx, command)
	if err != nil {
		return none, err
	}
	return parse(text)
}

// inside runs a command of this executable in the process namespace of the
// container, and gives what it printed.
func (i *Instance) inside(ctx context.Context, command string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, insideWithin)
	defer cancel()
	image, err := i.docker.agentImage(ctx)
	if err != nil {
		return nil, err
	}
	inside, err := i.docker.startAgent(ctx, image, []string{"none"}, insideHostConfig(i.id), command)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(inside)
	_ = inside.Close() // Clean finds what is left
	return text, err
}

// insideHostConfig lets a container see the processes of another one, and
// what they map and hold.
func insideHostConfig(id string) *container.HostConfig {
	host := agentHostConfig([]string{"none"}, 0)
	host.PidMode, host.CapAdd = container.PidMode("container:"+id), []string{"SYS_PTRACE"}
	host.Sysctls = nil // it has no network
	return host
}

// ResidentOfOthers is what all processes of this process namespace but this one
// map of files, in bytes.
func ResidentOfOthers() (units.Bytes, error) {
	processes, err := others()
	if err != nil {
		return 0, err
	}
	return cgroup.ResidentFiles(processes)
}

// OtherProcesses are all processes of this process namespace but this one.
func OtherProcesses() ([]containers.Process, error) {
	processes, err := others()
	if err != nil {
		return nil, err
	}
	return cgroup.Processes(processes)
}

// others are the ids of all processes of this process namespace but this one.
func others() ([]string, error) {
	all, err := os.ReadDir("/proc")
	if err != nil {
		return nil, err
	}
	var processes []string
	for _, entry := range all {
		if pid, err := strconv.Atoi(entry.Name()); err == nil && pid != os.Getpid() {
			processes = append(processes, entry.Name())
		}
	}
	if len(processes) == 0 {
		return nil, errors.New("no process but this one is seen")
	}
	return processes, nil
}
