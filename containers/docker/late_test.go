package docker

import (
	"context"
	"errors"
	"testing"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

type conflict struct{ error }

func (conflict) Conflict() {}

// naming is an engine whose containers have unique names.
type naming struct{ fake }

func (f *naming) ContainerCreate(_ context.Context, config *container.Config, _ *container.HostConfig, _ *network.NetworkingConfig,
	_ *ocispec.Platform, name string) (container.CreateResponse, error) {
	if _, there := f.containers[name]; there {
		return container.CreateResponse{}, conflict{errors.New("the name is in use")}
	}
	f.containers[name] = container.InspectResponse{
		ContainerJSONBase: &container.ContainerJSONBase{ID: name}, Config: config,
	}
	return container.CreateResponse{ID: name}, nil
}

func (f *naming) ContainerRemove(_ context.Context, id string, _ container.RemoveOptions) error {
	delete(f.containers, id)
	return nil
}

// TestMadeLate: the engine may make what a killed process of a run asked for after the
// resumed one has removed its leftovers. What bears the run's label is not in the way.
func TestMadeLate(t *testing.T) {
	for _, c := range []struct {
		run   string // the label of what is there
		taken bool
	}{{"r1", false}, {"r2", true}, {"", true}} {
		labels := map[string]string{labelRun: c.run}
		e := &naming{fake{
			networks: []network.Inspect{{ID: "late", Name: "plan-r1", Labels: labels}},
			containers: map[string]container.InspectResponse{
				"plan-r1-api": {ContainerJSONBase: &container.ContainerJSONBase{ID: "plan-r1-api"}, Config: &container.Config{Labels: labels}},
			},
		}}
		d := newFake(e)
		_, err := d.Network(t.Context(), "", false)
		if id, own := d.owns("plan-r1"); (err != nil) != c.taken || own == c.taken || own && id != "late" {
			t.Errorf("a network with the label %q: %v, owned %t (%s)", c.run, err, own, id)
		}
		id, err := d.createContainer(t.Context(), "plan-r1-api", &container.Config{Labels: map[string]string{labelRun: "r1", "new": ""}}, nil, nil)
		if (err != nil) != c.taken {
			t.Errorf("a container with the label %q: %v", c.run, err)
		}
		if _, replaced := e.containers["plan-r1-api"].Config.Labels["new"]; replaced == c.taken || !c.taken && id != "plan-r1-api" {
			t.Errorf("a container with the label %q: replaced %t, ID %q", c.run, replaced, id)
		}
	}
}
