package images

import (
	"context"
	"fmt"

	"github.com/docker/docker/api/types/image"

	"plan/containers"
)

// Push tags the image source, which must be on the engine, as name and pushes it
// with the credentials of `docker login`. progress, which may be nil, receives a
// line about once a second. The digest is confirmed by the registry.
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
	if err := s.checkAccess(ctx, name, login); err != nil {
		return Image{}, err
	}
	if source != name {
		if err := s.engine.ImageTag(ctx, source, name); err != nil {
			return Image{}, s.errs.Wrap("the image "+source+" cannot be named "+name, err)
		}
	}
	stream, err := s.engine.ImagePush(ctx, name, image.PushOptions{RegistryAuth: login.header})
	if err != nil {
		return Image{}, s.registryError(pushing, name, login, err)
	}
	defer stream.Close()
	found.Digest, err = readStream(stream, moving)
	if err == nil && found.Digest == "" {
		err = streamError("the registry returned no digest")
	}
	if err != nil {
		return Image{}, s.registryError(pushing, name, login, err)
	}
	// Confirm that the registry has this digest under the name; it is asked through the
	// engine.
	held, err := s.engine.DistributionInspect(ctx, name, login.header)
	if err != nil {
		return found, s.registryError(confirming, name, login, err)
	}
	if digest := held.Descriptor.Digest.String(); digest != found.Digest {
		return found, &containers.Error{
			Kind: containers.PushFailed,
			Summary: fmt.Sprintf("%s holds %s under %s, not %s that was just pushed", login.host, digest, name,
				found.Digest),
			Help: "push again, or use another name: another push used this one",
		}
	}
	return found, nil
}
