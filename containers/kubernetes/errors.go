package kubernetes

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"plan/containers"
	"plan/internal/mask"
)

// wrapper writes the errors of a run.
type wrapper struct {
	server    string // address
	namespace string
	mask      *mask.Mask
}

// wrap turns an error of the API into one with a remedy. verb and resource are what was asked of it, as a Role names
// them: "create", "pods".
func (w wrapper) wrap(verb, resource string, err error) error {
	if err == nil {
		return nil
	}
	if known, is := errors.AsType[*containers.Error](err); is {
		return known
	}
	fault := &containers.Error{Kind: containers.Other, Err: err}
	text := w.mask.Text(err.Error())
	switch {
	case exceedsQuota(err):
		fault.Kind = tooLarge(resource)
		fault.Summary = "the quota of the namespace " + w.namespace + " does not allow it: " + text
		fault.Help = "raise the ResourceQuota, or lower `to`, the limits or the replicas of the plan"
	case apierrors.IsForbidden(err) && strings.Contains(text, "failed quota"):
		fault.Summary = "a quota of the namespace " + w.namespace + " requires limits that the pod does not have: " + text
		fault.Help = "write memory and cpus in limits; the agent has no limit of CPUs: use a namespace whose quota " +
			"does not demand one"
	case apierrors.IsForbidden(err) && limitRange(text):
		if aboveMaximum.MatchString(text) {
			fault.Kind = tooLarge(resource)
		}
		fault.Summary = "a limit range of the namespace " + w.namespace + " does not allow it: " + text
		fault.Help = "change the LimitRange, or keep the limits of the plan within it"
	case apierrors.IsForbidden(err) && strings.Contains(text, "violates PodSecurity"):
		fault.Summary = "the pod security level of the namespace " + w.namespace + " does not allow it: " + text
		fault.Help = "use a namespace whose level the image meets"
	case apierrors.IsForbidden(err), apierrors.IsUnauthorized(err):
		fault.Kind = containers.NoLogin
		fault.Summary = fmt.Sprintf("no permission to %s %s in the namespace %s: %s", verb, resource, w.namespace, text)
		fault.Help = fmt.Sprintf("allow the verb %q on %q: docs/kubernetes.md has the Role", verb, resource)
	case apierrors.IsNotFound(err) && strings.Contains(text, "namespaces"):
		fault.Summary = "the namespace " + w.namespace + " does not exist"
		fault.Help = "create it: kubectl create namespace " + w.namespace
	case apierrors.IsNotFound(err), apierrors.IsConflict(err), apierrors.IsAlreadyExists(err), apierrors.IsInvalid(err),
		apierrors.IsBadRequest(err):
		fault.Summary = fmt.Sprintf("the cluster cannot %s %s: %s", verb, resource, text)
	case errors.Is(err, context.Canceled):
		return err
	default:
		fault.Kind = containers.EngineGone
		fault.Summary = fmt.Sprintf("the cluster at %s cannot %s %s: %s", w.server, verb, resource, text)
		fault.Help = "check whether `kubectl get pods` works"
	}
	return fault
}

// exceedsQuota reports whether the API refused something since a quota has no more room for it.
func exceedsQuota(err error) bool {
	return apierrors.IsForbidden(err) && strings.Contains(err.Error(), "exceeded quota")
}

// tooLarge returns the kind of a refusal of as much as was asked for: of pods another limit may be admitted.
func tooLarge(resource string) containers.Kind {
	if resource == "pods" {
		return containers.TooLarge
	}
	return containers.Other
}

// aboveMaximum is a limit that a LimitRange does not admit, and a lower one it may: one that it demands, or the least
// one, is no such.
var aboveMaximum = regexp.MustCompile(`maximum \S+ usage per \S+ is \S+, but limit is`)

// limitRange reports whether a refusal is that of a LimitRange: its texts name a usage per container or pod.
func limitRange(text string) bool {
	return strings.Contains(text, "usage per Container") || strings.Contains(text, "usage per Pod") ||
		strings.Contains(text, "limit to request ratio")
}
