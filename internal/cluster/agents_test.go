//go:build kubernetes

package cluster

import (
	"bufio"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestFourAgentsSendOneLoad: the counts and percentiles of 20,000 users are those of the requests that all agents sent.
func TestFourAgentsSendOneLoad(t *testing.T) {
	dir := t.TempDir()
	var agents []string
	wait := underLoad(t, func(corev1.Pod) error {
		pods, err := api.CoreV1().Pods("default").List(t.Context(), metav1.ListOptions{LabelSelector: "plan.role=agent"})
		for _, pod := range pods.Items {
			agents = append(agents, pod.Name)
		}
		return err
	})
	args := append(onCluster(t, "agents.hcl", "default", "users=20000", "pause=15s"), "--report", "requests=requests.json")
	r := plan(t, dir, args...)
	wait()
	trials := readReport(t, dir, r).Stages[0].Trials
	if r.code > 1 || len(trials) != 1 || trials[0].Load == nil || len(agents) != 4 { // 1: a request failed
		t.Fatalf("exit %d, agents %q\n%s", r.code, agents, r.text)
	}
	file, err := os.Open(filepath.Join(dir, "requests.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var took []float64
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var line struct {
			Status   int     `json:"http.response.status_code"`
			Duration float64 `json:"http.client.request.duration"`
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		if line.Status == 200 {
			took = append(took, line.Duration)
		}
	}
	slices.Sort(took)
	load := trials[0].Load
	if len(took) == 0 || load.OK != len(took) {
		t.Fatalf("%d OK, and %d in the lines of requests", load.OK, len(took))
	}
	for share, got := range map[float64]float64{0.5: load.Latency.P50, 0.95: load.Latency.P95, 0.99: load.Latency.P99} {
		want := took[int(math.Ceil(share*float64(len(took))))-1]
		if math.Abs(got-want) > max(0.002*want, 1e-6) { // three significant figures, in whole microseconds
			t.Errorf("p%.0f is %f, of all requests %f", 100*share, got, want)
		}
	}
	t.Logf("%d requests, p50 %.4f, p95 %.4f, p99 %.4f", len(took), load.Latency.P50, load.Latency.P95, load.Latency.P99)
}

// TestALostAgentIsNoVerdict: the trial whose load lost the share of an agent is invalid.
func TestALostAgentIsNoVerdict(t *testing.T) {
	dir := t.TempDir()
	wait := underLoad(t, func(corev1.Pod) error {
		pods := api.CoreV1().Pods("default")
		all, err := pods.List(t.Context(), metav1.ListOptions{LabelSelector: "plan.role=agent"})
		if err != nil {
			return err
		}
		last := slices.MaxFunc(all.Items, func(a, b corev1.Pod) int { return strings.Compare(a.Name, b.Name) })
		return pods.Delete(t.Context(), last.Name, metav1.DeleteOptions{GracePeriodSeconds: new(int64)})
	})
	r := plan(t, dir, onCluster(t, "agents.hcl", "default", "users=40", "pause=1s")...)
	wait()
	if got := reasons(readReport(t, dir, r)); r.code != 5 || !slices.Equal(got, []string{"generator"}) {
		t.Errorf("exit %d, %q\n%s", r.code, got, r.text)
	}
	if left := made(t, "default"); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}
