package docker

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"plan/containers"
	"plan/containers/owner"
)

// Life is whether the run of something that is left lives.
type Life = owner.Life

// Leftover is what a run has left.
type Leftover = owner.Leftover

// Values of Life.
const (
	Alive   = owner.Alive
	Dead    = owner.Dead
	Unknown = owner.Unknown
)

// Leftovers returns all runs that have resources on the engine, sorted by id. They
// include this run and others that are alive.
func (d *Docker) Leftovers(ctx context.Context) ([]Leftover, error) {
	all, runs, err := d.resources.runs(ctx, d.owner.Host)
	if err != nil {
		return nil, err
	}
	for i := range runs {
		for _, t := range all {
			if runs[i].Life != Dead || t.kind != "network" || t.labels[labelRun] != runs[i].Run {
				continue
			}
			users := slices.DeleteFunc(d.resources.usersOf(ctx, t.id), func(name string) bool {
				return slices.Contains(runs[i].Resources, "container "+name) // those of the run go first
			})
			if len(users) > 0 {
				runs[i].Held = append(runs[i].Held, t.String()+" cannot be removed: "+inUse(users)+": "+disconnect(t, users))
			}
		}
	}
	return runs, nil
}

// endsWithin is how long the engine may take to end the containers of a command that has
// ended.
const (
	endsWithin = 30 * time.Second
	endsEvery  = 100 * time.Millisecond
)

// runs returns what has the label of a run, and the runs, as seen from the host here. It waits until the engine has
// ended the containers that show a run to be alive whose command has ended; a run that
// still has one after endsWithin is alive.
func (r resources) runs(ctx context.Context, here string) ([]resource, []Leftover, error) {
	for begun := time.Now(); ; {
		all, err := r.list(ctx, labelRun)
		if err != nil {
			return nil, nil, err
		}
		runs := group(all, here)
		ends := slices.ContainsFunc(runs, func(l Leftover) bool { return l.Ends })
		if !ends || time.Since(begun) > endsWithin || !sleep(ctx, endsEvery) {
			return all, runs, nil
		}
	}
}

// ownerOf returns the run that a resource belongs to.
func ownerOf(t resource) owner.Owner {
	return owner.Owner{Run: t.labels[labelRun], Lock: t.labels[labelLock], Host: t.labels[labelHost]}
}

func group(all []resource, here string) []Leftover {
	runs, works := map[string]*Leftover{}, map[string]bool{}
	for _, t := range all {
		id := t.labels[labelRun]
		if runs[id] == nil {
			o := ownerOf(t)
			runs[id] = &Leftover{Run: id, Life: o.Life(here), Lock: o.Lock, Host: o.Host}
		}
		run := runs[id]
		// It runs as long as its standard input is open, which the command of the run holds.
		// One that is paused does not end with it: it counts unless the command has ended for sure.
		if role := t.labels[labelRole]; role == agentRole || role == lifeRole {
			switch released := ownerOf(t).Released(here); {
			case t.running:
				run.Life, run.Ends = Alive, released
			case t.paused && !released:
				run.Life = Alive
			}
		}
		run.Resources = append(run.Resources, t.String())
		run.Running = run.Running || t.running
		switch t.labels[labelRole] {
		case queueRole:
			run.Waits = t.made
		case lifeRole: // a run that waits has it too
		default:
			works[id] = true
		}
	}
	for id := range works {
		runs[id].Waits = ""
	}
	var list []Leftover
	for _, id := range slices.Sorted(maps.Keys(runs)) {
		list = append(list, *runs[id])
	}
	return list
}

// CleanRuns removes the resources of runs, and returns the runs: the named ones, or
// without names all that are dead. To name a run that is alive is an error. Runs
// of another machine are removed only by name.
func (d *Docker) CleanRuns(ctx context.Context, names ...string) ([]Leftover, error) {
	all, runs, err := d.resources.runs(ctx, d.owner.Host)
	if err != nil {
		return nil, err
	}
	var removed []Leftover
	var errs []error
	visible := d.groups()
	for _, run := range runsWithGroupsAlone(runs, visible) {
		if len(names) == 0 || slices.Contains(names, run.Run) {
			runs = append(runs, run)
		}
	}
	for _, run := range runs {
		wanted := slices.Contains(names, run.Run) || (len(names) == 0 && run.Life == Dead)
		switch {
		case !wanted:
		case run.Life == Alive:
			errs = append(errs, &containers.Error{
				Kind:    containers.Other,
				Summary: "the run " + run.Run + " still runs: its command holds a container, or the lock " + run.Lock,
				Help:    "stop it first, with Ctrl-C in its terminal",
			})
		default:
			its := slices.DeleteFunc(slices.Clone(all), func(r resource) bool { return r.labels[labelRun] != run.Run })
			err := d.resources.remove(ctx, its)
			// Its control groups, where they are visible: a run that cannot see them makes
			// none. The id comes from a label, and must not lead out of their folder.
			if run.Run != "" && !strings.Contains(run.Run, "/") {
				for _, g := range visible {
					err = errors.Join(err, g.Remove(ctx, runGroup(run.Run)))
				}
			}
			errs = append(errs, err)
			if err == nil {
				removed = append(removed, run)
			}
		}
	}
	return removed, errors.Join(errs...)
}

// runsWithGroupsAlone returns the runs of which only control groups without a process
// are left on this machine. The engine makes the groups of a container again when it
// is removed while it starts.
func runsWithGroupsAlone(others []Leftover, visible map[string]groups) (runs []Leftover) {
	for _, g := range visible {
		empty := g.Empty(runGroupPrefix)
		for _, name := range slices.Sorted(maps.Keys(empty)) {
			id := strings.TrimPrefix(name, runGroupPrefix)
			known := slices.ContainsFunc(others, func(o Leftover) bool { return o.Run == id })
			// The container of the agent exists as long as its run makes groups: without
			// it the run is dead, or removes its groups itself now.
			if !known && time.Since(empty[name]) > time.Second {
				runs = append(runs, Leftover{Run: id, Life: Dead, Resources: []string{groupText(g, runGroup(id))}})
			}
		}
	}
	return runs
}

// RemoveAgentImages removes the images that agents ran from. It returns their
// references, and of each image that a container still uses its reference and
// the reason.
func (d *Docker) RemoveAgentImages(ctx context.Context) (removed, kept []string, err error) {
	return d.Images.RemoveLabelled(ctx, labelRole+"="+agentImageRole)
}
