package kubernetes

import (
	"context"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	clienttesting "k8s.io/client-go/testing"

	"plan/containers"
	"plan/containers/owner"
	"plan/internal/lock"
	"plan/internal/units"
)

// patience is how long a test waits for what the fake API passes on at once.
const patience = 20 * time.Second

// become gives the newest pod of a service a status, as its kubelet would.
func become(t *testing.T, c *Cluster, service string, change func(*corev1.Pod)) {
	t.Helper()
	kubelet := c.api.pods.(interface {
		Update(context.Context, *corev1.Pod, metav1.UpdateOptions) (*corev1.Pod, error)
	})
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		all, err := c.api.pods.List(t.Context(), metav1.ListOptions{LabelSelector: labelService + "=" + service})
		if err != nil {
			t.Error(err)
			return
		}
		if len(all.Items) == 0 {
			continue
		}
		pod := all.Items[len(all.Items)-1]
		pod.Spec.NodeName, pod.Status.PodIP = "node1", "10.88.0.7"
		change(&pod)
		if _, err := kubelet.Update(t.Context(), &pod, metav1.UpdateOptions{}); err != nil {
			t.Error(err)
		}
		return
	}
	t.Errorf("no pod of %s was made", service)
}

func is(state corev1.ContainerState) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		pod.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: mainContainer, State: state}}
	}
}

var runs = corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.NewTime(begun)}}

// startRunning starts a pod that runs at once.
func startRunning(t *testing.T, c *Cluster, spec containers.Spec) *Instance {
	t.Helper()
	go become(t, c, spec.Service, is(runs))
	i, err := c.Start(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// nextEvent returns the next event of an instance.
func nextEvent(t *testing.T, i *Instance) containers.Event {
	t.Helper()
	select {
	case event := <-i.Events():
		return event
	case <-time.After(patience):
		t.Fatal("no event came")
		return containers.Event{}
	}
}

func TestAPodThatIsKilledForMemory(t *testing.T) {
	c := testCluster(t, Options{})
	i := startRunning(t, c, containers.Spec{Service: "api", Image: "api:1.0", Expose: []int{8000},
		Limits: containers.Limits{Memory: 100 * units.MiB}})
	if i.Address() != "10.88.0.7:8000" {
		t.Errorf("address %q", i.Address())
	}
	if event := nextEvent(t, i); event.Kind != containers.Started || !event.At.Equal(begun) {
		t.Errorf("%+v", event)
	}
	become(t, c, "api", is(terminated(137, "OOMKilled", "")))
	if event := nextEvent(t, i); event.Kind != containers.OOM {
		t.Errorf("%+v", event)
	}
	if event := nextEvent(t, i); event.Kind != containers.Died || event.Detail != "exit code 137" {
		t.Errorf("%+v", event)
	}
	s, err := i.State(t.Context())
	if err != nil || s.Running || *s.ExitCode != 137 || !s.OOMKilled || len(s.Witnesses) != 1 || s.Witnesses[0].Source != "state" ||
		s.Limits.Memory != 100*units.MiB || s.Killed {
		t.Errorf("%+v, %v", s, err)
	}
	if err := i.Remove(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, open := <-i.Events(); open {
		t.Error("events go on after the removal")
	}
}

// TestAKillForMemoryThatIsReportedLate: the runtime first reports an end by SIGKILL, and then the kernel's reason, or only the
// counter of kills shows it.
func TestAKillForMemoryThatIsReportedLate(t *testing.T) {
	for source, report := range map[string]func(*Cluster, *Instance){
		"state":   func(c *Cluster, _ *Instance) { become(t, c, "api", is(terminated(137, "OOMKilled", ""))) },
		"counter": func(_ *Cluster, i *Instance) { take(i, containers.Usage{At: ended, OOMKills: new(int64(1))}) },
		"":        func(*Cluster, *Instance) {}, // somebody else killed it
	} {
		c := testCluster(t, Options{})
		i := startRunning(t, c, containers.Spec{Service: "api", Image: "api:1.0"})
		take(i, containers.Usage{At: begun, OOMKills: new(int64(0))})
		nextEvent(t, i)
		become(t, c, "api", is(terminated(137, "Error", "")))
		if event := nextEvent(t, i); event.Kind != containers.Died {
			t.Errorf("%q: %+v", source, event)
		}
		time.AfterFunc(50*time.Millisecond, func() { report(c, i) })
		asked := time.Now()
		s, err := i.State(t.Context())
		var got string
		for _, w := range s.Witnesses {
			got += w.Source
		}
		if err != nil || s.Running || got != source || s.OOMKilled != (source == "state") || len(s.Notes) > 0 || time.Since(asked) > patience {
			t.Errorf("%q: %+v, %v after %s", source, s, err, time.Since(asked))
		}
	}
}

func TestAPodThatSomeoneDeletes(t *testing.T) {
	c := testCluster(t, Options{})
	i := startRunning(t, c, containers.Spec{Service: "api", Image: "api:1.0"})
	nextEvent(t, i)
	if err := c.api.pods.Delete(t.Context(), i.Name(), metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	if event := nextEvent(t, i); event.Kind != containers.Died || event.Detail != "the pod was deleted" {
		t.Errorf("%+v", event)
	}
	if s, err := i.State(t.Context()); err != nil || !s.Killed || len(s.Witnesses) != 0 {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestAPodThatIsEvicted(t *testing.T) {
	c := testCluster(t, Options{})
	i := startRunning(t, c, containers.Spec{Service: "api", Image: "api:1.0"})
	nextEvent(t, i)
	become(t, c, "api", func(pod *corev1.Pod) {
		is(terminated(137, "Error", ""))(pod)
		status(corev1.PodFailed, "Evicted", "low on memory")(pod)
	})
	nextEvent(t, i)
	if s, err := i.State(t.Context()); err != nil || s.Displaced != "evicted from node1: low on memory" || len(s.Witnesses) != 0 || s.Killed {
		t.Errorf("%+v, %v", s, err)
	}
}

// take gives an instance what a page of its kubelet says that is requested now.
func take(i *Instance, usage containers.Usage) {
	i.sampled(reading{Usage: usage, latest: usage.At}, time.Now())
}

// TestAKilledWorkerIsCounted: the pod runs on, and only the kubelet's counter shows the kill.
func TestAKilledWorkerIsCounted(t *testing.T) {
	c := testCluster(t, Options{})
	i := startRunning(t, c, containers.Spec{Service: "api", Image: "api:1.0"})
	nextEvent(t, i)
	c.agents["plan-r-agent"], c.agents["plan-r-agent-2"] = "node2", "node1"
	take(i, containers.Usage{At: begun, OOMKills: new(int64(0)), Peak: new(units.Bytes(5))})
	take(i, containers.Usage{At: begun.Add(time.Second), OOMKills: new(int64(1)), Peak: new(units.Bytes(4))})
	if event := nextEvent(t, i); event.Kind != containers.OOM || event.Detail != "counter" {
		t.Errorf("%+v", event)
	}
	s, err := i.State(t.Context())
	if err != nil || !s.Running || len(s.Witnesses) != 1 || s.Witnesses[0].Source != "counter" || *s.Peak != 5 ||
		!slices.Equal(s.Notes, []string{"the agent ran on the same node, node1"}) {
		t.Errorf("%+v, %v", s, err)
	}
}

// TestCountersThatAreLateAreSaid: a state without counters newer than the question has a note.
func TestCountersThatAreLateAreSaid(t *testing.T) {
	c := testCluster(t, Options{})
	i := startRunning(t, c, containers.Spec{Service: "api", Image: "api:1.0"})
	take(i, containers.Usage{At: begun, OOMKills: new(int64(0))})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if s, err := i.State(ctx); err != nil || len(s.Notes) != 1 || !strings.Contains(s.Notes[0], "counters") || !s.KillsUnknown {
		t.Errorf("%+v, %v", s, err)
	}
}

// TestCountersAreNewByTheClockOfTheirNode, which is ahead: none of these was read after the end, except the last one.
func TestCountersAreNewByTheClockOfTheirNode(t *testing.T) {
	c := testCluster(t, Options{})
	i := startRunning(t, c, containers.Spec{Service: "api", Image: "api:1.0"})
	ahead := time.Now().Add(30 * time.Second)
	counters := func(second, kills int64) containers.Usage {
		return containers.Usage{At: ahead.Add(time.Duration(second) * time.Second), OOMKills: &kills}
	}
	take(i, counters(0, 0))
	states := make(chan containers.State)
	go func() {
		s, err := i.State(t.Context())
		if err != nil {
			t.Error(err)
		}
		states <- s
	}()
	early := func(what string) {
		t.Helper()
		select {
		case <-states:
			t.Fatalf("%s are enough", what)
		case <-time.After(50 * time.Millisecond):
		}
	}
	early("those of before the question")
	i.sampled(reading{Usage: counters(10, 0), latest: ahead.Add(12 * time.Second)}, time.Now())
	early("those that the kubelet may have read before the question")
	i.sampled(reading{Usage: counters(12, 0), latest: ahead.Add(20 * time.Second)}, time.Now())
	early("those of which one container's are no later")
	take(i, counters(20, 1))
	select {
	case s := <-states:
		if len(s.Witnesses) != 1 || len(s.Notes) != 0 || s.KillsUnknown {
			t.Errorf("%+v", s)
		}
	case <-time.After(patience):
		t.Error("the state waits for newer counters")
	}
}

// TestCountersAreNotAwaited of a trial that was stopped, and where a kill is known: it would take the time of counterTime.
func TestCountersAreNotAwaited(t *testing.T) {
	c := testCluster(t, Options{})
	stopped := startRunning(t, c, containers.Spec{Service: "api", Image: "api:1.0"})
	stopped.SkipCounters()
	killed := startRunning(t, c, containers.Spec{Service: "other", Image: "api:1.0"})
	take(killed, containers.Usage{At: begun, OOMKills: new(int64(0))})
	take(killed, containers.Usage{At: begun.Add(time.Second), OOMKills: new(int64(1))})
	asked := time.Now()
	for name, i := range map[string]*Instance{"stopped": stopped, "killed": killed} {
		if s, err := i.State(t.Context()); err != nil || len(s.Notes) != 0 || time.Since(asked) > counterTime/2 {
			t.Errorf("%s: %+v, %v after %s", name, s, err, time.Since(asked))
		}
	}
}

// TestARemovalThatFailsIsRepeated: a pod that is still there is not taken for removed.
func TestARemovalThatFailsIsRepeated(t *testing.T) {
	client, refuses := newFake(), true
	client.PrependReactor("delete", "pods", func(clienttesting.Action) (bool, runtime.Object, error) {
		return refuses, nil, errors.New("the API is overloaded")
	})
	c := clusterOf(t, Options{}, client)
	i := startRunning(t, c, containers.Spec{Service: "api", Image: "api:1.0"})
	if err := i.Remove(t.Context()); err == nil {
		t.Fatal("the pod was removed")
	}
	refuses = false
	if err := i.Remove(t.Context()); err != nil {
		t.Fatal(err)
	}
	pods, err := c.api.pods.List(t.Context(), metav1.ListOptions{})
	if err != nil || len(pods.Items) != 0 {
		t.Errorf("%d pods are left, %v", len(pods.Items), err)
	}
}

// TestARemovalThatMayNotBeSeen: the error names what is not permitted, which is not the removal.
func TestARemovalThatMayNotBeSeen(t *testing.T) {
	client := newFake()
	client.PrependReactor("get", "pods", func(clienttesting.Action) (bool, runtime.Object, error) {
		return true, nil, apierrors.NewForbidden(schema.GroupResource{Resource: "pods"}, "p", errors.New("User cannot get"))
	})
	c := clusterOf(t, Options{}, client)
	i := startRunning(t, c, containers.Spec{Service: "db", Image: "db:1.0", Role: containers.Helper})
	if err := i.Remove(t.Context()); err == nil || !strings.Contains(err.Error(), "no permission to get pods") {
		t.Errorf("%v", err)
	}
}

// TestAPodThatCannotStartLeavesNothing, and the error says why.
func TestAPodThatCannotStartLeavesNothing(t *testing.T) {
	c := testCluster(t, Options{Secrets: []string{"hunter2"}})
	go become(t, c, "api", is(waiting("ImagePullBackOff", "not found")))
	_, err := c.Start(t.Context(), containers.Spec{Service: "api", Image: "api:1.0", Environment: map[string]string{"KEY": "hunter2"}})
	if fault, is := errors.AsType[*containers.Error](err); !is || fault.Kind != containers.NoImage {
		t.Errorf("%v", err)
	}
	pods, err := c.api.pods.List(t.Context(), metav1.ListOptions{})
	if err != nil || len(pods.Items) != 0 {
		t.Errorf("%d pods are left, %v", len(pods.Items), err)
	}
	secrets, err := c.api.secrets.List(t.Context(), metav1.ListOptions{})
	if err != nil || len(secrets.Items) != 0 {
		t.Errorf("%d secrets are left, %v", len(secrets.Items), err)
	}
}

// TestRefusals names what is missing: a permission with its verb and resource, a quota, a limit range.
func TestRefusals(t *testing.T) {
	pods := schema.GroupResource{Resource: "pods"}
	forbidden := func(text string) error { return apierrors.NewForbidden(pods, "p", errors.New(text)) }
	c := testCluster(t, Options{})
	for name, e := range map[string]struct {
		err  error
		kind containers.Kind
		says []string
	}{
		"permission": {forbidden(`User "x" cannot create resource "pods"`), containers.NoLogin, []string{"create pods", "namespace sizing", `"create" on "pods"`}},
		"quota":      {forbidden("exceeded quota: small, requested: limits.memory=1Gi"), containers.TooLarge, []string{"quota", "limits.memory"}},
		"demanded":   {forbidden("failed quota: small: must specify limits.cpu for: main"), containers.Other, []string{"quota", "limits.cpu", "cpus"}},
		"range":      {forbidden("maximum memory usage per Container is 1Gi, but limit is 2Gi"), containers.TooLarge, []string{"limit range", "limit is 2Gi"}},
		"least":      {forbidden("minimum memory usage per Container is 1Gi, but request is 1Mi"), containers.Other, []string{"limit range"}},
		"no limit":   {forbidden("maximum cpu usage per Pod is 1.  No limit is specified"), containers.Other, []string{"limit range"}},
		"security":   {forbidden("violates PodSecurity restricted"), containers.Other, []string{"pod security"}},
		"namespace":  {apierrors.NewNotFound(schema.GroupResource{Resource: "namespaces"}, "sizing"), containers.Other, []string{"does not exist"}},
		"no answer":  {errors.New("connection refused"), containers.EngineGone, []string{"connection refused"}},
	} {
		got, is := errors.AsType[*containers.Error](c.errs.wrap("create", "pods", e.err))
		if !is || got.Kind != e.kind {
			t.Errorf("%s: %v", name, got)
			continue
		}
		for _, text := range e.says {
			if !strings.Contains(got.Error(), text) {
				t.Errorf("%s: %q does not say %q", name, got, text)
			}
		}
	}
	if err := c.errs.wrap("create", "pods", nil); err != nil {
		t.Error(err)
	}
	services := c.errs.wrap("create", "services", forbidden("exceeded quota: small, requested: services=1"))
	if fault, is := errors.AsType[*containers.Error](services); !is || fault.Kind != containers.Other {
		t.Errorf("a Service: %v", services)
	}
}

// TestPodsThatNoNodeTakes: only the lack of memory or CPUs ends with a lower limit.
func TestPodsThatNoNodeTakes(t *testing.T) {
	for why, want := range map[string]containers.Kind{
		"0/1 nodes are available: 1 Insufficient memory. preemption: 0/1 nodes are available":  containers.TooLarge,
		"0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint {gpu: }": containers.TooLarge,
		"0/1 nodes are available: 1 node(s) had untolerated taint {gpu: }":                     containers.CannotStart,
		"0/1 nodes are available: 1 Too many pods":                                             containers.CannotStart,
		"0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector":         containers.CannotStart,
	} {
		if got := notScheduled("p", why); got.Kind != want || !strings.Contains(got.Summary, why) {
			t.Errorf("%s: %v", why, got)
		}
	}
}

// TestAQuotaIsBelievedIfItLasts: its controller counts pods that are gone for a moment.
func TestAQuotaIsBelievedIfItLasts(t *testing.T) {
	for refusals, want := range map[int]containers.Kind{0: "", 1: "", 10: "", 11: containers.TooLarge} {
		synctest.Test(t, func(t *testing.T) {
			client, asked := newFake(), 0
			client.PrependReactor("create", "pods", func(clienttesting.Action) (bool, runtime.Object, error) {
				if asked++; asked > refusals {
					return false, nil, nil
				}
				return true, nil, apierrors.NewForbidden(schema.GroupResource{Resource: "pods"}, "p", errors.New("exceeded quota: q"))
			})
			r := clusterOf(t, Options{}, client).resources
			_, err := r.createPod(t.Context(), &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "p"}})
			fault, _ := errors.AsType[*containers.Error](err)
			if (err == nil) != (want == "") || fault != nil && fault.Kind != want {
				t.Errorf("%d refusals: %v", refusals, err)
			}
		})
	}
}

// TestTheNextPodWaitsForTheLast: a pod of a trial is removed without waiting for its node. The next one runs alone.
func TestTheNextPodWaitsForTheLast(t *testing.T) {
	client := newFake()
	var stays atomic.Bool
	client.PrependReactor("delete", "pods", func(clienttesting.Action) (bool, runtime.Object, error) { return stays.Load(), nil, nil })
	c := clusterOf(t, Options{}, client)
	first := startRunning(t, c, containers.Spec{Service: "api", Image: "api:1.0"})
	stays.Store(true)
	if err := first.Remove(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range first.Events() { // it is closed
	}
	started := make(chan error)
	for _, service := range []string{"one", "other"} { // started at the same time, as replicas are
		go become(t, c, service, is(runs))
		go func() {
			_, err := c.Start(t.Context(), containers.Spec{Service: service, Image: "api:1.0"})
			started <- err
		}()
	}
	select {
	case <-started:
		t.Error("the next pod does not wait")
	case <-time.After(300 * time.Millisecond):
	}
	stays.Store(false)
	if err := c.api.pods.Delete(t.Context(), first.Name(), metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		select {
		case err := <-started:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(patience):
			t.Fatal("the next pod waits on")
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.instances[first.Name()] != nil {
		t.Error("the pod that is gone is still known")
	}
}

// TestOnlyDeadRunsAreCleaned: of this machine, without an agent that runs; others only by name.
func TestOnlyDeadRunsAreCleaned(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	held, err := lock.Take(path)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Release()
	here := owner.Here()
	meta := func(run, name, role, lock, host string) metav1.ObjectMeta {
		return metav1.ObjectMeta{Name: name, Namespace: "sizing", Labels: map[string]string{labelRun: run, labelRole: role},
			Annotations: map[string]string{labelLock: lock, labelHost: host}}
	}
	objects := []runtime.Object{
		&corev1.Pod{ObjectMeta: meta("dead", "dead-api", "service", path+".gone", here)},
		&corev1.Service{ObjectMeta: meta("dead", "api", "name", path+".gone", here)},
		&corev1.Secret{ObjectMeta: meta("dead", "dead-api", "secret", path+".gone", here)},
		&corev1.Pod{ObjectMeta: meta("alive", "alive-api", "service", path, here)},
		&corev1.Pod{ObjectMeta: meta("far", "far-api", "service", path+".gone", "there b1")},
		&corev1.Pod{ObjectMeta: meta("agent", "agent-agent", agentRole, path+".gone", here), Status: corev1.PodStatus{Phase: corev1.PodRunning}},
		&corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "someone's", Namespace: "sizing"}},
	}
	c := testCluster(t, Options{}, objects...)
	removed, err := c.CleanRuns(t.Context())
	if err != nil || len(removed) != 1 || removed[0].Run != "dead" ||
		!slices.Equal(removed[0].Resources, []string{"pod dead-api", "service api", "secret dead-api"}) {
		t.Errorf("%+v, %v", removed, err)
	}
	if _, err := c.CleanRuns(t.Context(), "agent"); err == nil {
		t.Error("a run whose agent runs is removed")
	}
	if removed, err := c.CleanRuns(t.Context(), "far"); err != nil || len(removed) != 1 {
		t.Errorf("%+v, %v", removed, err)
	}
	left, err := c.api.pods.List(t.Context(), metav1.ListOptions{})
	if err != nil || len(left.Items) != 3 {
		t.Errorf("%d pods are left, %v", len(left.Items), err)
	}
	others, err := c.Others(t.Context())
	if err != nil || len(others) != 2 {
		t.Errorf("%+v, %v", others, err)
	}
}

func TestNamesOfOthersStay(t *testing.T) {
	there := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: "db", Namespace: "sizing"}}
	c := testCluster(t, Options{}, there)
	if err := c.nameServices(t.Context(), containers.Spec{Service: "db"}); err != nil {
		t.Errorf("of a service under test: %v", err)
	}
	err := c.nameServices(t.Context(), containers.Spec{Service: "db", Role: containers.Helper})
	if fault, is := errors.AsType[*containers.Error](err); !is || fault.Kind != containers.NameInUse {
		t.Errorf("of a helper: %v", err)
	}
	for range 2 { // a second pod shares the name
		if err := c.nameServices(t.Context(), containers.Spec{Service: "cache", Alias: "cache-r1", Role: containers.Helper}); err != nil {
			t.Fatal(err)
		}
	}
	made, err := c.api.services.Get(t.Context(), "cache", metav1.GetOptions{})
	if err != nil || made.Spec.ClusterIP != corev1.ClusterIPNone || made.Spec.Selector[labelService] != "cache" || made.Labels[labelRun] != "r1" {
		t.Errorf("%+v, %v", made, err)
	}
}

func TestClaimsAreNotWrittenTo(t *testing.T) {
	c := testCluster(t, Options{}, &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Name: "models", Namespace: "sizing"}})
	if _, err := c.Volume(t.Context(), "models", true); err == nil {
		t.Error("a claim is written to")
	}
	if v, err := c.Volume(t.Context(), "models", false); err != nil || v.Name != "models" || !c.claims["models"] {
		t.Errorf("%+v, %v, %v", v, err, c.claims)
	}
	if _, err := c.Volume(t.Context(), "cache", true); err != nil || c.claims["cache"] {
		t.Errorf("an empty volume: %v, %v", err, c.claims)
	}
}

// TestFactsAreBounded by the largest node, what is left of the quota, and the limit range.
func TestFactsAreBounded(t *testing.T) {
	amount := func(memory, cpus string) corev1.ResourceList {
		return corev1.ResourceList{corev1.ResourceMemory: parse(t, memory), corev1.ResourceCPU: parse(t, cpus)}
	}
	ready := []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}}
	node := func(name, memory string, label string, conditions []corev1.NodeCondition) *corev1.Node {
		return &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"pool": label}},
			Status: corev1.NodeStatus{Allocatable: amount(memory, "4"), Conditions: conditions}}
	}
	tainted := node("tainted", "64Gi", "tests", ready)
	tainted.Spec.Taints = []corev1.Taint{{Key: "gpu", Effect: corev1.TaintEffectNoSchedule}}
	nodes := []runtime.Object{tainted, node("small", "4Gi", "tests", ready), node("large", "16Gi", "tests", ready),
		node("down", "64Gi", "tests", nil), node("prod", "64Gi", "prod", ready)}
	quota := &corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Name: "q", Namespace: "sizing"},
		Spec:   corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{corev1.ResourceLimitsMemory: parse(t, "8Gi"), corev1.ResourceRequestsCPU: parse(t, "3")}},
		Status: corev1.ResourceQuotaStatus{Used: corev1.ResourceList{corev1.ResourceLimitsMemory: parse(t, "2Gi")}}}
	limits := &corev1.LimitRange{ObjectMeta: metav1.ObjectMeta{Name: "l", Namespace: "sizing"},
		Spec: corev1.LimitRangeSpec{Limits: []corev1.LimitRangeItem{{Type: corev1.LimitTypeContainer, Max: amount("5Gi", "2"), Min: amount("1Gi", "100m")}}}}
	for name, e := range map[string]struct {
		objects []runtime.Object
		memory  units.Bytes
		cpus    units.CPUs
		least   containers.Limits
	}{
		"nodes":       {nodes, 16 * units.GiB, 4000, containers.Limits{}},
		"quota":       {append([]runtime.Object{quota}, nodes...), 6*units.GiB - agentMemory, 2750, containers.Limits{}},
		"limit range": {append([]runtime.Object{quota, limits}, nodes...), 5 * units.GiB, 2000, containers.Limits{Memory: units.GiB, CPUs: 100}},
	} {
		c := testCluster(t, Options{NodeSelector: map[string]string{"pool": "tests"}}, e.objects...)
		f, err := c.Facts(t.Context())
		if err != nil || f.Memory != e.memory || f.CPUs != e.cpus || f.Least != e.least || f.Node != "large" || f.Allocatable != (containers.Limits{Memory: 16 * units.GiB, CPUs: 4000}) {
			t.Errorf("%s: %+v, %v", name, f, err)
		}
	}
	only := testCluster(t, Options{NodeSelector: map[string]string{"pool": "prod"}}, nodes...)
	if f, err := only.Facts(t.Context()); err != nil || f.Memory != 64*units.GiB-agentMemory || f.CPUs != 3750 {
		t.Errorf("the only node has the agent too: %+v, %v", f, err)
	}
	none := testCluster(t, Options{NodeSelector: map[string]string{"pool": "nowhere"}}, nodes...)
	if _, err := none.Facts(t.Context()); err == nil || !strings.Contains(err.Error(), "no node of the cluster takes") {
		t.Errorf("no node is selected: %v", err)
	}
	tolerant := testCluster(t, Options{NodeSelector: map[string]string{"pool": "tests"}, Tolerations: []string{"gpu:NoSchedule"}}, nodes...)
	if f, err := tolerant.Facts(t.Context()); err != nil || f.Node != "tainted" {
		t.Errorf("the taint is tolerated: %+v, %v", f, err)
	}
}

// TestALimitRangeWithDefaults changes a pod that has no limit of CPUs. The error says so before a trial is made of it.
func TestALimitRangeWithDefaults(t *testing.T) {
	client := newFake()
	client.PrependReactor("create", "pods", func(action clienttesting.Action) (bool, runtime.Object, error) {
		pod := action.(clienttesting.CreateAction).GetObject().(*corev1.Pod).DeepCopy()
		if list := pod.Spec.Containers[0].Resources.Limits; list.Cpu().IsZero() {
			list[corev1.ResourceCPU] = parse(t, "500m")
		}
		return true, pod, nil
	})
	c := clusterOf(t, Options{}, client)
	_, err := c.Start(t.Context(), containers.Spec{Service: "api", Image: "api:1.0", Limits: containers.Limits{Memory: 64 * units.MiB}})
	if fault, is := errors.AsType[*containers.Error](err); !is || fault.Kind != containers.Other ||
		!strings.Contains(fault.Error(), "limit range of the namespace sizing") || !strings.Contains(fault.Error(), "cpus = 0.5") {
		t.Errorf("%v", err)
	}
}

// TestTheContainerKnowsThatNothingWasKilled: State does not wait for the kubelet's counters if the container's own
// control group counted no kill, and is asked only if that needs no memory that the container lacks.
func TestTheContainerKnowsThatNothingWasKilled(t *testing.T) {
	const v2, v1 = "low 0\nmax 3\noom 0\noom_kill 0\noom_group_kill 0\n", "oom_kill_disable 0\nunder_oom 0\noom_kill 0\n"
	for name, e := range map[string]struct {
		prints string
		used   units.Bytes // of 100M
		waits  bool
	}{
		"cgroup v2":       {v2, 68 * units.MiB, false},
		"cgroup v1":       {"cat: /sys/fs/cgroup/memory.events: No such file or directory\n" + v1, 10 * units.MiB, false},
		"too little room": {v2, 68*units.MiB + 1, true},
		"a kill":          {"oom 1\noom_kill 1\n", 10 * units.MiB, true},
		"ten kills":       {"oom_kill 10\n", 10 * units.MiB, true},
		"only groups":     {"oom_group_kill 0\n", 10 * units.MiB, true},
		"no cat":          {"", 10 * units.MiB, true},
	} {
		t.Run(name, func(t *testing.T) {
			c := testCluster(t, Options{})
			asked := 0
			c.exec = func(_ context.Context, _ string, _ []string, output io.Writer) error {
				asked++
				_, _ = io.WriteString(output, e.prints)
				return errors.New("command terminated with exit code 1")
			}
			i := startRunning(t, c, containers.Spec{Service: "api", Image: "api:1.0", Limits: containers.Limits{Memory: 100 * units.MiB}})
			take(i, containers.Usage{At: begun, OOMKills: new(int64(0)), WorkingSet: &e.used})
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			if e.waits {
				cancel()
				ctx, cancel = context.WithTimeout(t.Context(), 100*time.Millisecond)
			}
			defer cancel()
			s, err := i.State(ctx)
			if err != nil || len(s.Notes) > 0 != e.waits || s.KillsUnknown != e.waits || !s.Running {
				t.Errorf("%+v, %v", s, err)
			}
			if asked > 1 || name == "too little room" && asked > 0 {
				t.Errorf("asked %d times", asked)
			}
		})
	}
}

// TestPodsThatAreGoneAreNoNeighbours: a page of a kubelet still has the pod of the last trial, which made no load.
func TestPodsThatAreGoneAreNoNeighbours(t *testing.T) {
	c := testCluster(t, Options{Run: "r"})
	c.agents["plan-r-agent"] = "node1"
	helper := startRunning(t, c, containers.Spec{Service: "db", Image: "db:1.0", Role: containers.Helper})
	last := startRunning(t, c, containers.Spec{Service: "api", Image: "api:1.0", Trial: "1"})
	if err := errors.Join(last.Remove(t.Context()), c.resources.leaving.wait(t.Context())); err != nil {
		t.Fatal(err)
	}
	now := startRunning(t, c, containers.Spec{Service: "api", Image: "api:1.0", Trial: "2"})
	page := map[podKey]reading{{"other", "theirs"}: {}, {fakeNamespace, "theirs"}: {}, {fakeNamespace, "plan-r-agent"}: {}}
	for _, i := range []*Instance{helper, last, now} {
		page[podKey{fakeNamespace, i.Name()}] = reading{}
	}
	c.samplers["node1"] = &sampler{all: page}
	roles := map[string]containers.Role{}
	for _, r := range c.Neighbours().Readings() {
		roles[r.Name] = r.Role
	}
	want := map[string]containers.Role{
		"other/theirs": containers.Neighbour, "sizing/theirs": containers.Neighbour, "sizing/plan-r-agent": containers.Generator,
		"sizing/" + helper.Name(): containers.Helper,
	}
	if !maps.Equal(roles, want) {
		t.Errorf("%v, want %v", roles, want)
	}
}

// TestTheClientPrintsNothing: a line of its log would be in the middle of a table.
func TestTheClientPrintsNothing(t *testing.T) {
	t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "none"))
	if _, err := New(t.Context(), Options{}); err == nil {
		t.Fatal("there is a cluster")
	}
	printed, err := os.Create(filepath.Join(t.TempDir(), "printed"))
	if err != nil {
		t.Fatal(err)
	}
	defer printed.Close()
	before := os.Stderr
	os.Stderr = printed
	utilruntime.HandleError(io.ErrClosedPipe)
	os.Stderr = before
	if text, err := os.ReadFile(printed.Name()); err != nil || len(text) > 0 {
		t.Errorf("%q, %v", text, err)
	}
}

// TestAClusterThatForbidsPods: the error of Start names the verb and the resource.
func TestAClusterThatForbidsPods(t *testing.T) {
	client := newFake()
	client.PrependReactor("create", "pods", func(clienttesting.Action) (bool, runtime.Object, error) {
		return true, nil, apierrors.NewForbidden(schema.GroupResource{Resource: "pods"}, "p", errors.New("User cannot create"))
	})
	c := clusterOf(t, Options{}, client)
	_, err := c.Start(t.Context(), containers.Spec{Service: "api", Image: "api:1.0"})
	if err == nil || !strings.Contains(err.Error(), "no permission to create pods") {
		t.Errorf("%v", err)
	}
}
