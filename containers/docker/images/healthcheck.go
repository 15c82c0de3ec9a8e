package images

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/docker/docker/api/types/image"

	"plan/containers"
	"plan/containers/docker/apierror"
)

// Docker's own where a healthcheck gives none.
const (
	checkTimeout  = 30 * time.Second
	checkInterval = 30 * time.Second
)

// HealthcheckIntervals returns the intervals of the healthchecks of images, by
// reference. Images that are not on the engine or have no healthcheck are left
// out.
func (s *Store) HealthcheckIntervals(ctx context.Context, references []string) (map[string]time.Duration, error) {
	intervals := map[string]time.Duration{}
	for _, reference := range references {
		found, err := s.engine.ImageInspect(ctx, reference)
		switch {
		case apierror.NotFound(err):
		case err != nil:
			return nil, s.errs.Wrap("the image "+reference+" cannot be read", err)
		case hasHealthcheck(found):
			intervals[reference] = cmp.Or(found.Config.Healthcheck.Interval, checkInterval)
		}
	}
	return intervals, nil
}

// Healthcheck returns the healthcheck of an image; its Command is empty where
// the image has none.
func (s *Store) Healthcheck(ctx context.Context, reference string) (containers.Healthcheck, error) {
	found, err := s.engine.ImageInspect(ctx, reference)
	if err != nil {
		return containers.Healthcheck{}, s.errs.Wrap("the image "+reference+" cannot be read", err)
	}
	if !hasHealthcheck(found) {
		return containers.Healthcheck{}, nil
	}
	check := containers.Healthcheck{Timeout: cmp.Or(found.Config.Healthcheck.Timeout, checkTimeout)}
	switch how, words := found.Config.Healthcheck.Test[0], found.Config.Healthcheck.Test[1:]; how {
	case "CMD":
		check.Command = words
	case "CMD-SHELL":
		shell := found.Config.Shell
		if len(shell) == 0 {
			shell = []string{"/bin/sh", "-c"}
		}
		check.Command = slices.Concat(shell, words)
	}
	return check, nil
}

// hasHealthcheck reports whether an image has a healthcheck. NONE disables it.
func hasHealthcheck(found image.InspectResponse) bool {
	return found.Config != nil && found.Config.Healthcheck != nil && len(found.Config.Healthcheck.Test) > 1
}
