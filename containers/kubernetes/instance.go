package kubernetes

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"plan/containers"
	"plan/internal/units"
)

// Times that the cluster may take.
const (
	scheduleTime = time.Minute      // until a node takes a pod: a node may be made for it
	startTime    = 5 * time.Minute  // until its command runs, which includes pulling the image
	removeTime   = 25 * time.Second // until a deleted pod is gone
	// counterTime is how long the counters of the kubelet may be late. It reads a container's every 10 to 15 s.
	counterTime = 45 * time.Second
	// killTime is how long the reason of an end by SIGKILL may be late: some runtimes report the end before it.
	killTime = 3 * time.Second
)

// Instance is one pod, from before its start to its removal. It is safe for concurrent use.
type Instance struct {
	cluster *Cluster
	name    string
	spec    containers.Spec
	uid     string
	address string
	secret  bool // the API has a Secret of its name
	events  chan containers.Event

	mu        sync.Mutex
	seen      observed
	limits    containers.Limits
	changed   chan struct{} // closed at each change, and made again
	witnesses []containers.Witness
	killed    bool // deleted by someone else
	gone      bool // the API no longer has it
	removing  bool
	removed   bool // events is closed
	usage     *containers.Usage
	newest    reading   // of the newest page of its node
	asked     time.Time // when that page was requested
	waitsFor  string    // why no node takes it
	hasty     bool      // SkipCounters was called
	awaits    bool      // State waits for new counters
}

// mostEvents is the capacity of the events. More are dropped, so that a slow reader blocks nobody.
const mostEvents = 64

// Start creates a pod and waits until its command runs or has ended, and until the pods that were removed before are
// gone: what is asked of it later finds the node and its names without them. After an error nothing is left. A pod that
// the kernel kills for memory before its command runs counts as started: that is a result, not an error.
func (c *Cluster) Start(ctx context.Context, spec containers.Spec) (*Instance, error) {
	if err := c.listen(ctx); err != nil {
		return nil, err
	}
	i := &Instance{
		cluster: c, spec: spec, name: c.unique(spec.Service, spec.Trial, spec.ReplicaText()),
		events: make(chan containers.Event, mostEvents), changed: make(chan struct{}),
	}
	if err := i.start(ctx); err != nil {
		lasting, cancel := context.WithTimeout(context.WithoutCancel(ctx), removeTime)
		defer cancel()
		return nil, errors.Join(err, i.remove(lasting, false))
	}
	return i, nil
}

func (i *Instance) start(ctx context.Context) error {
	c := i.cluster
	pod, hidden, err := c.podOf(i.name, i.spec)
	if err != nil {
		return err
	}
	if err := c.nameServices(ctx, i.spec); err != nil {
		return err
	}
	if len(hidden) > 0 {
		secret := &corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Name: i.name, Labels: c.labels("secret"), Annotations: c.annotations()},
			StringData: hidden,
		}
		if _, err := c.api.secrets.Create(ctx, secret, metav1.CreateOptions{}); err != nil {
			return c.errs.wrap("create", "secrets", err)
		}
		i.secret = true
	}
	c.mu.Lock()
	c.instances[i.name] = i // before its first event can arrive
	c.mu.Unlock()
	made, err := c.resources.createPod(ctx, pod)
	if err != nil {
		return err
	}
	i.mu.Lock()
	i.uid = string(made.UID)
	i.mu.Unlock()
	if err := sameLimits(c.namespace, pod, made); err != nil {
		return err
	}
	if err := i.awaitStart(ctx); err != nil {
		return err
	}
	if err := c.resources.leaving.wait(ctx); err != nil {
		return err
	}
	if port := i.spec.APIPort(); port != 0 {
		i.mu.Lock()
		i.address = net.JoinHostPort(i.seen.address, strconv.Itoa(port))
		i.mu.Unlock()
	}
	return nil
}

// sameLimits returns an error if the cluster gave a pod other limits than it was asked for, as a LimitRange with
// defaults does.
func sameLimits(namespace string, asked, made *corev1.Pod) error {
	want, got := limitsOf(asked), limitsOf(made)
	if want == got {
		return nil
	}
	var given []string
	if got.Memory != want.Memory {
		given = append(given, "memory = \""+got.Memory.String()+"\"")
	}
	if got.CPUs != want.CPUs {
		given = append(given, "cpus = "+got.CPUs.String())
	}
	return &containers.Error{
		Kind: containers.Other,
		Summary: fmt.Sprintf("a limit range of the namespace %s gave the pod %s limits that the plan does not have: %s",
			namespace, asked.Name, strings.Join(given, ", ")),
		Help: "write limits of your own, or use a namespace whose LimitRange has no defaults",
	}
}

// awaitStart waits until the command of the pod runs or has ended, or shows that it cannot start.
func (i *Instance) awaitStart(ctx context.Context) error {
	begun := time.Now()
	ctx, cancel := context.WithTimeoutCause(ctx, startTime, &containers.Error{
		Kind: containers.CannotStart, Summary: fmt.Sprintf("the pod %s did not start within %s", i.name, units.Duration(startTime)),
		Help: "check `kubectl describe pod`",
	})
	defer cancel()
	for {
		i.mu.Lock()
		seen, waitsFor, gone, changed := i.seen, i.waitsFor, i.gone, i.changed
		i.mu.Unlock()
		switch {
		case seen.fault != nil:
			return seen.fault
		case !seen.started.IsZero() || seen.ended():
			return nil
		case gone:
			return &containers.Error{Kind: containers.CannotStart, Summary: "the pod " + i.name + " was deleted before it started"}
		case seen.node == "" && waitsFor != "" && time.Since(begun) > scheduleTime:
			return notScheduled(i.name, waitsFor)
		}
		select {
		case <-changed:
		case <-time.After(time.Second): // scheduleTime passes without a change
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// update takes the newest pod of the API, and emits what has happened since the last one.
func (i *Instance) update(pod *corev1.Pod) {
	now := time.Now()
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.uid != "" && string(pod.UID) != i.uid {
		return
	}
	before, seen := i.seen, observe(pod, now)
	if before.ended() { // its end has been seen
		if i.unexplained() && seen.outOf != "" {
			i.seen = seen
			i.outOfMemory("state", seen.finished, seen.outOf)
			i.announce()
		}
		return
	}
	if limits := limitsOf(pod); limits != i.limits {
		if i.limits != (containers.Limits{}) {
			i.emit(containers.Event{Kind: containers.Updated, At: now})
		}
		i.limits = limits
	}
	i.seen, i.waitsFor = seen, unschedulable(pod)
	if pod.DeletionTimestamp != nil && !i.removing && seen.displaced == "" {
		i.killed = true
	}
	if before.started.IsZero() && !seen.started.IsZero() {
		i.emit(containers.Event{Kind: containers.Started, At: seen.started})
	}
	if seen.outOf != "" {
		i.outOfMemory("state", seen.finished, seen.outOf)
	}
	switch {
	case seen.ended() && seen.displaced != "":
		i.emit(containers.Event{Kind: containers.Died, At: seen.finished, Detail: seen.displaced})
	case seen.ended():
		detail := "exit code unknown"
		if seen.exitCode != nil {
			detail = "exit code " + strconv.Itoa(*seen.exitCode)
		}
		i.emit(containers.Event{Kind: containers.Died, At: seen.finished, Detail: detail})
	case seen.displaced != "" && before.displaced == "": // its end follows, or its node does not report it
		i.emit(containers.Event{Kind: containers.Died, At: now, Detail: seen.displaced})
	}
	i.announce()
}

// unexplained reports whether it was ended by SIGKILL, and nothing shows by whom. The caller holds the mutex.
func (i *Instance) unexplained() bool {
	code := i.seen.exitCode
	return code != nil && *code == 137 && i.seen.outOf == "" && i.seen.displaced == "" && !i.killed
}

// forget notes that the API no longer has the pod.
func (i *Instance) forget() {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.gone {
		return
	}
	i.gone = true
	if !i.seen.ended() {
		i.seen.finished = time.Now()
		i.killed = i.killed || !i.removing && i.seen.displaced == ""
		i.emit(containers.Event{Kind: containers.Died, At: i.seen.finished, Detail: "the pod was deleted"})
	}
	i.announce()
}

// announce wakes what waits for a change. The caller holds the mutex.
func (i *Instance) announce() {
	close(i.changed)
	i.changed = make(chan struct{})
}

// emit emits an event, and drops it where the buffer is full. The caller holds the mutex.
func (i *Instance) emit(event containers.Event) {
	if i.removed {
		return
	}
	select {
	case i.events <- event:
	default:
	}
}

// outOfMemory records a witness of a kill and emits an event. The caller holds the mutex.
func (i *Instance) outOfMemory(source string, at time.Time, detail string) {
	i.witnesses = append(i.witnesses, containers.Witness{Source: source, At: at, Detail: detail})
	i.emit(containers.Event{Kind: containers.OOM, At: at, Detail: source})
}

// lose emits that the cluster no longer answers.
func (i *Instance) lose(why string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.emit(containers.Event{Kind: containers.Lost, At: time.Now(), Detail: why})
}

// sampled takes what a page of the pod's node says of it. The page was requested at a time of this machine.
func (i *Instance) sampled(r reading, asked time.Time) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.newest, i.asked = r, asked
	defer i.announce()
	var before containers.Usage
	if i.usage != nil {
		if before = *i.usage; !r.At.After(before.At) {
			return
		}
	}
	now := r.After(before, containers.Usage{})
	i.usage = &now
	if kills := orZero(now.OOMKills) - orZero(before.OOMKills); kills > 0 && (!i.seen.ended() || i.unexplained()) {
		i.outOfMemory("counter", r.At, fmt.Sprintf("the kubelet's counter of kills rose by %d", kills))
	}
}

// orZero returns the figure; 0 where it is unknown.
func orZero(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}

// Name returns the pod's name.
func (i *Instance) Name() string { return i.name }

// ID returns the pod's uid; "" before the API has it.
func (i *Instance) ID() string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.uid
}

// Address returns host:port of the first exposed port; "" where no port is exposed.
func (i *Instance) Address() string { return i.address }

// Events returns the pod's events, from before its start. Remove closes it.
func (i *Instance) Events() <-chan containers.Event { return i.events }

// Usage returns the newest sample; false before the first.
func (i *Instance) Usage() (containers.Usage, bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.usage == nil {
		return containers.Usage{}, false
	}
	return *i.usage, true
}

// SkipCounters lets State return at once, for a trial that was stopped.
func (i *Instance) SkipCounters() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.hasty = true
	i.announce()
}

// awaitsCounters reports whether State waits for new counters of the kubelet.
func (i *Instance) awaitsCounters() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.awaits
}

// State returns the pod's state. Of a pod that runs it waits until the container itself shows that no process in it was
// killed for memory, or for counters of the kubelet that are newer than the call. Of a pod that was ended by SIGKILL it
// waits for the reason. It does not wait where a kill is known.
//
// The clock of the node may differ from that of this machine, so it is compared with itself alone: the first page that is
// requested after the call may have counters of before it; what is later in another page was read after the call.
func (i *Instance) State(ctx context.Context) (containers.State, error) {
	begun := time.Now()
	var first time.Time // the latest time in that page; zero before it
	ctx, cancel := context.WithTimeout(ctx, counterTime)
	defer cancel()
	var late string
	var reason <-chan time.Time // when that of an end is no longer awaited; nil while it runs
	var own <-chan bool         // nil until it is asked, and after its answer
	asks, known := true, false  // known: nothing in it was killed for memory, or the counters show it
	for {
		i.mu.Lock()
		seen, changed, newest, asked := i.seen, i.changed, i.newest, i.asked
		decided := i.hasty || len(i.witnesses) > 0 || seen.displaced != "" || seen.ended() && !i.unexplained()
		i.awaits = !decided
		i.mu.Unlock()
		counted := !seen.ended() && asked.After(begun) && newest.OOMKills != nil
		if known = counted && !first.IsZero() && newest.At.After(first); known || decided {
			break
		}
		if counted && first.IsZero() {
			first = newest.latest
		}
		if asks && !seen.ended() {
			own, asks = i.knowsNoKill(ctx), false
		}
		if seen.ended() && reason == nil {
			reason = time.After(killTime)
		}
		select {
		case <-changed:
			continue
		case none := <-own:
			own = nil
			if known = none; !none {
				continue
			}
		case <-reason:
		case <-ctx.Done():
			if !seen.ended() {
				late = fmt.Sprintf("the kubelet sent no counters for %s: whether a worker was killed for memory "+
					"in this time is not known", units.Duration(counterTime))
			}
		}
		break
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.awaits = false
	s := containers.State{
		Running: !i.seen.ended(), ExitCode: i.seen.exitCode, OOMKilled: i.seen.oomKilled, Killed: i.killed,
		Error: i.seen.error, Displaced: i.seen.displaced, Limits: i.limits, Started: i.seen.started, Finished: i.seen.finished,
		Witnesses: slices.Clone(i.witnesses), KillsUnknown: !known && len(i.witnesses) == 0,
	}
	if i.usage != nil {
		s.Peak = i.usage.Peak
	}
	if late != "" {
		s.Notes = append(s.Notes, late)
	}
	if node := i.seen.node; node != "" && i.spec.Role != containers.Helper && i.cluster.hasAgent(node) {
		s.Notes = append(s.Notes, "the agent ran on the same node, "+node)
	}
	return s, nil
}

// Remove deletes the pod, in any state, and waits until it is gone. Of a pod of a trial it does not wait: the next
// Start does, after it has made its own pod, and Clean. After an error it may be called again.
func (i *Instance) Remove(ctx context.Context) error {
	return i.remove(ctx, i.spec.Role != containers.Helper && i.spec.Role != containers.Generator)
}

// remove deletes the pod. It waits until the pod is gone, or is to be gone later.
func (i *Instance) remove(ctx context.Context, later bool) error {
	i.mu.Lock()
	if i.removed {
		i.mu.Unlock()
		return nil
	}
	i.removing = true
	i.mu.Unlock()
	c := i.cluster
	err := c.resources.requestDeletion(ctx, i.name)
	if i.secret {
		e := c.api.secrets.Delete(ctx, i.name, metav1.DeleteOptions{})
		if !apierrors.IsNotFound(e) {
			err = errors.Join(err, c.errs.wrap("delete", "secrets", e))
		}
	}
	if err != nil {
		return err
	}
	if later {
		end := c.resources.leaving.add()
		c.idle.Go(func() { end(i.awaitGone(c.lasting)) })
	} else if err := i.awaitGone(ctx); err != nil {
		return err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if !i.removed {
		i.removed = true
		close(i.events)
	}
	return nil
}

// awaitGone waits until the pod is gone. Until then it is one of the run's own.
func (i *Instance) awaitGone(ctx context.Context) error {
	if err := i.cluster.resources.awaitGone(ctx, i.name); err != nil {
		return err
	}
	i.cluster.mu.Lock()
	defer i.cluster.mu.Unlock()
	delete(i.cluster.instances, i.name)
	return nil
}
