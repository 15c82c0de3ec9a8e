package platform

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"strconv"
	"strings"

	"plan/containers"
	"plan/containers/docker"
	"plan/containers/owner"
	"plan/internal/units"
	"plan/plans"
	"plan/plans/check"
	"plan/runner"
	"plan/runner/images"
	"plan/runner/journal"
)

// onDocker is the engine that the docker command uses.
type onDocker struct{ *docker.Docker }

func (d onDocker) Push(ctx context.Context, source, name string, progress func(string)) (images.Image, error) {
	image, err := d.Docker.Images.Push(ctx, source, name, progress)
	return images.Image(image), err
}

func (d onDocker) Image(ctx context.Context, reference string, pull containers.Pull,
	progress func(string)) (images.Image, error) {
	image, err := d.Docker.Images.Ensure(ctx, reference, pull, progress)
	return images.Image(image), err
}

func (d onDocker) Agent(ctx context.Context, networks []string) (io.ReadWriteCloser, error) {
	return d.Docker.Agent(ctx, networks)
}

func (d onDocker) ContainerStats(ctx context.Context) (runner.ContainerStats, error) {
	beside, err := d.Docker.Monitor(ctx)
	if err != nil {
		return nil, err
	}
	return beside, nil
}

func (d onDocker) Start(ctx context.Context, spec containers.Spec) (runner.Instance, error) {
	instance, err := d.Docker.Start(ctx, spec)
	if err != nil {
		return nil, err
	}
	return instance, nil
}

func (d onDocker) HostOf(ctx context.Context, plan *plans.Plan) (journal.Host, check.Host, error) {
	f, err := d.Docker.Facts(ctx)
	if err != nil {
		return journal.Host{}, check.Host{}, err
	}
	var images []string
	for _, service := range plan.Services {
		images = append(images, service.Image)
	}
	var leftovers []string
	for _, run := range f.Leftovers {
		if run.Life == owner.Dead {
			text := strings.Join(run.Resources, ", ") + " of run " + run.Run
			leftovers = append(leftovers, strings.Join(append([]string{text}, run.Held...), "; "))
		}
	}
	// Who uses which TCP ports of the host: all that containers publish, and those of the
	// plan that a process listens on.
	ports := map[int]string{}
	maps.Copy(ports, f.Ports)
	for _, service := range plan.Services {
		for _, port := range service.Ports {
			if user := f.PortUser(port.Address, port.Host); port.Host != 0 && user != "" {
				ports[port.Host] = user
			}
		}
	}
	host := journal.Host{
		Name: f.Name, Memory: int64(f.Memory), CPUs: float64(f.CPUs), OS: f.OS, Kernel: f.Kernel, Engine: f.Version,
		CgroupVersion: strconv.Itoa(f.CgroupVersion),
	}
	// A path is one of this machine, which that of the engine need not be.
	var missing []string
	lacks := func(path string) {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			missing = append(missing, path)
		}
	}
	for _, image := range plan.Images {
		if image.Build != nil {
			lacks(image.Build.Context)
			lacks(image.Build.File())
		}
	}
	for _, service := range plan.Services {
		for _, volume := range service.Volumes {
			if volume.Bind && strings.HasPrefix(f.Address, "unix:") {
				lacks(volume.Source)
			}
		}
	}
	intervals, err := d.Docker.Images.HealthcheckIntervals(ctx, images)
	return host, check.Host{
		Memory: f.Memory, CPUs: units.CPUs(f.CPUs) * 1000, MemoryLimit: f.LimitsMemory, SwapLimit: f.LimitsSwap,
		Networks: f.Networks, Volumes: f.Volumes, Images: f.Images, Ports: ports, Registries: f.Registries,
		OpenFiles: docker.AgentFiles, LocalPorts: docker.AgentLocalPorts, Leftovers: leftovers,
		Healthchecks: intervals, Missing: missing,
	}, err
}
