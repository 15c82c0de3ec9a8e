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
)

// configOf returns the container's configuration for the engine.
func configOf(spec containers.Spec, owner owner) *container.Config {
	labels := owner.labels(string(roleOf(spec)))
	labels[labelTrial], labels[labelService], labels[labelReplica] = spec.Trial, spec.Service, replica(spec)
	ports := nat.PortSet{}
	for _, port := range spec.Expose {
		ports[tcp(port)] = struct{}{}
	}
	for _, port := range spec.Ports {
		ports[tcp(port.Container)] = struct{}{}
	}
	return &container.Config{
		Image: spec.Image, Entrypoint: spec.Entrypoint, Cmd: spec.Command, Env: environment(spec.Environment), User: spec.User,
		WorkingDir:   spec.WorkingDir,
		ExposedPorts: ports, Labels: labels,
		Healthcheck: &container.HealthConfig{Test: []string{"NONE"}}, // Instance.Healthcheck returns it; the engine does not run it
	}
}

func roleOf(spec containers.Spec) containers.Role { return cmp.Or(spec.Role, containers.Subject) }

// replica returns the number of a replica; "" for the only one.
func replica(spec containers.Spec) string {
	if spec.Replica == 0 {
		return ""
	}
	return strconv.Itoa(spec.Replica)
}

// hostConfigOf returns the container's resources. A generator has the highest CPU
// weight.
func hostConfigOf(spec containers.Spec, parent string) *container.HostConfig {
	host := &container.HostConfig{
		Resources:     container.Resources{CgroupParent: parent},
		RestartPolicy: container.RestartPolicy{Name: container.RestartPolicyMode(spec.Restart)},
		PortBindings:  bindings(spec.Ports),
		NetworkMode:   container.NetworkMode(firstOf(spec.Networks)),
		Mounts:        mounts(spec.Volumes),
		ExtraHosts:    extraHosts(spec.Hosts),
		Tmpfs:         tmpfs(spec.Tmpfs),
		ShmSize:       int64(spec.ShmSize),
		LogConfig:     logConfig(),
	}
	host.Ulimits, host.DeviceRequests = ulimits(spec.Ulimits), gpus(spec.GPUs)
	setLimits(host, spec.Limits)
	if spec.Role == containers.Generator {
		host.CPUShares = generatorCPUShares
	}
	return host
}

// logConfig bounds a log and keeps it readable; the engine's default driver may do
// neither.
func logConfig() container.LogConfig {
	const files = 2 // the older one goes when the newer one is full
	return container.LogConfig{Type: "json-file", Config: map[string]string{
		"max-size": strconv.FormatInt(int64(containers.LogLimit/files), 10), "max-file": strconv.Itoa(files),
	}}
}

func extraHosts(hosts map[string]string) []string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(hosts)) {
		list = append(list, name+":"+hosts[name])
	}
	return list
}

func tmpfs(list []containers.Tmpfs) map[string]string {
	byTarget := map[string]string{}
	for _, t := range list {
		byTarget[t.Target] = t.Options
	}
	return byTarget
}

func ulimits(list []containers.Ulimit) []*units.Ulimit {
	var all []*units.Ulimit
	for _, u := range list {
		all = append(all, &units.Ulimit{Name: u.Name, Soft: u.Soft, Hard: u.Hard})
	}
	return all
}

func firstOf(networks []string) string {
	if len(networks) == 0 {
		return ""
	}
	return networks[0]
}

func environment(values map[string]string) []string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		list = append(list, name+"="+values[name])
	}
	return list
}

func bindings(ports []containers.Port) nat.PortMap {
	bound := nat.PortMap{}
	for _, port := range ports {
		host := ""
		if port.Host != 0 {
			host = strconv.Itoa(port.Host)
		}
		key := tcp(port.Container)
		bound[key] = append(bound[key], nat.PortBinding{HostIP: port.Address, HostPort: host})
	}
	return bound
}

func tcp(port int) nat.Port { return nat.Port(strconv.Itoa(port) + "/tcp") }
