package images

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/docker/cli/cli/config/configfile"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/client"
	"github.com/google/go-cmp/cmp"

	"plan/containers"
)

// fake is an engine that has the images of a test; any other call panics.
type fake struct {
	Engine
	images []image.Summary
	used   map[string]bool // images that a container runs from, by reference
}

func newFake(f *fake, config *configfile.ConfigFile) *Store { return New(f, config) }

type missing struct{ error }

func (missing) NotFound() {}

func (f *fake) DaemonHost() string { return "unix:///fake.sock" }

func (f *fake) ImageInspect(_ context.Context, ref string, _ ...client.ImageInspectOption) (image.InspectResponse, error) {
	return image.InspectResponse{}, missing{errors.New("No such image: " + ref)}
}

func (f *fake) ImageList(context.Context, image.ListOptions) ([]image.Summary, error) {
	return f.images, nil
}

func (f *fake) ImageRemove(_ context.Context, ref string, options image.RemoveOptions) ([]image.DeleteResponse, error) {
	if f.used[ref] && !options.Force {
		return nil, errors.New("Error response from daemon: conflict: container 1f is using its referenced image")
	}
	return nil, nil
}

func isKind(err error, kind containers.Kind) bool {
	var known *containers.Error
	return errors.As(err, &known) && known.Kind == kind && known.Help != ""
}

func TestWhatIsNoNameIsNotAskedFor(t *testing.T) {
	_, err := newFake(&fake{}, configfile.New("")).Ensure(t.Context(), "reg:5000/User/api:1", containers.PullMissing, nil)
	if !isKind(err, containers.Other) || !strings.Contains(err.Error(), "reg:5000/User/api:1 is not a name for an image: invalid reference format: repository name") {
		t.Error(err)
	}
}

// The engine of a live test is shared, so a fake answers: the method removes the
// images of everybody.
func TestImagesInUseAreKept(t *testing.T) {
	s := newFake(&fake{
		images: []image.Summary{{RepoTags: []string{"plan-agent:aaa"}}, {RepoTags: []string{"plan-agent:bbb"}}, {ID: "sha256:ccc"}},
		used:   map[string]bool{"plan-agent:bbb": true},
	}, configfile.New(""))
	removed, kept, err := s.RemoveLabelled(t.Context(), "plan.role=agent-image")
	if diff := cmp.Diff([]string{"plan-agent:aaa", "sha256:ccc"}, removed); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	if len(kept) != 1 || !strings.HasPrefix(kept[0], "plan-agent:bbb: conflict:") {
		t.Errorf("kept are %q", kept)
	}
}
