package images

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
)

// Exposed returns the TCP ports that an image on the engine exposes, rising.
func (s *Store) Exposed(ctx context.Context, reference string) ([]int, error) {
	found, err := s.engine.ImageInspect(ctx, reference)
	if err != nil || found.Config == nil {
		return nil, s.errs.Wrap("the image "+reference+" cannot be read", err)
	}
	var ports []int
	for text := range found.Config.ExposedPorts {
		number, protocol, _ := strings.Cut(text, "/")
		if port, err := strconv.Atoi(number); err == nil && cmp.Or(protocol, "tcp") == "tcp" {
			ports = append(ports, port)
		}
	}
	return slices.Sorted(slices.Values(ports)), nil
}
