// Package imagename reads names of images as Docker does: which registry they
// lead to, and how docker's configuration calls that registry.
//
// It knows nothing of what a registry or an engine holds.
package imagename

import (
	"strings"

	"github.com/distribution/reference"
)

// Hub is Docker Hub, the registry of names without a host.
const Hub = "docker.io"

// How docker's configuration calls Docker Hub.
const (
	hubHost = "index.docker.io"
	hubKey  = "https://" + hubHost + "/v1/"
)

// Registry is the host, with its port if it has one, that a name leads to: Hub
// for "redis" and "user/api:1". The error says what is wrong with a name that
// Docker does not take.
func Registry(name string) (string, error) {
	named, err := reference.ParseNormalizedNamed(name)
	if err != nil {
		return "", err
	}
	return reference.Domain(named), nil
}

// Short is the one form that all ways to write a name share: "redis:latest" for
// "docker.io/library/redis". What is no name is left as it is.
func Short(name string) string {
	named, err := reference.ParseNormalizedNamed(name)
	if err != nil {
		return name
	}
	return reference.FamiliarString(reference.TagNameOnly(named))
}

// ConfigKey is how docker's configuration calls a registry.
func ConfigKey(registry string) string {
	if registry == Hub {
		return hubKey
	}
	return registry
}

// OfConfigKey is the registry that docker's configuration calls by the key.
func OfConfigKey(key string) string {
	key = strings.TrimPrefix(strings.TrimPrefix(key, "https://"), "http://")
	host, _, _ := strings.Cut(key, "/")
	if host == hubHost {
		return Hub
	}
	return host
}

// Login is the command that logs in to a registry.
func Login(registry string) string {
	if registry == Hub {
		return "docker login"
	}
	return "docker login " + registry
}
