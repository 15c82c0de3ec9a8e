package truth

import (
	"slices"

	"plan/internal/exchange"
)

// tally is the log's counts of a request name, or of all.
type tally struct {
	classes map[exchange.Class]int64 // Aborted: in flight at the end
	again   int64
	late    int64 // arrived after a close, so that they are idle_closed or sent again
	doubted int64 // resets that may be idle_closed or sent again
	verge   int64 // in flight at the end, possibly timed out
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

// attempts returns the number of all arrived requests.
func (n *tally) attempts() int64 {
	all := n.again
	for _, of := range n.classes {
		all += of
	}
	return all
}

// found is everything that a log shows.
type found struct {
	by        map[string]*tally
	addresses map[string]int64 // outcomes
	spoken    int64            // connections with at least one byte
	empty     int64            // connections without any
	closed    int64            // connections that the referee closed while idle, without a later request
	left      int              // connections that nobody closed
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
