//go:build kubernetes

package cluster

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	apps "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// TestTheJournalOfACluster gives the tables and reports of its run, its verdicts hold, and a Deployment takes its limits.
func TestTheJournalOfACluster(t *testing.T) {
	dir := t.TempDir()
	reports := func(of string) (args []string) {
		for _, format := range []string{"json", "csv", "junit", "markdown", "html"} {
			args = append(args, "--report", format+"="+of+"."+format)
		}
		return args
	}
	run := plan(t, dir, append(onCluster(t, "least.hcl", "default", "image="+*cat, `command=["--memory", "70M"]`), reports("run")...)...)
	if run.code != 0 {
		t.Fatalf("exit %d\n%s", run.code, run.text)
	}
	read := func(name string) []byte {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Error(err)
		}
		return text
	}
	again := plan(t, dir, append([]string{"report"}, reports("again")...)...)
	if tables, _, _ := strings.Cut(again.text, "journal: "); again.code != 0 || !strings.Contains(run.text, tables) {
		t.Errorf("exit %d, other tables than those of the run:\n%s\n%s", again.code, again.text, run.text)
	}
	for _, format := range []string{"json", "csv", "junit", "markdown", "html"} {
		if !bytes.Equal(read("again."+format), read("run."+format)) {
			t.Errorf("%s of the journal differs from that of the run", format)
		}
	}
	if r := plan(t, dir, "report", "--verify"); r.code != 0 {
		t.Errorf("--verify: exit %d\n%s", r.code, r.text)
	}
	var platform struct {
		Run struct {
			Platform struct {
				Name string `json:"name"`
			} `json:"platform"`
		} `json:"run"`
	}
	if err := json.Unmarshal(read("run.json"), &platform); err != nil || platform.Run.Platform.Name != "kubernetes" {
		t.Errorf("%+v, %v", platform, err)
	}
	if r := plan(t, dir, "export", "--format", "kubernetes", "--output", "limits.yaml"); r.code != 0 {
		t.Fatalf("export: exit %d\n%s", r.code, r.text)
	}
	patch, err := yaml.ToJSON(read("limits.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	all, labels := api.AppsV1().Deployments("default"), map[string]string{"app": "api"}
	_, err = all.Create(t.Context(), &apps.Deployment{ObjectMeta: metav1.ObjectMeta{Name: "api"}, Spec: apps.DeploymentSpec{
		Replicas: new(int32), Selector: &metav1.LabelSelector{MatchLabels: labels},
		Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: corev1.PodSpec{
			Containers: []corev1.Container{{Name: "api", Image: *image}, {Name: "beside", Image: *image}},
		}},
	}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = all.Delete(context.Background(), "api", metav1.DeleteOptions{}) })
	got, err := all.Patch(t.Context(), "api", types.StrategicMergePatchType, patch, metav1.PatchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	of := got.Spec.Template.Spec.Containers
	if limit := of[0].Resources.Limits.Memory().String(); len(of) != 2 || limit != "100Mi" || of[0].Image != *image || len(of[1].Resources.Limits) > 0 {
		t.Errorf("%+v", of)
	}
}
