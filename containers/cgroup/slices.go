package cgroup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"strconv"
	"strings"
	"time"
)

// Slices makes groups as slices of systemd, which owns the groups of containers where
// the engine leaves them to it. Paths are those of a Hierarchy: the group of /plan-r1/api
// is /plan\x2dr1.slice/plan\x2dr1-api.slice.
type Slices struct {
	hierarchy Hierarchy
	systemctl func(ctx context.Context, verb, unit string) error
}

// Slices returns the slices of this machine; false where systemd does not run it.
func (h Hierarchy) Slices() (Slices, bool) {
	if info, err := os.Stat("/run/systemd/system"); err != nil || !info.IsDir() {
		return Slices{}, false
	}
	if _, err := exec.LookPath("systemctl"); err != nil {
		return Slices{}, false
	}
	return Slices{hierarchy: h, systemctl: systemctl}, true
}

// systemctlWithin is the longest time of a command that takes some 10 ms.
const systemctlWithin = 10 * time.Second

func systemctl(ctx context.Context, verb, unit string) error {
	ctx, cancel := context.WithTimeout(ctx, systemctlWithin)
	defer cancel()
	text, err := exec.CommandContext(ctx, "systemctl", "--quiet", verb, "--", unit).CombinedOutput()
	if err != nil {
		return fmt.Errorf("systemctl %s %s: %w: %s", verb, unit, err, bytes.TrimSpace(text))
	}
	return nil
}

const sliceSuffix = ".slice"

// Group returns the group with this path. It need not exist.
func (s Slices) Group(of string) Group {
	at, unit := "/", ""
	for name := range strings.SplitSeq(strings.Trim(of, "/"), "/") {
		if unit != "" {
			unit += "-" // systemd puts the slice a-b into the slice a
		}
		unit += escape(name)
		at = path.Join(at, unit+sliceSuffix)
	}
	return s.hierarchy.Group(at)
}

// Parent returns how an engine is asked to put a container into the group.
func (s Slices) Parent(group Group) string { return path.Base(group.Path()) }

// Make creates the group, unless it exists, with the memory controller.
func (s Slices) Make(ctx context.Context, of string) (Group, error) {
	group := s.Group(of)
	if err := s.systemctl(ctx, "start", s.Parent(group)); err != nil {
		return Group{}, err
	}
	reader, err := Open(group) // systemd can be told to account for no memory
	if err != nil {
		return Group{}, errors.Join(err, s.Remove(ctx, of))
	}
	return group, reader.Close()
}

// Remove removes the group and everything below it. A missing one is not an error.
func (s Slices) Remove(ctx context.Context, of string) error {
	if !s.Exists(of) {
		return nil
	}
	group := s.Group(of)
	return errors.Join(s.systemctl(ctx, "stop", s.Parent(group)), s.hierarchy.Remove(ctx, group.Path()))
}

// Prune removes nothing: systemd would stop a slice together with those that are made in
// it at this moment.
func (s Slices) Prune(string) {}

// Exists reports whether the group exists in any controller.
func (s Slices) Exists(of string) bool { return s.hierarchy.Exists(s.Group(of).Path()) }

// Empty is that of a Hierarchy.
func (s Slices) Empty(prefix string) map[string]time.Time {
	found := map[string]time.Time{}
	for name, changed := range s.hierarchy.Empty(escape(prefix)) {
		if unit, is := strings.CutSuffix(name, sliceSuffix); is {
			found[unescape(unit)] = changed
		}
	}
	return found
}

// escape escapes a name for a unit of systemd, which means a level by a hyphen. Engines
// separate parts of what they tell the runtime by a colon.
func escape(name string) string {
	var b strings.Builder
	for i := range len(name) {
		c := name[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '.' && i > 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, `\x%02x`, c)
		}
	}
	return b.String()
}

func unescape(unit string) string {
	first, others, _ := strings.Cut(unit, `\x`)
	name := first
	for part := range strings.SplitSeq(others, `\x`) {
		if c, err := strconv.ParseUint(part[:min(2, len(part))], 16, 8); err == nil && len(part) >= 2 {
			name += string([]byte{byte(c)}) + part[2:]
		}
	}
	return name
}
