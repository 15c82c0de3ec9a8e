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
	"plan/internal/shellword"
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
	running        bool   // of a container
	paused         bool   // of a container
	made           string // of a volume: when, as RFC 3339 in UTC
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
		all = append(all, resource{
			kind: "container", id: c.ID, name: nameOf(c), labels: c.Labels,
			running: c.State == container.StateRunning, paused: c.State == container.StatePaused,
		})
	}
	for _, n := range networks {
		all = append(all, resource{kind: "network", id: n.ID, name: n.Name, labels: n.Labels})
	}
	for _, v := range volumes.Volumes {
		made := v.CreatedAt
		if at, err := time.Parse(time.RFC3339, made); err == nil {
			made = at.UTC().Format(time.RFC3339)
		}
		all = append(all, resource{kind: "volume", id: v.Name, name: v.Name, labels: v.Labels, made: made})
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
		case t.kind == "network" && strings.Contains(err.Error(), "active endpoints"):
			users := r.usersOf(ctx, t.id)
			errs = append(errs, &containers.Error{
				Kind: containers.NoNetwork, Summary: "the network " + t.name + " cannot be removed: " + inUse(users),
				Help: disconnect(t, users), Err: err,
			})
		case t.kind == "volume" && strings.Contains(err.Error(), "volume is in use"):
			errs = append(errs, &containers.Error{
				Kind: containers.Other, Summary: "the volume " + t.name + " cannot be removed: a container uses it",
				Err: err,
				Help: "`docker ps -a --filter volume=" + shellword.Quote(t.name) + "` shows which; remove that, then `" +
					shellword.Join([]string{"docker", "volume", "rm", t.name}) + "`",
			})
		default:
			errs = append(errs, r.errs.Wrap("the "+t.String()+" cannot be removed", err))
		}
	}
	return joinDistinct(errs)
}

// inUse names the containers that use something.
func inUse(users []string) string {
	switch len(users) {
	case 0:
		return "a container uses it"
	case 1:
		return "the container " + users[0] + " uses it"
	}
	return "the containers " + strings.Join(users, ", ") + " use it"
}

// disconnect returns the commands that free a network, for a shell: labels may have any characters.
func disconnect(t resource, users []string) string {
	user := "CONTAINER"
	if len(users) > 0 {
		user = users[0]
	}
	return "`" + shellword.Join([]string{"docker", "network", "disconnect", "-f", t.name, user}) + "`, then `" +
		shellword.Join([]string{"plan", "clean", t.labels[labelRun]}) + "`"
}

// usersOf returns the names of the containers on a network, sorted; none if that is not known.
func (r resources) usersOf(ctx context.Context, id string) []string {
	found, err := r.engine.NetworkInspect(ctx, id, network.InspectOptions{})
	if err != nil {
		return nil
	}
	var names []string
	for _, endpoint := range found.Containers {
		names = append(names, endpoint.Name)
	}
	slices.Sort(names)
	return names
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

// ports returns the published TCP ports of the host, each with its container.
func (r resources) ports(ctx context.Context) (map[int]string, error) {
	running, err := r.engine.ContainerList(ctx, container.ListOptions{})
	if err != nil {
		return nil, r.errs.Wrap("the containers cannot be listed", err)
	}
	ports := map[int]string{}
	for _, c := range running {
		for _, port := range c.Ports {
			if port.PublicPort != 0 && port.Type == "tcp" {
				ports[int(port.PublicPort)] = nameOf(c)
			}
		}
	}
	return ports, nil
}

// discard removes a container, also after ctx has ended.
func (r resources) discard(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), removeTimeout)
	defer cancel()
	return r.removeContainer(ctx, id)
}

// names returns the names of all networks and volumes, sorted.
func (r resources) names(ctx context.Context) (networks, volumes []string, err error) {
	joined, err := r.engine.NetworkList(ctx, network.ListOptions{})
	if err != nil {
		return nil, nil, r.errs.Wrap("the networks cannot be listed", err)
	}
	for _, one := range joined {
		networks = append(networks, one.Name)
	}
	mounted, err := r.engine.VolumeList(ctx, volume.ListOptions{})
	if err != nil {
		return nil, nil, r.errs.Wrap("the volumes cannot be listed", err)
	}
	for _, one := range mounted.Volumes {
		volumes = append(volumes, one.Name)
	}
	slices.Sort(networks)
	slices.Sort(volumes)
	return networks, volumes, nil
}
