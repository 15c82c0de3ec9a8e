package kubernetes

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
	"time"

	"k8s.io/client-go/rest"

	"plan/containers"
	"plan/internal/units"
)

// nodeReader reads pages of a node's kubelet.
type nodeReader interface {
	read(ctx context.Context, node, path string) ([]byte, error)
}

// proxyReader reads them through the API, which needs the verb get on nodes/proxy.
type proxyReader struct{ requests rest.Interface }

func (p proxyReader) read(ctx context.Context, node, path string) ([]byte, error) {
	path, parameter, _ := strings.Cut(path, "?")
	get := p.requests.Get().Resource("nodes").Name(node).SubResource("proxy").Suffix(strings.Split(path, "/")...)
	if name, value, has := strings.Cut(parameter, "="); has {
		get = get.Param(name, value)
	}
	return get.DoRaw(ctx)
}

// Pages of the kubelet.
const (
	summaryPath  = "stats/summary?only_cpu_and_memory=true" // it looks at no file systems
	cadvisorPath = "metrics/cadvisor"
)

// podKey is a pod of any namespace.
type podKey struct{ namespace, name string }

// reading is the usage of a pod. Its containers were read from Usage.At to latest, by the clock of their node.
type reading struct {
	containers.Usage
	latest time.Time
}

// summary is what the page stats/summary has of a node's pods.
type summary struct {
	Pods []struct {
		Ref struct {
			Name      string `json:"name"`
			Namespace string `json:"namespace"`
		} `json:"podRef"`
		Containers []struct {
			Name string `json:"name"`
			CPU  struct {
				Time  time.Time `json:"time"`
				Nanos *uint64   `json:"usageCoreNanoSeconds"`
			} `json:"cpu"`
			Memory struct {
				Time        time.Time `json:"time"`
				WorkingSet  *uint64   `json:"workingSetBytes"`
				RSS         *uint64   `json:"rssBytes"`
				MajorFaults *uint64   `json:"majorPageFaults"`
			} `json:"memory"`
		} `json:"containers"`
	} `json:"pods"`
}

// readSummary returns the usage of each pod in a page stats/summary: memory, and CPU seconds. Of a pod with several
// containers it is their sum.
func readSummary(page []byte) (map[podKey]reading, error) {
	var s summary
	if err := json.Unmarshal(page, &s); err != nil {
		return nil, fmt.Errorf("stats/summary: %w", err)
	}
	all := map[podKey]reading{}
	for _, pod := range s.Pods {
		var sum reading
		for _, one := range pod.Containers {
			if one.Memory.Time.After(sum.At) {
				sum.At = one.Memory.Time
			}
			sum.WorkingSet = plus(sum.WorkingSet, units.Bytes(orNone(one.Memory.WorkingSet)), one.Memory.WorkingSet != nil)
			sum.Anonymous = plus(sum.Anonymous, units.Bytes(orNone(one.Memory.RSS)), one.Memory.RSS != nil)
			sum.MajorFaults = plus(sum.MajorFaults, int64(orNone(one.Memory.MajorFaults)), one.Memory.MajorFaults != nil)
			sum.CPUSeconds = plus(sum.CPUSeconds, float64(orNone(one.CPU.Nanos))/1e9, one.CPU.Nanos != nil)
		}
		sum.latest = sum.At
		all[podKey{pod.Ref.Namespace, pod.Ref.Name}] = sum
	}
	return all, nil
}

func orNone(n *uint64) uint64 {
	if n == nil {
		return 0
	}
	return *n
}

// plus adds a figure that is known to a sum; nil as long as none is known.
func plus[T int64 | float64 | units.Bytes](sum *T, n T, known bool) *T {
	switch {
	case !known:
		return sum
	case sum == nil:
		return &n
	}
	return new(*sum + n)
}

// addCounters adds to the usage of pods what a page metrics/cadvisor has of their containers: peak, periods of the CPU
// quota, kills. At and latest become the times of the counters of kills, which are read with the others: the earliest
// and the latest of a pod.
//
// A kubelet that does not know the names of containers gives those of their pods alone: then a container, and so the
// pod's sandbox too, is known by the group that it is in.
func addCounters(all map[podKey]reading, page io.Reader) error {
	var metrics []metric
	groups := map[string]podKey{} // of pods, by their ids
	lines := bufio.NewScanner(page)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		m, ok := metricOf(lines.Text())
		if !ok {
			continue
		}
		if m.labels["container"] == "" && m.labels["pod"] != "" && m.labels["name"] == "" {
			groups[m.labels["id"]] = podKey{m.labels["namespace"], m.labels["pod"]}
		}
		metrics = append(metrics, m)
	}
	timed := map[podKey]bool{}
	for _, m := range metrics {
		key := podKey{m.labels["namespace"], m.labels["pod"]}
		if m.labels["pod"] == "" {
			key = groups[path.Dir(m.labels["id"])]
		} else if m.labels["container"] == "" { // a pod
			continue
		}
		u, known := all[key]
		if !known {
			continue
		}
		switch m.name {
		case "container_memory_max_usage_bytes":
			if peak := units.Bytes(m.value); peak == 0 { // a kernel that does not have it
				continue
			} else if m.labels["pod"] != "" {
				u.Peak = plus(u.Peak, peak, true)
			} else if u.Peak == nil || *u.Peak < peak { // the sandbox has less
				u.Peak = &peak
			}
		case "container_cpu_cfs_periods_total":
			u.Periods = plus(u.Periods, int64(m.value), true)
		case "container_cpu_cfs_throttled_periods_total":
			u.ThrottledPeriods = plus(u.ThrottledPeriods, int64(m.value), true)
		case "container_cpu_cfs_throttled_seconds_total":
			u.ThrottledSeconds = plus(u.ThrottledSeconds, m.value, true)
		case "container_oom_events_total":
			u.OOMKills = plus(u.OOMKills, int64(m.value), true)
			switch {
			case m.at.IsZero():
			case !timed[key]:
				timed[key], u.At, u.latest = true, m.at, m.at
			case m.at.Before(u.At):
				u.At = m.at
			case m.at.After(u.latest):
				u.latest = m.at
			}
		}
		all[key] = u
	}
	return lines.Err()
}

// metric is a line of the text format of Prometheus.
type metric struct {
	name   string
	labels map[string]string
	value  float64
	at     time.Time // zero where the line has no time
}

// metricOf parses a line: name{label="value",…} value milliseconds.
func metricOf(line string) (metric, bool) {
	name, rest, found := strings.Cut(line, "{")
	if !found || strings.HasPrefix(line, "#") || !strings.HasPrefix(name, "container_") {
		return metric{}, false
	}
	end := strings.LastIndex(rest, "} ")
	if end < 0 {
		return metric{}, false
	}
	m := metric{name: name, labels: map[string]string{}}
	for text := rest[:end]; text != ""; {
		label, after, has := strings.Cut(text, `="`)
		if !has {
			break
		}
		content, next, _ := strings.Cut(after, `"`) // names of pods and containers have no quotes
		m.labels[label] = content
		text = strings.TrimPrefix(next, ",")
	}
	fields := strings.Fields(rest[end+2:])
	if len(fields) == 0 {
		return metric{}, false
	}
	var err error
	if m.value, err = strconv.ParseFloat(fields[0], 64); err != nil {
		return metric{}, false
	}
	if len(fields) > 1 {
		if millis, err := strconv.ParseInt(fields[1], 10, 64); err == nil {
			m.at = time.UnixMilli(millis)
		}
	}
	return m, true
}
