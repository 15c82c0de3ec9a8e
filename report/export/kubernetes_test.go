package export

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"k8s.io/apimachinery/pkg/util/yaml"

	"plan/runner/journal"
)

// patches returns the documents of a file as JSON, each of which must be a Deployment.
func patches(t *testing.T, text string) [][]byte {
	t.Helper()
	var all [][]byte
	for _, document := range strings.Split(text, "---\n") {
		patch, err := yaml.ToJSON([]byte(document))
		if err != nil {
			t.Fatal(err)
		}
		strict := json.NewDecoder(bytes.NewReader(patch))
		strict.DisallowUnknownFields()
		var d appsv1.Deployment
		if err := strict.Decode(&d); err != nil || d.APIVersion != "apps/v1" || d.Kind != "Deployment" {
			t.Errorf("%v: %s", err, patch)
		}
		all = append(all, patch)
	}
	return all
}

func TestEachServiceIsADeployment(t *testing.T) {
	run := runOf(memory(0.5, 3), check())
	if all := patches(t, written(t, formatOf("kubernetes"), run, "")); len(all) != 2 {
		t.Errorf("%d documents", len(all))
	}
}

// TestADeploymentTakesTheLimits: the API's own types read what is written, and its merge
// sets the limits of a deployment that has others, and leaves the rest of it alone.
func TestADeploymentTakesTheLimits(t *testing.T) {
	const before = `{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "api", "labels": {"a": "b"}}, "spec": {
		"replicas": 2, "selector": {"matchLabels": {"app": "api"}}, "template": {"metadata": {"labels": {"app": "api"}}, "spec": {"containers": [
			{"name": "proxy", "image": "proxy:1", "resources": {"limits": {"memory": "64Mi"}}},
			{"name": "api", "image": "api:1", "resources": {"limits": {"cpu": "4", "memory": "8Gi"}, "requests": {"cpu": "1"}}}]}}}}`
	for name, c := range map[string]struct {
		run       journal.Run
		container string
		replicas  int32
		cpu       string
	}{
		"one replica":       {runOf(memory(0.5, 1)), "", 2, "500m"},
		"three replicas":    {runOf(memory(0.5, 3)), "", 3, "500m"},
		"another container": {runOf(memory(2, 1)), "proxy", 2, "2"},
		"PIDs":              {pidsRun(), "", 2, "500m"},
	} {
		patch := patches(t, written(t, formatOf("kubernetes"), c.run, c.container))[0]
		merged, err := strategicpatch.StrategicMergePatch([]byte(before), patch, appsv1.Deployment{})
		if err != nil {
			t.Fatal(err)
		}
		var d appsv1.Deployment
		if err := json.Unmarshal(merged, &d); err != nil {
			t.Fatal(err)
		}
		containers := d.Spec.Template.Spec.Containers
		if *d.Spec.Replicas != c.replicas || d.Spec.Selector.MatchLabels["app"] != "api" || d.Labels["a"] != "b" || len(containers) != 2 {
			t.Errorf("%s: %s", name, merged)
		}
		for _, container := range containers {
			limits := container.Resources.Limits
			if container.Image != container.Name+":1" {
				t.Errorf("%s: the image of %s is %s", name, container.Name, container.Image)
			}
			if (container.Name == "api") != (c.container == "") {
				continue
			}
			for which, want := range map[corev1.ResourceName]string{corev1.ResourceMemory: "1500Mi", corev1.ResourceCPU: c.cpu} {
				limit, request := limits[which], container.Resources.Requests[which]
				if limit.Cmp(resource.MustParse(want)) != 0 || request.Cmp(limit) != 0 {
					t.Errorf("%s: %s of %s is %s, requested %s", name, which, container.Name, &limit, &request)
				}
			}
		}
	}
}
