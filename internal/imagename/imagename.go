// Package imagename parses image names as Docker does: it returns their
// registry, and the name of that registry in Docker's configuration.
//
// It knows nothing of the contents of registries and engines.
package imagename

import (
	"strings"

	"github.com/distribution/reference"
)

// Hub is Docker Hub, the registry of names without a host.
const Hub = "docker.io"

// Names of Docker Hub in Docker's configuration.
const (
	hubHost = "index.docker.io"
	hubKey  = "https://" + hubHost + "/v1/"
)

// Registry returns the registry of an image name, as host or host:port: Hub for
// "redis" and "user/api:1". The error describes a name that Docker does not
// accept.
func Registry(name string) (string, error) {
	named, err := reference.ParseNormalizedNamed(name)
	if err != nil {
		return "", err
	}
	return reference.Domain(named), nil
}

// Short returns the canonical short form of an image name: "redis:latest" for
// "docker.io/library/redis". It returns invalid names unchanged.
func Short(name string) string {
	named, err := reference.ParseNormalizedNamed(name)
	if err != nil {
		return name
	}
	return reference.FamiliarString(reference.TagNameOnly(named))
}

// ConfigKey returns the key of a registry in Docker's configuration.
func ConfigKey(registry string) string {
	if registry == Hub {
		return hubKey
	}
	return registry
}

// OfConfigKey returns the registry of a key in Docker's configuration.
func OfConfigKey(key string) string {
	key = strings.TrimPrefix(strings.TrimPrefix(key, "https://"), "http://")
	host, _, _ := strings.Cut(key, "/")
	if host == hubHost {
		return Hub
	}
	return host
}

// Login returns the command that logs in to a registry.
func Login(registry string) string {
	if registry == Hub {
		return "docker login"
	}
	return "docker login " + registry
}
