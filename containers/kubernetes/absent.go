package kubernetes

import (
	"context"

	"plan/containers"
	"plan/internal/units"
)

// What Docker has, and a cluster has not. The checks of a plan refuse what would need it.

// GPUs are refused before.
func (c *Cluster) GPUs(context.Context, int) error { return nil }

// Local reports false: the kubelet of a node is asked, also on this machine.
func (c *Cluster) Local(string) bool { return false }

// Evict leaves the files: no pod reaches the page cache of its node.
func (c *Cluster) Evict(context.Context, string, []containers.Volume) containers.Eviction {
	return containers.Eviction{Left: "Kubernetes gives no access to that of a node"}
}

// Calls returns none: they are not counted.
func (c *Cluster) Calls() []string { return nil }

// SetCPUs is refused before.
func (i *Instance) SetCPUs(context.Context, units.CPUs) error {
	return &containers.Error{Kind: containers.Other, Summary: "the limit of CPUs of a pod does not change"}
}

// Resident is not known.
func (i *Instance) Resident(context.Context) *units.Bytes { return nil }

// Processes are not known.
func (i *Instance) Processes(context.Context) []containers.Process { return nil }

// LogCut reports false: it is not known.
func (i *Instance) LogCut(context.Context) bool { return false }
