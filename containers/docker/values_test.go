package docker

import (
	"strings"
	"testing"

	"github.com/docker/cli/cli/config"
	"github.com/docker/cli/cli/config/configfile"
	clicontext "github.com/docker/cli/cli/context"
	"github.com/docker/cli/cli/context/store"
	"github.com/docker/docker/api/types/container"

	"plan/containers"
	"plan/internal/units"
)

func TestTheEngineIsFoundAsDockerFindsIt(t *testing.T) {
	before := config.Dir()
	config.SetDir(t.TempDir())
	defer config.SetDir(before)
	contexts := store.New(config.ContextStoreDir(), store.NewConfig(
		func() any { return &map[string]any{} },
		store.EndpointTypeGetter("docker", func() any { return &clicontext.EndpointMetaBase{} }),
	))
	for name, host := range map[string]string{"lab": "tcp://lab:2375", "other": "unix:///other.sock"} {
		err := contexts.CreateOrUpdate(store.Metadata{
			Name: name, Metadata: map[string]any{}, Endpoints: map[string]any{"docker": clicontext.EndpointMetaBase{Host: host}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name, host, context, current, want string
	}{
		{"nothing is said", "", "", "", "unix:///var/run/docker.sock"},
		{"the current context", "", "", "lab", "tcp://lab:2375"},
		{"DOCKER_CONTEXT is stronger", "", "other", "lab", "unix:///other.sock"},
		{"DOCKER_HOST is strongest", "tcp://here:1", "other", "lab", "tcp://here:1"},
	} {
		t.Setenv("DOCKER_HOST", c.host)
		t.Setenv("DOCKER_CONTEXT", c.context)
		found, err := connect(&configfile.ConfigFile{CurrentContext: c.current})
		if err != nil || found.DaemonHost() != c.want {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
	t.Setenv("DOCKER_HOST", "")
	t.Setenv("DOCKER_CONTEXT", "gone")
	if _, err := New(t.Context(), Options{}); !isKind(err, containers.EngineGone) || !strings.Contains(err.Error(), "gone") {
		t.Errorf("a context that is not there gives %v", err)
	}
}

func TestSwapIsNeverAddedToMemory(t *testing.T) {
	host := hostConfigOf(containers.Spec{
		Networks: []string{"a", "b"}, Restart: "no", Limits: containers.Limits{Memory: 500 * units.MiB, CPUs: 500},
		Ports: []containers.Port{{Address: "127.0.0.1", Host: 80, Container: 8000}, {Container: 9000}},
	}, "/plan-r1/x")
	if host.Memory != 524_288_000 || host.MemorySwap != host.Memory || host.NanoCPUs != 500_000_000 || host.CgroupParent != "/plan-r1/x" {
		t.Errorf("limits are %+v", host.Resources)
	}
	if host.NetworkMode != "a" || host.RestartPolicy.Name != container.RestartPolicyDisabled {
		t.Errorf("network %s, restart %s", host.NetworkMode, host.RestartPolicy.Name)
	}
	if b := host.PortBindings; b["8000/tcp"][0].HostPort != "80" || b["9000/tcp"][0].HostPort != "" {
		t.Errorf("ports %v", b)
	}
}

func TestNamesAreWhatDockerTakes(t *testing.T) {
	for text, want := range map[string]string{
		"api-search.memory/3":            "api-search.memory-3",
		`ramp.users["cpus=0.5,repl"] 10`: "ramp.users-cpus-0.5-repl-10",
		"--.x.--":                        "x",
		strings.Repeat("a", 30) + "/" + strings.Repeat("b", 30): strings.Repeat("a", 20) + "-" + strings.Repeat("b", 19),
	} {
		if got := slug(text); got != want {
			t.Errorf("%s became %s, want %s", text, got, want)
		}
	}
	d := newFake(&fake{})
	if first, second := d.unique("api", "1"), d.unique("api", "1"); first != "plan-r1-api-1" || second != "plan-r1-api-1-2" {
		t.Errorf("%s, %s", first, second)
	}
}

func TestUsageFromTheEnginesFigures(t *testing.T) {
	var stats container.StatsResponse
	if _, ok := usageOf(stats); ok {
		t.Error("an empty line of a stopped container counts")
	}
	stats.Read = parseTime("2026-11-23T22:00:00Z")
	stats.MemoryStats.Usage = 1000
	for version, figures := range map[int]map[string]uint64{
		1: {"total_inactive_file": 300, "inactive_file": 1, "total_rss": 500, "total_cache": 400},
		2: {"inactive_file": 300, "anon": 500, "file": 400},
	} {
		stats.MemoryStats.Stats = figures
		got, ok := usageOf(stats)
		if !ok || *got.WorkingSet != 700 || *got.Anonymous != 500 || *got.Cache != 400 || got.Peak != nil || got.OOMKills != nil {
			t.Errorf("version %d: %+v", version, got)
		}
	}
}
