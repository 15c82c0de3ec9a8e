package kubernetes

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"plan/containers"
	"plan/internal/units"
)

// Facts describe the cluster for the checks before a run.
type Facts struct {
	Server    string // address of the API
	Version   string // of the cluster
	Namespace string
	Kernel    string // of the node with the most memory
	OS        string // of that node
	Node      string // its name
	// Allocatable is what that node has for pods.
	Allocatable containers.Limits
	// Memory and CPUs are what one pod can have now, beside an agent: Allocatable, at most
	// what is left of the namespace's quota and what its limit range permits.
	Memory units.Bytes
	CPUs   units.CPUs
	Least  containers.Limits // that its limit range demands; zero fields are no bounds
}

// Facts reads them from the API.
func (c *Cluster) Facts(ctx context.Context) (Facts, error) {
	f := Facts{Server: c.errs.server, Namespace: c.namespace}
	var err error
	if f.Version, err = c.api.version(ctx); err != nil {
		return f, c.errs.wrap("get", "version", err)
	}
	nodes, err := c.usableNodes(ctx)
	if err != nil {
		return f, err
	}
	for _, node := range nodes {
		memory := units.Bytes(node.Status.Allocatable.Memory().Value())
		if memory <= f.Memory {
			continue
		}
		f.Node, f.Memory = node.Name, memory
		f.CPUs = units.CPUs(node.Status.Allocatable.Cpu().MilliValue())
		f.Allocatable = containers.Limits{Memory: f.Memory, CPUs: f.CPUs}
		f.Kernel, f.OS = node.Status.NodeInfo.KernelVersion, node.Status.NodeInfo.OSImage
	}
	agent := agentRequest()
	if len(nodes) == 1 { // it has the agent too
		f.Memory, f.CPUs = f.Memory-agentMemory, f.CPUs-units.CPUs(agent.Cpu().MilliValue())
	}
	quotas, err := c.api.quotas.List(ctx, metav1.ListOptions{})
	if err != nil {
		return f, c.errs.wrap("list", "resourcequotas", err)
	}
	for _, quota := range quotas.Items {
		f.bound(quota.Spec.Hard, quota.Status.Used, agent)
	}
	ranges, err := c.api.ranges.List(ctx, metav1.ListOptions{})
	if err != nil {
		return f, c.errs.wrap("list", "limitranges", err)
	}
	for _, limits := range ranges.Items {
		for _, item := range limits.Spec.Limits {
			if item.Type == corev1.LimitTypeContainer || item.Type == corev1.LimitTypePod {
				f.bound(corev1.ResourceList{
					corev1.ResourceLimitsMemory: item.Max[corev1.ResourceMemory],
					corev1.ResourceLimitsCPU:    item.Max[corev1.ResourceCPU],
				}, nil, nil)
				f.Least.Memory = max(f.Least.Memory, units.Bytes(item.Min.Memory().Value()))
				f.Least.CPUs = max(f.Least.CPUs, units.CPUs(item.Min.Cpu().MilliValue()))
			}
		}
	}
	return f, nil
}

// bound lowers what one pod may have to what is left of a bound beside something else. Requests are the limits, so the
// bound of either counts.
func (f *Facts) bound(hard, used, beside corev1.ResourceList) {
	for _, name := range []corev1.ResourceName{
		corev1.ResourceLimitsMemory, corev1.ResourceRequestsMemory, corev1.ResourceMemory,
		corev1.ResourceLimitsCPU, corev1.ResourceRequestsCPU, corev1.ResourceCPU,
	} {
		most, has := hard[name]
		if !has || most.IsZero() {
			continue
		}
		if taken, has := used[name]; has {
			most.Sub(taken)
		}
		switch name {
		case corev1.ResourceLimitsMemory, corev1.ResourceRequestsMemory, corev1.ResourceMemory:
			most.Sub(*beside.Memory())
			f.Memory = max(0, min(f.Memory, units.Bytes(most.Value())))
		default:
			most.Sub(*beside.Cpu())
			f.CPUs = max(0, min(f.CPUs, units.CPUs(most.MilliValue())))
		}
	}
}
