package docker

import (
	"context"

	"github.com/docker/docker/api/types/image"

	"plan/containers"
)

// Push names the image source, which must be on the engine, and pushes it with
// the credentials that `docker login` left. progress gets a short line now and
// then. The digest is the registry's: it was asked for it after the push.
func (d *Docker) Push(ctx context.Context, source, name string, progress func(string)) (Image, error) {
	found, err := d.Image(ctx, source, containers.PullNever, nil)
	if err != nil {
		return Image{}, err
	}
	login, err := credentials(d.config, name)
	if err != nil {
		return Image{}, err
	}
	moving := newTransfer("pushing "+name, progress)
	if err := d.knock(ctx, name, login); err != nil {
		return Image{}, err
	}
	if source != name {
		if err := d.engine.ImageTag(ctx, source, name); err != nil {
			return Image{}, d.fault("the image "+source+" cannot be named "+name, err)
		}
	}
	stream, err := d.engine.ImagePush(ctx, name, image.PushOptions{RegistryAuth: login.header})
	if err != nil {
		return Image{}, d.registryFault(pushing, name, login, err)
	}
	defer stream.Close()
	found.Digest, err = readStream(stream, moving)
	if err == nil && found.Digest == "" {
		err = told("the registry answered no digest")
	}
	if err != nil {
		return Image{}, d.registryFault(pushing, name, login, err)
	}
	return found, d.confirm(ctx, name, login, found.Digest)
}
