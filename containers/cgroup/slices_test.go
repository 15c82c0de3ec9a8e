package cgroup

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// systemd keeps slices as folders, as the real one does; it accounts for memory in them
// unless it is told not to.
type systemd struct {
	hierarchy Hierarchy
	asked     []string
	noMemory  bool
}

func (s *systemd) systemctl(_ context.Context, verb, unit string) error {
	s.asked = append(s.asked, verb+" "+unit)
	path, name := s.hierarchy.mounts[""], ""
	for part := range strings.SplitSeq(strings.TrimSuffix(unit, ".slice"), "-") { // systemd.slice(5)
		name = strings.TrimPrefix(name+"-"+part, "-")
		path = filepath.Join(path, name+".slice")
	}
	if verb == "stop" {
		return os.RemoveAll(path)
	}
	if s.noMemory {
		return os.MkdirAll(path, 0o755)
	}
	return errors.Join(os.MkdirAll(path, 0o755), os.WriteFile(filepath.Join(path, "memory.current"), []byte("0\n"), 0o644))
}

func newSystemd(t *testing.T) (*systemd, Slices) {
	h, _ := version(t, 2, nil)
	s := &systemd{hierarchy: h}
	return s, Slices{hierarchy: h, systemctl: s.systemctl}
}

// TestSlices: a run has a slice, with one in it for each container. Hyphens of names add
// no levels.
func TestSlices(t *testing.T) {
	fake, s := newSystemd(t)
	const container = `plan\x2d2026\x2da1-api\x2d3.slice`
	group, err := s.Make(t.Context(), "/plan-2026-a1/api-3")
	if err != nil || group.Path() != `/plan\x2d2026\x2da1.slice/`+container || s.Parent(group) != container {
		t.Fatalf("%q, %q, %v", group.Path(), s.Parent(group), err)
	}
	if _, err := s.Make(t.Context(), "/plan-2026-a1/db"); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(group.dir("memory"), "docker-0123abc.scope"), 0o755); err != nil {
		t.Fatal(err)
	}
	if child, err := group.ChildOf("0123abc"); err != nil || child.Path() != group.Path()+"/docker-0123abc.scope" {
		t.Errorf("%q, %v", child.Path(), err)
	}
	if child, err := group.ChildOf("4567def"); err == nil {
		t.Errorf("of another container: %q", child.Path())
	}
	s.Prune("/plan-2026-a1")
	if got := slices.Collect(maps.Keys(s.Empty("plan-"))); !slices.Equal(got, []string{"plan-2026-a1"}) {
		t.Errorf("empty are %q", got)
	}
	for range 2 { // a slice that is gone is not stopped
		if err := errors.Join(s.Remove(t.Context(), "/plan-2026-a1/api-3"), s.Remove(t.Context(), "/plan-2026-a1")); err != nil {
			t.Error(err)
		}
	}
	if s.Exists("/plan-2026-a1") {
		t.Error("it is still there")
	}
	want := []string{
		"start " + container, `start plan\x2d2026\x2da1-db.slice`, "stop " + container, `stop plan\x2d2026\x2da1.slice`,
	}
	if diff := cmp.Diff(want, fake.asked); diff != "" {
		t.Error(diff)
	}
}

// TestASliceWithoutMemoryIsNoParent: neither a kill nor a peak could be read from it.
func TestASliceWithoutMemoryIsNoParent(t *testing.T) {
	fake, s := newSystemd(t)
	fake.noMemory = true
	if _, err := s.Make(t.Context(), "/plan-r1/api"); err == nil || s.Exists("/plan-r1/api") {
		t.Errorf("%v, %q", err, fake.asked)
	}
}

func TestNamesOfUnits(t *testing.T) {
	for name, unit := range map[string]string{
		"plan-r1": `plan\x2dr1`, "a_b.C9": "a_b.C9", ".a": `\x2ea`, `a:\`: `a\x3a\x5c`, "é": `\xc3\xa9`,
	} {
		if got := escape(name); got != unit || unescape(unit) != name {
			t.Errorf("%s: %q, and back %q", name, got, unescape(got))
		}
	}
	for _, unit := range []string{`a\x`, `a\x2`, `a\xzz`} { // not of this program
		if got := unescape(unit); got != "a" {
			t.Errorf("%q: %q", unit, got)
		}
	}
}
