package images

import (
	"context"

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
