package docker

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"plan/containers"
	"plan/internal/units"
)

// elsewhere is what the container maps of files and is not charged for: the
// least that is seen in 5 s, since the kernel brings its counters up to date
// every 2 s.
func elsewhere(t *testing.T, i *Instance) (least units.Bytes) {
	t.Helper()
	least = -1
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end) && least != 0; time.Sleep(100 * time.Millisecond) {
		usage, _ := i.Usage()
		if resident := i.Resident(t.Context()); usage.MappedFile != nil && resident != nil && *resident > 0 {
			if off := max(0, *resident-*usage.MappedFile); least < 0 || off < least {
				least = off
			}
		}
	}
	if least < 0 {
		t.Fatal("nothing is known of the files that the container maps")
	}
	return least
}

// A container pays for the files of its image once they were evicted, and for
// none that others have read before.
func TestAWarmContainerDiffersFromAColdOne(t *testing.T) {
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
		t.Skipf("the engine's storage %q does not report where layers are", found.GraphDriver.Name)
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
	if d.host.Load().parents != nil {
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

// Where nothing can be read from here, a container in the process namespace of
// the service reads the same.
func TestWhatAContainerMapsIsSeenFromInside(t *testing.T) {
	d := live(t)
	if !d.Local(bootID()) || os.Geteuid() != 0 {
		t.Skip("only root on the engine's machine has another way to compare with")
	}
	for _, user := range []string{"", "1234:1234"} {
		s := spec(t, d, "serve")
		s.User = user
		i := start(t, d, s)
		waitForLog(t, i, "serving")
		here := i.Resident(t.Context())
		if here == nil || *here < units.MiB {
			t.Fatalf("user %q: from here %v is seen", user, here)
		}
		begun := time.Now()
		text, err := i.runInside(t.Context(), ResidentCommand)
		n, wrong := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
		inside := units.Bytes(n)
		if off := inside - *here; err != nil || wrong != nil || off < -512*units.KiB || off > 512*units.KiB {
			t.Errorf("user %q: %v from inside, %v from here: %v", user, inside, *here, err)
		}
		t.Logf("user %q: %v after %v", user, inside, time.Since(begun))
		if err := i.Remove(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// Who listens is seen from here and from inside alike, each in its own numbers.
func TestWhoListensInAContainer(t *testing.T) {
	d := live(t)
	i := start(t, d, spec(t, d, "serve"))
	waitForLog(t, i, "serving")
	listens := func(where string, processes []containers.Process) {
		if len(processes) != 1 || !slices.Equal(processes[0].Sockets, []containers.Socket{{Port: 8000}}) {
			t.Errorf("%s: %+v", where, processes)
		}
	}
	listens("as it may be", i.Processes(t.Context()))
	text, err := i.runInside(t.Context(), ProcessesCommand)
	var inside []containers.Process
	if wrong := json.Unmarshal(text, &inside); err != nil || wrong != nil {
		t.Fatalf("%s: %v, %v", text, err, wrong)
	}
	listens("from inside", inside)
	if inside[0].ID != 1 {
		t.Errorf("inside it is process %d", inside[0].ID)
	}
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
