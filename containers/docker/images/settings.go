package images

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
)

// Settings are what an image says of the containers that are made of it.
type Settings struct {
	Exposed             []int // TCP ports, rising
	Entrypoint, Command []string
	Environment         map[string]string
	Healthcheck         []string // "CMD" or "CMD-SHELL", then the command; nil for none
}

// Settings returns those of an image on the engine.
func (s *Store) Settings(ctx context.Context, reference string) (Settings, error) {
	found, err := s.engine.ImageInspect(ctx, reference)
	if err != nil || found.Config == nil {
		return Settings{}, s.errs.Wrap("the image "+reference+" cannot be read", err)
	}
	settings := Settings{
		Entrypoint: found.Config.Entrypoint, Command: found.Config.Cmd, Environment: map[string]string{},
	}
	for text := range found.Config.ExposedPorts {
		number, protocol, _ := strings.Cut(text, "/")
		if port, err := strconv.Atoi(number); err == nil && cmp.Or(protocol, "tcp") == "tcp" {
			settings.Exposed = append(settings.Exposed, port)
		}
	}
	slices.Sort(settings.Exposed)
	for _, line := range found.Config.Env {
		name, value, _ := strings.Cut(line, "=")
		settings.Environment[name] = value
	}
	if hasHealthcheck(found) {
		settings.Healthcheck = found.Config.Healthcheck.Test
	}
	return settings, nil
}
