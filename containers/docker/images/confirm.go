package images

import (
	"context"
	"fmt"

	"plan/containers"
	"plan/containers/docker/apierror"
)

// checkAccess lets the engine try the login at the registry: a push to a registry that is
// down or refuses the login is retried for most of a minute. All other errors are
// left to the push.
func (s *Store) checkAccess(ctx context.Context, name string, login login) error {
	_, err := s.engine.RegistryLogin(ctx, login.auth)
	if err == nil || login.auth.RegistryToken != "" { // such a token is valid for pushes only
		return nil
	}
	_, known := findRule(pushing, apierror.Message(err))
	if known || (login.stored && needsLogin(apierror.Message(err))) {
		return s.registryError(pushing, name, login, err)
	}
	return nil
}

// confirm returns an error where the registry has another digest under the name
// than was pushed. It asks the registry through the engine.
func (s *Store) confirm(ctx context.Context, name string, login login, pushed string) error {
	held, err := s.engine.DistributionInspect(ctx, name, login.header)
	if err != nil {
		return s.registryError(confirming, name, login, err)
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
