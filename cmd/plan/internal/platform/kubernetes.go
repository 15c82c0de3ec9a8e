//go:build kubernetes

package platform

import (
	"context"
	"errors"
	"io"
	"time"

	"plan/containers"
	"plan/containers/kubernetes"
	"plan/containers/owner"
	"plan/plans"
	"plan/plans/check"
	"plan/runner"
	"plan/runner/journal"
)

// onCluster connects to the cluster of a plan.
func onCluster(ctx context.Context, where *plans.Platform, run Run) (Platform, error) {
	cluster, err := kubernetes.New(ctx, kubernetes.Options{
		Run: run.ID, Lock: run.Lock, Secrets: run.Secrets,
		Context: where.Context, Namespace: where.Namespace, NodeSelector: where.NodeSelector,
		Tolerations: where.Tolerations, PullSecret: where.PullSecret, AgentImage: where.AgentImage,
	})
	if err != nil {
		return nil, err
	}
	return onKubernetes{cluster}, nil
}

// onKubernetes is a namespace of a cluster.
type onKubernetes struct{ *kubernetes.Cluster }

func (k onKubernetes) Agent(ctx context.Context, _ []string) (io.ReadWriteCloser, error) {
	return k.Cluster.Agent(ctx)
}

func (k onKubernetes) Start(ctx context.Context, spec containers.Spec) (runner.Instance, error) {
	instance, err := k.Cluster.Start(ctx, spec)
	if err != nil {
		return nil, err
	}
	return instance, nil
}

func (k onKubernetes) ContainerStats(ctx context.Context) (runner.ContainerStats, error) {
	if err := k.Cluster.CheckNodes(ctx); err != nil {
		return nil, err
	}
	return k.Cluster.Neighbours(), nil
}

func (k onKubernetes) HostOf(ctx context.Context, _ *plans.Plan) (journal.Host, check.Host, error) {
	f, err := k.Cluster.Facts(ctx)
	if err != nil {
		return journal.Host{}, check.Host{}, err
	}
	return journal.Host{
			Name: f.Node, Memory: int64(f.Allocatable.Memory), CPUs: f.Allocatable.CPUs.Float(),
			OS: f.OS, Kernel: f.Kernel, Engine: f.Version,
		}, check.Host{
			Kubernetes: true, Memory: f.Memory, CPUs: f.CPUs, Least: plans.Limits(f.Least), MemoryLimit: true, SwapLimit: true,
			LocalPorts: kubernetes.AgentLocalPorts,
		}, nil
}

// ShowLife does nothing: the pod of the agent shows that a run lives.
func (k onKubernetes) ShowLife() {}

// WaitWhileAway does nothing: a cluster that does not answer ends the run.
func (k onKubernetes) WaitWhileAway(time.Duration, func(string)) {}

// Away is never: see WaitWhileAway.
func (k onKubernetes) Away(context.Context, time.Time) (bool, error) { return false, nil }

// Queue is not there: nothing of a namespace orders runs that wait.
func (k onKubernetes) Queue(context.Context, func([]owner.Leftover)) error {
	return errors.New("--wait works only with Docker")
}
