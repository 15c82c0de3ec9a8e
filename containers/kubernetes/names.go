package kubernetes

import (
	"context"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"plan/containers"
)

// nameServices makes a headless Service for each name of a spec, which resolves to its pods. A name that a Service of
// another owner has stays with it; of a helper that is an error.
func (c *Cluster) nameServices(ctx context.Context, spec containers.Spec) error {
	if spec.Role == containers.Generator {
		return nil
	}
	selectors := map[string]map[string]string{}
	of := map[string]string{labelRun: c.options.Run, labelService: dnsLabel(spec.Service)}
	for _, name := range append([]string{spec.Service}, spec.Further...) {
		selectors[dnsLabel(name)] = of
	}
	if spec.Alias != "" {
		selectors[dnsLabel(spec.Alias)] = map[string]string{labelRun: c.options.Run, labelAlias: dnsLabel(spec.Alias)}
	}
	services := c.api.services
	for _, name := range slices.Sorted(maps.Keys(selectors)) {
		service := &corev1.Service{
			ObjectMeta: metav1.ObjectMeta{Name: name, Labels: c.labels("name"), Annotations: c.annotations()},
			Spec: corev1.ServiceSpec{
				ClusterIP: corev1.ClusterIPNone, Selector: selectors[name], PublishNotReadyAddresses: true,
			},
		}
		_, err := services.Create(ctx, service, metav1.CreateOptions{})
		if apierrors.IsAlreadyExists(err) {
			if err = c.foreignName(ctx, name, spec); err == nil {
				continue
			}
		}
		if err != nil {
			return c.errs.wrap("create", "services", err)
		}
	}
	return nil
}

// foreignName returns an error where a helper's name is that of a Service which is not of this run.
func (c *Cluster) foreignName(ctx context.Context, name string, spec containers.Spec) error {
	there, err := c.api.services.Get(ctx, name, metav1.GetOptions{})
	if err != nil || there.Labels[labelRun] == c.options.Run || spec.Role != containers.Helper {
		return c.errs.wrap("get", "services", err)
	}
	return &containers.Error{
		Kind: containers.NameInUse, Summary: "the namespace " + c.namespace + " has a Service " + name + " already",
		Help: "remove the service from the plan to use that one, run in another namespace, or rename the service",
	}
}

// Volume returns what pods mount for a named volume: a claim of the namespace that they only read, else an empty folder
// of each pod.
func (c *Cluster) Volume(ctx context.Context, name string, written bool) (containers.RunVolume, error) {
	_, err := c.api.claims.Get(ctx, name, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		return containers.RunVolume{Name: name}, nil
	case err != nil:
		return containers.RunVolume{}, c.errs.wrap("get", "persistentvolumeclaims", err)
	case written:
		return containers.RunVolume{}, &containers.Error{
			Kind: containers.Other, Summary: "the run would write to the claim " + name + " of the namespace " + c.namespace,
			Help: `mount it with ":ro", or write a name that no claim has for an empty volume`,
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.claims[name] = true
	return containers.RunVolume{Name: name}, nil
}
