package docker

import (
	"errors"
	"strings"
	"testing"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
	"github.com/google/go-cmp/cmp"

	"plan/containers"
)

// The engine's literal words, and what must become of them.
func TestStartErrors(t *testing.T) {
	d := newFake(&fake{})
	for _, c := range []struct {
		engine string
		kind   containers.Kind
		want   string
	}{
		{"driver failed programming external connectivity on endpoint x (1f): Bind for 127.0.0.1:8000 failed: port is already allocated",
			containers.PortInUse, "the host's port 127.0.0.1:8000 is in use by another container"},
		{"driver failed programming external connectivity on endpoint x (1f): Error starting userland proxy: listen tcp4 127.0.0.1:8000: bind: address already in use",
			containers.PortInUse, "the host's port 127.0.0.1:8000 is in use by a process"},
		{"failed to set up container networking: driver failed programming external connectivity on endpoint x (1f): failed to bind host port for 127.0.0.1:8000:172.17.0.2:80/tcp: address already in use",
			containers.PortInUse, "in use"},
		{`Conflict. The container name "/plan-x" is already in use by container "1f". You have to remove (or rename) that container to be able to reuse that name.`,
			containers.NameInUse, "docker rm -f plan-x"},
		{"network proyecto not found", containers.NoNetwork, "the network proyecto is not on the engine"},
		{"No such image: nope:latest", containers.NoImage, "the image nope:latest is not on the engine"},
		{`failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "uvx": executable file not found in $PATH: unknown`,
			containers.CannotStart, "the command uvx does not exist in the image (127)"},
		{`OCI runtime create failed: runc create failed: unable to start container process: exec: "/app/run": stat /app/run: no such file or directory: unknown`,
			containers.CannotStart, "the command /app/run does not exist in the image (127)"},
		{`OCI runtime create failed: runc create failed: unable to start container process: exec: "/app/run": permission denied: unknown`,
			containers.CannotStart, "the command /app/run is not executable (126)"},
		{"Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available", containers.CannotStart, "from 0.01 to 2.00 CPUs"},
		{`failed to write "100": write /sys/fs/cgroup/cpu/docker/1f/cpu.cfs_quota_us: invalid argument: unknown`, containers.CannotStart, "write at least 0.01"},
		{`could not select device driver "" with capabilities: [[gpu]]`, containers.CannotStart, "the engine has no runtime for GPUs (install nvidia-container-toolkit"},
		{"OCI runtime create failed: error running hook #0: nvidia-container-cli: device error: 1: unknown device: unknown", containers.CannotStart, "fewer GPUs than"},
		{"Minimum memory limit allowed is 6MB", containers.CannotStart, "no less than 6MB of memory"},
		{"something new", containers.CannotStart, "something new"},
	} {
		var fault *containers.Error
		err := d.startError("plan-x", errors.New("Error response from daemon: "+c.engine))
		if !errors.As(err, &fault) || fault.Kind != c.kind || !strings.Contains(fault.Error(), c.want) {
			t.Errorf("%q became %v of kind %q, want %q of kind %q", c.engine, err, fault.Kind, c.want, c.kind)
		}
	}
}

func TestNetworksAreTakenByTheirVeryName(t *testing.T) {
	d := newFake(&fake{networks: []network.Inspect{{Name: "proyecto-2_default"}}})
	if _, err := d.Network(t.Context(), "proyecto-2", true); !isKind(err, containers.NoNetwork) {
		t.Errorf("part of a name: %v", err)
	}
	if _, err := d.Network(t.Context(), "proyecto-2_defualt", true); !strings.Contains(err.Error(), `"proyecto-2_default"`) {
		t.Errorf("a misspelt name: %v", err)
	}
	if _, err := d.Network(t.Context(), "proyecto-2_default", false); !isKind(err, containers.NoNetwork) || !strings.Contains(err.Error(), "external = true") {
		t.Errorf("a name that is taken: %v", err)
	}
}

func TestAliases(t *testing.T) {
	named := func(name, run string, aliases ...string) container.InspectResponse {
		return container.InspectResponse{
			ContainerJSONBase: &container.ContainerJSONBase{Name: "/" + name},
			Config:            &container.Config{Labels: map[string]string{labelRun: run}},
			NetworkSettings: &container.NetworkSettings{Networks: map[string]*network.EndpointSettings{
				"net": {Aliases: aliases},
			}},
		}
	}
	for _, c := range []struct {
		name  string
		there container.InspectResponse
		want  []string
	}{
		{"nobody is called so", named("mlflow", "", "mlflow"), []string{"plan-x", "api", "other"}},
		{"a container's name", named("api", ""), []string{"plan-x", "other"}},
		{"an alias", named("proyecto-2_api_1", "", "api"), []string{"plan-x", "other"}},
		{"a further name", named("proyecto-2_api_1", "", "other"), []string{"plan-x", "api"}},
		{"an alias of another run", named("plan-y", "r2", "api"), []string{"plan-x", "other"}},
		{"another one of this run", named("plan-z", "r1", "api"), []string{"plan-x", "api", "other"}},
	} {
		d := newFake(&fake{
			networks:   []network.Inspect{{Name: "net", Containers: map[string]network.EndpointResource{"1f": {}, "left-meanwhile": {}}}},
			containers: map[string]container.InspectResponse{"1f": c.there},
		})
		got, err := d.aliases(t.Context(), "net", "plan-x", containers.Spec{Service: "api", Further: []string{"other"}})
		if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v %s", c.name, err, diff)
		}
	}
}
