package docker

import (
	"context"
	"strings"

	"github.com/docker/docker/api/types/mount"
	"github.com/docker/docker/api/types/volume"

	"plan/containers"
	"plan/containers/docker/apierror"
)

// mounts are a service's volumes as the engine takes them. A folder of the host
// that is not there is refused by the engine, where `docker run -v` would make
// it.
func mounts(volumes []containers.Volume) []mount.Mount {
	var all []mount.Mount
	for _, v := range volumes {
		m := mount.Mount{Type: mount.TypeVolume, Source: v.Source, Target: v.Target, ReadOnly: v.ReadOnly}
		if v.Bind {
			m.Type = mount.TypeBind
		}
		all = append(all, m)
	}
	return all
}

// makeVolumes makes the named volumes that are not on the engine, so that they
// carry the label of this run and are removed with it. One that is there is
// somebody's, and stays.
func (d *Docker) makeVolumes(ctx context.Context, volumes []containers.Volume) error {
	for _, v := range volumes {
		if v.Bind || v.Source == "" {
			continue
		}
		if err := d.makeVolume(ctx, v.Source); err != nil {
			return err
		}
	}
	return nil
}

func (d *Docker) makeVolume(ctx context.Context, name string) error {
	_, err := d.engine.VolumeInspect(ctx, name)
	if apierror.NotFound(err) {
		lasting, done := outlast(ctx)
		defer done()
		_, err = d.engine.VolumeCreate(lasting, volume.CreateOptions{Name: name, Labels: d.owner.labels("volume")})
	}
	return d.errs.Wrap("the volume "+name+" cannot be made", err)
}

// removeVolume removes a volume that a run made.
func (d *Docker) removeVolume(ctx context.Context, t thing) error {
	err := d.engine.VolumeRemove(ctx, t.id, false)
	switch {
	case err == nil || apierror.NotFound(err):
		return nil
	case strings.Contains(err.Error(), "volume is in use"):
		return &containers.Error{
			Kind: containers.Other, Summary: "the volume " + t.name + " cannot be removed: a container uses it",
			Help: "`docker ps -a --filter volume=" + t.name + "` shows which; remove that, then `docker volume rm " + t.name + "`", Err: err,
		}
	}
	return d.errs.Wrap("the volume "+t.name+" cannot be removed", err)
}
