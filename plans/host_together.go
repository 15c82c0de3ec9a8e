package plans

import (
	"fmt"
	"strings"

	"plan/internal/units"
)

// together checks what runs at the same time: the replicas of a service, and
// what it depends on.
func (c *hostCheck) together(s Stage) {
	most, dimension := s.Limits(), ""
	if s.Vary != nil {
		dimension = s.Vary.Dimension
	}
	switch dimension {
	case Memory:
		most.Memory = units.Bytes(s.Vary.To)
	case CPUs:
		most.CPUs = units.CPUs(s.Vary.To)
	}
	switch all := most.Memory * units.Bytes(replicas(s)); {
	case all <= c.host.Memory:
		c.withHelpers(s, all)
	case most.Memory <= c.host.Memory && dimension != Memory:
		c.error("P0501", c.limitPlace(s, Replicas), fmt.Sprintf("%d replicas of %s are %s, but the host has %s", replicas(s), gibibytes(most.Memory), gibibytes(all), gibibytes(c.host.Memory)), c.shared(s))
	}
	if all := most.CPUs * units.CPUs(replicas(s)); all > c.host.CPUs && most.CPUs <= c.host.CPUs {
		c.warning("P0507", c.limitPlace(s, Replicas), fmt.Sprintf("%d replicas of %s will compete for the %s that the host has", replicas(s), cpusText(most.CPUs), cpusText(c.host.CPUs)), fmt.Sprintf("write at most cpus = %s, or fewer replicas", c.host.CPUs/units.CPUs(replicas(s))))
	}
}

// shared is the memory that each replica could have.
func (c *hostCheck) shared(s Stage) string {
	each := c.host.Memory / units.Bytes(replicas(s)) / units.MiB * units.MiB
	return fmt.Sprintf("write at most memory = %q, or fewer replicas", each)
}

// withHelpers warns where a service and what it depends on may use more memory
// than there is. None of them has to: so it is no error.
func (c *hostCheck) withHelpers(s Stage, own units.Bytes) {
	all, texts := own, []string{}
	for _, h := range s.Helpers {
		if h.Limits.Memory > 0 {
			all += h.Limits.Memory
			texts = append(texts, gibibytes(h.Limits.Memory)+" of "+h.Address)
		}
	}
	if own == 0 || len(texts) == 0 || all <= c.host.Memory {
		return
	}
	c.warning("P0501", c.limitPlace(s, Memory), fmt.Sprintf("%s may use %s, beside %s: together more than the %s that the host has", s.Service.Address, gibibytes(own), strings.Join(texts, ", "), gibibytes(c.host.Memory)), "write smaller limits")
}
