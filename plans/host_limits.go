package plans

import (
	"fmt"

	"plan/internal/units"
)

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
	if s.Memory > c.host.Memory {
		c.error("P0501", n.place(Memory), fmt.Sprintf("memory of %s is more than the %s that the host has", gibibytes(s.Memory), gibibytes(c.host.Memory)), c.smaller(s.Memory))
	}
	if s.Memory > 0 && s.Memory < leastMemory {
		c.tooSmall(n, Memory)
	}
	if s.CPUs > c.host.CPUs {
		c.error("P0507", n.place(CPUs), fmt.Sprintf("cpus = %s is more than the %s that the host has", s.CPUs, cpusText(c.host.CPUs)), fmt.Sprintf("write at most cpus = %s", c.host.CPUs))
	}
}

// guarded refuses a reserve that the machine cannot keep beside the service.
func (c *hostCheck) guarded(n *node) {
	if free := c.plan.Guard.HostMemoryFree; free+leastMemory > c.host.Memory {
		c.error("P0501", n.place("host_memory_free"), fmt.Sprintf("%s kept free leave nothing for the service: the host has %s", gibibytes(free), gibibytes(c.host.Memory)), c.smaller(free))
	}
}

func (c *hostCheck) tooSmall(n *node, attribute string) {
	c.error("P0502", n.place(attribute), fmt.Sprintf("Docker takes no memory limit below %s", leastMemory), fmt.Sprintf("write at least %q", leastMemory))
}

// varied notes the values of a search that this host cannot be asked for.
func (c *hostCheck) varied(s Stage) {
	if s.Vary == nil {
		return
	}
	n := c.index[s.Address].node.first("vary")
	if s.Vary.Dimension == CPUs {
		c.tooLarge("P0507", n, s.Vary, int64(c.host.CPUs), cpusText(c.host.CPUs), fmt.Sprintf("write at most %s", c.host.CPUs))
		return
	}
	has := gibibytes(c.host.Memory)
	if r := s.Limits().Replicas; r > 1 {
		has += fmt.Sprintf(" for %d replicas", r)
	}
	c.tooLarge("P0501", n, s.Vary, int64(c.host.Memory)/replicas(s), has, c.smaller(units.Bytes(s.Vary.From)))
	if s.Vary.From > 0 && s.Vary.From < int64(leastMemory) {
		c.tooSmall(n, "from")
	}
}

// replicas is how many containers of the service run at the same time.
func replicas(s Stage) int64 { return int64(max(1, s.Limits().Replicas)) }

// tooLarge notes the values above what the host has; when that is all of them
// the search cannot run.
func (c *hostCheck) tooLarge(code string, n *node, v *Vary, most int64, has, help string) {
	switch {
	case v.From > most:
		c.error(code, n.place("from"), fmt.Sprintf("no value of this search can be tried: the host has %s", has), help)
	case v.To > most:
		c.note(code, n.place("to"), fmt.Sprintf("values above %s cannot be tried: the host has %s", amount(v.Dimension, most), has), "")
	}
}

// smaller asks whether the next smaller unit was meant.
func (c *hostCheck) smaller(b units.Bytes) string {
	for _, unit := range []struct {
		size units.Bytes
		next string
	}{{units.TiB, "G"}, {units.GiB, "M"}} {
		if n := b / unit.size; b%unit.size == 0 && b/1024 <= c.host.Memory && (n >= 100 || unit.next == "G") {
			return fmt.Sprintf("did you mean \"%d%s\"?", b/unit.size, unit.next)
		}
	}
	return fmt.Sprintf("write at most %q", (c.host.Memory/units.MiB)*units.MiB)
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

// amount is a value of a dimension for people.
func amount(dimension string, x int64) string {
	if dimension == CPUs {
		return cpusText(units.CPUs(x))
	}
	return gibibytes(units.Bytes(x))
}

func cpusText(c units.CPUs) string {
	if c == 1000 {
		return "1 CPU"
	}
	return c.String() + " CPUs"
}
