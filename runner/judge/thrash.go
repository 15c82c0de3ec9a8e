package judge

import (
	"fmt"

	"plan/containers"
	"plan/runner/journal"
)

// mostRereads is how many pages that it maps a service may read from disk again
// for an answered request: docs/decisions/0010-page-cache.md has the figures.
const mostRereads = 50

// thrashViolation is a service that lives, but reads the files that it maps again
// and again. Major faults alone are also pages that are read for the first time;
// refaults alone are also files that a service reads through and does not keep.
// Both at once are pages that it needs and that its memory has no room for.
func thrashViolation(o Observation) []violation {
	major, known := underLoad(o.Replicas, func(u containers.Usage) *int64 { return u.MajorFaults })
	refaults, also := underLoad(o.Replicas, func(u containers.Usage) *int64 { return u.Refaults })
	answered := o.Load.Total.OK
	if !known || !also || answered == 0 || min(major, refaults) <= mostRereads*answered {
		return nil
	}
	text := fmt.Sprintf("reads its own files again and again: %d major faults and %d refaults an answered request, where %d are the most",
		major/answered, refaults/answered, mostRereads)
	return []violation{{reason: journal.Thrash, text: text}}
}

// underLoad is what a counter of all replicas rose by since the load began;
// false where it is not known of one.
func underLoad(replicas []Replica, of func(containers.Usage) *int64) (total int64, known bool) {
	for _, r := range replicas {
		from, to := of(r.Loaded), of(r.End)
		if from == nil || to == nil {
			return 0, false
		}
		total += *to - *from
	}
	return total, true
}
