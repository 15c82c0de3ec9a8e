package truth

import (
	"slices"

	"plan/internal/exchange"
)

// tally is what the log says of a request name, or of all.
type tally struct {
	classes map[exchange.Class]int64 // Aborted: given up at the end
	again   int64
	late    int64 // came too late, so that they are idle_closed or again
	doubted int64 // resets that may be idle_closed or again
	verge   int64 // given up at the end, so that they may have timed out
	bytes   int64
}

func (n *tally) add(a asked, f fate) {
	if a.Deed == tooLate {
		n.late++
	}
	if f.doubt {
		n.doubted++
	}
	if f.verge {
		n.verge++
	}
	if f.again {
		n.again++
		return
	}
	n.classes[f.class]++
	if a.Taken || a.Deed == tears {
		n.bytes += a.Body
	}
}

// attempts are all that came.
func (n *tally) attempts() int64 {
	all := n.again
	for _, of := range n.classes {
		all += of
	}
	return all
}

// found is all that a log says.
type found struct {
	by        map[string]*tally
	addresses map[string]int64 // outcomes
	spoken    int64            // connections on which something came
	empty     int64            // on which nothing did
	closed    int64            // that the referee closed while they were idle, and nothing came
	left      int              // that nobody closed
}

func (o observed) read() found {
	f := found{by: map[string]*tally{}, addresses: map[string]int64{}}
	requests := map[string]exchange.Request{}
	for _, r := range slices.Concat(o.load.Requests, o.load.OnStart) {
		requests[r.Name], f.by[r.Name] = r, &tally{classes: map[exchange.Class]int64{}}
	}
	for _, c := range o.log {
		late := false
		for i, fate := range c.fates(requests, o.end) {
			late = late || c.Asked[i].Deed == tooLate
			f.by[c.Asked[i].Name].add(c.Asked[i], fate)
			if !fate.again {
				f.addresses[o.addresses[c.Listener]]++
			}
		}
		if len(c.Asked) > 0 {
			f.spoken++
		} else {
			f.empty++
		}
		if c.Idle && !late {
			f.closed++
		}
		if c.Open {
			f.left++
		}
	}
	return f
}
