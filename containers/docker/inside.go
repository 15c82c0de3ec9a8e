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

// Commands of this executable that print figures of the other processes in its
// process namespace.
const (
	ResidentCommand  = "resident"  // the result of ResidentOfOthers, in bytes
	ProcessesCommand = "processes" // the result of OtherProcesses, as JSON
)

// insideTimeout is the longest time of reading inside a container. It takes some
// 400 ms.
const insideTimeout = 5 * time.Second

// Resident returns the bytes of files that the container's processes map,
// whichever container is charged for them; nil where they cannot be read.
func (i *Instance) Resident(ctx context.Context) *units.Bytes {
	resident, err := readProcesses(ctx, i, cgroup.Group.ResidentFiles, ResidentCommand,
		func(text []byte) (units.Bytes, error) {
			n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
			return units.Bytes(n), err
		})
	if err != nil {
		return nil
	}
	return &resident
}

// Processes returns those of the container, with their TCP sockets; nil where they
// cannot be read.
func (i *Instance) Processes(ctx context.Context) []containers.Process {
	processes, err := readProcesses(ctx, i, cgroup.Group.Processes, ProcessesCommand,
		func(text []byte) (all []containers.Process, err error) {
			return all, json.Unmarshal(text, &all)
		})
	if err != nil {
		return nil
	}
	return processes
}

// readProcesses reads figures of a running container's processes: directly where this
// process may, else from the output of a command in their process namespace.
func readProcesses[T any](ctx context.Context, i *Instance, direct func(cgroup.Group) (T, error), command string,
	parse func([]byte) (T, error)) (T, error) {
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
	text, err := i.runInside(ctx, command)
	if err != nil {
		return none, err
	}
	return parse(text)
}

// runInside runs a command of this executable in the process namespace of the
// container, and returns its output.
func (i *Instance) runInside(ctx context.Context, command string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, insideTimeout)
	defer cancel()
	image, err := i.docker.executable.agentImage(ctx)
	if err != nil {
		return nil, err
	}
	host := agentHostConfig([]string{"none"}, 0)
	// It may read the processes of the other container, their mappings and their sockets.
	host.PidMode, host.CapAdd = container.PidMode("container:"+i.id), []string{"SYS_PTRACE"}
	host.Sysctls = nil // it has no network
	inside, err := i.docker.startAgent(ctx, image, []string{"none"}, host, command, agentRole)
	if err != nil {
		return nil, err
	}
	unhook := context.AfterFunc(ctx, func() { _ = inside.Close() }) // which ends the read
	text, err := io.ReadAll(inside)
	unhook()
	_ = inside.Close() // Clean removes it in any case
	return text, err
}

// ResidentOfOthers returns the bytes of files that the other processes of this
// process namespace map.
func ResidentOfOthers() (units.Bytes, error) {
	processes, err := otherPIDs()
	if err != nil {
		return 0, err
	}
	return cgroup.ResidentFiles(processes)
}

// OtherProcesses returns the other processes of this process namespace.
func OtherProcesses() ([]containers.Process, error) {
	processes, err := otherPIDs()
	if err != nil {
		return nil, err
	}
	return cgroup.Processes(processes)
}

// otherPIDs returns the ids of the other processes of this process namespace.
func otherPIDs() ([]string, error) {
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
