// Package cgroup reads control groups of containers, detects kills in them, and
// creates groups that outlive their containers. It supports versions 1 and 2,
// and treats a hybrid machine as version 1.
//
// It knows nothing of engines, plans or trials: a group is a path.
package cgroup

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// Hierarchy holds the mount points of this machine's control groups.
type Hierarchy struct {
	Version int               // 1 or 2
	mounts  map[string]string // mount point by controller; "" is the unified hierarchy
}

// initialNamespace is the inode of the initial control group namespace
// (PROC_CGROUP_INIT_INO in the kernel).
const initialNamespace = 0xEFFFFFFB

// ErrForeign means that this process sees only a part of the control groups.
var ErrForeign = errors.New("this process runs in a control group namespace of its own")

// Find returns the hierarchy of this machine. It fails inside a control group
// namespace, where paths differ from the engine's.
func Find() (Hierarchy, error) {
	info, err := os.Stat("/proc/self/ns/cgroup")
	if err != nil {
		return Hierarchy{}, err
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); !ok || stat.Ino != initialNamespace {
		return Hierarchy{}, ErrForeign
	}
	text, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return Hierarchy{}, err
	}
	return parseMounts(string(text))
}

// parseMounts parses /proc/self/mountinfo. It ignores mounts of a part of a
// hierarchy.
func parseMounts(text string) (Hierarchy, error) {
	h := Hierarchy{Version: 2, mounts: map[string]string{}}
	for line := range strings.Lines(text) {
		before, after, ok := strings.Cut(line, " - ")
		place, kind := strings.Fields(before), strings.Fields(after)
		if !ok || len(place) < 5 || len(kind) < 3 || place[3] != "/" {
			continue
		}
		switch kind[0] {
		case "cgroup2":
			h.mounts[""] = place[4]
		case "cgroup":
			for option := range strings.SplitSeq(kind[2], ",") {
				h.mounts[option] = place[4]
			}
		}
	}
	if h.mounts["memory"] != "" {
		h.Version = 1
	} else if h.mounts[""] == "" {
		return Hierarchy{}, errors.New("no control groups with a memory controller are mounted")
	}
	return h, nil
}

// roots returns all mount points without duplicates.
func (h Hierarchy) roots() []string {
	var roots []string
	for _, root := range h.mounts {
		if !slices.Contains(roots, root) {
			if info, err := os.Stat(root); err == nil && info.IsDir() {
				roots = append(roots, root)
			}
		}
	}
	slices.Sort(roots)
	return roots
}

// Group is one control group.
type Group struct {
	hierarchy Hierarchy
	paths     map[string]string // path below the mount point by controller; "*" applies to all
}

// Group returns the group with this path in every controller. It need not
// exist.
func (h Hierarchy) Group(path string) Group {
	return Group{hierarchy: h, paths: map[string]string{"*": path}}
}

// GroupOf returns the group of a process. Its memory path must contain id:
// process numbers are reused, and those of another machine are meaningless
// here.
func (h Hierarchy) GroupOf(pid int, id string) (Group, error) {
	file, err := os.Open(fmt.Sprintf("/proc/%d/cgroup", pid))
	if err != nil {
		return Group{}, err
	}
	defer file.Close()
	group := Group{hierarchy: h, paths: parseMembership(bufio.NewScanner(file))}
	if !strings.Contains(group.path("memory"), id) {
		return Group{}, fmt.Errorf("process %d is not in a control group of %s", pid, id)
	}
	return group, nil
}

// parseMembership parses /proc/PID/cgroup.
func parseMembership(lines *bufio.Scanner) map[string]string {
	paths := map[string]string{}
	for lines.Scan() {
		fields := strings.SplitN(lines.Text(), ":", 3)
		if len(fields) != 3 {
			continue
		}
		for controller := range strings.SplitSeq(fields[1], ",") {
			paths[controller] = fields[2]
		}
	}
	return paths
}

func (g Group) path(controller string) string {
	if path, ok := g.paths["*"]; ok {
		return path
	}
	if g.hierarchy.Version == 2 {
		return g.paths[""]
	}
	return g.paths[controller]
}

// dir returns the folder with the files of a controller.
func (g Group) dir(controller string) string {
	if g.hierarchy.Version == 2 {
		controller = "" // the unified hierarchy
	}
	return filepath.Join(g.hierarchy.mounts[controller], g.path(controller))
}

// Child returns a group below this one.
func (g Group) Child(name string) Group {
	child := Group{hierarchy: g.hierarchy, paths: map[string]string{}}
	for controller, path := range g.paths {
		child.paths[controller] = filepath.Join(path, name)
	}
	return child
}

// ChildOf returns the group directly below this one whose name contains id: engines
// name the group of a container after its id.
func (g Group) ChildOf(id string) (Group, error) {
	entries, err := os.ReadDir(g.dir("memory"))
	if err != nil {
		return Group{}, err
	}
	for _, e := range entries {
		if e.IsDir() && strings.Contains(e.Name(), id) {
			return g.Child(e.Name()), nil
		}
	}
	return Group{}, fmt.Errorf("no control group of %s is in %s", id, g.Path())
}

// Parent returns how an engine is asked to put a container into the group.
func (h Hierarchy) Parent(group Group) string { return group.Path() }

// Path returns the path of the group below the mount point of its memory
// controller.
func (g Group) Path() string { return g.path("memory") }
