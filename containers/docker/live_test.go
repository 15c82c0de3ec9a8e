package docker

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/client"

	"plan/containers"
	"plan/containers/docker/images"
	"plan/internal/host"
	"plan/internal/lock"
	"plan/internal/units"
)

// service builds the static executable that all live tests run, once.
var service = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "plan-docker-test-")
	if err != nil {
		return "", err
	}
	build := exec.Command("go", "build", "-o", filepath.Join(dir, "plan"), "./testdata/service")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-buildvcs=false")
	if out, err := build.CombinedOutput(); err != nil {
		return dir, fmt.Errorf("%w: %s", err, out)
	}
	return dir, nil
})

// testImage is unique to this process, so that several may test at once.
var testImage = fmt.Sprintf("plan-docker-test-%d:service", os.Getpid())

func TestMain(m *testing.M) {
	code := m.Run()
	removeTestImages()
	os.Exit(code)
}

// removeTestImages takes back what the live tests have put on the engine.
func removeTestImages() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	d, err := New(ctx, Options{Run: "test-end"})
	if err != nil {
		return
	}
	defer d.Close()
	dir, err := service()
	if err == nil {
		if digest, err := digestOf(filepath.Join(dir, "plan")); err == nil {
			d.engine.ImageRemove(ctx, "plan-agent:"+digest[:12], image.RemoveOptions{})
		}
	}
	d.engine.ImageRemove(ctx, testImage, image.RemoveOptions{Force: true})
	os.RemoveAll(dir)
}

// live returns a run of its own on the real engine, with the test image there.
// Without an engine the test is skipped, and fails where CI is true.
func live(t *testing.T) *Docker {
	t.Helper()
	dir, err := service()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "lock")
	held, err := lock.Take(path)
	if err != nil {
		t.Fatal(err)
	}
	var id [4]byte
	rand.Read(id[:])
	d, err := New(t.Context(), Options{
		Run: "test" + hex.EncodeToString(id[:]), Lock: path, Binary: filepath.Join(dir, "plan"),
	})
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatal(err)
	} else if err != nil {
		t.Skip("this test needs a Docker engine: ", err)
	}
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		if err := d.Clean(ctx); err != nil {
			t.Error(err)
		}
		if left, err := d.Resources(ctx); err != nil || len(left) > 0 {
			t.Errorf("left behind: %v %v", left, err)
		}
		d.Close()
		held.Release()
	})
	err = d.Images.Build(t.Context(), images.Scratch{
		Reference: testImage, Binary: d.options.Binary, Entrypoint: []string{"/plan"}, Command: []string{"serve"}, Expose: []int{8000},
		Labels: map[string]string{"plan.test": testImage}, // an id of its own, too
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// spec is a container of the test's image on the run's own network.
func spec(t *testing.T, d *Docker, command ...string) containers.Spec {
	t.Helper()
	name, err := d.Network(t.Context(), "", false)
	if err != nil {
		t.Fatal(err)
	}
	return containers.Spec{
		Service: "api", Trial: "search.memory/3", Image: testImage, Command: command,
		Networks: []string{name}, Expose: []int{8000}, Restart: "no",
		Limits: containers.Limits{Memory: 64 * units.MiB, CPUs: 500},
	}
}

func start(t *testing.T, d *Docker, s containers.Spec) *Instance {
	t.Helper()
	i, err := d.Start(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// await reads events until one of the kind comes.
func await(t *testing.T, i *Instance, kind containers.EventKind) containers.Event {
	t.Helper()
	const most = 5 * time.Minute // a service that lacks memory may read its code for long before it is killed
	limit := time.After(most)
	for {
		select {
		case event, ok := <-i.Events():
			if !ok {
				t.Fatalf("the events ended before %q", kind)
			}
			if event.Kind == kind {
				return event
			}
		case <-limit:
			t.Fatalf("no %q within %v; its state is %+v", kind, most, state(t, i))
		}
	}
}

func state(t *testing.T, i *Instance) containers.State {
	t.Helper()
	s, err := i.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// bootID is this machine's, as the agent on it reads it.
func bootID() string {
	id, _ := host.BootID()
	return id
}

func witnessSources(s containers.State) string {
	seen := map[string]bool{}
	var list []string
	for _, w := range s.Witnesses {
		if !seen[w.Source] {
			seen[w.Source] = true
			list = append(list, w.Source)
		}
	}
	return strings.Join(list, " ")
}

// untimed returns the client of a run, which has calls that only tests make.
func untimed(d *Docker) *client.Client { return d.engine.(*timed).engine.(*client.Client) }
