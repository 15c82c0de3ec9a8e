package cgroup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Make makes the group where it is missing, so that its memory is counted. The
// other controllers are left to whoever puts a process below it.
func (h Hierarchy) Make(path string) (Group, error) {
	group := h.Group(path)
	if h.Version == 1 {
		return group, os.MkdirAll(group.dir("memory"), 0o755)
	}
	dir := h.mounts[""]
	for name := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		if err := os.WriteFile(filepath.Join(dir, "cgroup.subtree_control"), []byte("+memory"), 0); err != nil {
			return Group{}, fmt.Errorf("cannot let %s count memory: %w", dir, err)
		}
		dir = filepath.Join(dir, name)
		if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
			return Group{}, err
		}
	}
	return group, nil
}

// How often and how long a removal is tried while the kernel still counts a
// process that has just ended.
const (
	removeEvery  = 20 * time.Millisecond
	removeWithin = 2 * time.Second
)

// Remove removes the path and all below it from every controller: engines make
// the folders in each of them. It tries again for up to two seconds, or until
// ctx ends. A path that is not there is no fault.
func (h Hierarchy) Remove(ctx context.Context, path string) error {
	ctx, cancel := context.WithTimeout(ctx, removeWithin)
	defer cancel()
	for {
		err := h.removeOnce(path)
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

func (h Hierarchy) removeOnce(path string) error {
	var errs []error
	for _, root := range h.roots() {
		errs = append(errs, removeTree(filepath.Join(root, path)))
	}
	return errors.Join(errs...)
}

// removeTree removes folders from the deepest up; the files in them are the
// kernel's and go with them.
func removeTree(top string) error {
	var dirs []string
	err := filepath.WalkDir(top, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case entry.IsDir():
			dirs = append(dirs, path)
		}
		return nil
	})
	for _, dir := range slices.Backward(dirs) {
		if gone := os.Remove(dir); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}
	return err
}

// Prune removes the group at path if nothing is below it any more.
func (h Hierarchy) Prune(path string) {
	for _, root := range h.roots() {
		_ = os.Remove(filepath.Join(root, path)) // fails, as it should, while something is below it
	}
}

// Exists says whether the path is there in any controller.
func (h Hierarchy) Exists(path string) bool {
	return slices.ContainsFunc(h.roots(), func(root string) bool {
		_, err := os.Stat(filepath.Join(root, path))
		return err == nil
	})
}

// Reclaim asks the kernel to take back the file pages that are charged to the
// group and to those below it, also to those that are gone. Without swap the
// memory of processes stays.
func (g Group) Reclaim() error {
	if g.hierarchy.Version == 1 {
		return os.WriteFile(filepath.Join(g.dir("memory"), "memory.force_empty"), []byte("0"), 0)
	}
	used, err := os.ReadFile(filepath.Join(g.dir("memory"), "memory.current"))
	if err != nil {
		return err
	}
	err = os.WriteFile(filepath.Join(g.dir("memory"), "memory.reclaim"), used, 0)
	if errors.Is(err, syscall.EAGAIN) { // not all of it could be
		return nil
	}
	return err
}
