package imagename

import (
	"strings"
	"testing"
)

func TestRegistryAndShort(t *testing.T) {
	digest := "@sha256:" + strings.Repeat("ab", 32)
	for name, want := range map[string][2]string{
		"redis":                         {Hub, "redis:latest"},
		"redis:7.4":                     {Hub, "redis:7.4"},
		"library/redis":                 {Hub, "redis:latest"},
		"docker.io/redis":               {Hub, "redis:latest"},
		"docker.io/library/redis:7.4":   {Hub, "redis:7.4"},
		"index.docker.io/library/redis": {Hub, "redis:latest"},
		"index.docker.io/user/api:1":    {Hub, "user/api:1"},
		"user/api:1":                    {Hub, "user/api:1"},
		"user/api" + digest:             {Hub, "user/api" + digest},
		"user/api:1" + digest:           {Hub, "user/api:1" + digest},
		"quay.io/user/api":              {"quay.io", "quay.io/user/api:latest"},
		"reg:5000/api":                  {"reg:5000", "reg:5000/api:latest"},
		"reg:5000/library/api:1":        {"reg:5000", "reg:5000/library/api:1"},
		"localhost/api":                 {"localhost", "localhost/api:latest"},
		"localhost:5000/api:v1":         {"localhost:5000", "localhost:5000/api:v1"},
		"127.0.0.1:5000/api":            {"127.0.0.1:5000", "127.0.0.1:5000/api:latest"},
		"[::1]:5000/api":                {"[::1]:5000", "[::1]:5000/api:latest"},
		"Host/api":                      {"Host", "Host/api:latest"}, // user names of the Hub have no capitals
		"registry-1.docker.io/user/api": {"registry-1.docker.io", "registry-1.docker.io/user/api:latest"},
	} {
		got, err := Registry(name)
		if err != nil || got != want[0] {
			t.Errorf("%s is of %q, %v, want %q", name, got, err, want[0])
		}
		if got := Short(name); got != want[1] {
			t.Errorf("%s is %q in short, want %q", name, got, want[1])
		}
	}
}

func TestWhatIsNoName(t *testing.T) {
	for _, name := range []string{"", "Redis", "user/API", "a b", "redis:", "/redis", "redis@sha256:ab", strings.Repeat("ab", 32)} {
		if got, err := Registry(name); err == nil {
			t.Errorf("%q is of %q", name, got)
		}
		if got := Short(name); got != name {
			t.Errorf("%q became %q", name, got)
		}
	}
}

func TestKeysOfTheConfiguration(t *testing.T) {
	for key, registry := range map[string]string{
		"https://index.docker.io/v1/": Hub, "https://index.docker.io/v1/access-token": Hub, "index.docker.io": Hub, "docker.io": Hub,
		"reg:5000": "reg:5000", "https://reg:5000/v2/": "reg:5000", "http://reg:5000": "reg:5000", "quay.io": "quay.io",
	} {
		if got := OfConfigKey(key); got != registry {
			t.Errorf("%s is of %q, want %q", key, got, registry)
		}
	}
	for registry, want := range map[string][2]string{
		Hub: {"https://index.docker.io/v1/", "docker login"}, "reg:5000": {"reg:5000", "docker login reg:5000"},
	} {
		if got := [2]string{ConfigKey(registry), Login(registry)}; got != want {
			t.Errorf("%s: %q, want %q", registry, got, want)
		}
		if got := OfConfigKey(ConfigKey(registry)); got != registry {
			t.Errorf("the key of %s is of %s", registry, got)
		}
	}
}
