package docker

import (
	"context"
	"slices"

	"github.com/docker/docker/api/types/network"

	"plan/containers"
	"plan/containers/docker/apierror"
)

// aliases returns the DNS names of a container on a network: its unique names, and
// each name of the service that no foreign container there has. Containers of one
// service share the service's name, which resolves to all of them. A helper whose
// name is taken is an error. A generator has only its unique name. Docker's
// predefined networks have no DNS.
func (d *Docker) aliases(ctx context.Context, networkName, name string, spec containers.Spec) ([]string, error) {
	switch {
	case slices.Contains([]string{network.NetworkBridge, network.NetworkHost, network.NetworkNone}, networkName):
		return nil, nil
	case spec.Role == containers.Generator:
		return []string{name}, nil
	}
	own := []string{name}
	if spec.Alias != "" {
		own = append(own, spec.Alias)
	}
	for _, called := range append([]string{spec.Service}, spec.Further...) {
		holder, err := d.nameHolder(ctx, networkName, called)
		switch {
		case err != nil:
			return nil, err
		case holder == "":
			own = append(own, called)
		case spec.Role == containers.Helper:
			return nil, &containers.Error{
				Kind:    containers.NameInUse,
				Summary: "on the network " + networkName + " the container " + holder + " is called " + called + " already",
				Help:    "remove the service to use that one, stop it (`docker stop " + holder + "`), or rename the service",
			}
		}
	}
	return own, nil
}

// nameHolder returns the foreign container that has a name on a network; "" for none. A
// network that this run made has no foreign containers.
func (d *Docker) nameHolder(ctx context.Context, networkName, name string) (string, error) {
	if _, ok := d.owns(networkName); ok {
		return "", nil
	}
	there, err := d.engine.NetworkInspect(ctx, networkName, network.InspectOptions{})
	switch {
	case apierror.NotFound(err):
		return "", d.startError(name, err)
	case err != nil:
		return "", d.errs.Wrap("the network "+networkName+" cannot be read", err)
	}
	for id := range there.Containers {
		other, err := d.engine.ContainerInspect(ctx, id)
		if apierror.NotFound(err) {
			continue // it was removed in between
		}
		if err != nil {
			return "", d.errs.Wrap("the containers of "+networkName+" cannot be read", err)
		}
		if other.Config != nil && other.Config.Labels[labelRun] == d.options.Run {
			continue
		}
		resolves := other.ContainerJSONBase != nil && other.Name == "/"+name
		if other.NetworkSettings != nil && other.NetworkSettings.Networks[there.Name] != nil {
			endpoint := other.NetworkSettings.Networks[there.Name]
			resolves = resolves || slices.Contains(endpoint.Aliases, name) || slices.Contains(endpoint.DNSNames, name)
		}
		if resolves {
			return plainName(other.Name), nil
		}
	}
	return "", nil
}
