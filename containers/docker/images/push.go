package images

import (
	"context"

	"github.com/docker/docker/api/types/image"

	"plan/containers"
)

// Push names the image source, which must be on the engine, and pushes it with
// the credentials that `docker login` left. progress gets a short line now and
// then. The digest is the registry's: it was asked for it after the push.
func (s *Store) Push(ctx context.Context, source, name string, progress func(string)) (Image, error) {
	found, err := s.Ensure(ctx, source, containers.PullNever, nil)
	if err != nil {
		return Image{}, err
	}
	login, err := credentials(s.config, name)
	if err != nil {
		return Image{}, err
	}
	moving := newTransfer("pushing "+name, progress)
	if err := s.knock(ctx, name, login); err != nil {
		return Image{}, err
	}
	if source != name {
		if err := s.engine.ImageTag(ctx, source, name); err != nil {
			return Image{}, s.errs.Wrap("the image "+source+" cannot be named "+name, err)
		}
	}
	stream, err := s.engine.ImagePush(ctx, name, image.PushOptions{RegistryAuth: login.header})
	if err != nil {
		return Image{}, s.registryFault(pushing, name, login, err)
	}
	defer stream.Close()
	found.Digest, err = readStream(stream, moving)
	if err == nil && found.Digest == "" {
		err = told("the registry answered no digest")
	}
	if err != nil {
		return Image{}, s.registryFault(pushing, name, login, err)
	}
	return found, s.confirm(ctx, name, login, found.Digest)
}
