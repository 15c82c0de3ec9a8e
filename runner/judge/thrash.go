package judge

import (
	"fmt"

	"plan/containers"
	"plan/runner/journal"
)

// mostRereads is how many mapped pages a service may read from disk again for each
// answered request: docs/decisions/0010-page-cache.md has the figures.
const mostRereads = 50

// thrashViolation returns the violation of a service that reads the files that it
// maps again and again. Major faults alone also count pages that are read for the
// first time; refaults alone also count files that are read and not kept. Both at
// once are pages that the service needs and its memory has no room for.
func thrashViolation(o Observation) []violation {
	major := underLoad(o.Replicas, func(u containers.Usage) *int64 { return u.MajorFaults })
	refaults := underLoad(o.Replicas, func(u containers.Usage) *int64 { return u.Refaults })
	answered := o.Load.Total.OK
	if answered == 0 || min(major, refaults) <= mostRereads*answered {
		return nil
	}
	text := fmt.Sprintf("reads its own files again and again: %d major faults and %d refaults per OK response, over %d",
		major/answered, refaults/answered, mostRereads)
	return []violation{{reason: journal.Thrash, text: text}}
}

// underLoad returns by how much a counter of all replicas rose since the start of
// the load; 0 where it is not known of one.
func underLoad(replicas []Replica, of func(containers.Usage) *int64) (total int64) {
	for _, r := range replicas {
		from, to := of(r.Loaded), of(r.End)
		if from == nil || to == nil {
			return 0
		}
		total += *to - *from
	}
	return total
}
