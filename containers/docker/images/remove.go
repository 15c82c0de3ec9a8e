package images

import (
	"context"
	"fmt"

	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/image"

	"plan/containers/docker/apierror"
)

// RemoveLabelled removes all images with a label, "NAME=VALUE". It returns the
// references that it removed, and of each image that a container still uses its
// reference and the reason.
func (s *Store) RemoveLabelled(ctx context.Context, label string) (removed, kept []string, err error) {
	found, err := s.engine.ImageList(ctx,
		image.ListOptions{All: true, Filters: filters.NewArgs(filters.Arg("label", label))})
	if err != nil {
		return nil, nil, s.errs.Wrap("the images cannot be listed", err)
	}
	for _, one := range found {
		references := one.RepoTags
		if len(references) == 0 {
			references = []string{one.ID}
		}
		for _, reference := range references {
			_, err := s.engine.ImageRemove(ctx, reference, image.RemoveOptions{})
			if err == nil || apierror.NotFound(err) {
				removed = append(removed, reference)
			} else {
				kept = append(kept, fmt.Sprintf("%s: %s", reference, apierror.Message(err)))
			}
		}
	}
	return removed, kept, nil
}
