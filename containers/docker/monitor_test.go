package docker

import (
	"context"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/events"
	"github.com/google/go-cmp/cmp"

	"plan/containers"
	"plan/internal/units"
)

// ContainerList shows what ended as running still, as engines do for a moment.
func (f *fake) ContainerList(context.Context, container.ListOptions) ([]container.Summary, error) {
	var list []container.Summary
	for _, id := range slices.Sorted(maps.Keys(f.containers)) {
		list = append(list, container.Summary{ID: id})
	}
	return list, nil
}

// ContainerStats returns two samples, with a start anew between them.
func (f *fake) ContainerStats(context.Context, string, bool) (container.StatsResponseReader, error) {
	const samples = `{"read":"2026-11-24T01:00:00Z","memory_stats":{"usage":3000000},"cpu_stats":{"cpu_usage":{"total_usage":2000000000}}}
{"read":"2026-11-24T01:00:01Z","memory_stats":{"usage":2000000},"cpu_stats":{"cpu_usage":{"total_usage":500000000}}}
`
	return container.StatsResponseReader{Body: io.NopCloser(strings.NewReader(samples))}, nil
}

func running(name string, labels map[string]string) container.InspectResponse {
	return container.InspectResponse{
		ContainerJSONBase: &container.ContainerJSONBase{
			ID: name, Name: "/" + name, State: &container.State{Running: true},
			HostConfig: &container.HostConfig{Resources: container.Resources{Memory: 64 << 20, CPUQuota: 150_000}},
		},
		Config: &container.Config{Labels: labels},
	}
}

func roles(b *Monitor) map[string]containers.Role {
	roles := map[string]containers.Role{}
	for _, r := range b.Readings() {
		roles[r.Name] = r.Role
	}
	return roles
}

func TestWhoIsFollowedAndAsWhat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{containers: map[string]container.InspectResponse{}}
		d, _, errs := watched(t, f)
		defer d.Close()
		for name, labels := range map[string]map[string]string{
			"redis":  nil,
			"theirs": {labelRun: "r2", labelRole: string(containers.Subject)},
			"ours":   {labelRun: "r1", labelRole: string(containers.Subject)},
			"db":     {labelRun: "r1", labelRole: string(containers.Helper)},
			"locust": {labelRun: "r1", labelRole: string(containers.Generator)},
			"agent":  {labelRun: "r1", labelRole: agentRole},
		} {
			f.containers[name] = running(name, labels)
		}
		b, err := d.Monitor(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		synctest.Wait()
		want := map[string]containers.Role{
			"redis": containers.Neighbour, "theirs": containers.Neighbour, "db": containers.Helper,
			"locust": containers.Generator, "agent": containers.Generator,
		}
		if diff := cmp.Diff(want, roles(b)); diff != "" {
			t.Error(diff)
		}
		if got := b.Readings()[0].Limits; got != (containers.Limits{Memory: 64 * units.MiB, CPUs: 1500}) {
			t.Errorf("limits are %+v", got)
		}

		f.containers["redis"].State.Running = false // told while the stream was broken, and listed still
		f.streams <- eventStream{make(chan events.Message), make(chan error)}
		errs <- errors.New("unexpected EOF")
		synctest.Wait()
		delete(want, "redis")
		if diff := cmp.Diff(want, roles(b)); diff != "" {
			t.Errorf("after the end of one: %s", diff)
		}
	})
}

// faltering is an engine that cannot list its containers the second time.
type faltering struct {
	engine
	lists int
}

func (f *faltering) ContainerList(ctx context.Context, options container.ListOptions) ([]container.Summary, error) {
	if f.lists++; f.lists == 2 {
		return nil, errors.New("too many open files")
	}
	return f.engine.ContainerList(ctx, options)
}

func TestALookThatFailsIsTakenAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{containers: map[string]container.InspectResponse{}}
		d, _, _ := watched(t, f)
		defer d.Close()
		d.engine = &faltering{engine: f}
		b, err := d.Monitor(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		f.containers["redis"] = running("redis", nil)
		d.watch.requestRefresh()
		synctest.Wait()
		if got := b.Readings(); len(got) != 0 {
			t.Errorf("before the second look: %v", got)
		}
		time.Sleep(monitorEvery)
		synctest.Wait()
		if got := b.Readings(); len(got) != 1 {
			t.Errorf("after it: %v", got)
		}
	})
}

func TestFiguresGrowAcrossARestart(t *testing.T) {
	var got []containers.Usage
	s := sampler{engine: &fake{}, record: func(usage containers.Usage) { got = append(got, usage) }}
	stats, err := s.engine.ContainerStats(t.Context(), "1f", true)
	if err != nil {
		t.Fatal(err)
	}
	s.readStats(stats.Body)
	if len(got) != 2 || *got[0].CPUSeconds != 2 || *got[1].CPUSeconds != 2.5 {
		t.Errorf("samples are %+v", got)
	}
}
