package images

import (
	"context"
	"encoding/hex"
	"errors"
	"strings"

	"github.com/docker/docker/api/types/image"

	"plan/containers"
)

// pull pulls an image with the credentials of `docker login`, and returns the
// registry's digest. missing is whether the engine lacks the image.
func (s *Store) pull(ctx context.Context, reference string, missing bool, progress func(string)) (string, error) {
	login, err := credentials(s.config, reference)
	if err != nil {
		return "", err
	}
	moving := newTransfer("pulling "+reference, progress)
	stream, err := s.engine.ImagePull(ctx, reference, image.PullOptions{RegistryAuth: login.header})
	if err != nil {
		return "", s.pullError(ctx, reference, missing, login, err)
	}
	defer stream.Close()
	digest, err := readStream(stream, moving)
	if err != nil {
		return "", s.pullError(ctx, reference, missing, login, err)
	}
	return digest, nil
}

// pullError returns an error that says whether the engine has the image, and why it
// could not be pulled.
func (s *Store) pullError(ctx context.Context, reference string, missing bool, login login, err error) error {
	fault := s.registryError(pulling, reference, login, err)
	var known *containers.Error
	if !errors.As(fault, &known) || known.Kind == containers.EngineGone {
		return fault
	}
	known.Summary = "could not be pulled: " + known.Summary
	if !missing {
		known.Summary = "the image " + reference + " " + known.Summary
		return known
	}
	known.Summary = "the image " + reference + " is not on the engine, and " + known.Summary
	if near := s.suggestion(ctx, reference); near != "" {
		known.Help = near + " if not: " + known.Help
	}
	return known
}

// isID reports whether a reference is an image's id. Registries do not have ids.
func isID(reference string) bool {
	if strings.HasPrefix(reference, "sha256:") {
		return true
	}
	_, err := hex.DecodeString(reference)
	return err == nil && len(reference) == 64
}
