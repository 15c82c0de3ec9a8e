package kubernetes

import (
	"context"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"

	"plan/internal/wait"
)

// Of a watch that ended.
const (
	watchAgain = 500 * time.Millisecond // pause before the next one
	lostAfter  = 15 * time.Second       // without one, the cluster is lost
)

// listen starts to follow the pods of the run, once.
func (c *Cluster) listen(ctx context.Context) error {
	c.listening.Lock()
	defer c.listening.Unlock()
	if c.follows {
		return nil
	}
	version, err := c.list(ctx)
	if err != nil {
		return err
	}
	stream, err := c.watch(c.lasting, version) // before the first pod is made
	if err != nil {
		return c.errs.wrap("watch", "pods", err)
	}
	c.follows = true
	c.idle.Go(func() {
		c.take(c.lasting, stream)
		c.follow("")
	})
	return nil
}

func (c *Cluster) watch(ctx context.Context, version string) (watch.Interface, error) {
	return c.api.pods.Watch(ctx, metav1.ListOptions{LabelSelector: c.ofRun(), ResourceVersion: version})
}

// follow watches until the cluster is closed. After a gap it reads all pods again, which shows what was missed.
func (c *Cluster) follow(version string) {
	ctx := c.lasting
	last := time.Now() // when a watch or a list succeeded
	for ctx.Err() == nil {
		stream, err := c.watch(ctx, version)
		if err == nil {
			c.take(ctx, stream)
			last = time.Now()
		}
		if wait.For(ctx, watchAgain); ctx.Err() != nil {
			return
		}
		version, err = c.list(ctx)
		switch {
		case err == nil:
			last = time.Now()
		case time.Since(last) > lostAfter:
			for _, i := range c.all() {
				i.lose(c.mask.Text(err.Error()))
			}
			last = time.Now()
		}
	}
}

// take passes the events of a stream to the instances, until it ends.
func (c *Cluster) take(ctx context.Context, stream watch.Interface) {
	defer stream.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case event, open := <-stream.ResultChan():
			pod, is := event.Object.(*corev1.Pod)
			if !open || !is { // an error of the API, such as an old version
				return
			}
			c.mu.Lock()
			i := c.instances[pod.Name]
			c.mu.Unlock()
			if i == nil {
				continue
			}
			i.update(pod)
			if event.Type == watch.Deleted {
				i.forget()
				continue
			}
			c.sample(pod.Spec.NodeName)
		}
	}
}

// list reads the pods of the run, and returns the version of the list.
func (c *Cluster) list(ctx context.Context) (version string, err error) {
	pods, err := c.api.pods.List(ctx, metav1.ListOptions{LabelSelector: c.ofRun()})
	if err != nil {
		return "", c.errs.wrap("list", "pods", err)
	}
	for _, i := range c.all() {
		at := slices.IndexFunc(pods.Items, func(p corev1.Pod) bool { return p.Name == i.name })
		switch {
		case at >= 0:
			i.update(&pods.Items[at])
		case i.ID() == "": // it is being made
		default: // it may have been made after the list
			_, err := c.api.pods.Get(ctx, i.name, metav1.GetOptions{})
			if apierrors.IsNotFound(err) {
				i.forget()
			}
		}
	}
	return pods.ResourceVersion, nil
}

// all returns the instances that are not removed.
func (c *Cluster) all() []*Instance {
	c.mu.Lock()
	defer c.mu.Unlock()
	var list []*Instance
	for _, i := range c.instances {
		list = append(list, i)
	}
	return list
}
