package check

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"plan/internal/english"
	"plan/internal/units"
	"plan/plans"
	"plan/plans/diag"
)

// Host is what the checks need to know of the engine, its machine and this
// one.
type Host struct {
	Kubernetes  bool           // it is a cluster: the fields of images, networks, volumes and ports are not known
	Memory      units.Bytes    // of the engine's machine; of a cluster, what one pod can have
	CPUs        units.CPUs     // likewise, in thousandths
	Least       plans.Limits   // that one pod must have, on a cluster; zero fields are no bounds
	MemoryLimit bool           // the engine can limit memory
	SwapLimit   bool           // the engine can limit swap
	Networks    []string       // names on the engine
	Volumes     []string       // names on the engine
	Images      []string       // references with their tags on the engine, and ids
	Missing     []string       // paths that the plan builds from or mounts, and that are not there
	Ports       map[int]string // ports of the host that are in use, by whom: "the container web"
	Registries  []string       // hosts that there are credentials for, as imagename.Registry names them
	OpenFiles   int            // files that the load generator may open; 0: not known
	LocalPorts  int            // ports for its connections to one target; 0: not known
	Leftovers   []string       // what dead runs have left, one thing each
	// Healthchecks are the intervals of those of images on the engine, by the
	// reference that a service has.
	Healthchecks map[string]time.Duration
}

// leastMemory is the least limit that Docker takes.
const leastMemory = 6 * units.MiB

// Check returns what of the plan the host cannot carry.
func (h Host) Check(p *plans.Plan) diag.List {
	if h.Kubernetes {
		return slices.Concat(h.limits(p), h.generator(p)).Finish(p.File, p.Secrets)
	}
	return slices.Concat(
		h.limits(p), h.ports(p), h.networks(p), h.volumes(p), h.images(p), h.engine(p), h.generator(p),
	).Finish(p.File, p.Secrets)
}

// Unchecked is the warning that no engine could be asked, and why.
func Unchecked(p *plans.Plan, why error) diag.List {
	help := "start Docker, or write --offline to check only the file"
	if p.Platform != nil {
		help = "reach the cluster, or write --offline to check only the file"
	}
	d := diag.NewWarning("P0500", start(p), "the checks of the engine were left out: "+why.Error(), help)
	d.Note = "not checked: memory, CPUs, ports, networks, images, credentials"
	return diag.List{d}.Finish(p.File, p.Secrets)
}

// ports checks the ports that services publish on the host.
func (h Host) ports(p *plans.Plan) diag.List {
	var list diag.List
	for _, s := range p.Services {
		for _, port := range s.Ports {
			if by, used := h.Ports[port.Host]; used && port.Host != 0 {
				list = append(list, diag.NewError("P0503", s.Decl.Range("ports"),
					fmt.Sprintf("port %d of the host is already in use, by %s", port.Host, cmp.Or(by, "another program")),
					fmt.Sprintf(`write another port, or "%d" for a random one`, port.Container)))
			}
		}
	}
	return list
}

// networks checks that networks are there which the run does not make.
func (h Host) networks(p *plans.Plan) diag.List {
	var list diag.List
	for _, n := range p.Networks {
		if n.External {
			list = append(list, h.network(n.Name, n.Decl.Range("name"))...)
		}
	}
	for _, f := range p.Preflights {
		if f.External {
			list = append(list, h.network(f.Network, f.Decl.Range("network"))...)
		}
	}
	for _, s := range p.Services {
		for _, name := range s.External {
			list = append(list, h.network(name, s.Decl.Range("networks"))...)
		}
	}
	return list
}

func (h Host) network(name string, at diag.SourceRange) diag.List {
	if slices.Contains(h.Networks, name) {
		return nil
	}
	help := "create it: docker network create " + name
	if near := english.Near(name, h.Networks); near != "" {
		help = fmt.Sprintf("did you mean %q?", near)
	}
	return diag.List{diag.NewError("P0504", at, fmt.Sprintf("the engine has no network %q", name), help)}
}

// volumes notes those that are not there: services find them empty. It warns of files and folders that are not there,
// which the engine does not mount.
func (h Host) volumes(p *plans.Plan) diag.List {
	var list diag.List
	for _, s := range p.Services {
		for _, v := range s.Volumes {
			if v.Bind && slices.Contains(h.Missing, v.Source) {
				list = append(list, diag.NewWarning("P0512", s.Decl.Range("volumes"),
					fmt.Sprintf("%s does not exist: the engine starts no container of %s", v.Source, s.Address),
					"create it before the run; unlike Compose, a run does not create it"))
			}
			if v.Bind || slices.Contains(h.Volumes, v.Source) {
				continue
			}
			help := "if the service needs files there, name a volume that has them"
			if near := english.Near(v.Source, h.Volumes); near != "" {
				help = fmt.Sprintf("did you mean %q?", near)
			}
			list = append(list, diag.NewNote("P0512", s.Decl.Range("volumes"),
				fmt.Sprintf("the engine has no volume %q: %s finds %s empty", v.Source, s.Address, v.Target), help))
		}
	}
	return list
}

// engine checks what the engine is able to do, and notes what runs that died
// have left on it.
func (h Host) engine(p *plans.Plan) diag.List {
	var list diag.List
	switch {
	case !h.MemoryLimit:
		list = append(list, diag.NewWarning("P0508", start(p),
			"the engine cannot limit memory, so the limits of the plan have no effect",
			"run on a host whose kernel has the memory control group (docker info)"))
	case !h.SwapLimit:
		list = append(list, diag.NewWarning("P0508", start(p),
			"the engine cannot limit swap: a service may swap instead of running out of memory, and a search may find too little memory",
			"disable swap (swapoff -a), or boot with swapaccount=1"))
	}
	if len(h.Leftovers) > 0 {
		d := diag.NewNote("P0510", start(p),
			fmt.Sprintf("dead runs left %s on the engine; the run removes those that no other container uses",
				english.Count(len(h.Leftovers), "thing")),
			"")
		d.Note = strings.Join(h.Leftovers, "\n")
		list = append(list, d)
	}
	return list
}

// generator checks whether this command can open as many connections as a stage
// has users; those of another driver are its own affair.
func (h Host) generator(p *plans.Plan) diag.List {
	var list diag.List
	for _, s := range p.Stages {
		if s.Load == nil || s.Load.Driver != nil {
			continue
		}
		users, at := s.MostUsers(), usersRange(s)
		if text, need := s.TooFewFiles(int64(h.OpenFiles)); text != "" {
			list = append(list, diag.NewWarning("P0509", at, text, fmt.Sprintf("raise the limit: ulimit -n %d", need)))
		}
		if h.LocalPorts > 0 && int64(users) > int64(h.LocalPorts)*s.Replicas()*int64(s.AgentsOf()) {
			list = append(list, diag.NewWarning("P0509", at,
				fmt.Sprintf("%d users need more than the %d local ports that the driver has", users, h.LocalPorts),
				"widen the range: sysctl net.ipv4.ip_local_port_range"))
		}
	}
	return list
}
