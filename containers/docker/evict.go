package docker

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/storage"
	"golang.org/x/sys/unix"

	"plan/containers"
	"plan/internal/units"
)

// evictTimeout is the longest time of an eviction.
const evictTimeout = 10 * time.Second

// Evict drops the files of an image's layers and of volumes from the page cache
// of the engine's machine, so that a container which reads them is charged for
// them. Files that a process maps stay, and so do the layers and volumes of
// running containers of others; the result has the reason. It takes at most ten
// seconds.
func (d *Docker) Evict(ctx context.Context, image string, volumes []containers.Volume) containers.Eviction {
	if d.host.Load() == nil {
		return containers.Eviction{Left: "the engine is not proven to be on this machine"}
	}
	if os.Geteuid() != 0 {
		return containers.Eviction{Left: "only root may read the files of images"}
	}
	ctx, cancel := context.WithTimeout(ctx, evictTimeout)
	defer cancel()
	there, err := d.running(ctx)
	if err != nil {
		return containers.Eviction{Left: err.Error()}
	}
	found, err := d.engine.ImageInspect(ctx, image)
	if err != nil {
		return containers.Eviction{Left: d.errs.Wrap("the image "+image+" cannot be read", err).Error()}
	}
	var done containers.Eviction
	folders := layersOf(found.GraphDriver)
	if len(folders) == 0 {
		done.Left = fmt.Sprintf("the engine's storage %q does not report where layers are", found.GraphDriver.Name)
	}
	for _, v := range volumes {
		folder := v.Source
		if !v.Bind && folder != "" {
			// A volume that does not exist yet, or that another machine serves, has none.
			found, err := d.engine.VolumeInspect(ctx, v.Source)
			if folder = found.Mountpoint; err != nil || found.Driver != "local" || len(found.Options) > 0 {
				folder = ""
			}
		}
		if folder != "" {
			folders = append(folders, folder)
		}
	}
	for _, folder := range folders {
		foreign := ""
		for _, c := range there {
			mounted := slices.ContainsFunc(c.Mounts, func(m container.MountPoint) bool { return m.Source == folder })
			if !mounted && !slices.Contains(layersOf(c.GraphDriver), folder) {
				continue
			}
			done.SharedWith = append(done.SharedWith, plainName(c.Name))
			if d.roleOf(c.Config.Labels) == containers.Neighbour {
				foreign = plainName(c.Name)
			}
		}
		if foreign != "" {
			done.Left = "the container " + foreign + " uses the same files"
			continue
		}
		if evictBelow(ctx, folder); ctx.Err() != nil {
			done.Left = "not all was done within " + units.Duration(evictTimeout)
			break
		}
	}
	slices.Sort(done.SharedWith)
	done.SharedWith = slices.Compact(done.SharedWith)
	return done
}

// layersOf returns the folders of an image's or a container's layers; nil for
// storage drivers other than overlay2.
func layersOf(driver storage.DriverData) []string {
	if driver.Name != "overlay2" {
		return nil
	}
	folders := append([]string{driver.Data["UpperDir"]}, strings.Split(driver.Data["LowerDir"], ":")...)
	return slices.DeleteFunc(folders, func(folder string) bool { return folder == "" })
}

// openFlags are the flags to open a file with: it follows no symbolic link, does not
// wait for the writer of a pipe, and does not change the time of the last access.
const openFlags = unix.O_RDONLY | unix.O_NOFOLLOW | unix.O_NONBLOCK | unix.O_NOATIME | unix.O_CLOEXEC

// syncFlags are the flags to wait for until all pages of a file are on the disk. It
// costs nothing where they are.
const syncFlags = unix.SYNC_FILE_RANGE_WAIT_BEFORE | unix.SYNC_FILE_RANGE_WRITE | unix.SYNC_FILE_RANGE_WAIT_AFTER

// evictBelow evicts top, or the regular files below it on its file system. It
// follows no symbolic link, and skips what it cannot open.
func evictBelow(ctx context.Context, top string) {
	fd, err := unix.Open(top, openFlags&^unix.O_NOFOLLOW, 0)
	var stat unix.Stat_t
	if err == nil && unix.Fstat(fd, &stat) == nil {
		evict(ctx, fd, stat.Dev)
	}
}

// evict evicts an open file, or all files below an open folder, and closes it.
func evict(ctx context.Context, fd int, device uint64) {
	file := os.NewFile(uintptr(fd), "")
	defer file.Close() // it was only read
	var stat unix.Stat_t
	if unix.Fstat(fd, &stat) != nil || stat.Dev != device {
		return
	}
	switch stat.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		_ = unix.SyncFileRange(fd, 0, 0, syncFlags) // dirty pages, as those of a new image, would stay
		_ = unix.Fadvise(fd, 0, 0, unix.FADV_DONTNEED)
	case unix.S_IFDIR:
		entries, _ := file.ReadDir(-1) // the entries that could be read
		for _, entry := range entries {
			if ctx.Err() != nil {
				return
			}
			if !entry.IsDir() && !entry.Type().IsRegular() {
				continue
			}
			if inner, err := unix.Openat(fd, entry.Name(), openFlags, 0); err == nil {
				evict(ctx, inner, device)
			}
		}
	}
}
