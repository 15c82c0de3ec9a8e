// Package cgroup reads what control groups know of a container, sees the
// kernel kill in them, and makes groups that outlive the containers in them.
// It speaks both versions, and treats a hybrid machine as version 1.
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

// Hierarchy is where this machine's control groups are mounted.
type Hierarchy struct {
	Version int               // 1 or 2
	mounts  map[string]string // controller -> mount point; "" is the unified one
}

// initialNamespace is the inode of the control group namespace that the kernel
// makes at its start (PROC_CGROUP_INIT_INO).
const initialNamespace = 0xEFFFFFFB

// ErrForeign says that this process sees only a part of the control groups.
var ErrForeign = errors.New("this process runs in a control group namespace of its own")

// Find looks the hierarchy of this machine up. It is refused inside a control
// group namespace, where paths do not mean what they mean to the engine.
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

// parseMounts reads /proc/self/mountinfo. Mounts of a part of a hierarchy are
// left out.
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

// mount is the mount point that holds a controller's files.
func (h Hierarchy) mount(controller string) string {
	if h.Version == 2 {
		return h.mounts[""]
	}
	return h.mounts[controller]
}

// roots are all mount points, each once.
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

// Group is one control group, by the folder of each controller.
type Group struct {
	hierarchy Hierarchy
	paths     map[string]string // controller -> path below its mount; "*" serves all
}

// Group names the group that has this path in every controller. It need not
// exist.
func (h Hierarchy) Group(path string) Group {
	return Group{hierarchy: h, paths: map[string]string{"*": path}}
}

// GroupOf finds the group of a process. Its memory path must contain id, which
// proves that the process is the one that is meant: process numbers are used
// again, and another machine's mean nothing here.
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

// parseMembership reads /proc/PID/cgroup.
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

// dir is the folder that holds a controller's files.
func (g Group) dir(controller string) string {
	return filepath.Join(g.hierarchy.mount(controller), g.path(controller))
}

// Child names a group below this one.
func (g Group) Child(name string) Group {
	child := Group{hierarchy: g.hierarchy, paths: map[string]string{}}
	for controller, path := range g.paths {
		child.paths[controller] = filepath.Join(path, name)
	}
	return child
}

// Path is where the group is, below the mount of its memory controller.
func (g Group) Path() string { return g.path("memory") }
