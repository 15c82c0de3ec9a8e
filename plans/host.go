package plans

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"

	"plan/internal/english"
	"plan/internal/units"
	"plan/plans/diag"
)

// Host is what the checks need to know of the engine, its machine and this
// one.
type Host struct {
	Memory      units.Bytes    // of the engine's machine
	CPUs        units.CPUs     // of the engine's machine, in thousandths
	MemoryLimit bool           // the engine can limit memory
	SwapLimit   bool           // the engine can limit swap
	Networks    []string       // names on the engine
	Images      []string       // references with their tags on the engine, and ids
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

// hostCheck is a plan before a host.
type hostCheck struct {
	*evaluator
	plan *Plan
	host Host
}

// CheckHost says what of the plan the host cannot carry.
func (p *Plan) CheckHost(h Host) diag.List {
	c := &hostCheck{evaluator: p.evaluator(nil), plan: p, host: h}
	c.limits()
	c.ports()
	c.networks()
	c.images()
	c.healthchecks()
	c.engine()
	c.generator()
	c.leftovers()
	return p.finish(c.faults)
}

// Unchecked is the warning that no engine could be asked, and why.
func (p *Plan) Unchecked(why error) diag.List {
	f := &faults{sources: p.program.sources, secrets: p.Secrets}
	d := f.warning("P0500", p.start(), "no engine could be asked: "+why.Error(), "start Docker, or write --offline to check the file alone")
	d.Note = "not checked: memory, CPUs, ports, networks, images, credentials"
	return p.finish(f)
}

// start is the place for what concerns the plan as a whole.
func (p *Plan) start() hcl.Range {
	if n := p.program.root.first("plan"); n != nil {
		return n.header
	}
	if len(p.Stages) > 0 {
		return p.program.index[p.Stages[0].Address].place
	}
	return p.program.root.whole
}

// ports checks the ports that services publish on the host.
func (c *hostCheck) ports() {
	for _, s := range c.plan.Services {
		for _, p := range s.Ports {
			if by, used := c.host.Ports[p.Host]; used && p.Host != 0 {
				n := c.index[s.Address].node
				c.error("P0503", n.place("ports"), fmt.Sprintf("port %d of the host is already in use, by %s", p.Host, cmp.Or(by, "somebody else")), fmt.Sprintf(`write another port, or "%d" for a random one`, p.Container))
			}
		}
	}
}

// networks checks that external networks are there.
func (c *hostCheck) networks() {
	for _, n := range c.plan.Networks {
		if n.External {
			c.network(n.Name, c.index[n.Address].node.place("name"))
		}
	}
	c.root.each(func(n *node) {
		for _, name := range []string{"network", "networks"} {
			for _, t := range plainTargets(c.quietly(n), name) {
				c.network(t, n.place(name))
			}
		}
	})
}

// plainTargets are the texts of an attribute that names networks.
func plainTargets(r *record, name string) []string {
	var texts []string
	for _, t := range append(get[[]target](r, name), get[target](r, name)) {
		if t.text != "" {
			texts = append(texts, t.text)
		}
	}
	return texts
}

func (c *hostCheck) network(name string, at hcl.Range) {
	if slices.Contains(c.host.Networks, name) {
		return
	}
	help := "make it: docker network create " + name
	if near := english.Near(name, c.host.Networks); near != "" {
		help = fmt.Sprintf("did you mean %q?", near)
	}
	c.error("P0504", at, fmt.Sprintf("the engine has no network %q", name), help)
}

// engine checks what the engine is able to do.
func (c *hostCheck) engine() {
	if !c.host.MemoryLimit {
		c.warning("P0508", c.plan.start(), "the engine cannot limit memory: no limit of the plan will hold", "run on a host whose kernel has the memory control group (docker info)")
	} else if !c.host.SwapLimit {
		c.warning("P0508", c.plan.start(), "the engine cannot limit swap: a service may swap instead of running out of memory, so the least memory may be found too low", "switch swap off (swapoff -a), or boot with swapaccount=1")
	}
}

// generator checks whether this command can open as many connections as a stage
// has users; those of another driver are its own affair.
func (c *hostCheck) generator() {
	for _, s := range c.plan.Stages {
		if s.Load == nil || s.Load.Driver != nil {
			continue
		}
		users := s.mostUsers()
		n := c.index[s.Address].node
		at := usersPlace(n, n.first("load"))
		if text, need := s.TooFewFiles(int64(c.host.OpenFiles)); text != "" {
			c.warning("P0509", at, text, fmt.Sprintf("raise the limit: ulimit -n %d", need))
		}
		if c.host.LocalPorts > 0 && int64(users) > int64(c.host.LocalPorts)*replicas(s) {
			c.warning("P0509", at, fmt.Sprintf("%d users need more than the %d local ports that the load generator has", users, c.host.LocalPorts), "widen the range: sysctl net.ipv4.ip_local_port_range")
		}
	}
}

// TooFewFiles says that the users of a stage need more open files than a load
// generator may have, and how many they need; "" where they do not, where it
// may have 0, which is not known, and where another driver makes the load.
func (s Stage) TooFewFiles(files int64) (text string, need int) {
	if s.Load == nil || s.Load.Driver != nil || files <= 0 {
		return "", 0
	}
	l := s.Load.Load(s.mostUsers(), 0)
	if need = l.NeededFiles(); int64(need) <= files {
		return "", need
	}
	return fmt.Sprintf("%d users need more than the %d open files that the load generator may have", l.Users, files), need
}

// leftovers notes what runs that died have left.
func (c *hostCheck) leftovers() {
	if len(c.host.Leftovers) > 0 {
		d := c.note("P0510", c.plan.start(), fmt.Sprintf("%s of runs that died are left on the engine; they will be removed", english.Count(len(c.host.Leftovers), "thing")), "")
		d.Note = strings.Join(c.host.Leftovers, "\n")
	}
}
