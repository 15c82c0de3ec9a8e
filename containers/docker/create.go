package docker

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/go-connections/nat"
	"github.com/docker/go-units"

	"plan/containers"
	"plan/containers/owner"
)

// configOf returns the container's configuration for the engine.
func configOf(spec containers.Spec, of owner.Owner) *container.Config {
	labels := labels(of, string(roleOf(spec)))
	labels[labelTrial], labels[labelService], labels[labelReplica] = spec.Trial, spec.Service, spec.ReplicaText()
	ports := nat.PortSet{}
	for _, port := range spec.Expose {
		ports[tcp(port)] = struct{}{}
	}
	for _, port := range spec.Ports {
		ports[tcp(port.Container)] = struct{}{}
	}
	var environment []string
	for _, name := range slices.Sorted(maps.Keys(spec.Environment)) {
		environment = append(environment, name+"="+spec.Environment[name])
	}
	return &container.Config{
		Image: spec.Image, Entrypoint: spec.Entrypoint, Cmd: spec.Command, Env: environment, User: spec.User,
		WorkingDir:   spec.WorkingDir,
		ExposedPorts: ports, Labels: labels,
		Healthcheck: &container.HealthConfig{Test: []string{"NONE"}}, // Instance.Healthcheck returns it; the engine does not run it
	}
}

func roleOf(spec containers.Spec) containers.Role { return cmp.Or(spec.Role, containers.Subject) }

// hostConfigOf returns the container's resources. A generator has the highest CPU
// weight.
func hostConfigOf(spec containers.Spec, parent string) *container.HostConfig {
	const logFiles = 2 // the older one goes when the newer one is full
	host := &container.HostConfig{
		Resources:     container.Resources{CgroupParent: parent},
		RestartPolicy: container.RestartPolicy{Name: container.RestartPolicyMode(spec.Restart)},
		PortBindings:  nat.PortMap{},
		NetworkMode:   container.NetworkMode(firstOf(spec.Networks)),
		Mounts:        mounts(spec.Volumes),
		Tmpfs:         map[string]string{},
		ShmSize:       int64(spec.ShmSize),
		// The log is bounded and readable; the engine's default driver may do neither.
		LogConfig: container.LogConfig{Type: "json-file", Config: map[string]string{
			"max-size": strconv.FormatInt(int64(containers.LogLimit/logFiles), 10), "max-file": strconv.Itoa(logFiles),
		}},
	}
	for _, port := range spec.Ports {
		address := nat.PortBinding{HostIP: port.Address}
		if port.Host != 0 {
			address.HostPort = strconv.Itoa(port.Host)
		}
		key := tcp(port.Container)
		host.PortBindings[key] = append(host.PortBindings[key], address)
	}
	for _, name := range slices.Sorted(maps.Keys(spec.Hosts)) {
		host.ExtraHosts = append(host.ExtraHosts, name+":"+spec.Hosts[name])
	}
	for _, t := range spec.Tmpfs {
		host.Tmpfs[t.Target] = t.Options
	}
	for _, u := range spec.Ulimits {
		host.Ulimits = append(host.Ulimits, &units.Ulimit{Name: u.Name, Soft: u.Soft, Hard: u.Hard})
	}
	host.DeviceRequests = gpus(spec.GPUs)
	setLimits(host, spec.Limits)
	if spec.Role == containers.Generator {
		host.CPUShares = generatorCPUShares
	}
	return host
}

func firstOf(networks []string) string {
	if len(networks) == 0 {
		return ""
	}
	return networks[0]
}

func tcp(port int) nat.Port { return nat.Port(strconv.Itoa(port) + "/tcp") }
