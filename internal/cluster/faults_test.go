//go:build kubernetes

package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbac "k8s.io/api/rbac/v1"
	scheduling "k8s.io/api/scheduling/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// folder is that of `scripts/kubernetes/up`.
func folder() string { return filepath.Dir(os.Getenv("KUBECONFIG")) }

// kubelet starts or stops the one of the only node.
func kubelet(t *testing.T, args ...string) {
	t.Helper()
	out, err := exec.Command("../../scripts/kubernetes/kubelet", append([]string{folder()}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// theNode is the only one.
func theNode(t *testing.T) corev1.Node {
	t.Helper()
	nodes, err := api.CoreV1().Nodes().List(context.Background(), metav1.ListOptions{})
	if err != nil || len(nodes.Items) != 1 {
		t.Fatalf("%v, %v", nodes, err)
	}
	return nodes.Items[0]
}

// awaitNode waits until the node takes pods, and has as much memory for them in MiB.
func awaitNode(t *testing.T, mebibytes int64) {
	t.Helper()
	var node corev1.Node
	for range 600 {
		node = theNode(t)
		ready := slices.ContainsFunc(node.Status.Conditions, func(c corev1.NodeCondition) bool {
			return c.Type == corev1.NodeReady && c.Status == corev1.ConditionTrue
		})
		if ready && len(node.Spec.Taints) == 0 && node.Status.Allocatable.Memory().Value()/mebibyte == mebibytes {
			return
		}
		time.Sleep(200 * time.Millisecond)
	}
	t.Fatalf("the node is not as before: %v, %v", node.Status.Allocatable.Memory(), node.Spec.Taints)
}

// underLoad calls do with a pod of a service that a run has put a load on, once it succeeds. The function that it
// returns waits for that.
func underLoad(t *testing.T, do func(corev1.Pod) error) (wait func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		var err error
		for range 600 {
			time.Sleep(200 * time.Millisecond)
			var pods *corev1.PodList
			if pods, err = api.CoreV1().Pods("default").List(t.Context(), metav1.ListOptions{LabelSelector: "plan.run"}); err != nil {
				continue
			}
			for _, pod := range pods.Items {
				if !strings.Contains(pod.Name, "-check") || pod.Status.Phase != corev1.PodRunning || time.Since(pod.CreationTimestamp.Time) < 8*time.Second {
					continue
				}
				if err = do(pod); err == nil {
					return
				}
			}
		}
		t.Errorf("nothing was done to a pod: %v", err)
	}()
	return func() { <-done }
}

// reasons are those of the trials of a report, "" of one that passed.
func reasons(r report) (all []string) {
	for _, trial := range r.Stages[0].Trials {
		reason := ""
		if trial.Reason != nil {
			reason = *trial.Reason
		}
		all = append(all, reason)
	}
	return all
}

// TestAPreemptionIsNoVerdict: a pod of a higher priority needs the room of the service.
func TestAPreemptionIsNoVerdict(t *testing.T) {
	classes, pods := api.SchedulingV1().PriorityClasses(), api.CoreV1().Pods("default")
	class := &scheduling.PriorityClass{ObjectMeta: metav1.ObjectMeta{Name: "plan-test"}, Value: 1000}
	if _, err := classes.Create(t.Context(), class, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = classes.Delete(context.Background(), "plan-test", metav1.DeleteOptions{}) })
	const leaves = 768 + 100 // the agent fits beside it, the service does not: in MiB
	node := theNode(t)
	request := resource.NewQuantity(node.Status.Allocatable.Memory().Value()-leaves*mebibyte, resource.BinarySI)
	wait := underLoad(t, func(corev1.Pod) error {
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "important"}, Spec: corev1.PodSpec{
			PriorityClassName: "plan-test", TerminationGracePeriodSeconds: new(int64),
			Containers: []corev1.Container{{
				Name: "main", Image: *image, Args: []string{"sample"}, ImagePullPolicy: corev1.PullNever,
				Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceMemory: *request}},
			}},
		}}
		if _, err := pods.Create(t.Context(), pod, metav1.CreateOptions{}); err != nil {
			return err
		}
		for range 100 { // the repeated trial needs its room
			if got, err := pods.Get(t.Context(), pod.Name, metav1.GetOptions{}); err == nil && got.Status.Phase == corev1.PodRunning {
				break
			}
			time.Sleep(200 * time.Millisecond)
		}
		return pods.Delete(t.Context(), pod.Name, metav1.DeleteOptions{GracePeriodSeconds: new(int64)})
	})
	dir := t.TempDir()
	r := plan(t, dir, onCluster(t, "load.hcl", "default")...)
	wait()
	if got := reasons(readReport(t, dir, r)); r.code != 0 || !slices.Equal(got, []string{"evicted", ""}) || !strings.Contains(r.text, "preempted") {
		t.Errorf("exit %d, %q\n%s", r.code, got, r.text)
	}
}

// TestPressureOfMemoryIsNoVerdict: the node has 1536 MiB for pods, and a service without a limit uses more. The kubelet
// evicts it, and again when the trial is repeated.
func TestPressureOfMemoryIsNoVerdict(t *testing.T) {
	node := theNode(t)
	before := node.Status.Allocatable.Memory().Value() / mebibyte
	t.Cleanup(func() {
		kubelet(t, "stop")
		kubelet(t, "start")
		awaitNode(t, before)
	})
	kubelet(t, "stop")
	const pods, margin = 2048, 512 // MiB: the limit of all pods; the kubelet evicts when less than the margin is left of it
	reserved := node.Status.Capacity.Memory().Value() - pods*mebibyte
	kubelet(t, "start", fmt.Sprintf("--system-reserved=memory=%d", reserved), fmt.Sprintf("--eviction-hard=memory.available<%dMi", margin),
		"--eviction-pressure-transition-period=5s")
	awaitNode(t, pods-margin)
	dir := t.TempDir()
	r := plan(t, dir, onCluster(t, "pressure.hcl", "default")...)
	got := reasons(readReport(t, dir, r))
	if r.code != 5 || !slices.Equal(got, []string{"evicted", "evicted"}) || !strings.Contains(r.text, "low on resource: memory") {
		t.Errorf("exit %d, %q\n%s", r.code, got, r.text)
	}
	if left := made(t, "default"); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

// TestALostNodeIsNoVerdict: the kubelet no longer reaches the API under load. The pod answers on, and no other node takes
// the next one.
func TestALostNodeIsNoVerdict(t *testing.T) {
	node := theNode(t)
	before := node.Status.Allocatable.Memory().Value() / mebibyte
	config, err := os.ReadFile(filepath.Join(folder(), "node.conf"))
	if err != nil {
		t.Fatal(err)
	}
	address, cut := forward(t, "127.0.0.1:6443")
	far := filepath.Join(t.TempDir(), "far.conf")
	if err := os.WriteFile(far, bytes.ReplaceAll(config, []byte("127.0.0.1:6443"), []byte(address)), 0o600); err != nil {
		t.Fatal(err)
	}
	kubelet(t, "stop")
	kubelet(t, "start", "--kubeconfig="+far)
	restore := func() {
		kubelet(t, "stop")
		kubelet(t, "start")
		awaitNode(t, before)
	}
	t.Cleanup(restore)
	awaitNode(t, before)
	wait := underLoad(t, func(corev1.Pod) error {
		cut()
		return nil
	})
	dir := t.TempDir()
	r := plan(t, dir, onCluster(t, "load.hcl", "default", "runtime=150s")...)
	wait()
	got := reasons(readReport(t, dir, r))
	if r.code != 3 || len(got) == 0 || got[0] != "evicted" || !strings.Contains(r.text, "no longer answers") {
		t.Errorf("exit %d, %q\n%s", r.code, got, r.text)
	}
	restore()
	cleaned(t, dir)
}

// TestAKubeletThatEndsIsNoVerdict: the streams of the agent end with it, so the run ends at once.
func TestAKubeletThatEndsIsNoVerdict(t *testing.T) {
	node := theNode(t)
	before := node.Status.Allocatable.Memory().Value() / mebibyte
	wait := underLoad(t, func(corev1.Pod) error {
		kubelet(t, "stop")
		return nil
	})
	dir := t.TempDir()
	r := plan(t, dir, onCluster(t, "load.hcl", "default", "runtime=120s")...)
	wait()
	kubelet(t, "start")
	awaitNode(t, before)
	report := readReport(t, dir, r)
	if got := reasons(report); r.code != 3 || !slices.Equal(got, []string{"engine"}) || report.Stages[0].Trials[0].Seconds.Total > 25 {
		t.Errorf("exit %d, %q after %.1f s\n%s", r.code, got, report.Stages[0].Trials[0].Seconds.Total, r.text)
	}
	cleaned(t, dir)
}

// cleaned checks that one plan clean removes what runs left.
func cleaned(t *testing.T, dir string) {
	t.Helper()
	r := plan(t, dir, "clean", "--platform", "kubernetes")
	if left := made(t, "default"); r.code != 0 || len(left) > 0 {
		t.Errorf("exit %d, left %v\n%s", r.code, left, r.text)
	}
}

// forward passes connections on to an address. cut ends all of them, and takes no more.
func forward(t *testing.T, to string) (address string, cut func()) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var all []net.Conn
	open := true
	keep := func(conn net.Conn) {
		mu.Lock()
		defer mu.Unlock()
		if all = append(all, conn); !open {
			_ = conn.Close()
		}
	}
	go func() {
		for {
			from, err := listener.Accept()
			if err != nil {
				return
			}
			keep(from)
			onward, err := net.Dial("tcp", to)
			if err != nil {
				_ = from.Close()
				continue
			}
			keep(onward)
			for _, pair := range [][2]net.Conn{{from, onward}, {onward, from}} {
				go func() {
					_, _ = io.Copy(pair[0], pair[1])
					_ = pair[0].Close()
				}()
			}
		}
	}()
	cut = func() {
		_ = listener.Close()
		mu.Lock()
		defer mu.Unlock()
		open = false
		for _, conn := range all {
			_ = conn.Close()
		}
	}
	t.Cleanup(cut)
	return listener.Addr().String(), cut
}

// permissions returns the Role and the ClusterRole of the manual.
func permissions(t *testing.T) (of rbac.Role, all rbac.ClusterRole) {
	t.Helper()
	manual, err := os.ReadFile("../../docs/kubernetes.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(manual), "```yaml\napiVersion: rbac")
	text, _, _ = strings.Cut("apiVersion: rbac"+text, "```")
	documents := yaml.NewYAMLOrJSONDecoder(strings.NewReader(text), 4096)
	if err := errors.Join(documents.Decode(&of), documents.Decode(&all)); err != nil {
		t.Fatal(err)
	}
	if err := documents.Decode(&all); err != io.EOF || len(of.Rules) == 0 || len(all.Rules) == 0 {
		t.Fatalf("%v, %+v, %+v", err, of, all)
	}
	return of, all
}

// allow gives the user of limited.conf these permissions alone.
func allow(t *testing.T, of rbac.Role, all rbac.ClusterRole) {
	t.Helper()
	roles, clusterRoles := api.RbacV1().Roles(of.Namespace), api.RbacV1().ClusterRoles()
	_, err := roles.Update(t.Context(), &of, metav1.UpdateOptions{})
	if apierrors.IsNotFound(err) {
		_, err = roles.Create(t.Context(), &of, metav1.CreateOptions{})
	}
	_, err2 := clusterRoles.Update(t.Context(), &all, metav1.UpdateOptions{})
	if apierrors.IsNotFound(err2) {
		_, err2 = clusterRoles.Create(t.Context(), &all, metav1.CreateOptions{})
	}
	user := []rbac.Subject{{Kind: rbac.UserKind, APIGroup: rbac.GroupName, Name: "limited"}}
	_, err3 := api.RbacV1().RoleBindings(of.Namespace).Create(t.Context(), &rbac.RoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "plan"},
		Subjects: user, RoleRef: rbac.RoleRef{APIGroup: rbac.GroupName, Kind: "Role", Name: of.Name}}, metav1.CreateOptions{})
	_, err4 := api.RbacV1().ClusterRoleBindings().Create(t.Context(), &rbac.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "plan"},
		Subjects: user, RoleRef: rbac.RoleRef{APIGroup: rbac.GroupName, Kind: "ClusterRole", Name: all.Name}}, metav1.CreateOptions{})
	for _, err := range []error{err, err2, err3, err4} {
		if err != nil && !apierrors.IsAlreadyExists(err) {
			t.Fatal(err)
		}
	}
	time.Sleep(time.Second) // until the API knows them
}

// TestThePermissionsOfTheManual suffice, and the run says which one is missing.
func TestThePermissionsOfTheManual(t *testing.T) {
	of, all := permissions(t)
	namespace(t, of.Namespace)
	allow(t, of, all)
	t.Cleanup(func() {
		ctx, options := context.Background(), metav1.DeleteOptions{}
		_ = api.RbacV1().ClusterRoleBindings().Delete(ctx, "plan", options)
		_ = api.RbacV1().ClusterRoles().Delete(ctx, all.Name, options)
	})
	t.Setenv("KUBECONFIG", filepath.Join(folder(), "limited.conf"))
	run := func(t *testing.T) result {
		return plan(t, t.TempDir(), onCluster(t, "all.hcl", of.Namespace, "image="+*cat)...)
	}
	if r := run(t); r.code != 0 || strings.Contains(r.text, "no permission") {
		t.Fatalf("exit %d\n%s", r.code, r.text)
	}
	replaced := map[string]bool{ // a run without one of them does something else instead
		"create pods/attach": true, "get pods/attach": true, "create pods/exec": true, "get pods/exec": true, "get pods/log": true,
		"get services": true, // of a second trial
	}
	for i, rules := range [][]rbac.PolicyRule{of.Rules, all.Rules} {
		for n, rule := range rules {
			for _, resource := range rule.Resources {
				for _, verb := range rule.Verbs {
					t.Run(verb+" "+resource, func(t *testing.T) {
						less := slices.Concat(rules[:n], rules[n+1:])
						for _, r := range rule.Resources {
							verbs := slices.DeleteFunc(slices.Clone(rule.Verbs), func(v string) bool { return r == resource && v == verb })
							less = append(less, rbac.PolicyRule{APIGroups: rule.APIGroups, Resources: []string{r}, Verbs: verbs})
						}
						less = slices.DeleteFunc(less, func(r rbac.PolicyRule) bool { return len(r.Verbs) == 0 })
						role, clusterRole := of, all
						if i == 0 {
							role.Rules = less
						} else {
							clusterRole.Rules = less
						}
						allow(t, role, clusterRole)
						r := run(t)
						named := strings.Contains(r.text, fmt.Sprintf("no permission to %s %s", verb, resource))
						if unnamed := replaced[verb+" "+resource]; named == unnamed || r.code != 3 && r.code != 0 {
							t.Errorf("exit %d, named %t\n%s", r.code, named, r.text)
						}
						remove(t, of.Namespace)
					})
				}
			}
		}
	}
}

// remove removes what runs made in a namespace.
func remove(t *testing.T, namespace string) {
	t.Helper()
	options := metav1.ListOptions{LabelSelector: "plan.run"}
	err := api.CoreV1().Pods(namespace).DeleteCollection(t.Context(), metav1.DeleteOptions{GracePeriodSeconds: new(int64)}, options)
	err2 := api.CoreV1().Secrets(namespace).DeleteCollection(t.Context(), metav1.DeleteOptions{}, options)
	services, err3 := api.CoreV1().Services(namespace).List(t.Context(), options)
	if err := errors.Join(err, err2, err3); err != nil {
		t.Fatal(err)
	}
	for _, service := range services.Items {
		if err := api.CoreV1().Services(namespace).Delete(t.Context(), service.Name, metav1.DeleteOptions{}); err != nil {
			t.Error(err)
		}
	}
}
