package docker

import (
	"context"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"plan/containers/cgroup"
	"plan/internal/host"
)

// localHost is this machine, once it is known to be the engine's.
type localHost struct {
	hierarchy cgroup.Hierarchy
	parents   groups            // makes control groups of our own; nil where none may be made
	kernel    *cgroup.KernelLog // nil where it may not be read
}

func (h *localHost) close() {
	if h.kernel != nil {
		_ = h.kernel.Close() // read-only
	}
}

// infoTimeout is the longest time of a request without a ctx of its own.
const infoTimeout = 5 * time.Second

// Local reports whether control groups can be read directly: engineBoot, which the
// agent read on the engine's machine, is this machine's boot id, and all control
// groups are visible here.
func (d *Docker) Local(engineBoot string) bool {
	if boot, err := host.BootID(); err != nil || engineBoot == "" || engineBoot != boot {
		return false
	}
	if d.host.Load() != nil {
		return true
	}
	hierarchy, err := cgroup.Find()
	if err != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), infoTimeout)
	defer cancel()
	info, err := d.engine.Info(ctx)
	if err != nil || (info.CgroupVersion != "" && info.CgroupVersion != strconv.Itoa(hierarchy.Version)) {
		return false
	}
	rootless := slices.ContainsFunc(info.SecurityOptions,
		func(option string) bool { return strings.Contains(option, "rootless") })
	h := &localHost{hierarchy: hierarchy}
	if os.Geteuid() == 0 && !rootless {
		h.parents = groupsBy(hierarchy)[info.CgroupDriver]
	}
	if log, err := cgroup.OpenKernelLog(); err == nil {
		h.kernel = log
	}
	if !d.host.CompareAndSwap(nil, h) {
		h.close()
	}
	return true
}

// groups makes control groups above those of containers, and finds and removes them. They
// have paths like /plan-r1/api, whatever makes them.
type groups interface {
	Group(path string) cgroup.Group
	Make(ctx context.Context, path string) (cgroup.Group, error)
	Parent(group cgroup.Group) string // how the engine is asked to put a container into it
	Remove(ctx context.Context, path string) error
	Prune(path string)
	Exists(path string) bool
	Empty(prefix string) map[string]time.Time
}

// groupsBy returns what makes control groups on this machine, by the engine's driver.
func groupsBy(hierarchy cgroup.Hierarchy) map[string]groups {
	all := map[string]groups{"cgroupfs": hierarchy}
	if slices, ok := hierarchy.Slices(); ok {
		all["systemd"] = slices
	}
	return all
}

// visibleGroups is groupsBy where all control groups are visible here; else nil.
func visibleGroups() map[string]groups {
	hierarchy, err := cgroup.Find()
	if err != nil {
		return nil
	}
	return groupsBy(hierarchy)
}

// groupPath returns the control group of a container of this run; of the run for "".
func (d *Docker) groupPath(name string) string {
	return path.Join(runGroup(d.options.Run), name)
}

func runGroup(run string) string { return "/" + runGroupPrefix + run }

const runGroupPrefix = "plan-"

func groupText(g groups, path string) string { return "control group " + g.Group(path).Path() }
