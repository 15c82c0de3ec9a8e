package docker

import (
	"context"

	"github.com/docker/docker/api/types/mount"
	"github.com/docker/docker/api/types/volume"

	"plan/containers"
	"plan/containers/docker/apierror"
)

// mounts returns a service's volumes as mounts. The engine refuses a folder of the
// host that does not exist; `docker run -v` would make it.
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

// makeVolumes makes the named volumes that do not exist, with the label of this
// run, so that Clean removes them. Existing volumes stay.
func (d *Docker) makeVolumes(ctx context.Context, volumes []containers.Volume) error {
	for _, v := range volumes {
		if v.Bind || v.Source == "" {
			continue
		}
		_, err := d.engine.VolumeInspect(ctx, v.Source)
		if apierror.NotFound(err) {
			lasting, done := withGrace(ctx)
			_, err = d.engine.VolumeCreate(lasting, volume.CreateOptions{Name: v.Source, Labels: d.owner.labels("volume")})
			done()
		}
		if err != nil {
			return d.errs.Wrap("the volume "+v.Source+" cannot be made", err)
		}
	}
	return nil
}
