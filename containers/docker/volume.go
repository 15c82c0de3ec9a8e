package docker

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/docker/docker/api/types/mount"
	"github.com/docker/docker/api/types/volume"

	"plan/containers"
	"plan/containers/docker/apierror"
	"plan/internal/units"
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

// Volume returns the volume that containers of this run mount for a named one. That
// is the named one itself if it exists and is not written to. Otherwise it is a volume
// of the run, which Clean removes: with a copy of the files of the named one, or empty
// if that does not exist. A second call replaces it. A volume with more than
// containers.VolumeCopyLimit is an error.
func (d *Docker) Volume(ctx context.Context, name string, written bool) (containers.RunVolume, error) {
	_, err := d.engine.VolumeInspect(ctx, name)
	exists := err == nil
	switch {
	case err != nil && !apierror.NotFound(err):
		return containers.RunVolume{}, d.errs.Wrap("the volume "+name+" cannot be read", err)
	case exists && !written:
		return containers.RunVolume{Name: name}, nil
	}
	own := containers.RunVolume{Name: "plan-" + d.options.Run + "-" + name}
	if err := d.engine.VolumeRemove(ctx, own.Name, false); err != nil && !apierror.NotFound(err) {
		return own, d.errs.Wrap("the volume "+own.Name+" cannot be removed", err)
	}
	lasting, done := withGrace(ctx)
	_, err = d.engine.VolumeCreate(lasting, volume.CreateOptions{Name: own.Name, Labels: labels(d.owner, "volume")})
	done()
	if err != nil {
		return own, d.errs.Wrap("the volume "+own.Name+" cannot be created", err)
	}
	if exists {
		err = d.copyVolume(ctx, name, &own)
	}
	return own, err
}

// Folders of the container that copies a volume.
const (
	CopyFrom = "/from"
	CopyTo   = "/to"
)

// CopyCommand is the command of this executable that copies one volume to another. It
// prints a VolumeCopy as JSON.
const CopyCommand = "copy-volume"

// VolumeCopy is the result of CopyCommand.
type VolumeCopy struct {
	Bytes    int64 `json:"bytes"`
	TooLarge bool  `json:"too_large"` // it has more than containers.VolumeCopyLimit; the rest was not copied
}

// copyVolume copies all files of a volume to one of the run, in a container that has
// both and no network.
func (d *Docker) copyVolume(ctx context.Context, name string, own *containers.RunVolume) error {
	image, err := d.executable.agentImage(ctx)
	if err != nil {
		return err
	}
	host := agentHostConfig([]string{"none"}, 0)
	host.Sysctls = nil // it has no network
	// It may read and write the files of all users, and give them owners and modes.
	host.CapAdd = []string{"CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID"}
	uncopied := &mount.VolumeOptions{NoCopy: true}
	host.Mounts = []mount.Mount{
		{Type: mount.TypeVolume, Source: name, Target: CopyFrom, ReadOnly: true, VolumeOptions: uncopied},
		{Type: mount.TypeVolume, Source: own.Name, Target: CopyTo, VolumeOptions: uncopied},
	}
	inside, err := d.startAgent(ctx, image, []string{"none"}, host, CopyCommand, agentRole)
	if err != nil {
		return err
	}
	unhook := context.AfterFunc(ctx, func() { _ = inside.Close() }) // which ends the copy
	text, err := io.ReadAll(inside)
	unhook()
	_ = inside.Close() // Clean removes it in any case
	var result VolumeCopy
	if err == nil {
		err = json.Unmarshal(text, &result)
	}
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return &containers.Error{
			Kind: containers.Other, Summary: "the volume " + name + " cannot be copied: " + err.Error(),
			Help: "mount it read-only if the service only reads it: \"" + name + ":PATH:ro\"", Err: err,
		}
	case result.TooLarge:
		return &containers.Error{
			Kind: containers.Other,
			Summary: fmt.Sprintf("the volume %s is too large to copy for the run: it has more than %s", name,
				containers.VolumeCopyLimit),
			Help: "mount it read-only if the service only reads it: \"" + name + ":PATH:ro\"; " +
				"else write the name of another volume, which has fewer files or does not exist yet " +
				"(a run never writes to a volume that exists)",
		}
	}
	own.Copied = units.Bytes(result.Bytes)
	return nil
}
