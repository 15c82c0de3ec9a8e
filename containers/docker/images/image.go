// Package images finds, pulls, builds and pushes the images of an engine, and
// turns errors of registries into errors with a remedy.
//
// It does not know containers and runs.
package images

import (
	"context"
	"io"
	"slices"

	"github.com/docker/cli/cli/config/configfile"
	"github.com/docker/docker/api/types"
	"github.com/docker/docker/api/types/build"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/api/types/registry"
	"github.com/docker/docker/client"

	"plan/containers"
	"plan/containers/docker/apierror"
	"plan/internal/english"
	"plan/internal/units"
)

// Engine is what this package asks of Docker's client.
type Engine interface {
	DaemonHost() string
	ServerVersion(ctx context.Context) (types.Version, error)
	RegistryLogin(ctx context.Context, auth registry.AuthConfig) (registry.AuthenticateOKBody, error)
	DistributionInspect(ctx context.Context, ref, encodedAuth string) (registry.DistributionInspect, error)
	ImageInspect(ctx context.Context, ref string, options ...client.ImageInspectOption) (image.InspectResponse, error)
	ImageList(ctx context.Context, options image.ListOptions) ([]image.Summary, error)
	ImageLoad(ctx context.Context, input io.Reader, options ...client.ImageLoadOption) (image.LoadResponse, error)
	ImagePull(ctx context.Context, ref string, options image.PullOptions) (io.ReadCloser, error)
	ImagePush(ctx context.Context, ref string, options image.PushOptions) (io.ReadCloser, error)
	ImageRemove(ctx context.Context, ref string, options image.RemoveOptions) ([]image.DeleteResponse, error)
	ImageBuild(ctx context.Context, folder io.Reader, options build.ImageBuildOptions) (build.ImageBuildResponse, error)
	ImageTag(ctx context.Context, source, ref string) error
}

// Store is the images of one engine. It is safe for concurrent use.
type Store struct {
	engine Engine
	config *configfile.ConfigFile // docker's own, for credentials
	errs   apierror.Wrapper
}

// New returns the images of the engine. Credentials come from config.
func New(engine Engine, config *configfile.ConfigFile) *Store {
	return &Store{engine: engine, config: config, errs: apierror.Wrapper{Address: engine.DaemonHost()}}
}

// Image is an image that is on the engine.
type Image struct {
	ID     string
	Digest string      // the registry's; "" unless it was pushed or pulled just now
	Size   units.Bytes // unpacked
}

// Ensure returns an image by reference or id, and pulls it as pull says; "" means
// containers.PullMissing. progress, which may be nil, receives a line about once
// a second during a pull. The error of an image that is missing names the most
// similar reference on the engine.
func (s *Store) Ensure(ctx context.Context, reference string, pull containers.Pull, progress func(string)) (Image,
	error) {
	if _, err := registryOf(reference); err != nil && !isID(reference) {
		return Image{}, err
	}
	found, err := s.inspect(ctx, reference)
	missing := apierror.NotFound(err)
	switch {
	case err != nil && !missing:
		return Image{}, s.errs.Wrap("the image "+reference+" cannot be read", err)
	case !missing && pull != containers.PullAlways:
		return found, nil
	case missing && (pull == containers.PullNever || isID(reference)):
		return Image{}, s.Missing(ctx, reference, err)
	case isID(reference): // the image of an id never changes
		return found, nil
	}
	digest, err := s.pull(ctx, reference, missing, progress)
	if err != nil {
		return Image{}, err
	}
	found, err = s.inspect(ctx, reference)
	found.Digest = digest
	return found, s.errs.Wrap("the image "+reference+" cannot be read", err)
}

func (s *Store) inspect(ctx context.Context, reference string) (Image, error) {
	found, err := s.engine.ImageInspect(ctx, reference)
	return Image{ID: found.ID, Size: units.Bytes(found.Size)}, err
}

// Missing returns the error of an image that is not on the engine.
func (s *Store) Missing(ctx context.Context, reference string, cause error) error {
	help := s.suggestion(ctx, reference)
	if help == "" {
		help = "build it, or `docker pull " + reference + "`"
	}
	return &containers.Error{
		Kind: containers.NoImage, Summary: "the image " + reference + " is not on the engine", Help: help, Err: cause,
	}
}

// suggestion returns "did you mean …" with the most similar reference on the engine; ""
// where none is similar.
func (s *Store) suggestion(ctx context.Context, reference string) string {
	tags, err := s.Tags(ctx)
	if err != nil {
		return ""
	}
	return english.DidYouMean(reference, tags)
}

// Tags returns the references of all images on the engine, sorted.
func (s *Store) Tags(ctx context.Context) ([]string, error) {
	images, err := s.engine.ImageList(ctx, image.ListOptions{})
	if err != nil {
		return nil, s.errs.Wrap("the images cannot be listed", err)
	}
	var tags []string
	for _, one := range images {
		for _, tag := range one.RepoTags {
			if tag != "<none>:<none>" {
				tags = append(tags, tag)
			}
		}
	}
	slices.Sort(tags)
	return tags, nil
}
