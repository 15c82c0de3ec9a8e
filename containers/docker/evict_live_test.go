package docker

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"plan/containers"
	"plan/internal/units"
)

// elsewhere is what the container maps of files and is not charged for, once it
// maps something.
func elsewhere(t *testing.T, i *Instance) units.Bytes {
	t.Helper()
	for limit := time.Now().Add(15 * time.Second); time.Now().Before(limit); time.Sleep(50 * time.Millisecond) {
		usage, _ := i.Usage()
		if s := state(t, i); usage.MappedFile != nil && s.Resident != nil && *s.Resident > 0 {
			return *s.Resident - *usage.MappedFile
		}
	}
	t.Fatal("nothing is known of the files that the container maps")
	return 0
}

// A container pays for the files of its image once they were evicted, and for
// none that others have read before.
func TestAWarmContainerIsToldFromAColdOne(t *testing.T) {
	d := live(t)
	if !d.Local(bootID()) || os.Geteuid() != 0 {
		t.Skip("files can be evicted only by root on the engine's machine")
	}
	found, err := d.engine.ImageInspect(t.Context(), testImage)
	if err != nil {
		t.Fatal(err)
	}
	layers := layersOf(found.GraphDriver)
	if len(layers) == 0 {
		t.Skipf("the engine's storage %q does not tell where layers are", found.GraphDriver.Name)
	}
	file := filepath.Join(layers[0], "plan")
	begin := func() *Instance {
		i := start(t, d, spec(t, d, "serve"))
		waitForLog(t, i, "serving")
		return i
	}
	remove := func(i *Instance) {
		if err := i.Remove(t.Context()); err != nil {
			t.Fatal(err)
		}
	}

	if done := d.Evict(t.Context(), testImage, nil); len(done.SharedWith) > 0 {
		t.Skipf("%s runs the same executable at the same time", done.SharedWith[0])
	} else if done.Left != "" {
		t.Fatal(done.Left)
	}
	if n := cached(t, file); n != 0 {
		t.Fatalf("%d pages of the image's file are cached after it was evicted", n)
	}
	cold := begin()
	if got := elsewhere(t, cold); got > 256*units.KiB {
		t.Errorf("a cold container maps %s that others are charged for", got)
	}
	remove(cold)
	if d.host.Load().parents {
		if n := cached(t, file); n != 0 {
			t.Errorf("%d pages that the container was charged for are cached after its removal", n)
		}
	}

	if _, err := os.ReadFile(file); err != nil { // somebody else pays
		t.Fatal(err)
	}
	warm := begin()
	if got := elsewhere(t, warm); got < units.MiB {
		t.Errorf("a warm container maps %s that others are charged for: it is taken for a cold one", got)
	}
	remove(warm)
}

func TestFilesOfForeignContainersAreLeft(t *testing.T) {
	d, other := live(t), live(t)
	if !d.Local(bootID()) || os.Geteuid() != 0 {
		t.Skip("files can be evicted only by root on the engine's machine")
	}
	shared, own := t.TempDir(), t.TempDir()
	theirs, ours := written(t, filepath.Join(shared, "a")), written(t, filepath.Join(own, "b"))
	s := spec(t, other, "serve")
	s.Volumes = []containers.Volume{{Source: shared, Target: "/data", Bind: true}}
	foreign := start(t, other, s)
	waitForLog(t, foreign, "serving")
	volumes := []containers.Volume{{Source: shared, Target: "/a", Bind: true}, {Source: own, Target: "/b", Bind: true}}
	want := containers.Eviction{Left: "the container " + foreign.Name() + " uses the same files", SharedWith: []string{foreign.Name()}}
	if got := d.Evict(t.Context(), testImage, volumes); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	if n := cached(t, theirs); n != 64 {
		t.Errorf("%d of 64 pages of a volume that a foreign container has are left", n)
	}
	if n := cached(t, ours); n != 0 {
		t.Errorf("%d pages of a volume of this run alone are left", n)
	}
	if err := foreign.Remove(t.Context()); err != nil {
		t.Fatal(err)
	}
	if done := d.Evict(t.Context(), testImage, volumes); done.Left != "" || cached(t, theirs) != 0 {
		t.Errorf("once it is gone: %+v, %d pages", done, cached(t, theirs))
	}
}

func TestWhatCannotBeEvictedIsSaid(t *testing.T) {
	if got, want := newFake(&fake{}).Evict(t.Context(), "api", nil).Left, "the engine is not proven to be on this machine"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
