package docker

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/volume"

	"plan/containers/cgroup"
	"plan/containers/docker/apierror"
)

// thing is a container, a network or a volume that carries the label of a run.
type thing struct {
	kind, id, name string
	labels         map[string]string
}

func (t thing) String() string { return t.kind + " " + t.name }

// things lists what carries a label of plan: containers, then networks, then
// volumes.
func (d *Docker) things(ctx context.Context, label string) ([]thing, error) {
	labelled := filters.NewArgs(filters.Arg("label", label))
	running, err := d.engine.ContainerList(ctx, container.ListOptions{All: true, Filters: labelled})
	if err != nil {
		return nil, d.errs.Wrap("the containers cannot be listed", err)
	}
	networks, err := d.engine.NetworkList(ctx, network.ListOptions{Filters: labelled})
	if err != nil {
		return nil, d.errs.Wrap("the networks cannot be listed", err)
	}
	volumes, err := d.engine.VolumeList(ctx, volume.ListOptions{Filters: labelled})
	if err != nil {
		return nil, d.errs.Wrap("the volumes cannot be listed", err)
	}
	var all []thing
	for _, c := range running {
		all = append(all, thing{"container", c.ID, nameOf(c), c.Labels})
	}
	for _, n := range networks {
		all = append(all, thing{"network", n.ID, n.Name, n.Labels})
	}
	for _, v := range volumes.Volumes {
		all = append(all, thing{"volume", v.Name, v.Name, v.Labels})
	}
	slices.SortFunc(all, func(a, b thing) int { return cmp.Compare(a.String(), b.String()) })
	return all, nil
}

func nameOf(c container.Summary) string {
	if len(c.Names) == 0 {
		return c.ID
	}
	return plainName(c.Names[0])
}

// plainName is a container's name without the engine's slash before it.
func plainName(name string) string { return strings.TrimPrefix(name, "/") }

// Left lists what carries the label of this run, one "container NAME",
// "network NAME", "volume NAME" or "control group PATH" each.
func (d *Docker) Left(ctx context.Context) ([]string, error) {
	all, err := d.things(ctx, labelRun+"="+d.options.Run)
	if err != nil {
		return nil, err
	}
	var left []string
	for _, t := range all {
		left = append(left, t.String())
	}
	if h := d.host.Load(); h != nil && h.hierarchy.Exists(d.groupPath("")) {
		left = append(left, "control group "+d.groupPath(""))
	}
	return left, nil
}

// Clean removes everything that carries the label of this run: containers by
// force, then networks and volumes, then control groups. One fault does not
// stop the rest.
func (d *Docker) Clean(ctx context.Context) error {
	var errs []error
	for _, i := range d.watch.all() {
		errs = append(errs, i.Remove(ctx))
	}
	all, err := d.things(ctx, labelRun+"="+d.options.Run)
	errs = append(errs, err, d.removeThings(ctx, all))
	if h := d.host.Load(); h != nil {
		errs = append(errs, h.hierarchy.Remove(ctx, d.groupPath("")))
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.owned)
	return joined(errs)
}

// joined puts faults together, each text once: an engine that is gone says the
// same to every question.
func joined(errs []error) error {
	said := map[string]bool{}
	return errors.Join(slices.DeleteFunc(errs, func(err error) bool {
		if err == nil || said[err.Error()] {
			return true
		}
		said[err.Error()] = true
		return false
	})...)
}

func (d *Docker) removeThings(ctx context.Context, all []thing) error {
	remove := map[string]func(context.Context, thing) error{
		"container": func(ctx context.Context, t thing) error { return d.removeContainer(ctx, t.id) },
		"network":   d.removeNetwork,
		"volume":    d.removeVolume,
	}
	var errs []error
	for _, t := range all { // the others can go when no container uses them
		errs = append(errs, remove[t.kind](ctx, t))
	}
	return joined(errs)
}

func (d *Docker) removeNetwork(ctx context.Context, t thing) error {
	err := d.engine.NetworkRemove(ctx, t.id)
	if apierror.NotFound(err) {
		return nil
	}
	return d.errs.Wrap("the network "+t.name+" cannot be removed", err)
}

// removeGroups removes the control groups of another run of this machine,
// where they can be seen. The id is what a label says, and may not lead
// elsewhere.
func removeGroups(ctx context.Context, run string) error {
	hierarchy, err := cgroup.Find()
	if err != nil || run == "" || strings.Contains(run, "/") {
		return nil // whoever cannot see them has made none
	}
	return hierarchy.Remove(ctx, runGroup(run))
}
