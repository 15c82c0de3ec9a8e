package cgroup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Make creates the group, unless it exists, with the memory controller. Whoever
// adds a process enables the other controllers.
func (h Hierarchy) Make(_ context.Context, path string) (Group, error) {
	group := h.Group(path)
	if h.Version == 1 {
		return group, os.MkdirAll(group.dir("memory"), 0o755)
	}
	dir := h.mounts[""]
	for name := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		if err := os.WriteFile(filepath.Join(dir, "cgroup.subtree_control"), []byte("+memory"), 0); err != nil {
			return Group{}, fmt.Errorf("cannot enable the memory controller in %s: %w", dir, err)
		}
		dir = filepath.Join(dir, name)
		if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
			return Group{}, err
		}
	}
	return group, nil
}

// Interval and limit of removal attempts while the kernel still counts a
// process that has just ended.
const (
	removeEvery  = 20 * time.Millisecond
	removeWithin = 2 * time.Second
)

// Remove removes the path and everything below it from every controller,
// because engines create folders in each of them. It retries for two seconds,
// or until ctx ends. A missing path is not an error.
func (h Hierarchy) Remove(ctx context.Context, path string) error {
	ctx, cancel := context.WithTimeout(ctx, removeWithin)
	defer cancel()
	for {
		var errs []error
		for _, root := range h.roots() {
			var dirs []string
			errs = append(errs, filepath.WalkDir(filepath.Join(root, path),
				func(path string, entry fs.DirEntry, err error) error {
					switch {
					case errors.Is(err, fs.ErrNotExist):
						return nil
					case err != nil:
						return err
					case entry.IsDir():
						dirs = append(dirs, path)
					}
					return nil
				}))
			for _, dir := range slices.Backward(dirs) { // the kernel removes the files in them
				if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
					errs = append(errs, err)
				}
			}
		}
		err := errors.Join(errs...)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the control group %s could not be removed: %w", path, err)
		case <-time.After(removeEvery):
		}
	}
}

// Empty returns the names of the top-level groups that begin with prefix and have no
// process, in themselves or below, in any controller; and when each last changed.
func (h Hierarchy) Empty(prefix string) map[string]time.Time {
	found, busy := map[string]time.Time{}, map[string]bool{}
	for _, root := range h.roots() {
		tops, _ := os.ReadDir(root)
		for _, top := range tops {
			name := top.Name()
			if !strings.HasPrefix(name, prefix) {
				continue
			}
			_ = filepath.WalkDir(filepath.Join(root, name), func(path string, entry fs.DirEntry, err error) error {
				if err != nil || !entry.IsDir() {
					return nil // groups come and go
				}
				if processes, err := os.ReadFile(filepath.Join(path, "cgroup.procs")); err == nil && len(processes) > 0 {
					busy[name] = true
				}
				if info, err := entry.Info(); err == nil && info.ModTime().After(found[name]) {
					found[name] = info.ModTime()
				}
				return nil
			})
		}
	}
	maps.DeleteFunc(found, func(name string, _ time.Time) bool { return busy[name] })
	return found
}

// Prune removes the group at path if it has no children.
func (h Hierarchy) Prune(path string) {
	for _, root := range h.roots() {
		_ = os.Remove(filepath.Join(root, path)) // fails while it has children, as intended
	}
}

// Exists reports whether the path exists in any controller.
func (h Hierarchy) Exists(path string) bool {
	return slices.ContainsFunc(h.roots(), func(root string) bool {
		_, err := os.Stat(filepath.Join(root, path))
		return err == nil
	})
}

// Reclaim asks the kernel to reclaim the file pages charged to the group and
// its descendants, removed ones included. Without swap it cannot reclaim
// anonymous memory.
func (g Group) Reclaim() error {
	if g.hierarchy.Version == 1 {
		return os.WriteFile(filepath.Join(g.dir("memory"), "memory.force_empty"), []byte("0"), 0)
	}
	used, err := os.ReadFile(filepath.Join(g.dir("memory"), "memory.current"))
	if err != nil {
		return err
	}
	// Not by an os.File: the kernel's EAGAIN means that it reclaimed only a part, and after
	// it Go would wait until the file can be written, forever.
	fd, err := unix.Open(filepath.Join(g.dir("memory"), "memory.reclaim"), unix.O_WRONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	if _, err = unix.Write(fd, used); errors.Is(err, unix.EAGAIN) {
		err = nil
	}
	return errors.Join(err, unix.Close(fd))
}
