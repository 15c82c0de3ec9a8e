package kubernetes

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"plan/containers"
	"plan/internal/units"
)

// mainContainer is the name of the only container of a pod.
const mainContainer = "main"

// endGrace is how many seconds a pod may take to end after SIGTERM. At 0 the API would forget a pod that still runs.
const endGrace = 1

// podOf returns the pod of a spec, and the values of its environment variables that a Secret of the pod's name passes.
func (c *Cluster) podOf(name string, spec containers.Spec) (*corev1.Pod, map[string]string, error) {
	security, err := userOf(spec.User)
	if err != nil {
		return nil, nil, err
	}
	tolerations, err := tolerationsOf(c.options.Tolerations)
	if err != nil {
		return nil, nil, err
	}
	resources := resourcesOf(spec.Limits)
	main := corev1.Container{
		Name: mainContainer, Image: spec.Image, ImagePullPolicy: corev1.PullIfNotPresent,
		Command: eachVerbatim(spec.Entrypoint), Args: eachVerbatim(spec.Command), WorkingDir: spec.WorkingDir,
		Resources:       corev1.ResourceRequirements{Requests: resources, Limits: resources},
		SecurityContext: security,
	}
	for _, port := range spec.Expose {
		main.Ports = append(main.Ports, corev1.ContainerPort{ContainerPort: int32(port)})
	}
	hidden := map[string]string{}
	for _, variable := range slices.Sorted(maps.Keys(spec.Environment)) {
		value := spec.Environment[variable]
		if !slices.ContainsFunc(c.options.Secrets, func(s string) bool { return s != "" && strings.Contains(value, s) }) {
			main.Env = append(main.Env, corev1.EnvVar{Name: variable, Value: verbatim(value)})
			continue
		}
		hidden[variable] = value
		main.Env = append(main.Env, corev1.EnvVar{Name: variable, ValueFrom: &corev1.EnvVarSource{
			SecretKeyRef: &corev1.SecretKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: name}, Key: variable},
		}})
	}
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: c.podLabels(spec), Annotations: c.annotations()},
		Spec: corev1.PodSpec{
			RestartPolicy: corev1.RestartPolicyNever, Tolerations: tolerations, NodeSelector: c.options.NodeSelector,
			AutomountServiceAccountToken: new(false), EnableServiceLinks: new(false),
			TerminationGracePeriodSeconds: new(int64(endGrace)),
		},
	}
	for _, v := range spec.Volumes {
		c.mount(pod, &main, v)
	}
	for _, t := range spec.Tmpfs {
		addEmptyDir(pod, &main, t.Target, memoryDir(0))
	}
	if spec.ShmSize > 0 {
		addEmptyDir(pod, &main, "/dev/shm", memoryDir(spec.ShmSize))
	}
	for _, host := range slices.Sorted(maps.Keys(spec.Hosts)) {
		pod.Spec.HostAliases = append(pod.Spec.HostAliases, corev1.HostAlias{IP: spec.Hosts[host], Hostnames: []string{host}})
	}
	if c.options.PullSecret != "" {
		pod.Spec.ImagePullSecrets = []corev1.LocalObjectReference{{Name: c.options.PullSecret}}
	}
	pod.Spec.Affinity = awayFromAgents(c.options.Run)
	pod.Spec.Containers = []corev1.Container{main}
	return pod, hidden, nil
}

// verbatim returns the text of a pod that a container gets as the given one. In variables, command and arguments the
// kubelet makes one dollar of $$, and the value of a variable of $(NAME).
func verbatim(text string) string { return strings.ReplaceAll(text, "$", "$$") }

func eachVerbatim(texts []string) []string {
	var list []string
	for _, text := range texts {
		list = append(list, verbatim(text))
	}
	return list
}

func (c *Cluster) podLabels(spec containers.Spec) map[string]string {
	labels := c.labels(string(cmp.Or(spec.Role, containers.Subject)))
	labels[labelService] = dnsLabel(spec.Service)
	if spec.Trial != "" {
		labels[labelTrial] = dnsLabel(spec.Trial)
	}
	if spec.Alias != "" {
		labels[labelAlias] = dnsLabel(spec.Alias)
	}
	return labels
}

// resourcesOf returns the same for requests and limits: the pod's class is Guaranteed where both are limited.
func resourcesOf(limits containers.Limits) corev1.ResourceList {
	list := corev1.ResourceList{}
	if limits.Memory > 0 {
		list[corev1.ResourceMemory] = *resource.NewQuantity(int64(limits.Memory), resource.BinarySI)
	}
	if limits.CPUs > 0 {
		list[corev1.ResourceCPU] = *resource.NewMilliQuantity(int64(limits.CPUs), resource.DecimalSI)
	}
	return list
}

// limitsOf reads the limits back from a pod.
func limitsOf(pod *corev1.Pod) containers.Limits {
	var limits containers.Limits
	for _, one := range pod.Spec.Containers {
		limits.Memory = units.Bytes(one.Resources.Limits.Memory().Value())
		limits.CPUs = units.CPUs(one.Resources.Limits.Cpu().MilliValue())
	}
	return limits
}

// mount adds a volume: a claim of the namespace, else an empty folder of the pod.
func (c *Cluster) mount(pod *corev1.Pod, main *corev1.Container, v containers.Volume) {
	c.mu.Lock()
	claimed := c.claims[v.Source]
	c.mu.Unlock()
	if !claimed {
		addEmptyDir(pod, main, v.Target, &corev1.EmptyDirVolumeSource{})
		return
	}
	name := fmt.Sprintf("volume-%d", len(pod.Spec.Volumes))
	pod.Spec.Volumes = append(pod.Spec.Volumes, corev1.Volume{Name: name, VolumeSource: corev1.VolumeSource{
		PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: v.Source, ReadOnly: v.ReadOnly},
	}})
	main.VolumeMounts = append(main.VolumeMounts, corev1.VolumeMount{Name: name, MountPath: v.Target, ReadOnly: v.ReadOnly})
}

func addEmptyDir(pod *corev1.Pod, main *corev1.Container, target string, dir *corev1.EmptyDirVolumeSource) {
	name := fmt.Sprintf("volume-%d", len(pod.Spec.Volumes))
	pod.Spec.Volumes = append(pod.Spec.Volumes,
		corev1.Volume{Name: name, VolumeSource: corev1.VolumeSource{EmptyDir: dir}})
	main.VolumeMounts = append(main.VolumeMounts, corev1.VolumeMount{Name: name, MountPath: target})
}

func memoryDir(size units.Bytes) *corev1.EmptyDirVolumeSource {
	dir := &corev1.EmptyDirVolumeSource{Medium: corev1.StorageMediumMemory}
	if size > 0 {
		dir.SizeLimit = resource.NewQuantity(int64(size), resource.BinarySI)
	}
	return dir
}

// userOf returns the user of "uid" or "uid:gid"; nil keeps the image's.
func userOf(user string) (*corev1.SecurityContext, error) {
	if user == "" {
		return nil, nil
	}
	uid, gid, hasGroup := strings.Cut(user, ":")
	security := &corev1.SecurityContext{}
	id, err := strconv.ParseInt(uid, 10, 64)
	if err == nil && hasGroup {
		var group int64
		group, err = strconv.ParseInt(gid, 10, 64)
		security.RunAsGroup = &group
	}
	if err != nil {
		return nil, &containers.Error{Kind: containers.CannotStart,
			Summary: "Kubernetes takes users as numbers, not " + user, Help: `write user = "1000" or "1000:1000"`}
	}
	security.RunAsUser = &id
	return security, nil
}

// tolerationsOf parses taints as kubectl writes them: key, key=value, key:Effect or key=value:Effect.
func tolerationsOf(taints []string) ([]corev1.Toleration, error) {
	var list []corev1.Toleration
	for _, taint := range taints {
		rest, effect, _ := strings.Cut(taint, ":")
		key, value, equal := strings.Cut(rest, "=")
		switch corev1.TaintEffect(effect) {
		case "", corev1.TaintEffectNoSchedule, corev1.TaintEffectPreferNoSchedule, corev1.TaintEffectNoExecute:
		default:
			return nil, &containers.Error{Kind: containers.Other, Summary: "the toleration " + taint + " has an unknown effect",
				Help: "write key=value:NoSchedule, key:NoExecute or key"}
		}
		t := corev1.Toleration{Key: key, Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffect(effect)}
		if equal {
			t.Operator, t.Value = corev1.TolerationOpEqual, value
		}
		list = append(list, t)
	}
	return list, nil
}

// awayFromAgents prefers another node than those of the run's agents: their load would disturb the service and each
// other.
func awayFromAgents(run string) *corev1.Affinity {
	return &corev1.Affinity{PodAntiAffinity: &corev1.PodAntiAffinity{
		PreferredDuringSchedulingIgnoredDuringExecution: []corev1.WeightedPodAffinityTerm{{
			Weight: 100, PodAffinityTerm: corev1.PodAffinityTerm{
				TopologyKey: corev1.LabelHostname,
				LabelSelector: &metav1.LabelSelector{
					MatchLabels: map[string]string{labelRun: run, labelRole: agentRole},
				},
			},
		}},
	}}
}
