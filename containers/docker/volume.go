package docker

import (
	"github.com/docker/docker/api/types/mount"

	"plan/containers"
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
