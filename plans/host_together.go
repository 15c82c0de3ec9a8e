package plans

import (
	"fmt"
	"strings"
)

// together checks what runs at the same time: the replicas of a service, and
// what it depends on.
func (c *hostCheck) together(s Stage) {
	most := s.Limits()
	if s.Vary != nil {
		most.Put(s.Vary.Dimension, s.Vary.To)
	}
	for _, row := range dimensions {
		if row.host == nil {
			continue
		}
		each, has := row.slot.get(most), row.host.has(c.host)
		switch all := each * replicas(s); {
		case all <= has:
			c.withHelpers(s, row, all)
		case each <= has:
			c.manyReplicas(s, row, each)
		}
	}
}

// manyReplicas is about replicas that are together more than the host has. A
// search among values that all must fit tries only those that do.
func (c *hostCheck) manyReplicas(s Stage, row dimension, each int64) {
	host, n, has := row.host, replicas(s), row.host.has(c.host)
	at, help := c.limitPlace(s, Replicas), fmt.Sprintf("write at most %s = %s, or fewer replicas", row.name, host.literal(has/n))
	switch {
	case !host.whole:
		c.warning(host.code, at, fmt.Sprintf("%d replicas of %s will compete for the %s that the host has", n, host.text(each), host.text(has)), help)
	case s.Vary == nil || s.Vary.Dimension != row.id():
		c.error(host.code, at, fmt.Sprintf("%d replicas of %s are %s, but the host has %s", n, host.text(each), host.text(each*n), host.text(has)), help)
	}
}

// withHelpers warns where a service and what it depends on may use more
// together than there is. None of them has to: so it is no error.
func (c *hostCheck) withHelpers(s Stage, row dimension, own int64) {
	all, texts := own, []string{}
	for _, h := range s.Helpers {
		if v := row.slot.get(h.Limits); v > 0 {
			all += v
			texts = append(texts, row.host.text(v)+" of "+h.Address)
		}
	}
	has := row.host.has(c.host)
	if !row.host.whole || own == 0 || len(texts) == 0 || all <= has {
		return
	}
	c.warning(row.host.code, c.limitPlace(s, row.id()), fmt.Sprintf("%s may use %s, beside %s: together more than the %s that the host has", s.Service.Address, row.host.text(own), strings.Join(texts, ", "), row.host.text(has)), "write smaller limits")
}
