package docker

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/volume"

	"plan/containers"
	"plan/containers/docker/apierror"
)

// resources are the containers, networks and volumes of an engine.
type resources struct {
	engine engine
	errs   apierror.Wrapper
}

// resource is a container, a network or a volume that carries the label of a run.
type resource struct {
	kind, id, name string
	labels         map[string]string
}

func (t resource) String() string { return t.kind + " " + t.name }

// list returns what has a label: containers, then networks, then volumes.
func (r resources) list(ctx context.Context, label string) ([]resource, error) {
	labelled := filters.NewArgs(filters.Arg("label", label))
	running, err := r.engine.ContainerList(ctx, container.ListOptions{All: true, Filters: labelled})
	if err != nil {
		return nil, r.errs.Wrap("the containers cannot be listed", err)
	}
	networks, err := r.engine.NetworkList(ctx, network.ListOptions{Filters: labelled})
	if err != nil {
		return nil, r.errs.Wrap("the networks cannot be listed", err)
	}
	volumes, err := r.engine.VolumeList(ctx, volume.ListOptions{Filters: labelled})
	if err != nil {
		return nil, r.errs.Wrap("the volumes cannot be listed", err)
	}
	var all []resource
	for _, c := range running {
		all = append(all, resource{"container", c.ID, nameOf(c), c.Labels})
	}
	for _, n := range networks {
		all = append(all, resource{"network", n.ID, n.Name, n.Labels})
	}
	for _, v := range volumes.Volumes {
		all = append(all, resource{"volume", v.Name, v.Name, v.Labels})
	}
	slices.SortFunc(all, func(a, b resource) int { return cmp.Compare(a.String(), b.String()) })
	return all, nil
}

func nameOf(c container.Summary) string {
	if len(c.Names) == 0 {
		return c.ID
	}
	return plainName(c.Names[0])
}

// plainName returns a container's name without the engine's leading slash.
func plainName(name string) string { return strings.TrimPrefix(name, "/") }

// remove removes resources. It continues after an error.
func (r resources) remove(ctx context.Context, all []resource) error {
	var errs []error
	for _, t := range all { // containers first: they use the others
		var err error
		switch t.kind {
		case "container":
			errs = append(errs, r.removeContainer(ctx, t.id))
			continue
		case "network":
			err = r.engine.NetworkRemove(ctx, t.id)
		case "volume":
			err = r.engine.VolumeRemove(ctx, t.id, false)
		}
		switch {
		case err == nil || apierror.NotFound(err):
		case t.kind == "volume" && strings.Contains(err.Error(), "volume is in use"):
			errs = append(errs, &containers.Error{
				Kind: containers.Other, Summary: "the volume " + t.name + " cannot be removed: a container uses it",
				Help: "`docker ps -a --filter volume=" + t.name + "` shows which; remove that, then `docker volume rm " + t.name + "`", Err: err,
			})
		default:
			errs = append(errs, r.errs.Wrap("the "+t.String()+" cannot be removed", err))
		}
	}
	return joinDistinct(errs)
}

// removeContainer removes a container by force. A container that is gone is no
// error; one that somebody else is removing is waited for.
func (r resources) removeContainer(ctx context.Context, id string) error {
	err := r.engine.ContainerRemove(ctx, id, container.RemoveOptions{Force: true, RemoveVolumes: true})
	for err != nil && strings.Contains(err.Error(), "is already in progress") {
		select {
		case <-ctx.Done():
			return r.errs.Wrap("the container "+id+" cannot be removed", err)
		case <-time.After(retryEvery):
		}
		if _, err = r.engine.ContainerInspect(ctx, id); err == nil {
			err = r.engine.ContainerRemove(ctx, id, container.RemoveOptions{Force: true, RemoveVolumes: true})
		}
	}
	if apierror.NotFound(err) {
		return nil
	}
	return r.errs.Wrap("the container "+id+" cannot be removed", err)
}
