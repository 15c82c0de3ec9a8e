package docker

import (
	"context"
	"slices"

	"github.com/docker/docker/api/types/image"

	"plan/containers"
	"plan/internal/english"
	"plan/internal/units"
)

// Image is an image that is on the engine.
type Image struct {
	ID     string
	Digest string      // the registry's; "" unless it was pushed or pulled just now
	Size   units.Bytes // unpacked
}

// Image makes sure of an image by reference or id, and pulls it when pull says
// so; "" is as containers.PullMissing. progress gets a short line now and then
// while it is pulled. One that cannot be had is an error with the nearest
// reference that is on the engine.
func (d *Docker) Image(ctx context.Context, reference string, pull containers.Pull, progress func(string)) (Image, error) {
	if _, err := registryOf(reference); err != nil && !isID(reference) {
		return Image{}, err
	}
	found, err := d.inspect(ctx, reference)
	missing := notFound(err)
	switch {
	case err != nil && !missing:
		return Image{}, d.fault("the image "+reference+" cannot be read", err)
	case !missing && pull != containers.PullAlways:
		return found, nil
	case missing && (pull == containers.PullNever || isID(reference)):
		return Image{}, d.noImage(ctx, reference, err)
	case isID(reference): // no registry knows it by its id, and it never changes
		return found, nil
	}
	digest, err := d.pull(ctx, reference, missing, progress)
	if err != nil {
		return Image{}, err
	}
	found, err = d.inspect(ctx, reference)
	found.Digest = digest
	return found, d.fault("the image "+reference+" cannot be read", err)
}

func (d *Docker) inspect(ctx context.Context, reference string) (Image, error) {
	found, err := d.engine.ImageInspect(ctx, reference)
	return Image{ID: found.ID, Size: units.Bytes(found.Size)}, err
}

func (d *Docker) noImage(ctx context.Context, reference string, cause error) error {
	help := d.near(ctx, reference)
	if help == "" {
		help = "build it, or `docker pull " + reference + "`"
	}
	return &containers.Error{
		Kind: containers.NoImage, Summary: "the image " + reference + " is not on the engine", Help: help, Err: cause,
	}
}

// near asks back with the reference on the engine that is most like the wanted
// one; "" when none is.
func (d *Docker) near(ctx context.Context, reference string) string {
	tags, err := d.tags(ctx)
	if err != nil {
		return ""
	}
	return english.DidYouMean(reference, tags)
}

// tags are the references of all images on the engine, sorted.
func (d *Docker) tags(ctx context.Context) ([]string, error) {
	images, err := d.engine.ImageList(ctx, image.ListOptions{})
	if err != nil {
		return nil, d.fault("the images cannot be listed", err)
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
