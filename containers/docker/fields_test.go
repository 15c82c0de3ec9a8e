package docker

import (
	"context"
	"encoding/json"
	"io"
	"reflect"
	"testing"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/volume"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"plan/containers"
	"plan/internal/filled"
)

// Every field of a spec is in what the engine is asked for.
func TestEveryFieldOfASpecIsAsked(t *testing.T) {
	service, generator := &containers.Spec{}, &containers.Spec{Role: containers.Generator}
	filled.Fill(service)
	filled.Fill(generator)
	var cases []filled.Case
	for _, spec := range []*containers.Spec{service, generator} {
		cases = append(cases, filled.Case{Of: spec, Gives: func() any { return askedFor(t, *spec) }})
	}
	filled.Hold(t, nil, cases...)
}

// What the engine has of a container's limits is what they were, of each alone
// and of all together.
func TestEveryLimitIsReadBack(t *testing.T) {
	all := containers.Limits{}
	filled.Fill(&all)
	cases := []containers.Limits{all}
	for _, field := range reflect.VisibleFields(reflect.TypeOf(all)) {
		var alone containers.Limits
		reflect.ValueOf(&alone).Elem().FieldByIndex(field.Index).SetInt(64_000_000)
		cases = append(cases, alone)
	}
	for _, limits := range cases {
		given, err := json.Marshal(hostConfigOf(containers.Spec{Limits: limits}, ""))
		if err != nil {
			t.Fatal(err)
		}
		var taken container.HostConfig
		if err := json.Unmarshal(given, &taken); err != nil {
			t.Fatal(err)
		}
		got := stateOf(container.InspectResponse{ContainerJSONBase: &container.ContainerJSONBase{State: &container.State{}, HostConfig: &taken}}).Limits
		if got != limits {
			t.Errorf("%+v became %+v: see setLimits and limitsOf", limits, got)
		}
	}
}

// askedFor is all that the engine is asked for to make a container.
func askedFor(t *testing.T, spec containers.Spec) []any {
	t.Helper()
	f := &taking{fake: &fake{}}
	d := newFake(f)
	i := d.instance(spec)
	if err := i.create(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := d.copyFiles(t.Context(), i.id, i.name, spec.Files); err != nil {
		t.Fatal(err)
	}
	return f.asked
}

// taking is an engine that has every network and no volume, and takes whatever
// it is asked for.
type taking struct {
	*fake
	asked []any
}

func (f *taking) ContainerCreate(_ context.Context, config *container.Config, host *container.HostConfig, networks *network.NetworkingConfig, _ *ocispec.Platform, name string) (container.CreateResponse, error) {
	f.asked = append(f.asked, config, host, networks, name)
	return container.CreateResponse{}, nil
}

func (f *taking) NetworkInspect(_ context.Context, name string, _ network.InspectOptions) (network.Inspect, error) {
	return network.Inspect{Name: name}, nil
}

func (f *taking) NetworkConnect(_ context.Context, name, _ string, settings *network.EndpointSettings) error {
	f.asked = append(f.asked, name, settings)
	return nil
}

func (f *taking) VolumeInspect(context.Context, string) (volume.Volume, error) {
	return volume.Volume{}, missing{io.EOF}
}

func (f *taking) VolumeCreate(_ context.Context, options volume.CreateOptions) (volume.Volume, error) {
	f.asked = append(f.asked, options)
	return volume.Volume{}, nil
}

func (f *taking) CopyToContainer(_ context.Context, _, _ string, content io.Reader, _ container.CopyToContainerOptions) error {
	archive, err := io.ReadAll(content)
	f.asked = append(f.asked, archive)
	return err
}
