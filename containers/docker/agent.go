package docker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/pkg/stdcopy"
	"github.com/docker/go-units"

	planunits "plan/internal/units"
)

// Limits of the agent's container. It has no CPU quota, which would distort
// latencies, and the highest CPU weight. Its memory is enough for 10,000 users
// with TLS beside the longest job: docs/decisions/0006-load-engine.md.
const (
	agentMemory        = 768 * planunits.MiB
	agentGoMemory      = "640MiB" // GOMEMLIMIT: Go collects garbage more often near it
	generatorCPUShares = 1 << 18  // the highest weight
	agentPorts         = "1024 65535"
)

// What the agent may open. Both bound the users of a load.
const (
	AgentFiles      = 1 << 20          // the default maximum of Linux
	AgentLocalPorts = 65535 - 1024 + 1 // agentPorts: connections to one address
)

// Values of labelRole for the agent's container and its image.
const (
	agentRole      = "agent"
	agentImageRole = "agent-image"
)

// agentCommand is the command of this executable that is the agent.
const agentCommand = "agent"

// Agent starts the agent's container on the networks: `plan agent` of this
// executable, in an image that is built of it. Writes go to its standard input,
// reads come from its standard output. Close ends and removes it; it also ends
// with this process.
func (d *Docker) Agent(ctx context.Context, networks []string) (io.ReadWriteCloser, error) {
	image, err := d.executable.agentImage(ctx)
	if err != nil {
		return nil, err
	}
	agent, err := d.startAgent(ctx, image, networks, agentHostConfig(networks, AgentFiles), agentCommand, agentRole)
	if err != nil && strings.Contains(err.Error(), "setting rlimit") { // the engine itself may not open that many
		agent, err = d.startAgent(ctx, image, networks, agentHostConfig(networks, 0), agentCommand, agentRole)
	}
	if err != nil {
		return nil, err
	}
	return agent, nil
}

// startAgent creates a container that runs a command of this executable, attaches
// to it and starts it. After an error nothing is left on the engine.
func (d *Docker) startAgent(ctx context.Context, image string, networks []string, host *container.HostConfig,
	command, role string) (*attachedContainer, error) {
	name := d.unique(role)
	id, err := d.createAgent(ctx, image, name, networks, host, command, role)
	if err != nil {
		return nil, err
	}
	conn, err := d.engine.ContainerAttach(ctx, id,
		container.AttachOptions{Stream: true, Stdin: true, Stdout: true, Stderr: true})
	if err != nil {
		err = d.errs.Wrap("the container "+name+" cannot be attached to", err)
		return nil, errors.Join(err, d.resources.discard(ctx, id))
	}
	output, writer := io.Pipe()
	agent := &attachedContainer{docker: d, id: id, conn: conn, output: output, errors: d.mask.Tail(),
		ended: make(chan struct{})}
	lasting := context.WithoutCancel(ctx)
	agent.close = sync.OnceValue(func() error { return agent.shutDown(lasting) })
	go func() {
		defer close(agent.ended)
		_, err := stdcopy.StdCopy(writer, agent.errors, conn.Reader)
		if said := agent.errors.String(); err == nil && said == "" {
			err = io.EOF
		} else if said != "" {
			err = fmt.Errorf("%w: it printed: %s", cmp.Or(err, io.ErrUnexpectedEOF), said)
		}
		_ = writer.CloseWithError(err)
	}()
	if err := d.engine.ContainerStart(ctx, id, container.StartOptions{}); err != nil {
		return nil, errors.Join(d.startError(name, err), agent.Close())
	}
	return agent, nil
}

func (d *Docker) createAgent(ctx context.Context, image, name string, networks []string, host *container.HostConfig,
	command, role string) (string, error) {
	all := map[string]*network.EndpointSettings{}
	for _, one := range networks {
		all[one] = &network.EndpointSettings{}
	}
	first, others := splitFirst(networks, all)
	config := &container.Config{
		Image: image, Entrypoint: []string{"/plan", command}, Labels: labels(d.owner, role),
		OpenStdin: true, StdinOnce: true, // both: its standard input ends with this process
		AttachStdin: true, AttachStdout: true, AttachStderr: true,
		Env: []string{"GOMEMLIMIT=" + agentGoMemory},
	}
	id, err := d.createContainer(ctx, name, config, host, first)
	if err != nil {
		return "", d.startError(name, err)
	}
	if err := d.join(ctx, id, name, others); err != nil {
		return "", errors.Join(err, d.resources.discard(ctx, id))
	}
	return id, nil
}

// agentHostConfig returns limits with that many open files; 0 keeps the engine's
// limit.
func agentHostConfig(networks []string, files int64) *container.HostConfig {
	host := &container.HostConfig{
		AutoRemove: true, NetworkMode: container.NetworkMode(firstOf(networks)),
		ReadonlyRootfs: true, CapDrop: []string{"ALL"}, SecurityOpt: []string{"no-new-privileges"},
		Sysctls:   map[string]string{"net.ipv4.ip_local_port_range": agentPorts},
		LogConfig: container.LogConfig{Type: "none"},
		Resources: container.Resources{
			Memory: int64(agentMemory), MemorySwap: int64(agentMemory), CPUShares: generatorCPUShares,
		},
	}
	if files > 0 {
		host.Ulimits = []*units.Ulimit{{Name: "nofile", Soft: files, Hard: files}}
	}
	return host
}
