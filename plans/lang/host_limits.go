package lang

import (
	"fmt"
	"strconv"

	"plan/internal/units"
	"plan/plans"
)

// hosting is how a dimension is held against the engine's machine.
type hosting struct {
	code    string // of what is more than the machine has
	has     func(plans.Host) int64
	least   int64 // that Docker takes; 0: any
	whole   bool  // what runs at the same time must fit together; else it competes
	text    func(int64) string
	claim   func(int64) string                            // what an attribute asks for
	literal func(int64) string                            // a value that is no greater, as a plan has it
	help    func(setting string, value, has int64) string // for a value that is too large
}

// hosts has how each dimension is held that a host can have too little of.
var hosts = map[plans.Dimension]*hosting{plans.Memory: &memoryOnHost, plans.CPUs: &cpusOnHost}

var memoryOnHost = hosting{
	code: "P0501", has: func(h plans.Host) int64 { return int64(h.Memory) }, least: int64(leastMemory), whole: true,
	text:    func(v int64) string { return gibibytes(units.Bytes(v)) },
	claim:   func(v int64) string { return "memory of " + gibibytes(units.Bytes(v)) },
	literal: memoryLiteral,
	help:    func(_ string, value, has int64) string { return smallerMemory(units.Bytes(value), units.Bytes(has)) },
}

var cpusOnHost = hosting{
	code: "P0507", has: func(h plans.Host) int64 { return int64(h.CPUs) },
	text:    func(v int64) string { return cpusText(units.CPUs(v)) },
	claim:   func(v int64) string { return "cpus = " + plans.CPUs.Short(v) },
	literal: plans.CPUs.Short,
	help:    func(setting string, _, has int64) string { return "write at most " + setting + plans.CPUs.Short(has) },
}

// limits checks every limit that the plan names against the machine.
func (c *hostCheck) limits() {
	c.root.each(func(n *node) {
		switch n.block.name {
		case "limits", "set":
			c.fixed(n)
		case "guard":
			c.guarded(n)
		}
	})
	for _, s := range c.plan.Stages {
		c.varied(s)
		c.together(s)
	}
}

func (c *hostCheck) fixed(n *node) {
	s := buildSettings(c.quietly(n))
	for _, d := range plans.Dimensions() {
		host, value := hosts[d], s.Get(d)
		if host == nil {
			continue
		}
		if has := host.has(c.host); value > has {
			c.error(host.code, n.place(string(d)), fmt.Sprintf("%s is more than the %s that the host has", host.claim(value), host.text(has)), host.help(string(d)+" = ", value, has))
		}
		if value > 0 && value < host.least {
			c.tooSmall(n, string(d), d)
		}
	}
}

// guarded refuses a reserve that the machine cannot keep beside the service.
func (c *hostCheck) guarded(n *node) {
	if free := c.plan.Guard.HostMemoryFree; free+leastMemory > c.host.Memory {
		c.error("P0501", n.place("host_memory_free"), fmt.Sprintf("%s kept free leave nothing for the service: the host has %s", gibibytes(free), gibibytes(c.host.Memory)), smallerMemory(free, c.host.Memory))
	}
}

func (c *hostCheck) tooSmall(n *node, attribute string, d plans.Dimension) {
	least := hosts[d].least
	c.error("P0502", n.place(attribute), fmt.Sprintf("Docker takes no %s limit below %s", d.Noun(), d.Short(least)), "write at least "+hosts[d].literal(least))
}

// varied notes the values of a search that this host cannot be asked for.
func (c *hostCheck) varied(s plans.Stage) {
	if s.Vary == nil || hosts[s.Vary.Dimension] == nil {
		return
	}
	n, host := c.index[s.Address].node.first("vary"), hosts[s.Vary.Dimension]
	most := host.has(c.host)
	has, help := host.text(most), host.help("", s.Vary.From, most)
	if r := s.Replicas(); host.whole && r > 1 {
		has += fmt.Sprintf(" for %d replicas", r)
		most /= r
	}
	c.tooLarge(host, n, s.Vary, most, has, help)
	if s.Vary.From > 0 && s.Vary.From < host.least {
		c.tooSmall(n, "from", s.Vary.Dimension)
	}
}

// tooLarge notes the values above what the host has; when that is all of them
// the search cannot run.
func (c *hostCheck) tooLarge(host *hosting, n *node, v *plans.Vary, most int64, has, help string) {
	switch {
	case v.From > most:
		c.error(host.code, n.place("from"), fmt.Sprintf("no value of this search can be tried: the host has %s", has), help)
	case v.To > most:
		c.note(host.code, n.place("to"), fmt.Sprintf("values above %s cannot be tried: the host has %s", host.text(most), has), "")
	}
}

// smallerMemory asks whether the next smaller unit was meant.
func smallerMemory(b, has units.Bytes) string {
	for _, unit := range []struct {
		size units.Bytes
		next string
	}{{units.TiB, "G"}, {units.GiB, "M"}} {
		if n := b / unit.size; b%unit.size == 0 && b/1024 <= has && (n >= 100 || unit.next == "G") {
			return fmt.Sprintf("did you mean \"%d%s\"?", b/unit.size, unit.next)
		}
	}
	return "write at most " + memoryLiteral(int64(has))
}

func gibibytes(b units.Bytes) string {
	gib := float64(b) / float64(units.GiB)
	switch {
	case gib >= 10*1024:
		return fmt.Sprintf("%.0f TiB", gib/1024)
	case gib >= 10 || b%units.GiB == 0:
		return fmt.Sprintf("%.0f GiB", gib)
	case gib >= 1:
		return fmt.Sprintf("%.1f GiB", gib)
	}
	return fmt.Sprintf("%.0f MiB", float64(b)/float64(units.MiB))
}

// memoryLiteral is an amount as a plan has it, in whole mebibytes.
func memoryLiteral(v int64) string {
	return strconv.Quote((units.Bytes(v) / units.MiB * units.MiB).String())
}

func cpusText(c units.CPUs) string {
	if c == 1000 {
		return "1 CPU"
	}
	return c.String() + " CPUs"
}
