package docker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"plan/containers"
	"plan/containers/docker/apierror"
)

// changed makes an image that is configured otherwise than the test's.
func changed(t *testing.T, d *Docker, change func(*v1.Config)) string {
	t.Helper()
	reference := strings.Replace(testImage, "service", strings.ToLower(t.Name()), 1)
	tag, err := name.NewTag(reference)
	if err != nil {
		t.Fatal(err)
	}
	platform, err := d.Images.Platform(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	binary, err := os.ReadFile(d.options.Binary)
	if err != nil {
		t.Fatal(err)
	}
	layer, err := archiveOf([]containers.File{{Path: "/plan", Mode: 0o755, Data: binary}})
	if err != nil {
		t.Fatal(err)
	}
	img, err := mutate.AppendLayers(empty.Image, static.NewLayer(layer, types.DockerUncompressedLayer))
	if err != nil {
		t.Fatal(err)
	}
	file, err := img.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	file = file.DeepCopy()
	file.OS, file.Architecture = platform.OS, platform.Arch
	file.Config = v1.Config{Entrypoint: []string{"/plan"}, Cmd: []string{"serve"}}
	change(&file.Config)
	if img, err = mutate.ConfigFile(img, file); err != nil {
		t.Fatal(err)
	}
	var archive bytes.Buffer
	if err := tarball.Write(tag, img, &archive); err != nil {
		t.Fatal(err)
	}
	answer, err := d.engine.ImageLoad(t.Context(), &archive)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.Copy(io.Discard, answer.Body)
	answer.Body.Close()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { removeImage(t, d, reference) })
	return reference
}

// A healthcheck is run by who asks for it, and not by the engine.
func TestTheHealthcheckOfTheImage(t *testing.T) {
	d := live(t)
	for _, c := range []struct {
		test []string
		want containers.Exit
	}{
		{[]string{"CMD", "/plan", "exit", "0"}, containers.Exit{Code: 0}},
		{[]string{"CMD", "/plan", "exit", "7"}, containers.Exit{Code: 7}},
		{[]string{"NONE"}, containers.Exit{Code: -1}},
	} {
		s := spec(t, d)
		s.Image = changed(t, d, func(config *v1.Config) {
			config.Healthcheck = &v1.HealthConfig{Test: c.test, Interval: 100 * time.Millisecond, Timeout: 5 * time.Second, Retries: 1}
		})
		i := start(t, d, s)
		waitForLog(t, i, "serving")
		check, err := i.Healthcheck(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got := containers.Exit{Code: -1}
		if len(check.Command) > 0 {
			got, err = i.Exec(t.Context(), check.Command)
		}
		if got != c.want || err != nil || len(check.Command) > 0 && check.Timeout != 5*time.Second {
			t.Errorf("%v: %+v, %v; %+v", c.test, got, err, check)
		}
		found, err := i.inspect(t.Context())
		if err != nil || found.State.Health != nil && found.State.Health.Status != "none" {
			t.Errorf("%v: the engine runs it too: %+v, %v", c.test, found.State.Health, err)
		}
		if err := i.Remove(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// A command that is given up is ended.
func TestACommandThatIsStoppedEnds(t *testing.T) {
	d := live(t)
	if !d.Local(bootID()) {
		t.Skip("the engine's processes are not this machine's")
	}
	i := start(t, d, spec(t, d))
	waitForLog(t, i, "serving")
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	if exit, err := i.Exec(ctx, []string{"/plan", "eat", "1"}); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("%+v, %v", exit, err)
	}
	found, err := i.inspect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	running := len(found.ExecIDs) > 0 // the engine forgets those that have ended
	for limit := time.Now().Add(10 * time.Second); running && time.Now().Before(limit); {
		one, err := d.engine.ContainerExecInspect(t.Context(), found.ExecIDs[0])
		running = err == nil && one.Running
	}
	if running {
		t.Error("it still runs")
	}
	if !state(t, i).Running {
		t.Error("the service was ended with it")
	}
}

func TestAnonymousVolumesGoWithTheContainer(t *testing.T) {
	d := live(t)
	s := spec(t, d)
	s.Image = changed(t, d, func(config *v1.Config) { config.Volumes = map[string]struct{}{"/data": {}} })
	i := start(t, d, s)
	found, err := d.engine.ContainerInspect(t.Context(), i.ID())
	if err != nil || len(found.Mounts) != 1 {
		t.Fatalf("mounts %v, %v", found.Mounts, err)
	}
	if err := i.Remove(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := d.engine.VolumeInspect(t.Context(), found.Mounts[0].Name); !apierror.NotFound(err) {
		t.Errorf("the volume %s gives %v", found.Mounts[0].Name, err)
	}
}

// What a container printed before it was started again is not in its log.
func TestALogBeginsWithTheLastStart(t *testing.T) {
	d := live(t)
	s := spec(t, d, "show", "/nothing")
	s.Restart = "always"
	i := start(t, d, s)
	lines := 0
	for limit := time.Now().Add(20 * time.Second); lines == 0 && time.Now().Before(limit); {
		if state(t, i).Restarts < 2 {
			continue
		}
		log, err := i.Follow(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(log) // until this life ends
		log.Close()
		lines = strings.Count(string(text), "\n")
	}
	if lines != 1 {
		t.Errorf("%d lines after several starts", lines)
	}
}

func TestNamesAreFoundAtTheirAddresses(t *testing.T) {
	d := live(t)
	s := spec(t, d, "show", "/etc/hosts")
	s.Hosts = map[string]string{"api.test": "10.1.2.3"}
	var text string
	for tries := 0; text == "" && tries < 5; tries++ {
		// A busy engine drops what a container that ends at once has written.
		s.Trial = fmt.Sprintf("search.memory/%d", tries)
		log, err := start(t, d, s).Follow(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		all, _ := io.ReadAll(log) // until it ends
		log.Close()
		text = string(all)
	}
	if !strings.Contains(text, "10.1.2.3") || !strings.Contains(text, "api.test") {
		t.Errorf("it has %q", text)
	}
}
