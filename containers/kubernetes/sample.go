package kubernetes

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"plan/containers"
	"plan/internal/wait"
)

// Intervals of reading a kubelet, which itself reads each container every 10 to 15 s.
const (
	sampleEvery = 2 * time.Second
	sampleSoon  = 500 * time.Millisecond // while a state waits for new counters
)

// sampler reads the usage of all pods of one node.
type sampler struct {
	mu  sync.Mutex
	all map[podKey]reading
}

// sample starts to sample a node, once.
func (c *Cluster) sample(node string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if node == "" || c.nodes == nil || c.samplers[node] != nil {
		return
	}
	s := &sampler{}
	c.samplers[node] = s
	c.idle.Go(func() {
		for c.lasting.Err() == nil {
			asked := time.Now()
			if all, err := readNode(c.lasting, c.nodes, node); err == nil { // else the figures stay unknown
				s.mu.Lock()
				s.all = all
				s.mu.Unlock()
				for _, i := range c.all() {
					if r, known := all[podKey{c.namespace, i.name}]; known {
						i.sampled(r, asked)
					}
				}
			}
			awaited := false
			for waited := time.Duration(0); waited < sampleEvery && !awaited && c.lasting.Err() == nil; waited += sampleSoon {
				wait.For(c.lasting, sampleSoon)
				awaited = slices.ContainsFunc(c.all(), (*Instance).awaitsCounters)
			}
		}
	})
}

// readNode reads the usage of all pods of a node.
func readNode(ctx context.Context, nodes nodeReader, node string) (map[podKey]reading, error) {
	page, err := nodes.read(ctx, node, summaryPath)
	if err != nil {
		return nil, err
	}
	all, err := readSummary(page)
	if err != nil {
		return nil, err
	}
	if page, err = nodes.read(ctx, node, cadvisorPath); err != nil {
		return nil, err
	}
	return all, addCounters(all, bytes.NewReader(page))
}

// Neighbours follows the use of pods that no trial judges, on the nodes of the run.
type Neighbours struct{ cluster *Cluster }

// Neighbours returns them. The sampling lasts as long as the cluster is open.
func (c *Cluster) Neighbours() Neighbours { return Neighbours{c} }

// Readings returns the newest figures of each.
func (n Neighbours) Readings() []containers.Reading {
	n.cluster.mu.Lock()
	defer n.cluster.mu.Unlock()
	var list []containers.Reading
	for _, s := range n.cluster.samplers {
		s.mu.Lock()
		for key, r := range s.all {
			reading := containers.Reading{Name: key.namespace + "/" + key.name, Role: containers.Neighbour, Usage: r.Usage}
			if key.namespace == n.cluster.namespace {
				i := n.cluster.instances[key.name]
				_, agent := n.cluster.agents[key.name]
				switch {
				case agent:
					reading.Role = containers.Generator
				case i != nil && i.spec.Role == containers.Helper:
					reading.Role, reading.Limits = containers.Helper, i.spec.Limits
				case n.cluster.named[key.name]:
					continue // a trial judges it, or did: it may be gone
				}
			}
			list = append(list, reading)
		}
		s.mu.Unlock()
	}
	return list
}

// Close has nothing to end.
func (n Neighbours) Close() error { return nil }

// CheckNodes returns an error where the counters of a node's containers cannot be read: without them nothing shows that
// a worker was killed for memory.
func (c *Cluster) CheckNodes(ctx context.Context) error {
	usable, err := c.usableNodes(ctx)
	if err != nil {
		return err
	}
	_, err = c.nodes.read(ctx, usable[0].Name, cadvisorPath)
	if apierrors.IsForbidden(err) || errors.Is(err, context.DeadlineExceeded) {
		return c.errs.wrap("get", "nodes/proxy", err)
	}
	return err
}

// usableNodes returns the nodes that take the pods of the plan, and an error if there is none.
func (c *Cluster) usableNodes(ctx context.Context) ([]corev1.Node, error) {
	nodes, err := c.api.nodes.List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, c.errs.wrap("list", "nodes", err)
	}
	usable := c.usable(nodes.Items)
	if len(usable) == 0 {
		return nil, &containers.Error{Kind: containers.Other, Summary: "no node of the cluster takes the pods of the plan",
			Help: "correct node_selector and tolerations: `kubectl get nodes` lists the nodes"}
	}
	return usable, nil
}

// usable returns the nodes that are ready, that the plan's selector takes, and whose taints it tolerates.
func (c *Cluster) usable(nodes []corev1.Node) []corev1.Node {
	var list []corev1.Node
	tolerations, _ := tolerationsOf(c.options.Tolerations) // wrong ones are an error of each pod
	for _, node := range nodes {
		ready, selected := false, true
		for _, condition := range node.Status.Conditions {
			ready = ready || condition.Type == corev1.NodeReady && condition.Status == corev1.ConditionTrue
		}
		for label, value := range c.options.NodeSelector {
			selected = selected && node.Labels[label] == value
		}
		refused := slices.ContainsFunc(node.Spec.Taints, func(taint corev1.Taint) bool {
			tolerated := slices.ContainsFunc(tolerations,
				func(t corev1.Toleration) bool { return t.ToleratesTaint(&taint) })
			return taint.Effect != corev1.TaintEffectPreferNoSchedule && !tolerated
		})
		if ready && selected && !refused && !node.Spec.Unschedulable {
			list = append(list, node)
		}
	}
	return list
}
