package kubernetes

import (
	"maps"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/runtime"
	clienttesting "k8s.io/client-go/testing"

	"plan/containers"
	"plan/internal/units"
)

// testCluster returns a cluster that has objects.
func testCluster(t *testing.T, options Options, objects ...runtime.Object) *Cluster {
	t.Helper()
	return clusterOf(t, options, newFake(objects...))
}

func clusterOf(t *testing.T, options Options, fake *clienttesting.Fake) *Cluster {
	t.Helper()
	options.Run, options.Lock = "r1", "/nowhere/lock"
	c := newCluster(options, fakeNamespace, "", apiOf(fake))
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestAPodHasWhatTheSpecSays(t *testing.T) {
	c := testCluster(t, Options{
		Secrets: []string{"hunter2"}, NodeSelector: map[string]string{"pool": "tests"}, PullSecret: "registry",
		Tolerations: []string{"pool=tests:NoSchedule", "spot"},
	})
	c.claims["models"] = true
	pod, hidden, err := c.podOf("plan-r1-api", containers.Spec{
		Service: "api", Alias: "api-r1", Trial: "search.memory/3", Image: "api:1.0", Entrypoint: []string{"/api", "$$"},
		Command: []string{"echo $$ $(A)"}, WorkingDir: "/srv", User: "1000:2000", Expose: []int{8000},
		Environment: map[string]string{"A": "price $(B)", "B": "a$$b", "KEY": "user:hunter2"},
		Limits:      containers.Limits{Memory: 500 * units.MiB, CPUs: 1500},
		Volumes:     []containers.Volume{{Source: "models", Target: "/models", ReadOnly: true}, {Source: "cache", Target: "/cache"}},
		Tmpfs:       []containers.Tmpfs{{Target: "/run"}}, ShmSize: 64 * units.MiB, Hosts: map[string]string{"db": "10.0.0.1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	spec, main := pod.Spec, pod.Spec.Containers[0]
	for what, ok := range map[string]bool{
		"never restarted":            spec.RestartPolicy == corev1.RestartPolicyNever,
		"requests are limits":        maps.Equal(main.Resources.Requests, main.Resources.Limits) && len(main.Resources.Limits) == 2,
		"memory":                     main.Resources.Limits.Memory().Value() == 500<<20,
		"CPUs":                       main.Resources.Limits.Cpu().MilliValue() == 1500,
		"read back":                  limitsOf(pod) == containers.Limits{Memory: 500 * units.MiB, CPUs: 1500},
		"command":                    slices.Equal(main.Command, []string{"/api", "$$$$"}) && slices.Equal(main.Args, []string{"echo $$$$ $$(A)"}),
		"folder":                     main.WorkingDir == "/srv",
		"user":                       *main.SecurityContext.RunAsUser == 1000 && *main.SecurityContext.RunAsGroup == 2000,
		"port":                       main.Ports[0].ContainerPort == 8000,
		"a variable is no reference": main.Env[0].Value == "price $$(B)",
		"dollars of a variable":      main.Env[1].Value == "a$$$$b",
		"a secret is not in the pod": main.Env[2].Value == "" && main.Env[2].ValueFrom.SecretKeyRef.Name == "plan-r1-api",
		"the secret":                 maps.Equal(hidden, map[string]string{"KEY": "user:hunter2"}),
		"a claim":                    spec.Volumes[0].PersistentVolumeClaim.ClaimName == "models" && main.VolumeMounts[0].ReadOnly,
		"an empty volume":            spec.Volumes[1].EmptyDir != nil && spec.Volumes[1].EmptyDir.Medium == "",
		"tmpfs":                      spec.Volumes[2].EmptyDir.Medium == corev1.StorageMediumMemory && main.VolumeMounts[2].MountPath == "/run",
		"shm":                        spec.Volumes[3].EmptyDir.SizeLimit.Value() == 64<<20 && main.VolumeMounts[3].MountPath == "/dev/shm",
		"hosts":                      spec.HostAliases[0].IP == "10.0.0.1" && spec.HostAliases[0].Hostnames[0] == "db",
		"nodes":                      spec.NodeSelector["pool"] == "tests" && spec.ImagePullSecrets[0].Name == "registry",
		"tolerations": slices.Equal(spec.Tolerations, []corev1.Toleration{
			{Key: "pool", Operator: corev1.TolerationOpEqual, Value: "tests", Effect: corev1.TaintEffectNoSchedule},
			{Key: "spot", Operator: corev1.TolerationOpExists},
		}),
		"labels": pod.Labels[labelRun] == "r1" && pod.Labels[labelRole] == "service" && pod.Labels[labelService] == "api" &&
			pod.Labels[labelTrial] == "search-memory-3" && pod.Labels[labelAlias] == "api-r1",
		"owner":                pod.Annotations[labelLock] == "/nowhere/lock" && pod.Annotations[labelHost] != "",
		"off the agent's node": spec.Affinity.PodAntiAffinity != nil,
	} {
		if !ok {
			t.Errorf("%s: %+v", what, spec)
		}
	}
}

func TestLimitsThatAPlanLeavesOut(t *testing.T) {
	pod, _, err := testCluster(t, Options{}).podOf("p", containers.Spec{Limits: containers.Limits{CPUs: 500}})
	if main := pod.Spec.Containers[0]; err != nil || len(main.Resources.Limits) != 1 || limitsOf(pod).Memory != 0 {
		t.Errorf("%v, %v", main.Resources, err)
	}
}

func TestTheAgentsPod(t *testing.T) {
	pod, err := testCluster(t, Options{AgentImage: "reg/plan:1"}).agentPod("plan-r1-agent")
	if err != nil {
		t.Fatal(err)
	}
	main := pod.Spec.Containers[0]
	if !main.Stdin || !main.StdinOnce || main.Image != "reg/plan:1" || pod.Labels[labelRole] != agentRole ||
		main.Resources.Limits.Memory().Value() != int64(agentMemory) || main.Resources.Limits.Cpu().Value() != 0 ||
		pod.Spec.Affinity == nil || !slices.Equal(main.Args, []string{"agent", "--await-input"}) {
		t.Errorf("%+v", pod)
	}
}

func TestWrongUsersAndTolerations(t *testing.T) {
	if _, err := userOf("www"); err == nil {
		t.Error("a name is a user")
	}
	if _, err := userOf("1:www"); err == nil {
		t.Error("a name is a group")
	}
	if _, err := tolerationsOf([]string{"a=b:Never"}); err == nil {
		t.Error("an unknown effect is taken")
	}
}

func TestNames(t *testing.T) {
	c := testCluster(t, Options{})
	first, second := c.unique("api", "search.memory"), c.unique("api", "search.memory")
	if first != "plan-r1-api-search-memory" || second != first+"-2" {
		t.Errorf("%s, %s", first, second)
	}
	for text, want := range map[string]string{
		"API_one--two": "api-one-two", "": "", "a" + strings.Repeat("b", 100) + "c": "a" + strings.Repeat("b", 28) + "-" + strings.Repeat("b", 27) + "c",
	} {
		if got := dnsLabel(text); got != want || len(got) > longestName {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

func parse(t *testing.T, text string) resource.Quantity {
	t.Helper()
	q, err := resource.ParseQuantity(text)
	if err != nil {
		t.Fatal(err)
	}
	return q
}
