package lang

import (
	"fmt"
	"strings"

	"plan/plans"
)

// together checks what runs at the same time: the replicas of a service, and
// what it depends on.
func (c *hostCheck) together(s plans.Stage) {
	most := s.Limits()
	if s.Vary != nil {
		most.Put(s.Vary.Dimension, s.Vary.To)
	}
	for _, d := range plans.Dimensions() {
		if hosts[d] == nil {
			continue
		}
		each, has := most.Get(d), hosts[d].has(c.host)
		switch all := each * s.Replicas(); {
		case all <= has:
			c.withHelpers(s, d, all)
		case each <= has:
			c.manyReplicas(s, d, each)
		}
	}
}

// manyReplicas is about replicas that are together more than the host has. A
// search among values that all must fit tries only those that do.
func (c *hostCheck) manyReplicas(s plans.Stage, d plans.Dimension, each int64) {
	host, n, has := hosts[d], s.Replicas(), hosts[d].has(c.host)
	at, help := c.limitPlace(s, plans.Replicas), fmt.Sprintf("write at most %s = %s, or fewer replicas", d, host.literal(has/n))
	switch {
	case !host.whole:
		c.warning(host.code, at, fmt.Sprintf("%d replicas of %s will compete for the %s that the host has", n, host.text(each), host.text(has)), help)
	case s.Vary == nil || s.Vary.Dimension != d:
		c.error(host.code, at, fmt.Sprintf("%d replicas of %s are %s, but the host has %s", n, host.text(each), host.text(each*n), host.text(has)), help)
	}
}

// withHelpers warns where a service and what it depends on may use more
// together than there is. None of them has to: so it is no error.
func (c *hostCheck) withHelpers(s plans.Stage, d plans.Dimension, own int64) {
	host, all, texts := hosts[d], own, []string{}
	for _, h := range s.Helpers {
		if v := h.Limits.Get(d); v > 0 {
			all += v
			texts = append(texts, host.text(v)+" of "+h.Address)
		}
	}
	has := host.has(c.host)
	if !host.whole || own == 0 || len(texts) == 0 || all <= has {
		return
	}
	c.warning(host.code, c.limitPlace(s, d), fmt.Sprintf("%s may use %s, beside %s: together more than the %s that the host has", s.Service.Address, host.text(own), strings.Join(texts, ", "), host.text(has)), "write smaller limits")
}
