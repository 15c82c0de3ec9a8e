package kubernetes

import (
	"regexp"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"plan/containers"
)

// observed is what the status of a pod shows.
type observed struct {
	node      string
	address   string    // IP address; "" before it has one
	started   time.Time // zero before its command runs
	finished  time.Time // zero while it runs
	exitCode  *int      // nil before its end, and where the node did not report it
	outOf     string    // why it is known to be killed for memory; "" if it is not
	oomKilled bool      // as the container's state reports it
	displaced string    // why the cluster ended it, such as an eviction; "" if it did not
	error     string
	fault     *containers.Error // why its command cannot start; nil if it can
}

func (o observed) ended() bool { return !o.finished.IsZero() }

// observe reads the status of a pod. now is the time of an end that the status has no time for.
func observe(pod *corev1.Pod, now time.Time) observed {
	o := observed{node: pod.Spec.NodeName, address: pod.Status.PodIP, displaced: displacement(pod)}
	failed := pod.Status.Phase == corev1.PodFailed || pod.Status.Phase == corev1.PodSucceeded
	for _, c := range pod.Status.ContainerStatuses {
		if c.Name != mainContainer {
			continue
		}
		switch state := c.State; {
		case state.Running != nil:
			o.started = state.Running.StartedAt.Time
		case state.Waiting != nil:
			o.fault = waitingError(pod.Name, c.Image, state.Waiting)
		case state.Terminated != nil:
			o.readEnd(pod, *state.Terminated, now)
		}
	}
	if failed && !o.ended() { // the kubelet ended the pod before or without its container
		o.finished = now
		o.error = strings.TrimSpace(pod.Status.Reason + " " + pod.Status.Message)
		if o.displaced == "" {
			o.displaced = "the cluster ended the pod: " + o.error
		}
	}
	return o
}

// Reasons of a container's end.
const (
	reasonOOMKilled  = "OOMKilled"
	reasonStartError = "StartError" // the runtime could not start the command
)

func (o *observed) readEnd(pod *corev1.Pod, end corev1.ContainerStateTerminated, now time.Time) {
	o.started, o.finished = end.StartedAt.Time, end.FinishedAt.Time
	if o.finished.Unix() <= 0 {
		o.finished = now
	}
	if o.started.Unix() <= 0 { // its command never ran
		o.started = time.Time{}
	}
	code := int(end.ExitCode)
	o.exitCode = &code
	o.oomKilled = end.Reason == reasonOOMKilled
	beforeStart := strings.Contains(end.Message, "OOM-killed") || strings.Contains(end.Message, "init was OOM")
	switch {
	case o.displaced != "": // the kubelet kills what it evicts
	case o.oomKilled:
		o.outOf = "the container's state is OOMKilled"
	case beforeStart: // the limit is too small for the runtime's own start
		o.outOf, o.exitCode = end.Message, new(137)
	case end.Reason == reasonStartError || end.Reason == "ContainerCannotRun":
		o.fault = &containers.Error{
			Kind: containers.CannotStart, Summary: "the container of " + pod.Name + " cannot start: " + end.Message,
			Help: "check `command` of the service and the image's own entrypoint",
		}
	}
}

// displacement returns why the cluster, and not the service, ends a pod: eviction, preemption, a node that is lost or
// drained. "" if it does not.
func displacement(pod *corev1.Pod) string {
	text := func(what, message string) string {
		if message == "" {
			return what
		}
		return what + ": " + strings.TrimSuffix(message, ". ")
	}
	switch pod.Status.Reason {
	case "Evicted":
		return text("evicted from "+pod.Spec.NodeName, pod.Status.Message)
	case "Preempting", "Preempted":
		return text("preempted", pod.Status.Message)
	case "NodeLost", "NodeShutdown", "Terminated":
		return text("its node "+pod.Spec.NodeName+" was lost", pod.Status.Message)
	}
	has := func(kind corev1.PodConditionType, status corev1.ConditionStatus) int {
		return slices.IndexFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
			return c.Type == kind && c.Status == status
		})
	}
	if i := has(corev1.DisruptionTarget, corev1.ConditionTrue); i >= 0 {
		what := map[string]string{
			corev1.PodReasonPreemptionByScheduler: "preempted", "EvictionByEvictionAPI": "evicted on request",
			"DeletionByTaintManager": "its node does not tolerate it", "DeletionByPodGC": "its node was lost",
			corev1.PodReasonTerminationByKubelet: "ended by its node",
		}[pod.Status.Conditions[i].Reason]
		if what == "" {
			what = pod.Status.Conditions[i].Reason
		}
		return text(what, pod.Status.Conditions[i].Message)
	}
	// Only the controller of nodes makes a pod not ready whose containers are: a kubelet derives the one from the
	// other, and from gates.
	if has(corev1.PodReady, corev1.ConditionFalse) >= 0 && has(corev1.ContainersReady, corev1.ConditionTrue) >= 0 &&
		len(pod.Spec.ReadinessGates) == 0 {
		return "its node " + pod.Spec.NodeName + " no longer answers"
	}
	return ""
}

// waitingError returns why a container does not start: its image cannot be pulled, or its configuration is wrong; nil
// while it may still start.
func waitingError(pod, image string, waiting *corev1.ContainerStateWaiting) *containers.Error {
	switch waiting.Reason {
	case "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable", "SignatureValidationFailed":
		help := "push it to a registry that the nodes can pull from; a private one needs pull_secret in the block " +
			`platform "kubernetes"`
		return &containers.Error{Kind: containers.NoImage,
			Summary: "the image " + image + " cannot be pulled: " + waiting.Message, Help: help}
	case "CreateContainerConfigError", "CreateContainerError", "RunContainerError", "PostStartHookError":
		return &containers.Error{Kind: containers.CannotStart,
			Summary: "the container of " + pod + " cannot start: " + waiting.Message,
			Help:    "check `command`, `user` and `volumes` of the service"}
	}
	return nil
}

// lacksRoom is said by the scheduler where a node would take the pod if it asked for less.
var lacksRoom = regexp.MustCompile(`Insufficient (memory|cpu)`)

// notScheduled returns the error of a pod that no node takes, and what the scheduler says of it.
func notScheduled(pod, why string) *containers.Error {
	fault := &containers.Error{
		Kind: containers.CannotStart, Summary: "no node takes the pod " + pod + ": " + why,
		Help: "lower the limits of the plan, or correct node_selector and tolerations: `kubectl get nodes` lists the nodes",
	}
	if lacksRoom.MatchString(why) {
		fault.Kind = containers.TooLarge
	}
	return fault
}

// unschedulable returns why no node takes a pod; "" where one did, or may.
func unschedulable(pod *corev1.Pod) string {
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse && c.Reason == corev1.PodReasonUnschedulable {
			return c.Message
		}
	}
	return ""
}
