package lang

import (
	"fmt"
	"slices"
	"strings"
)

// cycles reports things that need each other, hop by hop. Each cycle is
// reported once, from the one of it that stands first in the file, and by its
// shortest way.
func (p *program) cycles(f *diags) {
	p.cyclic = map[string]bool{}
	tangled := p.inCycle()
	for _, e := range p.declarations {
		if !tangled[e] || p.cyclic[e.address] {
			continue
		}
		if way := p.back(e); way != nil {
			p.report(e, way, f)
		}
	}
}

// needed lists what must be known before a declaration. The rules of a variable
// are checked when all variables are known, so a variable needs nothing.
func (p *program) needed(e *declaration) []ref {
	if e.root == "var" {
		return nil
	}
	return e.refs
}

// inCycle are the declarations that are left when those that need nothing are
// taken away again and again: the cycles, and what needs them.
func (p *program) inCycle() map[*declaration]bool {
	waits, waiting := map[*declaration]int{}, map[*declaration][]*declaration{}
	var free []*declaration
	for _, e := range p.declarations {
		for _, u := range p.needed(e) {
			if next := p.index[u.to]; next != nil {
				waits[e]++
				waiting[next] = append(waiting[next], e)
			}
		}
		if waits[e] == 0 {
			free = append(free, e)
		}
	}
	for ; len(free) > 0; free = free[1:] {
		for _, e := range waiting[free[0]] {
			if waits[e]--; waits[e] == 0 {
				free = append(free, e)
			}
		}
	}
	left := map[*declaration]bool{}
	for e, n := range waits {
		left[e] = n > 0
	}
	return left
}

// back is the shortest way from a declaration to itself, or nil.
func (p *program) back(start *declaration) []ref {
	type step struct {
		from *declaration
		by   ref
	}
	came := map[*declaration]step{}
	for queue := []*declaration{start}; len(queue) > 0; queue = queue[1:] {
		for _, u := range p.needed(queue[0]) {
			next := p.index[u.to]
			if _, seen := came[next]; seen || next == nil || p.cyclic[u.to] {
				continue
			}
			came[next] = step{queue[0], u}
			if next == start {
				break
			}
			queue = append(queue, next)
		}
	}
	if _, found := came[start]; !found {
		return nil
	}
	var way []ref
	for at := start; len(way) == 0 || at != start; at = came[at].from {
		way = append(way, came[at].by)
	}
	slices.Reverse(way)
	return way
}

func (p *program) report(start *declaration, way []ref, f *diags) {
	hops := []string{start.address}
	for _, u := range way {
		p.cyclic[u.to] = true
		hops = append(hops, u.to)
	}
	if len(way) == 1 {
		f.error("P0301", way[0].at, start.address+" depends on itself", "remove the reference")
		return
	}
	d := f.error("P0301", way[0].at, "these blocks depend on each other: "+strings.Join(hops, " -> "),
		"remove one of the references")
	for i, u := range way[1:] {
		f.related(d, u.at, fmt.Sprintf("%s needs %s", hops[i+1], u.to))
	}
}

// order gives the stages in the order in which they run: by references and
// depends_on, ties by place in the file.
func (p *program) order() []*declaration {
	var stages []*declaration
	for _, e := range p.declarations {
		if e.isStage() && p.index[e.address] == e {
			stages = append(stages, e)
		}
	}
	return sorted(stages, func(e *declaration) []string {
		var needs []string
		for _, u := range p.reached(e.address) {
			needs = append(needs, u.to)
		}
		return needs
	})
}

// sorted puts each declaration after those of the list that it needs, and leaves
// the rest as it is. What is in a cycle, or needs that, is left out.
func sorted(list []*declaration, needs func(*declaration) []string) []*declaration {
	waits := map[string][]string{}
	for _, e := range list {
		waits[e.address] = needs(e)
	}
	var done []*declaration
	for range list {
		next := slices.IndexFunc(list, func(e *declaration) bool {
			waiting := func(address string) bool {
				_, listed := waits[address]
				return listed
			}
			return waiting(e.address) && !slices.ContainsFunc(waits[e.address], waiting)
		})
		if next < 0 {
			break
		}
		done = append(done, list[next])
		delete(waits, list[next].address)
	}
	return done
}
