package plans

import (
	"fmt"
	"strings"
)

// cycles reports things that need each other, hop by hop. Each cycle is
// reported once, from the one of it that stands first in the file, and by its
// shortest way.
func (p *program) cycles(f *faults) {
	p.cyclic = map[string]bool{}
	for _, e := range p.entities {
		if p.cyclic[e.address] {
			continue
		}
		if way := p.back(e); way != nil {
			p.report(e, way, f)
		}
	}
}

// back is the shortest way from an entity to itself, or nil. A rule of a
// variable may name the variable.
func (p *program) back(start *entity) []use {
	type step struct {
		at  *entity
		way []use
	}
	seen := map[string]bool{}
	for queue := []step{{at: start}}; len(queue) > 0; queue = queue[1:] {
		s := queue[0]
		for _, u := range s.at.uses {
			way := append(s.way[:len(s.way):len(s.way)], u)
			next := p.index[u.to]
			switch {
			case s.at.root == "var" || next == nil || p.cyclic[u.to]:
			case next == start:
				return way
			case !seen[u.to]:
				seen[u.to] = true
				queue = append(queue, step{next, way})
			}
		}
	}
	return nil
}

func (p *program) report(start *entity, way []use, f *faults) {
	hops := []string{start.address}
	for _, u := range way {
		p.cyclic[u.to] = true
		hops = append(hops, u.to)
	}
	if len(way) == 1 {
		f.error("P0301", way[0].at, start.address+" depends on itself", "take the reference away")
		return
	}
	d := f.error("P0301", way[0].at, "these depend on each other: "+strings.Join(hops, " -> "), "take one of the references away")
	for i, u := range way[1:] {
		f.related(d, u.at, fmt.Sprintf("%s needs %s", hops[i+1], u.to))
	}
}

// order gives the stages in the order in which they run: by references and
// depends_on, ties by place in the file.
func (p *program) order() []*entity {
	var stages, ordered []*entity
	for _, e := range p.entities {
		if e.isStage() && p.index[e.address] == e {
			stages = append(stages, e)
		}
	}
	done := map[string]bool{}
	for len(ordered) < len(stages) {
		next := p.ready(stages, done)
		if next == nil {
			return ordered
		}
		done[next.address] = true
		ordered = append(ordered, next)
	}
	return ordered
}

// ready is the first stage that waits for nothing, or nil in a cycle.
func (p *program) ready(stages []*entity, done map[string]bool) *entity {
	for _, e := range stages {
		waits := done[e.address]
		for _, u := range p.reached(e.address) {
			waits = waits || p.stage(u.to) && !done[u.to]
		}
		if !waits {
			return e
		}
	}
	return nil
}
