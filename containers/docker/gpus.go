package docker

import (
	"context"
	"regexp"

	"github.com/docker/docker/api/types/container"
)

// gpus returns the request for that many GPUs, as `docker run --gpus` has it.
func gpus(count int) []container.DeviceRequest {
	if count == 0 {
		return nil
	}
	return []container.DeviceRequest{{Count: count, Capabilities: [][]string{{"gpu"}}}} // -1 is all, for the engine too
}

// noGPU matches the engine's messages where it has no runtime for GPUs, or the
// machine has fewer.
var noGPU = regexp.MustCompile(`could not select device driver|nvidia-container-cli: .*unknown device`)

// GPUs returns an error where a container of this engine cannot have that many. The
// engine does not list its GPUs, so a container of the agent's image is started
// with them, which ends at once. Other errors of that start are ignored: the
// service's own start will report them.
func (d *Docker) GPUs(ctx context.Context, count int) error {
	image, err := d.executable.agentImage(ctx)
	if err != nil {
		return err
	}
	name := d.unique("gpus")
	host := agentHostConfig(nil, 0)
	host.AutoRemove, host.NetworkMode, host.Sysctls, host.DeviceRequests = false, "none", nil, gpus(count)
	id, err := d.createAgent(ctx, image, name, nil, host, agentCommand, agentRole)
	if err == nil {
		err = d.engine.ContainerStart(ctx, id, container.StartOptions{})
		if failed := d.resources.discard(ctx, id); failed != nil {
			return failed
		}
	}
	if err != nil && noGPU.MatchString(err.Error()) {
		return d.startError(name, err)
	}
	return nil
}
