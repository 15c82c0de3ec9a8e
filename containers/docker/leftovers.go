package docker

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"plan/containers"
	"plan/containers/cgroup"
	"plan/internal/lock"
)

// Life is whether the run that a resource belongs to still runs.
type Life string

// What the labels of a run show.
const (
	Alive   Life = "alive"   // on this machine, and its lock is held
	Dead    Life = "dead"    // on this machine, and its lock is free or gone, or it is from before a restart
	Unknown Life = "unknown" // on another machine: never removed unless it is named
)

// Leftover is a run that has resources on the engine.
type Leftover struct {
	Run       string
	Life      Life
	Lock      string   // path of its lock file
	Host      string   // the machine's name and its boot id
	Resources []string // "container NAME", "network NAME", "volume NAME"
}

// Leftovers returns all runs that have resources on the engine, sorted by id. They
// include this run and others that are alive.
func (d *Docker) Leftovers(ctx context.Context) ([]Leftover, error) {
	all, err := d.resources.list(ctx, labelRun)
	if err != nil {
		return nil, err
	}
	return group(all, d.owner.host), nil
}

func group(all []resource, here string) []Leftover {
	runs := map[string]*Leftover{}
	for _, t := range all {
		id := t.labels[labelRun]
		if runs[id] == nil {
			o := owner{run: id, lock: t.labels[labelLock], host: t.labels[labelHost]}
			runs[id] = &Leftover{Run: id, Life: o.life(here), Lock: o.lock, Host: o.host}
		}
		runs[id].Resources = append(runs[id].Resources, t.String())
	}
	var list []Leftover
	for _, id := range slices.Sorted(maps.Keys(runs)) {
		list = append(list, *runs[id])
	}
	return list
}

// life returns whether the run lives; here is this machine's label.
func (o owner) life(here string) Life {
	name, boot, _ := strings.Cut(o.host, " ")
	thisName, thisBoot, _ := strings.Cut(here, " ")
	switch {
	case o.lock == "" || boot == "" || name != thisName:
		return Unknown
	case boot != thisBoot:
		return Dead
	}
	held, err := lock.Held(o.lock)
	switch {
	case err != nil:
		return Unknown
	case held:
		return Alive
	}
	return Dead
}

// CleanRuns removes the resources of runs, and returns the runs: the named ones, or
// without names all that are dead. To name a run that is alive is an error. Runs
// of another machine are removed only by name.
func (d *Docker) CleanRuns(ctx context.Context, names ...string) ([]Leftover, error) {
	all, err := d.resources.list(ctx, labelRun)
	if err != nil {
		return nil, err
	}
	var removed []Leftover
	var errs []error
	runs := group(all, d.owner.host)
	for _, run := range runsWithGroupsAlone(runs) {
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
				Kind: containers.Other, Summary: "the run " + run.Run + " is alive: " + run.Lock + " is locked",
				Help: "end it first: Ctrl-C where it runs",
			})
		default:
			its := slices.DeleteFunc(slices.Clone(all), func(r resource) bool { return r.labels[labelRun] != run.Run })
			err := d.resources.remove(ctx, its)
			// Its control groups, where they are visible: a run that cannot see them makes
			// none. The id comes from a label, and must not lead out of their folder.
			hierarchy, invisible := cgroup.Find()
			if invisible == nil && run.Run != "" && !strings.Contains(run.Run, "/") {
				err = errors.Join(err, hierarchy.Remove(ctx, runGroup(run.Run)))
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
func runsWithGroupsAlone(others []Leftover) (runs []Leftover) {
	hierarchy, err := cgroup.Find()
	if err != nil {
		return nil // a run that cannot see control groups makes none
	}
	empty := hierarchy.Empty(runGroupPrefix)
	for _, name := range slices.Sorted(maps.Keys(empty)) {
		id := strings.TrimPrefix(name, runGroupPrefix)
		known := slices.ContainsFunc(others, func(o Leftover) bool { return o.Run == id })
		// The container of the agent exists as long as its run makes groups: without
		// it the run is dead, or removes its groups itself now.
		if !known && time.Since(empty[name]) > time.Second {
			runs = append(runs, Leftover{Run: id, Life: Dead, Resources: []string{"control group " + runGroup(id)}})
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
