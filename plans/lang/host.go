package lang

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"plan/internal/english"
	"plan/internal/units"
	"plan/plans"
	"plan/plans/diag"
)

// leastMemory is the least limit that Docker takes.
const leastMemory = 6 * units.MiB

// hostCheck is a plan before a host.
type hostCheck struct {
	*evaluator
	resolver *resolver
	plan     *plans.Plan
	host     plans.Host
}

func (r *resolver) CheckHost(h plans.Host) diag.List {
	c := &hostCheck{evaluator: r.evaluator(nil), resolver: r, plan: r.plan, host: h}
	c.limits()
	c.ports()
	c.networks()
	c.images()
	c.healthchecks()
	c.engine()
	c.generator()
	c.leftovers()
	return r.finish(c.faults)
}

func (r *resolver) Unchecked(why error) diag.List {
	f := r.faults()
	d := f.warning("P0500", r.start(), "no engine could be asked: "+why.Error(), "start Docker, or write --offline to check the file alone")
	d.Note = "not checked: memory, CPUs, ports, networks, images, credentials"
	return r.finish(f)
}

// start is the place for what concerns the plan as a whole.
func (r *resolver) start() hcl.Range {
	if n := r.program.root.first("plan"); n != nil {
		return n.header
	}
	if len(r.plan.Stages) > 0 {
		return r.program.index[r.plan.Stages[0].Address].place
	}
	return r.program.root.whole
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
		c.warning("P0508", c.resolver.start(), "the engine cannot limit memory: no limit of the plan will hold", "run on a host whose kernel has the memory control group (docker info)")
	} else if !c.host.SwapLimit {
		c.warning("P0508", c.resolver.start(), "the engine cannot limit swap: a service may swap instead of running out of memory, so the least memory may be found too low", "switch swap off (swapoff -a), or boot with swapaccount=1")
	}
}

// generator checks whether this command can open as many connections as a stage
// has users; those of another driver are its own affair.
func (c *hostCheck) generator() {
	for _, s := range c.plan.Stages {
		if s.Load == nil || s.Load.Driver != nil {
			continue
		}
		users := s.MostUsers()
		n := c.index[s.Address].node
		at := usersPlace(n, n.first("load"))
		if text, need := s.TooFewFiles(int64(c.host.OpenFiles)); text != "" {
			c.warning("P0509", at, text, fmt.Sprintf("raise the limit: ulimit -n %d", need))
		}
		if c.host.LocalPorts > 0 && int64(users) > int64(c.host.LocalPorts)*s.Replicas() {
			c.warning("P0509", at, fmt.Sprintf("%d users need more than the %d local ports that the load generator has", users, c.host.LocalPorts), "widen the range: sysctl net.ipv4.ip_local_port_range")
		}
	}
}

// leftovers notes what runs that died have left.
func (c *hostCheck) leftovers() {
	if len(c.host.Leftovers) > 0 {
		d := c.note("P0510", c.resolver.start(), fmt.Sprintf("%s of runs that died are left on the engine; they will be removed", english.Count(len(c.host.Leftovers), "thing")), "")
		d.Note = strings.Join(c.host.Leftovers, "\n")
	}
}
