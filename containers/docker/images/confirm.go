package images

import (
	"context"
	"fmt"

	"plan/containers"
	"plan/containers/docker/apierror"
)

// knock lets the engine try the login at the registry, since a push to one that
// is not there, or that refuses the login, goes on trying for most of a minute.
// Whatever else the registry says is left to the push.
func (s *Store) knock(ctx context.Context, name string, login login) error {
	_, err := s.engine.RegistryLogin(ctx, login.auth)
	if err == nil || login.auth.RegistryToken != "" { // such a token serves a push, but no login
		return nil
	}
	_, known := findRule(pushing, apierror.Message(err))
	if known || (login.found && wantsLogin(apierror.Message(err))) {
		return s.registryFault(pushing, name, login, err)
	}
	return nil
}

// confirm asks the registry, through the engine, what it holds under the name
// now: the word of the push is not taken for it.
func (s *Store) confirm(ctx context.Context, name string, login login, pushed string) error {
	held, err := s.engine.DistributionInspect(ctx, name, login.header)
	if err != nil {
		return s.registryFault(confirming, name, login, err)
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
