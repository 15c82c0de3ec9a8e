package docker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/docker/docker/api/types"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/api/types/mount"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/volume"
	"github.com/docker/docker/client"
	"github.com/docker/docker/pkg/stdcopy"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"plan/containers"
	"plan/internal/units"
)

// storing is an engine with volumes. A container on it only says something.
type storing struct {
	engine
	volumes []string
	down    error
	said    string // on its standard output
	failed  string // on its standard error
	asked   []string
	host    *container.HostConfig // of the container
}

func (f *storing) DaemonHost() string { return "unix:///fake.sock" }

func (f *storing) ask(what string) { f.asked = append(f.asked, what) }

func (f *storing) VolumeInspect(_ context.Context, name string) (volume.Volume, error) {
	if f.down == nil && !slices.Contains(f.volumes, name) {
		return volume.Volume{}, missing{errors.New("no such volume: " + name)}
	}
	return volume.Volume{Name: name}, f.down
}

func (f *storing) VolumeRemove(_ context.Context, name string, force bool) error {
	f.ask("remove " + name)
	if force {
		return errors.New("by force")
	}
	if !slices.Contains(f.volumes, name) {
		return missing{errors.New("no such volume: " + name)}
	}
	f.volumes = slices.DeleteFunc(f.volumes, func(v string) bool { return v == name })
	return nil
}

func (f *storing) VolumeCreate(_ context.Context, options volume.CreateOptions) (volume.Volume, error) {
	f.ask(fmt.Sprintf("create %s of run %s", options.Name, options.Labels[labelRun]))
	f.volumes = append(f.volumes, options.Name)
	return volume.Volume{Name: options.Name}, nil
}

func (f *storing) ImageInspect(context.Context, string, ...client.ImageInspectOption) (image.InspectResponse, error) {
	return image.InspectResponse{}, nil
}

func (f *storing) ContainerCreate(_ context.Context, config *container.Config, host *container.HostConfig, _ *network.NetworkingConfig,
	_ *ocispec.Platform, _ string) (container.CreateResponse, error) {
	f.ask(strings.Join(config.Entrypoint, " "))
	f.host = host
	return container.CreateResponse{ID: "c1"}, nil
}

func (f *storing) ContainerAttach(context.Context, string, container.AttachOptions) (types.HijackedResponse, error) {
	ours, its := net.Pipe()
	go func() {
		defer its.Close()
		_, _ = stdcopy.NewStdWriter(its, stdcopy.Stdout).Write([]byte(f.said))
		_, _ = stdcopy.NewStdWriter(its, stdcopy.Stderr).Write([]byte(f.failed))
	}()
	return types.NewHijackedResponse(ours, ""), nil
}

func (f *storing) ContainerStart(context.Context, string, container.StartOptions) error { return nil }

func (f *storing) ContainerRemove(_ context.Context, id string, _ container.RemoveOptions) error {
	f.ask("remove " + id)
	return nil
}

// What a run mounts for a volume: itself only if it is there and nothing is written to
// it.
func TestVolumesOfARun(t *testing.T) {
	const fresh = "remove plan-r1-data, create plan-r1-data of run r1"
	for _, c := range []struct {
		name    string
		engine  storing
		written bool
		want    containers.RunVolume
		asked   string
		err     string // part of it
	}{
		{name: "there, and only read", engine: storing{volumes: []string{"data"}}, want: containers.RunVolume{Name: "data"}},
		{
			name: "there, and written to", engine: storing{volumes: []string{"data"}, said: `{"bytes":4096}`}, written: true,
			want: containers.RunVolume{Name: "plan-r1-data", Copied: 4 * units.KiB}, asked: fresh + ", /plan copy-volume, remove c1",
		},
		{
			name: "copied before", engine: storing{volumes: []string{"data", "plan-r1-data"}, said: `{"bytes":1}`}, written: true,
			want: containers.RunVolume{Name: "plan-r1-data", Copied: 1}, asked: fresh + ", /plan copy-volume, remove c1",
		},
		{name: "not there, and written to", written: true, want: containers.RunVolume{Name: "plan-r1-data"}, asked: fresh},
		{name: "not there, and only read", want: containers.RunVolume{Name: "plan-r1-data"}, asked: fresh},
		{
			name: "too large", engine: storing{volumes: []string{"data"}, said: `{"bytes":5,"too_large":true}`}, written: true,
			want: containers.RunVolume{Name: "plan-r1-data"}, asked: fresh + ", /plan copy-volume, remove c1",
			err: `the volume data is too large to copy for the run: it has more than 2G (mount it read-only if the service only reads it: "data:PATH:ro"; else`,
		},
		{
			name: "a copy that fails", engine: storing{volumes: []string{"data"}, failed: "plan: no space left on device"}, written: true,
			want: containers.RunVolume{Name: "plan-r1-data"}, asked: fresh + ", /plan copy-volume, remove c1",
			err: "the volume data cannot be copied: unexpected EOF: it printed: plan: no space left on device",
		},
		{name: "an engine that is gone", engine: storing{down: errors.New("gone")}, written: true, err: "gone"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := newFake(&c.engine).Volume(t.Context(), "data", c.written)
			if got != c.want {
				t.Errorf("%+v, not %+v", got, c.want)
			}
			if asked := strings.Join(c.engine.asked, ", "); asked != c.asked {
				t.Errorf("the engine was asked to %s, not to %s", asked, c.asked)
			}
			if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Errorf("%v, not %s", err, c.err)
			}
			if h := c.engine.host; h != nil {
				from, to := h.Mounts[0], h.Mounts[1]
				if from.Source != "data" || !from.ReadOnly || to.Source != "plan-r1-data" || to.ReadOnly ||
					from.Target != CopyFrom || to.Target != CopyTo || from.Type != mount.TypeVolume || to.Type != mount.TypeVolume {
					t.Errorf("it mounts %+v", h.Mounts)
				}
				if h.NetworkMode != "none" {
					t.Errorf("it has the network %s", h.NetworkMode)
				}
			}
		})
	}
}

// The copy ends with its run.
func TestACopyThatIsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	e := &stuck{storing: storing{volumes: []string{"data"}}, begun: cancel}
	if _, err := newFake(e).Volume(ctx, "data", true); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if !slices.Contains(e.asked, "remove c1") {
		t.Errorf("its container is left: %v", e.asked)
	}
}

// TestAReadInsideAContainerEnds: the command inside says nothing.
func TestAReadInsideAContainerEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &stuck{begun: func() {}}
		d := newFake(e)
		d.executable.binary = "volume_test.go" // any file
		begun := time.Now()
		_, err := d.instance(containers.Spec{Service: "api"}).runInside(t.Context(), ResidentCommand)
		if took := time.Since(begun); err == nil || took > insideTimeout+time.Second || !slices.Contains(e.asked, "remove c1") {
			t.Errorf("after %s: %v, %v", took, err, e.asked)
		}
	})
}

// stuck is an engine whose container says nothing, until its streams are closed.
type stuck struct {
	storing
	begun func()
}

func (f *stuck) ContainerAttach(context.Context, string, container.AttachOptions) (types.HijackedResponse, error) {
	ours, its := net.Pipe()
	go func() { _, _ = new(bytes.Buffer).ReadFrom(its) }()
	return types.NewHijackedResponse(ours, ""), nil
}

func (f *stuck) ContainerStart(context.Context, string, container.StartOptions) error {
	f.begun()
	return nil
}
