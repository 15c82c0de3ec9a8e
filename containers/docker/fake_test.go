package docker

import (
	"context"
	"errors"
	"time"

	"github.com/docker/cli/cli/config/configfile"
	"github.com/docker/docker/api/types"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/events"
	"github.com/docker/docker/api/types/network"
)

// fake is an engine that knows only what a test puts into it; anything else
// that is asked of it panics.
type fake struct {
	engine
	down       error // what every call answers, if it is set
	containers map[string]container.InspectResponse
	networks   []network.Inspect
	streams    chan eventStream // one for each call of Events
}

func newFake(e engine) *Docker {
	d := newDocker(Options{Run: "r1", Lock: "/nowhere/lock"}, e, configfile.New(""))
	d.groups = func() map[string]groups { return nil } // of other runs on this machine
	return d
}

type missing struct{ error }

func (missing) NotFound() {}

func (f *fake) DaemonHost() string { return "unix:///fake.sock" }

func (f *fake) Close() error { return nil }

func (f *fake) Ping(context.Context) (types.Ping, error) { return types.Ping{}, f.down }

func (f *fake) Events(ctx context.Context, _ events.ListOptions) (<-chan events.Message, <-chan error) {
	select {
	case s := <-f.streams:
		return s.messages, s.errs
	case <-ctx.Done():
		return nil, nil
	}
}

func (f *fake) ContainerInspect(_ context.Context, id string) (container.InspectResponse, error) {
	if c, ok := f.containers[id]; ok {
		return c, f.down
	}
	return container.InspectResponse{}, missing{errors.New("No such container: " + id)}
}

func (f *fake) NetworkList(context.Context, network.ListOptions) ([]network.Summary, error) {
	return f.networks, f.down
}

// NetworkCreate takes a second, and makes the network whatever becomes of ctx.
func (f *fake) NetworkCreate(ctx context.Context, name string, _ network.CreateOptions) (network.CreateResponse, error) {
	f.networks = append(f.networks, network.Inspect{ID: name + "-id", Name: name})
	if !sleep(ctx, time.Second) {
		return network.CreateResponse{}, ctx.Err()
	}
	return network.CreateResponse{ID: name + "-id"}, nil
}

func (f *fake) NetworkInspect(_ context.Context, name string, _ network.InspectOptions) (network.Inspect, error) {
	for _, n := range f.networks {
		if n.Name == name {
			return n, nil
		}
	}
	return network.Inspect{}, missing{errors.New("network " + name + " not found")}
}
