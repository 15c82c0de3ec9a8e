//go:build kubernetes

// Package cluster drives the command on a real Kubernetes, whose kubeconfig
// KUBECONFIG names, against truths that were found without it: plain pods, and what
// the API has. scripts/kubernetes/test runs it. Nothing else may use the cluster.
package cluster

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	policy "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"plan/engine"
	"plan/plans"
)

var (
	binary = flag.String("plan", "", "the command")
	image  = flag.String("image", "plan-test:1", "image of the command, which the nodes have; the engine too for a comparison with Docker")
	cat    = flag.String("with-cat", "", "the same image with /bin/cat")
	draws  = flag.Int("draws", 1, "services of each construction")
	kills  = flag.Int("kills", 2, "moments at which a run is killed")
	seed   = flag.Uint64("seed", uint64(time.Now().UnixNano()), "of needs and moments")
)

var api *kubernetes.Clientset // set once by TestMain

func TestMain(m *testing.M) {
	flag.Parse()
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	if err == nil {
		api, err = kubernetes.NewForConfig(config)
	}
	if err == nil && *binary == "" {
		err = errors.New("-plan is missing")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "cluster:", err)
		os.Exit(1)
	}
	fmt.Println("seed", *seed)
	os.Exit(m.Run())
}

// result is how a command ended.
type result struct {
	code int
	text string // of both streams
}

// plan runs the command in dir.
func plan(t *testing.T, dir string, args ...string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, *binary, args...)
	command.Dir = dir
	out, err := command.CombinedOutput()
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
		t.Fatal(err)
	}
	return result{command.ProcessState.ExitCode(), string(out)}
}

// onCluster are the arguments of a run of a plan of testdata in a namespace.
func onCluster(t *testing.T, file, namespace string, variables ...string) []string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"run", path, "--platform", "kubernetes", "--namespace", namespace, "--agent-image", *image, "--progress", "plain",
		"--var", "image=" + *image, "--report", "json=report.json"}
	for _, v := range variables {
		args = append(args, "--var", v)
	}
	return args
}

// report is what the tests read of a report.
type report struct {
	Stages []struct {
		Found *struct {
			Memory int64 `json:"memory"`
		} `json:"found"`
		Held   *int `json:"held"`
		Trials []struct {
			Reason  *string   `json:"reason"`
			Started time.Time `json:"started"`
			Load    *struct {
				Started time.Time `json:"started"`
				Seconds float64   `json:"seconds"`
				OK      int       `json:"ok"`
				Latency struct {
					P50 float64 `json:"p50"`
					P95 float64 `json:"p95"`
					P99 float64 `json:"p99"`
				} `json:"latency_ok"`
			} `json:"load"`
			Seconds struct {
				Ready *float64 `json:"ready"`
				Total float64  `json:"total"`
			} `json:"seconds"`
		} `json:"trials"`
	} `json:"stages"`
}

func readReport(t *testing.T, dir string, r result) report {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "report.json"))
	var read report
	if err == nil {
		err = json.Unmarshal(text, &read)
	}
	if err != nil || len(read.Stages) != 1 {
		t.Fatalf("exit %d, %v\n%s", r.code, err, r.text)
	}
	return read
}

const mebibyte = 1 << 20

// overhead is what the processes of a service need besides the memory that they are to hold, in MiB.
var overhead = map[string]int{"at start": 9, "a peak at start": 9, "on the first prediction": 9, "in a worker": 17}

// TestLeastMemoryIsThatOfPlainPods compares the answers for services that run out of
// memory at different moments with a ladder of pods made by hand.
func TestLeastMemoryIsThatOfPlainPods(t *testing.T) {
	random := rand.New(rand.NewPCG(*seed, 1))
	constructions := map[string]func(need int) []string{
		"at start": func(n int) []string { return []string{"--memory", mib(n)} },
		"a peak at start": func(n int) []string {
			return []string{"--memory", mib(n / 2), "--peak", mib(n - n/2), "--peak-time", "200ms"}
		},
		"on the first prediction": func(n int) []string {
			return []string{"--memory", mib(n / 2), "--first-memory", mib(n - n/2)}
		},
		"in a worker": func(n int) []string { return []string{"--memory", mib(10), "--worker-memory", mib(n - 10)} },
	}
	for _, name := range slices.Sorted(maps.Keys(constructions)) { // a seed draws the same services
		for range *draws {
			// Half a step from the next value, give or take: nearer, two runs of the same pod may differ.
			arguments := constructions[name](20*(3+random.IntN(5)) + 10 - overhead[name] + random.IntN(7) - 3)
			t.Run(name, func(t *testing.T) {
				dir := t.TempDir()
				list, _ := json.Marshal(arguments)
				r := plan(t, dir, onCluster(t, "least.hcl", "default", "command="+string(list))...)
				s := readReport(t, dir, r).Stages[0]
				truth := 40
				for !answers(t, truth, append([]string{"sample"}, arguments...)) {
					if truth += 20; truth > 180 {
						t.Fatal("no plain pod answers")
					}
				}
				if r.code != 0 || s.Found == nil || s.Found.Memory != int64(truth)*mebibyte {
					t.Errorf("%v: exit %d, found %+v, plain pods %dM\n%s", arguments, r.code, s.Found, truth, r.text)
				}
			})
		}
	}
}

func mib(n int) string { return fmt.Sprintf("%dM", n) }

// answers reports whether a plain pod with a memory limit answers a prediction within the time that the plan gives it, and
// loses no process to the kernel.
func answers(t *testing.T, limit int, args []string) bool {
	t.Helper()
	pods, memory := api.CoreV1().Pods("default"), resource.MustParse(fmt.Sprintf("%dMi", limit))
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{GenerateName: "plain-"}, Spec: corev1.PodSpec{
		RestartPolicy: corev1.RestartPolicyNever,
		Containers: []corev1.Container{{
			Name: "main", Image: *image, Args: args, ImagePullPolicy: corev1.PullNever,
			Resources: corev1.ResourceRequirements{Limits: corev1.ResourceList{corev1.ResourceMemory: memory}},
		}},
	}}
	pod, err := pods.Create(t.Context(), pod, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = pods.Delete(context.WithoutCancel(t.Context()), pod.Name, metav1.DeleteOptions{GracePeriodSeconds: new(int64)})
	}()
	for range 150 { // 30 s
		if pod, err = pods.Get(t.Context(), pod.Name, metav1.GetOptions{}); err != nil {
			t.Fatal(err)
		}
		if pod.Status.Phase == corev1.PodFailed {
			return false
		}
		if url := "http://" + pod.Status.PodIP + ":8000"; pod.Status.PodIP != "" && status("GET", url+"/health", "") == 200 {
			return status("POST", url+"/predict", `{"inputs": [[5.1, 3.5, 1.4, 0.2]]}`) == 200
		}
		time.Sleep(200 * time.Millisecond)
	}
	if pod.Status.Phase != corev1.PodRunning {
		t.Fatalf("the plain pod at %dM neither runs nor ends: %s", limit, pod.Status.Phase)
	}
	return false
}

// status returns that of the response; 0 without one.
func status(method, url, body string) int {
	client := http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}} // without the proxy of the environment
	request, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return 0
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return 0
	}
	defer response.Body.Close()
	return response.StatusCode
}

// TestTheSameAsOnDocker runs the same plans on an engine of this machine, if it has one.
func TestTheSameAsOnDocker(t *testing.T) {
	if out, err := exec.Command("docker", "image", "inspect", *image).CombinedOutput(); err != nil {
		t.Skipf("the engine has no image %s: %s", *image, bytes.TrimSpace(out))
	}
	// The sample of the demo. On the engine each trial reads the files of its image itself, 40M of them, and on the cluster
	// they stay in the page cache of the node: what needs little memory may need a step of 20M less there.
	demo := []string{`command=["--memory", "1000M", "--peak", "240M"]`, `range={from = "500M", to = "2G", step = "100M"}`}
	for file, variables := range map[string][]string{"least.hcl": demo, "users.hcl": nil} {
		t.Run(file, func(t *testing.T) {
			pods, engine := t.TempDir(), t.TempDir()
			args := onCluster(t, file, "default", variables...)
			a := plan(t, pods, args...)
			i := slices.Index(args, "--platform")
			b := plan(t, engine, slices.Delete(args, i, i+6)...)
			of, on := readReport(t, pods, a).Stages[0], readReport(t, engine, b).Stages[0]
			if a.code != 0 || b.code != 0 || (of.Found == nil) == (of.Held == nil) ||
				of.Found != nil && of.Found.Memory != on.Found.Memory || of.Held != nil && *of.Held != *on.Held {
				t.Errorf("Kubernetes: exit %d, %+v %v; Docker: exit %d, %+v %v\n%s\n%s", a.code, of.Found, of.Held, b.code, on.Found, on.Held,
					a.text, b.text)
			}
			var times []float64
			for _, trial := range of.Trials {
				times = append(times, trial.Seconds.Total)
			}
			t.Logf("seconds of the trials: %.1f", times)
		})
	}
}

// TestATrialEndsSoon if the container itself can show that nothing in it was killed.
func TestATrialEndsSoon(t *testing.T) {
	beyond := func(image string) float64 {
		dir := t.TempDir()
		r := plan(t, dir, onCluster(t, "load.hcl", "default", "image="+image)...)
		trials := readReport(t, dir, r).Stages[0].Trials
		if r.code != 0 || len(trials) != 1 || trials[0].Seconds.Ready == nil {
			t.Fatalf("exit %d\n%s", r.code, r.text)
		}
		trial := trials[0]
		held := plans.Hold(&engine.Load{Runtime: time.Duration(trial.Load.Seconds * float64(time.Second))})
		start := trial.Load.Started.Sub(trial.Started).Seconds() - *trial.Seconds.Ready
		end := trial.Seconds.Total - trial.Load.Started.Sub(trial.Started).Seconds() - trial.Load.Seconds
		t.Logf("%s: %.1f s until the pod runs and has answered one request, %.1f s after the load, of which it is watched for %.0f",
			image, start, end, held.Seconds())
		return start + end
	}
	with, without := beyond(*cat), beyond(*image)
	t.Logf("seconds beyond service and load: %.1f with cat, %.1f without", with, without)
	if with >= without {
		t.Error("cat in the image makes the end of a trial no earlier")
	}
	if with > 5 {
		t.Errorf("%.1f s, want at most 5", with)
	}
}

// TestKilledRunsLeaveNothing kills runs at random moments. What they leave is removed by
// one plan clean.
func TestKilledRunsLeaveNothing(t *testing.T) {
	random := rand.New(rand.NewPCG(*seed, 2))
	for n := range *kills {
		moment := time.Duration(random.Int64N(int64(20 * time.Second)))
		dir := t.TempDir()
		command := exec.Command(*binary, onCluster(t, "least.hcl", "default", `command=["--memory", "70M"]`)...)
		command.Dir = dir
		command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(moment)
		_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL)
		_ = command.Wait()
		time.Sleep(3 * time.Second) // the agent notices the end of its input
		r := plan(t, dir, "clean", "--platform", "kubernetes")
		if left := made(t, "default"); r.code != 0 || len(left) > 0 {
			t.Errorf("%d, after %s: exit %d, left %v\n%s", n, moment, r.code, left, r.text)
		}
	}
}

// made are the objects of runs in a namespace.
func made(t *testing.T, namespace string) (names []string) {
	t.Helper()
	options := metav1.ListOptions{LabelSelector: "plan.run"}
	pods, err := api.CoreV1().Pods(namespace).List(t.Context(), options)
	services, err2 := api.CoreV1().Services(namespace).List(t.Context(), options)
	secrets, err3 := api.CoreV1().Secrets(namespace).List(t.Context(), options)
	if err := errors.Join(err, err2, err3); err != nil {
		t.Fatal(err)
	}
	for _, pod := range pods.Items {
		names = append(names, "pod "+pod.Name)
	}
	for _, service := range services.Items {
		names = append(names, "service "+service.Name)
	}
	for _, secret := range secrets.Items {
		names = append(names, "secret "+secret.Name)
	}
	return names
}

// TestAnEvictionIsNoVerdict evicts the pod of the service under load: the trial is run once more.
func TestAnEvictionIsNoVerdict(t *testing.T) {
	dir := t.TempDir()
	wait := underLoad(t, func(pod corev1.Pod) error {
		eviction := &policy.Eviction{ObjectMeta: metav1.ObjectMeta{Name: pod.Name, Namespace: "default"}}
		return api.CoreV1().Pods("default").EvictV1(t.Context(), eviction)
	})
	r := plan(t, dir, onCluster(t, "load.hcl", "default")...)
	wait()
	if got := reasons(readReport(t, dir, r)); r.code != 0 || !slices.Equal(got, []string{"evicted", ""}) {
		t.Errorf("exit %d, %q\n%s", r.code, got, r.text)
	}
}

// namespace makes one, and removes it after the test.
func namespace(t *testing.T, name string) {
	t.Helper()
	all := api.CoreV1().Namespaces()
	if _, err := all.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{}); err != nil &&
		!apierrors.IsAlreadyExists(err) {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = all.Delete(context.Background(), name, metav1.DeleteOptions{}) })
	for range 100 { // pods need its account, which the controllers make
		if _, err := api.CoreV1().ServiceAccounts(name).Get(t.Context(), "default", metav1.GetOptions{}); err == nil {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("the namespace has no account")
}

// TestALimitRangeBoundsASearch: values that no pod may have are not tried, and the answer may be one of them.
func TestALimitRangeBoundsASearch(t *testing.T) {
	namespace(t, "ranged")
	setRange(t, "ranged", corev1.LimitRangeItem{
		Type: corev1.LimitTypeContainer, Max: corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("1Gi")},
	})
	r := plan(t, t.TempDir(), onCluster(t, "top.hcl", "ranged")...)
	if r.code != 4 || !strings.Contains(r.text, "the cluster gives one pod at most 1G") || strings.Contains(r.text, "1200M failed") {
		t.Errorf("exit %d\n%s", r.code, r.text)
	}
}

// TestAQuotaBoundsASearch: what it refuses of two replicas is no failure of the run.
func TestAQuotaBoundsASearch(t *testing.T) {
	namespace(t, "shared")
	for name, c := range map[string]struct {
		quota string // the agent takes 768Mi of it
		code  int
		want  string
	}{
		"the answer fits":        {"1300Mi", 0, "200M is the least"},
		"the answer may not fit": {"1068Mi", 4, "not started with 200M for each of 2 replicas: the quota of the namespace shared does not allow it"},
		"the answer is the most": {"1168Mi", 0, "200M is the least"},
	} {
		t.Run(name, func(t *testing.T) {
			setQuota(t, "shared", c.quota)
			r := plan(t, t.TempDir(), onCluster(t, "replicas.hcl", "shared")...)
			if left := made(t, "shared"); r.code != c.code || !strings.Contains(r.text, c.want) || len(left) > 0 {
				t.Errorf("exit %d, left %v\n%s", r.code, left, r.text)
			}
		})
	}
}

// TestANodeBoundsASearch: what another pod has requested of the node is not there for the service.
func TestANodeBoundsASearch(t *testing.T) {
	const leaves = 768 + 1000 // for the agent and the service, in MiB
	node := theNode(t)
	request := resource.NewQuantity(node.Status.Allocatable.Memory().Value()-leaves*mebibyte, resource.BinarySI)
	pods := api.CoreV1().Pods("default")
	pod, err := pods.Create(t.Context(), &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "large"}, Spec: corev1.PodSpec{
		Containers: []corev1.Container{{
			Name: "main", Image: *image, Args: []string{"sample"}, ImagePullPolicy: corev1.PullNever,
			Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceMemory: *request}},
		}},
	}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = pods.Delete(context.Background(), pod.Name, metav1.DeleteOptions{GracePeriodSeconds: new(int64)})
	})
	r := plan(t, t.TempDir(), onCluster(t, "top.hcl", "default", "to=1200M")...)
	if r.code != 4 || !strings.Contains(r.text, "not started with 1200M: no node takes the pod") || !strings.Contains(r.text, "Insufficient memory") {
		t.Errorf("exit %d\n%s", r.code, r.text)
	}
}

// setRange bounds the limits of containers of a namespace until the end of the test.
func setRange(t *testing.T, namespace string, item corev1.LimitRangeItem) {
	t.Helper()
	all := api.CoreV1().LimitRanges(namespace)
	_, err := all.Create(t.Context(), &corev1.LimitRange{ObjectMeta: metav1.ObjectMeta{Name: "all"},
		Spec: corev1.LimitRangeSpec{Limits: []corev1.LimitRangeItem{item}}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = all.Delete(context.Background(), "all", metav1.DeleteOptions{}) })
	time.Sleep(time.Second) // until the API applies it
}

// setQuota bounds the memory of a namespace until the end of the test.
func setQuota(t *testing.T, namespace, memory string) {
	t.Helper()
	setHard(t, namespace, corev1.ResourceList{corev1.ResourceLimitsMemory: resource.MustParse(memory)})
}

// setHard sets what a namespace may have in all until the end of the test.
func setHard(t *testing.T, namespace string, hard corev1.ResourceList) {
	t.Helper()
	all := api.CoreV1().ResourceQuotas(namespace)
	made, err := all.Create(t.Context(), &corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Name: "all"}, Spec: corev1.ResourceQuotaSpec{
		Hard: hard}}, metav1.CreateOptions{})
	for range 100 { // until the controller has counted what is used
		if err == nil && len(made.Status.Hard) > 0 {
			break
		}
		time.Sleep(100 * time.Millisecond)
		made, err = all.Get(t.Context(), "all", metav1.GetOptions{})
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = all.Delete(context.Background(), "all", metav1.DeleteOptions{}) })
}

// TestFaultsOfTheCluster: what the cluster refuses ends the run with exit code 3 and its reason, and leaves nothing.
func TestFaultsOfTheCluster(t *testing.T) {
	namespace(t, "bounded")
	quota := func(memory string) func(*testing.T) { return func(t *testing.T) { setQuota(t, "bounded", memory) } }
	demand := func(t *testing.T) {
		setHard(t, "bounded", corev1.ResourceList{corev1.ResourceLimitsCPU: resource.MustParse("4")})
	}
	ranged := func(item corev1.LimitRangeItem) func(*testing.T) {
		item.Type = corev1.LimitTypeContainer
		return func(t *testing.T) { setRange(t, "bounded", item) }
	}
	taint := func(t *testing.T) {
		nodes, err := api.CoreV1().Nodes().List(t.Context(), metav1.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for _, node := range nodes.Items {
			setTaints(t, node.Name, corev1.Taint{Key: "plan-test", Value: "x", Effect: corev1.TaintEffectNoSchedule})
			t.Cleanup(func() { setTaints(t, node.Name) })
		}
	}
	for _, c := range []struct {
		name string
		set  func(*testing.T)
		want string
	}{
		{"a quota with room for the agent alone", quota("900Mi"), "memory of 200 MiB is more than the 132 MiB that a pod can have"},
		{"a quota without room for the agent", quota("700Mi"), "a pod can have"},
		{"a quota that demands a limit of CPUs", demand, "requires limits that the pod does not have"},
		{"a limit range with a default", ranged(corev1.LimitRangeItem{Default: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("500m")}}),
			"limits that the plan does not have: cpus = 0.5"},
		{"a limit range with a minimum", ranged(corev1.LimitRangeItem{Min: corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("300Mi")}}),
			"P0502"},
		{"a node that takes no pod", taint, "no node of the cluster takes the pods of the plan"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.set(t)
			r := plan(t, t.TempDir(), onCluster(t, "load.hcl", "bounded")...)
			if left := made(t, "bounded"); r.code != 3 || !strings.Contains(r.text, c.want) || len(left) > 0 {
				t.Errorf("exit %d, left %v\n%s", r.code, left, r.text)
			}
		})
	}
}

// setTaints replaces the taints of a node.
func setTaints(t *testing.T, node string, taints ...corev1.Taint) {
	t.Helper()
	for range 20 { // the kubelet writes the node too
		got, err := api.CoreV1().Nodes().Get(context.Background(), node, metav1.GetOptions{})
		if err == nil {
			got.Spec.Taints = taints
			_, err = api.CoreV1().Nodes().Update(context.Background(), got, metav1.UpdateOptions{})
		}
		if err == nil {
			return
		}
		time.Sleep(200 * time.Millisecond)
	}
	t.Errorf("the taints of %s cannot be set", node)
}
