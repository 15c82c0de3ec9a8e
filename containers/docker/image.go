package docker

import (
	"context"
	"slices"

	"github.com/docker/docker/api/types/image"

	"plan/containers"
	"plan/internal/units"
)

// Image is an image that is on the engine.
type Image struct {
	ID     string
	Digest string      // the registry's; "" unless Push gave it
	Size   units.Bytes // unpacked
}

// Image looks an image up by reference or id. One that is not there is an
// error with the nearest reference that is.
func (d *Docker) Image(ctx context.Context, reference string) (Image, error) {
	found, err := d.engine.ImageInspect(ctx, reference)
	switch {
	case notFound(err):
		return Image{}, d.noImage(ctx, reference, err)
	case err != nil:
		return Image{}, d.fault("the image "+reference+" cannot be read", err)
	}
	return Image{ID: found.ID, Size: units.Bytes(found.Size)}, nil
}

func (d *Docker) noImage(ctx context.Context, reference string, cause error) error {
	help := "build it, or `docker pull " + reference + "`"
	if tags, err := d.tags(ctx); err == nil {
		if near := didYouMean(reference, tags); near != "" {
			help = near
		}
	}
	return &containers.Error{
		Kind: containers.NoImage, Summary: "the image " + reference + " is not on the engine", Help: help, Err: cause,
	}
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
