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

// evictWithin bounds an eviction.
const evictWithin = 10 * time.Second

// Evict drops the files of an image's layers and of volumes from the page cache
// of the engine's machine, so that a container which reads them is charged for
// them. Files that a process maps stay. The layers and volumes of containers
// that run and are not of this run are left alone. That some were left is no
// fault. It takes at most ten seconds.
func (d *Docker) Evict(ctx context.Context, image string, volumes []containers.Volume) containers.Eviction {
	if d.host.Load() == nil {
		return containers.Eviction{Left: "the engine is not proven to be on this machine"}
	}
	if os.Geteuid() != 0 {
		return containers.Eviction{Left: "only root may read the files of images"}
	}
	ctx, cancel := context.WithTimeout(ctx, evictWithin)
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
		done.Left = fmt.Sprintf("the engine's storage %q does not tell where layers are", found.GraphDriver.Name)
	}
	for _, v := range volumes {
		if folder := d.folderOf(ctx, v); folder != "" {
			folders = append(folders, folder)
		}
	}
	for _, folder := range folders {
		foreign := ""
		for _, c := range there {
			if !slices.Contains(foldersOf(c), folder) {
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
			done.Left = "not all was done within " + units.Duration(evictWithin)
			break
		}
	}
	slices.Sort(done.SharedWith)
	done.SharedWith = slices.Compact(done.SharedWith)
	return done
}

// foldersOf are the folders of a container's layers and volumes.
func foldersOf(c container.InspectResponse) []string {
	folders := layersOf(c.GraphDriver)
	for _, mount := range c.Mounts {
		folders = append(folders, mount.Source)
	}
	return folders
}

// layersOf are the folders that hold an image's or a container's read-only
// layers; none where the driver is not known to have such folders.
func layersOf(driver storage.DriverData) []string {
	if driver.Name != "overlay2" {
		return nil
	}
	folders := append([]string{driver.Data["UpperDir"]}, strings.Split(driver.Data["LowerDir"], ":")...)
	return slices.DeleteFunc(folders, func(folder string) bool { return folder == "" })
}

// folderOf is where a volume's files are on the engine's machine; "" of one that
// is not there yet, or that another machine serves.
func (d *Docker) folderOf(ctx context.Context, v containers.Volume) string {
	if v.Bind || v.Source == "" {
		return v.Source
	}
	found, err := d.engine.VolumeInspect(ctx, v.Source)
	if err != nil || found.Driver != "local" || len(found.Options) > 0 {
		return ""
	}
	return found.Mountpoint
}

// Opening follows no symbolic link, waits for no writer of a pipe and leaves the
// time of the last access as it is.
const toEvict = unix.O_RDONLY | unix.O_NOFOLLOW | unix.O_NONBLOCK | unix.O_NOATIME | unix.O_CLOEXEC

// onDisk waits until the pages of a file are on the disk; of one whose are that
// costs nothing.
const onDisk = unix.SYNC_FILE_RANGE_WAIT_BEFORE | unix.SYNC_FILE_RANGE_WRITE | unix.SYNC_FILE_RANGE_WAIT_AFTER

// evictBelow evicts top, or the regular files below it on its own file system.
// No symbolic link in it is followed. What cannot be opened is left.
func evictBelow(ctx context.Context, top string) {
	fd, err := unix.Open(top, toEvict&^unix.O_NOFOLLOW, 0)
	var stat unix.Stat_t
	if err == nil && unix.Fstat(fd, &stat) == nil {
		evict(ctx, fd, stat.Dev)
	}
}

// evict evicts an open file, or all below an open folder, and closes it.
func evict(ctx context.Context, fd int, device uint64) {
	file := os.NewFile(uintptr(fd), "")
	defer file.Close() // it was only read
	var stat unix.Stat_t
	if unix.Fstat(fd, &stat) != nil || stat.Dev != device {
		return
	}
	switch stat.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		_ = unix.SyncFileRange(fd, 0, 0, onDisk) // pages that are not on the disk yet, as of a new image, would stay
		_ = unix.Fadvise(fd, 0, 0, unix.FADV_DONTNEED)
	case unix.S_IFDIR:
		entries, _ := file.ReadDir(-1) // of a folder that changes, what can be read
		for _, entry := range entries {
			if ctx.Err() != nil {
				return
			}
			if !entry.IsDir() && !entry.Type().IsRegular() {
				continue
			}
			if inner, err := unix.Openat(fd, entry.Name(), toEvict, 0); err == nil {
				evict(ctx, inner, device)
			}
		}
	}
}
