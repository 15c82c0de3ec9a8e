package kubernetes

import (
	"os"
	"strings"
	"testing"
	"time"

	"plan/internal/units"
)

// TestFiguresOfAKubelet reads pages in the form that a kubelet writes.
func TestFiguresOfAKubelet(t *testing.T) {
	page, err := os.ReadFile("testdata/summary.json")
	if err != nil {
		t.Fatal(err)
	}
	all, err := readSummary(page)
	if err != nil {
		t.Fatal(err)
	}
	counters, err := os.Open("testdata/cadvisor.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer counters.Close()
	if err := addCounters(all, counters); err != nil {
		t.Fatal(err)
	}
	u, known := all[podKey{"default", "plan-r1-api"}]
	if !known || len(all) != 2 {
		t.Fatalf("%d pods: %v", len(all), all)
	}
	if *u.WorkingSet != 62_914_560 || *u.Anonymous != 60_817_408 || *u.MajorFaults != 7 || *u.CPUSeconds != 1.25 ||
		*u.Peak != units.Bytes(73_400_320) || *u.Periods != 120 || *u.ThrottledPeriods != 12 || *u.ThrottledSeconds != 0.75 ||
		*u.OOMKills != 2 || !u.At.Equal(time.UnixMilli(1_764_403_210_123)) {
		t.Errorf("%+v", u)
	}
	other := all[podKey{"kube-system", "dns"}]
	if other.OOMKills != nil || other.WorkingSet == nil || other.Peak != nil {
		t.Errorf("what is not reported is known: %+v", other)
	}
}

// TestContainersWithNames: recorded from a kubelet that knew them too, after the only worker had been killed for memory.
// Neither the sandbox of a pod nor its group is counted.
func TestContainersWithNames(t *testing.T) {
	counters, err := os.Open("testdata/named.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer counters.Close()
	api, agent := podKey{"default", "plan-20261130-215702-3653-api-check-answers-1"}, podKey{"default", "plan-20261130-215702-3653-agent"}
	all := map[podKey]reading{api: {}, agent: {}}
	if err := addCounters(all, counters); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[podKey]struct {
		kills int64
		peak  units.Bytes
		at    int64
	}{api: {1, 104_202_240, 1_796_075_838_088}, agent: {0, 15_851_520, 1_796_075_835_595}} {
		u := all[key]
		if u.OOMKills == nil || *u.OOMKills != want.kills || u.Peak == nil || *u.Peak != want.peak || !u.At.Equal(time.UnixMilli(want.at)) || !u.latest.Equal(u.At) {
			t.Errorf("%s: %+v, want %+v", key.name, u, want)
		}
	}
}

// TestContainersWithoutNames: recorded from a kubelet that knew only the names of pods, while one of two workers had been
// killed for memory.
func TestContainersWithoutNames(t *testing.T) {
	counters, err := os.Open("testdata/unnamed.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer counters.Close()
	api := podKey{"default", "plan-20261129-094237-335d-api-check-answers-1"}
	all := map[podKey]reading{api: {}}
	if err := addCounters(all, counters); err != nil {
		t.Fatal(err)
	}
	if u := all[api]; len(all) != 1 || u.OOMKills == nil || *u.OOMKills != 1 || u.Peak == nil || *u.Peak < 90*units.MiB || !u.At.Equal(time.UnixMilli(1_795_945_393_710)) || !u.latest.After(u.At) {
		t.Errorf("%d pods, %+v", len(all), u)
	}
}

func TestLinesOfMetrics(t *testing.T) {
	for _, line := range []string{
		"", "# HELP container_oom_events_total kills", "container_scrape_error 0", `container_x{a="b"`, `container_x{a="b"} `,
		`container_x{a="b"} many`, `machine_memory_bytes{a="b"} 1`,
	} {
		if _, ok := metricOf(line); ok {
			t.Errorf("%q is a figure", line)
		}
	}
	m, ok := metricOf(`container_x{pod="p",container="",id="/kubepods/a b"} 1.5e+03`)
	if !ok || m.name != "container_x" || m.labels["pod"] != "p" || m.labels["id"] != "/kubepods/a b" || m.value != 1500 || !m.at.IsZero() {
		t.Errorf("%v %+v", ok, m)
	}
}

// TestAPeakOfZeroIsNotKnown: a kernel of cgroup v2 before 5.19 has no peak.
func TestAPeakOfZeroIsNotKnown(t *testing.T) {
	api := podKey{"default", "api"}
	for value, known := range map[string]bool{"0": false, "1": true} {
		all := map[podKey]reading{api: {}}
		page := `container_memory_max_usage_bytes{container="main",namespace="default",pod="api"} ` + value + " 1764403210123\n"
		if err := addCounters(all, strings.NewReader(page)); err != nil || (all[api].Peak != nil) != known {
			t.Errorf("%s: %v, %v", value, all[api].Peak, err)
		}
	}
}
