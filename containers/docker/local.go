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
	parents   bool              // control groups of our own may be made
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
	h := &localHost{hierarchy: hierarchy, parents: os.Geteuid() == 0 && info.CgroupDriver == "cgroupfs" && !rootless}
	if log, err := cgroup.OpenKernelLog(); err == nil {
		h.kernel = log
	}
	if !d.host.CompareAndSwap(nil, h) {
		h.close()
	}
	return true
}

// groupPath returns the control group of a container of this run; of the run for "".
func (d *Docker) groupPath(name string) string {
	return path.Join(runGroup(d.options.Run), name)
}

func runGroup(run string) string { return "/" + runGroupPrefix + run }

const runGroupPrefix = "plan-"
