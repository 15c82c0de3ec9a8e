package kubernetes

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"plan/containers"
	"plan/containers/owner"
	"plan/internal/wait"
)

// owned is a pod, Service or Secret that a run made.
type owned struct {
	kind, name string
	owner      owner.Owner
	runs       bool // a pod that has not ended
	agent      bool
}

func (r owned) String() string { return r.kind + " " + r.name }

// resources are the pods, Services and Secrets of a namespace that runs made.
type resources struct {
	api     api
	errs    wrapper
	leaving *departures
}

// departures are pods that were deleted, and may not be gone yet. It is safe for concurrent use.
type departures struct {
	mu   sync.Mutex
	each []*departure
}

type departure struct {
	ended chan struct{}
	err   error // that the pod stays; read after ended
}

// add adds a pod. The function that it returns says that the pod is gone, or why it stays.
func (d *departures) add() (end func(error)) {
	one := &departure{ended: make(chan struct{})}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.each = append(d.each, one)
	return func(err error) {
		one.err = err
		close(one.ended)
	}
}

// wait returns when all that were added before are gone, or the errors of those that stay.
func (d *departures) wait(ctx context.Context) error {
	d.mu.Lock()
	each := slices.Clone(d.each)
	d.mu.Unlock()
	var errs []error
	for _, one := range each {
		select {
		case <-one.ended:
			errs = append(errs, one.err)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.each = slices.DeleteFunc(d.each, func(one *departure) bool { return slices.Contains(each, one) })
	return errors.Join(errs...)
}

// list lists what the selector finds in the namespace.
func (r resources) list(ctx context.Context, selector string) ([]owned, error) {
	options := metav1.ListOptions{LabelSelector: selector}
	of := func(kind string, m metav1.ObjectMeta) owned {
		return owned{kind: kind, name: m.Name, agent: m.Labels[labelRole] == agentRole,
			owner: owner.Owner{Run: m.Labels[labelRun], Lock: m.Annotations[labelLock], Host: m.Annotations[labelHost]}}
	}
	var all []owned
	pods, err := r.api.pods.List(ctx, options)
	if err != nil {
		return nil, r.errs.wrap("list", "pods", err)
	}
	for _, pod := range pods.Items {
		one := of("pod", pod.ObjectMeta)
		one.runs = pod.Status.Phase == corev1.PodPending || pod.Status.Phase == corev1.PodRunning
		all = append(all, one)
	}
	services, err := r.api.services.List(ctx, options)
	if err != nil {
		return nil, r.errs.wrap("list", "services", err)
	}
	for _, service := range services.Items {
		all = append(all, of("service", service.ObjectMeta))
	}
	secrets, err := r.api.secrets.List(ctx, options)
	if err != nil {
		return nil, r.errs.wrap("list", "secrets", err)
	}
	for _, secret := range secrets.Items {
		all = append(all, of("secret", secret.ObjectMeta))
	}
	return all, nil
}

// remove deletes resources at the same time, and waits until the pods have ended. It continues after an error.
func (r resources) remove(ctx context.Context, all []owned) error {
	return inParallel(all, func(one owned) error {
		var err error
		switch one.kind {
		case "pod":
			err = r.deletePod(ctx, one.name)
		case "service":
			err = r.api.services.Delete(ctx, one.name, metav1.DeleteOptions{})
		case "secret":
			err = r.api.secrets.Delete(ctx, one.name, metav1.DeleteOptions{})
		}
		if apierrors.IsNotFound(err) {
			return nil
		}
		return r.errs.wrap("delete", one.kind+"s", err)
	})
}

// inParallel does something with each of several things at the same time, and returns all errors.
func inParallel[T any](all []T, do func(T) error) error {
	errs := make([]error, len(all))
	var done sync.WaitGroup
	for i, one := range all {
		done.Go(func() { errs[i] = do(one) })
	}
	done.Wait()
	return errors.Join(errs...)
}

// Of a pod that a quota refuses: its controller counts pods that are gone for a moment.
const (
	quotaTime  = 5 * time.Second // from the first refusal until it is believed
	quotaAgain = 500 * time.Millisecond
)

// createPod creates a pod. A refusal by a quota is believed if it lasts.
func (r resources) createPod(ctx context.Context, pod *corev1.Pod) (*corev1.Pod, error) {
	var begun time.Time // zero before it was refused, and while pods that were removed are not gone
	for {
		made, err := r.api.pods.Create(ctx, pod, metav1.CreateOptions{})
		if !exceedsQuota(err) || !begun.IsZero() && time.Since(begun) >= quotaTime {
			return made, r.errs.wrap("create", "pods", err)
		}
		if begun.IsZero() {
			if err := r.leaving.wait(ctx); err != nil {
				return nil, err
			}
			begun = time.Now()
		}
		if wait.For(ctx, quotaAgain); ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
	}
}

// deletePod deletes a pod and waits until the node has ended it.
func (r resources) deletePod(ctx context.Context, name string) error {
	if err := r.requestDeletion(ctx, name); err != nil {
		return err
	}
	return r.awaitGone(ctx, name)
}

// requestDeletion deletes a pod. Its node ends it afterwards.
func (r resources) requestDeletion(ctx context.Context, name string) error {
	err := r.api.pods.Delete(ctx, name, metav1.DeleteOptions{GracePeriodSeconds: new(int64(endGrace))})
	if apierrors.IsNotFound(err) {
		return nil
	}
	return r.errs.wrap("delete", "pods", err)
}

// awaitGone waits until the node has ended a pod that was deleted.
func (r resources) awaitGone(ctx context.Context, name string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, removeTime, &containers.Error{
		Kind: containers.Other, Summary: "the pod " + name + " is still there " + removeTime.String() + " after it " +
			"was deleted",
		Help: "check its node: kubectl describe pod " + name,
	})
	defer cancel()
	for ; ; wait.For(ctx, 100*time.Millisecond) {
		_, err := r.api.pods.Get(ctx, name, metav1.GetOptions{})
		switch {
		case apierrors.IsNotFound(err):
			return nil
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil:
			return r.errs.wrap("get", "pods", err)
		}
	}
}

// Resources returns what carries the label of this run: "pod NAME", "service NAME" or "secret NAME".
func (c *Cluster) Resources(ctx context.Context) ([]string, error) {
	all, err := c.resources.list(ctx, c.ofRun())
	var names []string
	for _, r := range all {
		names = append(names, r.String())
	}
	return names, err
}

// Clean removes everything that carries the label of this run.
func (c *Cluster) Clean(ctx context.Context) error {
	err := inParallel(c.all(), func(i *Instance) error { return i.Remove(ctx) })
	all, listed := c.resources.list(ctx, c.ofRun())
	return errors.Join(err, listed, c.resources.remove(ctx, all))
}

// group returns the runs that resources belong to, sorted by id.
func group(all []owned, here string) []owner.Leftover {
	runs := map[string]*owner.Leftover{}
	for _, r := range all {
		id := r.owner.Run
		if runs[id] == nil {
			runs[id] = &owner.Leftover{Run: id, Life: r.owner.Life(here), Lock: r.owner.Lock, Host: r.owner.Host}
		}
		run := runs[id]
		if r.agent && r.runs && !r.owner.Released(here) {
			run.Life = owner.Alive
		}
		run.Resources = append(run.Resources, r.String())
		run.Running = run.Running || r.runs
	}
	var list []owner.Leftover
	for _, id := range slices.Sorted(maps.Keys(runs)) {
		list = append(list, *runs[id])
	}
	return list
}

// CleanRuns removes the resources of runs, and returns the runs: the named ones, or without names all that are dead. To
// name a run that is alive is an error. Runs of another machine are removed only by name.
func (c *Cluster) CleanRuns(ctx context.Context, names ...string) ([]owner.Leftover, error) {
	all, err := c.resources.list(ctx, labelRun)
	if err != nil {
		return nil, err
	}
	var removed []owner.Leftover
	var errs []error
	for _, run := range group(all, c.owner.Host) {
		wanted := slices.Contains(names, run.Run) || len(names) == 0 && run.Life == owner.Dead
		switch {
		case !wanted:
		case run.Life == owner.Alive:
			errs = append(errs, &containers.Error{
				Kind:    containers.Other,
				Summary: "the run " + run.Run + " still runs: its command holds its agent, or the lock " + run.Lock,
				Help:    "stop it first, with Ctrl-C in its terminal",
			})
		default:
			its := slices.DeleteFunc(slices.Clone(all), func(r owned) bool { return r.owner.Run != run.Run })
			err := c.resources.remove(ctx, its)
			if errs = append(errs, err); err == nil {
				removed = append(removed, run)
			}
		}
	}
	return removed, errors.Join(errs...)
}

// Others returns the other runs that use the namespace now.
func (c *Cluster) Others(ctx context.Context) ([]owner.Leftover, error) {
	all, err := c.resources.list(ctx, labelRun)
	return slices.DeleteFunc(group(all, c.owner.Host), func(l owner.Leftover) bool {
		return l.Run == c.options.Run || l.Life != owner.Alive && !(l.Life == owner.Unknown && l.Running)
	}), err
}
