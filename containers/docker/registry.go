package docker

import (
	"context"
	"fmt"

	"plan/containers"
)

// knock lets the engine try the login at the registry, since a push to one that
// is not there, or that refuses the login, goes on trying for most of a minute.
// Whatever else the registry says is left to the push.
func (d *Docker) knock(ctx context.Context, name string, login login) error {
	_, err := d.engine.RegistryLogin(ctx, login.auth)
	if err == nil || login.auth.RegistryToken != "" { // such a token serves a push, but no login
		return nil
	}
	_, known := findRule(pushing, plain(err))
	if known || (login.found && wantsLogin(plain(err))) {
		return d.registryFault(pushing, name, login, err)
	}
	return nil
}

// confirm asks the registry, through the engine, what it holds under the name
// now: the word of the push is not taken for it.
func (d *Docker) confirm(ctx context.Context, name string, login login, pushed string) error {
	held, err := d.engine.DistributionInspect(ctx, name, login.header)
	if err != nil {
		return d.registryFault(confirming, name, login, err)
	}
	if digest := held.Descriptor.Digest.String(); digest != pushed {
		return &containers.Error{
			Kind:    containers.PushFailed,
			Summary: fmt.Sprintf("%s holds %s under %s, not %s that was just pushed", login.host, digest, name, pushed),
			Help:    "somebody else pushes under this name: push again, or under another name",
		}
	}
	return nil
}
