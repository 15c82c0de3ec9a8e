package docker

import (
	"context"
	"errors"
	"net"
	"strconv"
	"strings"
	"time"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"

	"plan/containers"
	"plan/containers/cgroup"
	"plan/containers/docker/apierror"
)

// Start creates a container, watches it, and then starts it. After an error nothing
// is left. Volumes have the names that Volume returned. A container that the kernel
// kills for memory before its command runs counts as started: that is a result, not an
// error.
func (d *Docker) Start(ctx context.Context, spec containers.Spec) (*Instance, error) {
	if err := d.watch.listen(ctx); err != nil {
		return nil, err
	}
	i := d.instance(spec)
	if err := i.start(ctx); err != nil {
		return nil, errors.Join(err, i.Remove(ctx))
	}
	return i, nil
}

func (i *Instance) start(ctx context.Context) error {
	// Make a parent control group for the container and watch it for out-of-memory kills,
	// where this process may. Without it the other witnesses remain.
	if h := i.docker.host.Load(); h != nil && h.parents != nil {
		if group, err := h.parents.Make(ctx, i.docker.groupPath(i.name)); err == nil {
			i.parent = &group
			watch, err := cgroup.WatchOOM(group, func(kills int64) {
				for range kills {
					i.lifecycle.outOfMemory("cgroup", time.Now(), "the kernel reported it to the control group")
				}
			})
			if err == nil {
				i.oom = watch
			}
		}
	}
	if err := i.create(ctx); err != nil {
		return err
	}
	i.docker.watch.add(i)
	if err := i.docker.copyFiles(ctx, i.id, i.name, i.spec.Files); err != nil {
		return err
	}
	var following context.Context
	following, i.stop = context.WithCancel(context.WithoutCancel(ctx))
	i.sample(following)
	err := i.docker.engine.ContainerStart(ctx, i.id, container.StartOptions{})
	if err != nil && i.killedAtStart(ctx, err) { // the limit is too small for the runtime's own start
		i.lifecycle.setDied(time.Now())
		i.lifecycle.emit(containers.Event{Kind: containers.Died, At: time.Now(), Detail: "killed before its command ran"})
		return nil
	}
	if err != nil {
		return i.docker.startError(i.name, err)
	}
	found, err := i.docker.engine.ContainerInspect(ctx, i.id)
	if err != nil {
		return i.docker.errs.Wrap("the container "+i.name+" cannot be read", err)
	}
	if port := i.spec.APIPort(); port != 0 {
		// The IP address, or the unique name where the container has ended. Of a helper it
		// is the name: a restart may change the address.
		host := i.name
		if found.NetworkSettings != nil && len(i.spec.Networks) > 0 && i.spec.Role != containers.Helper {
			if e := found.NetworkSettings.Networks[i.spec.Networks[0]]; e != nil && e.IPAddress != "" {
				host = e.IPAddress
			}
		}
		i.address = net.JoinHostPort(host, strconv.Itoa(port))
	}
	i.idle.Go(func() { // wait for the first line of the log, until following ends
		line, err := i.oldestLine(following, true)
		if err != nil {
			return // LogCut then returns false
		}
		i.firstLine.Store(&line)
	})
	return nil
}

// killedAtStart reports whether the kernel killed the container for memory while the
// engine started it. Some versions of the runtime say so; of others, which find only that
// it has ended, a witness does.
func (i *Instance) killedAtStart(ctx context.Context, err error) bool {
	if strings.Contains(err.Error(), "OOM-killed") {
		i.lifecycle.outOfMemory("state", time.Now(), apierror.Message(err))
		return true
	}
	if i.awaitWitness(ctx) != nil {
		return false
	}
	i.readKernel()
	return i.lifecycle.witnessed()
}

func (i *Instance) create(ctx context.Context) error {
	all := map[string]*network.EndpointSettings{}
	for _, name := range i.spec.Networks {
		aliases, err := i.docker.aliases(ctx, name, i.name, i.spec)
		if err != nil {
			return err
		}
		all[name] = &network.EndpointSettings{Aliases: aliases}
	}
	first, others := splitFirst(i.spec.Networks, all)
	parent := ""
	if i.parent != nil {
		parent = i.docker.host.Load().parents.Parent(*i.parent)
	}
	id, err := i.docker.createContainer(ctx, i.name, configOf(i.spec, i.docker.owner), hostConfigOf(i.spec, parent), first)
	if apierror.NotFound(err) && strings.Contains(err.Error(), "No such image") {
		return i.docker.Images.Missing(ctx, i.spec.Image, err)
	}
	if err != nil {
		return i.docker.startError(i.name, err)
	}
	i.id = id
	return i.docker.join(ctx, i.id, i.name, others)
}

// createContainer creates a container and returns its ID. One of this name that an
// earlier process of this run asked for, and that the engine made late, is removed first.
func (d *Docker) createContainer(ctx context.Context, name string, config *container.Config, host *container.HostConfig,
	networks *network.NetworkingConfig) (string, error) {
	lasting, done := withGrace(ctx)
	defer done()
	made, err := d.engine.ContainerCreate(lasting, config, host, networks, nil, name)
	if cerrdefs.IsConflict(err) {
		late, look := d.engine.ContainerInspect(lasting, name)
		if look != nil || late.Config == nil || late.Config.Labels[labelRun] != d.options.Run {
			return "", err
		}
		if err := d.resources.removeContainer(lasting, late.ID); err != nil {
			return "", err
		}
		made, err = d.engine.ContainerCreate(lasting, config, host, networks, nil, name)
	}
	return made.ID, err
}

// splitFirst separates the first network from the others: older engines accept only one
// at the creation of a container.
func splitFirst(names []string, all map[string]*network.EndpointSettings) (*network.NetworkingConfig,
	map[string]*network.EndpointSettings) {
	first := &network.NetworkingConfig{}
	if len(names) > 0 {
		first.EndpointsConfig = map[string]*network.EndpointSettings{names[0]: all[names[0]]}
		delete(all, names[0])
	}
	return first, all
}

// join connects a container to more networks before its start.
func (d *Docker) join(ctx context.Context, id, name string, networks map[string]*network.EndpointSettings) error {
	for other, settings := range networks {
		if err := d.engine.NetworkConnect(ctx, other, id, settings); err != nil {
			return d.startError(name, err)
		}
	}
	return nil
}
