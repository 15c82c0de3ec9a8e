package docker

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	"plan/internal/units"
)

// Facts describe the engine and its machine for the checks before a run.
type Facts struct {
	Address       string // of the engine
	Version       string // of the engine
	OS, Arch      string // as Go names them
	Kernel        string
	Name          string // of the machine
	Memory        units.Bytes
	CPUs          int
	CgroupVersion int
	CgroupDriver  string
	LimitsMemory  bool
	LimitsSwap    bool
	LimitsCPU     bool
	Networks      []string       // names, sorted
	Volumes       []string       // names, sorted
	Images        []string       // references, sorted
	Ports         map[int]string // the host's published TCP ports -> container
	Registries    []string       // for which docker's configuration has a login
	Leftovers     []Leftover     // of other runs
}

// Facts reads them from the engine.
func (d *Docker) Facts(ctx context.Context) (Facts, error) {
	info, err := d.engine.Info(ctx)
	if err != nil {
		return Facts{}, d.errs.Wrap("the engine cannot be asked", err)
	}
	platform, err := d.Images.Platform(ctx)
	if err != nil {
		return Facts{}, err
	}
	version, err := strconv.Atoi(info.CgroupVersion)
	if err != nil {
		version = 1 // old engines report none
	}
	f := Facts{
		Address: d.engine.DaemonHost(), Version: info.ServerVersion, OS: platform.OS, Arch: platform.Arch,
		Kernel: info.KernelVersion, Name: info.Name, Memory: units.Bytes(info.MemTotal), CPUs: info.NCPU,
		CgroupVersion: version, CgroupDriver: info.CgroupDriver,
		LimitsMemory: info.MemoryLimit, LimitsSwap: info.SwapLimit, LimitsCPU: info.CPUCfsQuota,
		Registries: d.Images.Registries(),
	}
	if f.Images, err = d.Images.Tags(ctx); err != nil {
		return Facts{}, err
	}
	if f.Networks, f.Volumes, err = d.resources.names(ctx); err != nil {
		return Facts{}, err
	}
	if f.Ports, err = d.resources.ports(ctx); err != nil {
		return Facts{}, err
	}
	all, err := d.Leftovers(ctx)
	f.Leftovers = slices.DeleteFunc(all, func(l Leftover) bool { return l.Run == d.options.Run })
	return f, err
}

// PortUser returns what listens on a TCP port of the host: "the container NAME", or
// "a process of the host", which is known only when the engine's socket is on this
// machine. It returns "" where nothing is known to listen.
func (f Facts) PortUser(address string, port int) string {
	if name, ok := f.Ports[port]; ok {
		return fmt.Sprintf("the container %s", name)
	}
	if !strings.HasPrefix(f.Address, "unix://") {
		return ""
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(address, strconv.Itoa(port)))
	if err != nil {
		return "a process of the host"
	}
	_ = listener.Close() // it was only a test
	return ""
}
