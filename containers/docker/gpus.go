package docker

import (
	"context"
	"regexp"

	"github.com/docker/docker/api/types/container"
)

// gpus asks for that many, as `docker run --gpus` does; none for 0.
func gpus(count int) []container.DeviceRequest {
	if count == 0 {
		return nil
	}
	return []container.DeviceRequest{{Count: count, Capabilities: [][]string{{"gpu"}}}} // -1 is all, for the engine too
}

// noGPU knows the engine's words for GPUs that it cannot give: it has no
// runtime for them, or the machine has fewer.
var noGPU = regexp.MustCompile(`could not select device driver|nvidia-container-cli: .*unknown device`)

// GPUs makes sure that a container of this engine can get that many. An engine
// does not list what it needs for that, so a container of the agent's image is
// started with them, which ends at once. Whatever else is wrong with it is told
// when the service itself is started.
func (d *Docker) GPUs(ctx context.Context, count int) error {
	image, err := d.agentImage(ctx)
	if err != nil {
		return err
	}
	name := d.unique("gpus")
	host := agentHostConfig(nil, 0)
	host.AutoRemove, host.NetworkMode, host.Sysctls, host.DeviceRequests = false, "none", nil, gpus(count)
	id, err := d.createAgent(ctx, image, name, nil, host, "agent")
	if err == nil {
		err = d.engine.ContainerStart(ctx, id, container.StartOptions{})
		if failed := d.discard(ctx, id); failed != nil {
			return failed
		}
	}
	if err != nil && noGPU.MatchString(err.Error()) {
		return d.startFault(name, err)
	}
	return nil
}
