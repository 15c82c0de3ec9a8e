package kubernetes

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/client-go/tools/remotecommand"

	"plan/containers"
	"plan/internal/units"
)

// Limits of the agent's pod: docs/decisions/0006-load-engine.md. It has no CPU limit, which would distort latencies.
const (
	agentMemory   = 768 * units.MiB
	agentGoMemory = "640MiB" // GOMEMLIMIT: Go collects garbage more often near it
	agentCPUs     = "250m"   // requested: its weight against other pods of its node
	agentPorts    = "1024 65535"
	agentUser     = 65534
)

// agentRequest is what the agent's pod requests.
func agentRequest() corev1.ResourceList {
	request := resourcesOf(containers.Limits{Memory: agentMemory})
	request[corev1.ResourceCPU] = resource.MustParse(agentCPUs)
	return request
}

// AgentLocalPorts is how many connections to one address the agent may have: agentPorts.
const AgentLocalPorts = 65535 - 1024 + 1

// Agent starts the agent's pod: `agent` of Options.AgentImage, whose entrypoint is this command. Writes go to its standard input, reads come from its standard
// output. Close ends and removes it; it also ends with this process, which holds its input open.
func (c *Cluster) Agent(ctx context.Context) (io.ReadWriteCloser, error) {
	if err := c.listen(ctx); err != nil {
		return nil, err
	}
	i := &Instance{
		cluster: c, name: c.unique(agentRole), spec: containers.Spec{Service: agentRole, Role: containers.Generator},
		events: make(chan containers.Event, mostEvents), changed: make(chan struct{}),
	}
	a, err := c.startAgent(ctx, i)
	if err != nil {
		lasting, cancel := context.WithTimeout(context.WithoutCancel(ctx), removeTime)
		defer cancel()
		return nil, errors.Join(err, i.Remove(lasting))
	}
	c.mu.Lock()
	i.mu.Lock()
	c.agents[i.name] = i.seen.node
	i.mu.Unlock()
	delete(c.instances, i.name) // no trial judges it
	c.mu.Unlock()
	return a, nil
}

func (c *Cluster) startAgent(ctx context.Context, i *Instance) (io.ReadWriteCloser, error) {
	pod, err := c.agentPod(i.name)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	c.instances[i.name] = i
	c.mu.Unlock()
	made, err := c.resources.createPod(ctx, pod)
	if err != nil {
		return nil, err
	}
	i.mu.Lock()
	i.uid = string(made.UID)
	i.mu.Unlock()
	if err := i.awaitStart(ctx); err != nil {
		return nil, err
	}
	return c.attach(ctx, i), nil
}

// agentPod returns the pod of the agent. It waits for the first byte of its input before it writes: the API passes only
// what is written after it has attached.
func (c *Cluster) agentPod(name string) (*corev1.Pod, error) {
	pod, _, err := c.podOf(name, containers.Spec{
		Service: agentRole, Role: containers.Generator, Image: c.options.AgentImage,
		Command: []string{"agent", "--await-input"}, Environment: map[string]string{"GOMEMLIMIT": agentGoMemory},
		Limits: containers.Limits{Memory: agentMemory},
	})
	if err != nil {
		return nil, err
	}
	pod.Labels[labelRole] = agentRole
	pod.Spec.SecurityContext = &corev1.PodSecurityContext{
		RunAsNonRoot: new(true), RunAsUser: new(int64(agentUser)),
		SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
		Sysctls:        []corev1.Sysctl{{Name: "net.ipv4.ip_local_port_range", Value: agentPorts}},
	}
	main := &pod.Spec.Containers[0]
	main.Stdin, main.StdinOnce = true, true // both: its standard input ends with this process
	main.Resources.Requests = agentRequest()
	main.SecurityContext = &corev1.SecurityContext{
		ReadOnlyRootFilesystem: new(true), AllowPrivilegeEscalation: new(false),
		Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
	}
	return pod, nil
}

// hasAgent reports whether an agent of the run was started on a node.
func (c *Cluster) hasAgent(node string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Contains(slices.Collect(maps.Values(c.agents)), node)
}

// attached is the standard streams of the agent's pod. Reads return its standard output; their errors carry the end of
// its standard error.
type attached struct {
	input  *io.PipeWriter
	output *io.PipeReader
	close  func() error
}

func (a *attached) Read(p []byte) (int, error)  { return a.output.Read(p) }
func (a *attached) Write(p []byte) (int, error) { return a.input.Write(p) }

// Close ends the agent's input, gives it a second to end, and removes its pod.
func (a *attached) Close() error { return a.close() }

// endTimeout is how long an agent may take to end after its input has ended.
const endTimeout = time.Second

// attach connects to the agent's streams, and lets it begin.
func (c *Cluster) attach(ctx context.Context, i *Instance) *attached {
	input, in := io.Pipe()
	output, out := io.Pipe()
	lasting, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	errs := c.mask.Tail()
	c.idle.Go(func() {
		defer close(ended)
		err := c.streams(lasting, i.name, "attach",
			&corev1.PodAttachOptions{Container: mainContainer, Stdin: true, Stdout: true, Stderr: true},
			remotecommand.StreamOptions{Stdin: input, Stdout: out, Stderr: errs})
		if err != nil {
			err = c.errs.wrap("create", "pods/attach", err)
		}
		if said := errs.String(); said != "" {
			err = fmt.Errorf("%w: it printed: %s", cmp.Or(err, io.ErrUnexpectedEOF), said)
		}
		_ = out.CloseWithError(cmp.Or(err, io.EOF))
		_ = in.Close() // of input the client would print an error
	})
	c.idle.Go(func() { _, _ = in.Write([]byte("\n")) }) // a stream that fails closes the pipe
	closing := sync.OnceValue(func() error {
		_ = in.Close()
		go func() { _, _ = io.Copy(io.Discard, output) }() // unread output would block the stream
		select {
		case <-ended:
		case <-time.After(endTimeout):
		}
		cancel()
		<-ended
		last, done := context.WithTimeout(context.WithoutCancel(ctx), removeTime)
		defer done()
		return i.Remove(last)
	})
	return &attached{input: in, output: output, close: closing}
}
