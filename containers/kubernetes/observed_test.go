package kubernetes

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"plan/containers"
)

var (
	begun = time.Date(2026, 11, 29, 8, 0, 0, 0, time.UTC)
	ended = begun.Add(3 * time.Second)
	seen  = begun.Add(time.Minute)
)

// podWith returns a pod on a node whose container has a state.
func podWith(state corev1.ContainerState, change func(*corev1.Pod)) *corev1.Pod {
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "plan-r1-api"}, Spec: corev1.PodSpec{NodeName: "node1"},
		Status: corev1.PodStatus{PodIP: "10.88.0.7", ContainerStatuses: []corev1.ContainerStatus{
			{Name: "sidecar", State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}},
			{Name: mainContainer, Image: "api:1.0", State: state},
		}},
	}
	if change != nil {
		change(pod)
	}
	return pod
}

func terminated(code int32, reason, message string) corev1.ContainerState {
	return corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{
		ExitCode: code, Reason: reason, Message: message, StartedAt: metav1.NewTime(begun), FinishedAt: metav1.NewTime(ended),
	}}
}

func waiting(reason, message string) corev1.ContainerState {
	return corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}}
}

func status(phase corev1.PodPhase, reason, message string) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		pod.Status.Phase, pod.Status.Reason, pod.Status.Message = phase, reason, message
	}
}

// conditions are those of the containers, as their kubelet reported them last, and of the pod. A controller that no longer
// hears of a node sets the second one alone, and gives no reason.
func conditions(containers, ready corev1.ConditionStatus) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		pod.Status.Conditions = []corev1.PodCondition{
			{Type: corev1.ContainersReady, Status: containers}, {Type: corev1.PodReady, Status: ready},
		}
	}
}

func condition(kind corev1.PodConditionType, value corev1.ConditionStatus, reason, message string) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		pod.Status.Conditions = []corev1.PodCondition{{Type: kind, Status: value, Reason: reason, Message: message}}
	}
}

// TestEndsAreToldApart: out of memory is only what the container's state says, and never what the cluster ended.
func TestEndsAreToldApart(t *testing.T) {
	running := corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.NewTime(begun)}}
	for name, c := range map[string]struct {
		pod       *corev1.Pod
		code      int // -1: not known, or it runs
		runs      bool
		memory    bool
		displaced string // part of the text; "" for none
		fault     containers.Kind
	}{
		"it runs":           {pod: podWith(running, nil), code: -1, runs: true},
		"it ends":           {pod: podWith(terminated(0, "Completed", ""), status(corev1.PodSucceeded, "", "")), code: 0},
		"it fails":          {pod: podWith(terminated(3, "Error", ""), status(corev1.PodFailed, "", "")), code: 3},
		"killed by SIGKILL": {pod: podWith(terminated(137, "Error", ""), nil), code: 137},
		"OOMKilled":         {pod: podWith(terminated(137, "OOMKilled", ""), nil), code: 137, memory: true},
		"a shell as parent": {pod: podWith(terminated(1, "OOMKilled", ""), nil), code: 1, memory: true},
		"killed before its command ran": {
			pod:  podWith(terminated(128, "StartError", "container init was OOM-killed (memory limit too low?)"), nil),
			code: 137, memory: true,
		},
		"no such command": {
			pod: podWith(terminated(128, "StartError", `exec: "/nothing": no such file`), nil), code: 128, fault: containers.CannotStart,
		},
		"evicted": {
			pod:  podWith(terminated(137, "Error", ""), status(corev1.PodFailed, "Evicted", "The node was low on resource: memory. ")),
			code: 137, displaced: "evicted from node1: The node was low on resource: memory",
		},
		"evicted, and killed meanwhile": {
			pod:  podWith(terminated(137, "OOMKilled", ""), status(corev1.PodFailed, "Evicted", "")),
			code: 137, displaced: "evicted",
		},
		"evicted before it ran": {
			pod: podWith(corev1.ContainerState{}, status(corev1.PodFailed, "Evicted", "")), code: -1, displaced: "evicted",
		},
		"preempted": {
			pod:  podWith(running, condition(corev1.DisruptionTarget, corev1.ConditionTrue, "PreemptionByScheduler", "for prod/db")),
			code: -1, runs: true, displaced: "preempted: for prod/db",
		},
		"a disruption that is over": {
			pod:  podWith(running, condition(corev1.DisruptionTarget, corev1.ConditionFalse, "PreemptionByScheduler", "")),
			code: -1, runs: true,
		},
		"its node does not answer": {
			pod:  podWith(running, conditions(corev1.ConditionTrue, corev1.ConditionFalse)),
			code: -1, runs: true, displaced: "its node node1 no longer answers",
		},
		"not ready is not lost": {
			pod: podWith(running, conditions(corev1.ConditionFalse, corev1.ConditionFalse)), code: -1, runs: true,
		},
		"ready": {pod: podWith(running, conditions(corev1.ConditionTrue, corev1.ConditionTrue)), code: -1, runs: true},
		"a readiness gate of somebody is closed": {
			pod: podWith(running, func(pod *corev1.Pod) {
				conditions(corev1.ConditionTrue, corev1.ConditionFalse)(pod)
				pod.Spec.ReadinessGates = []corev1.PodReadinessGate{{ConditionType: "example.org/gate"}}
			}), code: -1, runs: true,
		},
		"the pod failed, and nothing is known of its container": {
			pod:  podWith(corev1.ContainerState{}, status(corev1.PodFailed, "UnexpectedAdmissionError", "no memory")),
			code: -1, displaced: "UnexpectedAdmissionError no memory",
		},
		"the image is being pulled":    {pod: podWith(waiting("ContainerCreating", ""), nil), code: -1, runs: true},
		"the first pull failed":        {pod: podWith(waiting("ErrImagePull", "try again"), nil), code: -1, runs: true},
		"the image cannot be pulled":   {pod: podWith(waiting("ImagePullBackOff", "not found"), nil), code: -1, runs: true, fault: containers.NoImage},
		"the image is not on the node": {pod: podWith(waiting("ErrImageNeverPull", ""), nil), code: -1, runs: true, fault: containers.NoImage},
		"its secret is missing":        {pod: podWith(waiting("CreateContainerConfigError", ""), nil), code: -1, runs: true, fault: containers.CannotStart},
	} {
		t.Run(name, func(t *testing.T) {
			o := observe(c.pod, seen)
			code := -1
			if o.exitCode != nil {
				code = *o.exitCode
			}
			if code != c.code || o.ended() == c.runs || (o.outOf != "") != c.memory {
				t.Errorf("exit code %d, ended %v, out of memory %q", code, o.ended(), o.outOf)
			}
			if (o.displaced == "") != (c.displaced == "") || !strings.Contains(o.displaced, c.displaced) {
				t.Errorf("displaced: %q, want %q", o.displaced, c.displaced)
			}
			kind := containers.Kind("")
			if o.fault != nil {
				kind = o.fault.Kind
			}
			if kind != c.fault {
				t.Errorf("fault %v, want %q", o.fault, c.fault)
			}
		})
	}
}

// TestRecordedEnds are states that a cluster gave pods.
func TestRecordedEnds(t *testing.T) {
	text, err := os.ReadFile("testdata/ends.json")
	if err != nil {
		t.Fatal(err)
	}
	var pods map[string]*corev1.Pod
	if err := json.Unmarshal(text, &pods); err != nil {
		t.Fatal(err)
	}
	wants := map[string]struct {
		code      int // -1: not known, or it runs
		runs      bool
		memory    bool
		displaced string
		fault     containers.Kind
	}{
		"killed for memory": {code: 137, memory: true},
		"its worker was killed for memory, and it ended when it was deleted": {code: 0, memory: true},
		"its node does not answer": {code: -1, runs: true, displaced: "its node node1 no longer answers"},
	}
	if got, want := slices.Sorted(maps.Keys(pods)), slices.Sorted(maps.Keys(wants)); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	for name, pod := range pods {
		o, want, code := observe(pod, seen), wants[name], -1
		if o.exitCode != nil {
			code = *o.exitCode
		}
		kind := containers.Kind("")
		if o.fault != nil {
			kind = o.fault.Kind
		}
		if code != want.code || o.ended() == want.runs || (o.outOf != "") != want.memory || kind != want.fault ||
			(o.displaced == "") != (want.displaced == "") || !strings.HasPrefix(o.displaced, want.displaced) {
			t.Errorf("%s: exit code %d, %+v, want %+v", name, code, o, want)
		}
	}
}

func TestTimesOfAnEnd(t *testing.T) {
	if o := observe(podWith(terminated(0, "", ""), nil), seen); !o.started.Equal(begun) || !o.finished.Equal(ended) {
		t.Errorf("from %s to %s", o.started, o.finished)
	}
	unknown := corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: 137, Reason: "OOMKilled"}}
	if o := observe(podWith(unknown, nil), seen); !o.started.IsZero() || !o.finished.Equal(seen) {
		t.Errorf("without times: from %s to %s", o.started, o.finished)
	}
}

func TestUnschedulable(t *testing.T) {
	no := condition(corev1.PodScheduled, corev1.ConditionFalse, corev1.PodReasonUnschedulable, "0/1 nodes: Insufficient memory")
	if got := unschedulable(podWith(corev1.ContainerState{}, no)); got != "0/1 nodes: Insufficient memory" {
		t.Errorf("%q", got)
	}
	gated := condition(corev1.PodScheduled, corev1.ConditionFalse, corev1.PodReasonSchedulingGated, "waits")
	if got := unschedulable(podWith(corev1.ContainerState{}, gated)); got != "" {
		t.Errorf("a pod that waits for its gate: %q", got)
	}
}
