package images

import (
	"maps"
	"slices"

	"github.com/docker/cli/cli/config/configfile"
	"github.com/docker/docker/api/types/registry"

	"plan/containers"
	"plan/internal/imagename"
)

// login is the registry of an image and the credentials for it.
type login struct {
	host      string // as `docker login` takes it
	auth      registry.AuthConfig
	stored    bool   // docker's configuration has credentials
	header    string // X-Registry-Auth; the engine needs it for open registries too
	helperErr error  // why docker's credential helper returned none; open registries need none
}

// credentials returns what `docker login` stored for the registry of an image.
func credentials(cfg *configfile.ConfigFile, name string) (login, error) {
	host, err := registryOf(name)
	if err != nil {
		return login{}, err
	}
	key := imagename.ConfigKey(host)
	stored, helper := cfg.GetAuthConfig(key)
	auth := registry.AuthConfig{
		Username: stored.Username, Password: stored.Password, Auth: stored.Auth,
		ServerAddress: key, IdentityToken: stored.IdentityToken, RegistryToken: stored.RegistryToken,
	}
	header, err := registry.EncodeAuthConfig(auth)
	if err != nil {
		return login{}, err
	}
	has := auth.Username != "" || auth.Auth != "" || auth.IdentityToken != "" || auth.RegistryToken != ""
	return login{host: host, auth: auth, stored: has, header: header, helperErr: helper}, nil
}

func registryOf(name string) (string, error) {
	host, err := imagename.Registry(name)
	if err != nil {
		return "", &containers.Error{
			Kind: containers.Other, Summary: name + " is not a name for an image: " + err.Error(),
			Help: "write it as HOST/USER/NAME:TAG, in lower case", Err: err,
		}
	}
	return host, nil
}

// Registries returns the hosts that docker's configuration has credentials for,
// sorted. A credential store that fails is left out: a push asks it again.
func (s *Store) Registries() []string {
	hosts := Logins(s.config)
	if all, err := s.config.GetAllCredentials(); err == nil {
		for name := range all {
			hosts = append(hosts, imagename.OfConfigKey(name))
		}
	}
	return slices.Compact(slices.Sorted(slices.Values(hosts)))
}

// Logins returns the hosts that docker's configuration itself names, sorted: those that
// `docker login` was called for, also with a credential store, which is not asked.
func Logins(cfg *configfile.ConfigFile) []string {
	hosts := map[string]bool{}
	for name := range cfg.AuthConfigs {
		hosts[imagename.OfConfigKey(name)] = true
	}
	for name := range cfg.CredentialHelpers {
		hosts[imagename.OfConfigKey(name)] = true
	}
	return slices.Sorted(maps.Keys(hosts))
}
