package docker

import (
	"os"
	"strings"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"

	"plan/containers"
)

// changed makes an image that is configured otherwise than the test's.
func changed(t *testing.T, d *Docker, change func(*v1.Config)) string {
	t.Helper()
	reference := strings.Replace(testImage, "service", strings.ToLower(t.Name()), 1)
	binary, err := os.ReadFile(d.options.Binary)
	if err != nil {
		t.Fatal(err)
	}
	p, err := d.platform(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	img, err := scratchImage(Scratch{Entrypoint: []string{"/plan"}, Command: []string{"serve"}}, binary, p)
	if err != nil {
		t.Fatal(err)
	}
	file, err := img.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	file = file.DeepCopy()
	change(&file.Config)
	if img, err = mutate.ConfigFile(img, file); err != nil {
		t.Fatal(err)
	}
	if err := d.load(t.Context(), reference, img); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { removeImage(t, d, reference) })
	return reference
}

func TestHealthIsTheImagesHealthcheck(t *testing.T) {
	d := live(t)
	for _, c := range []struct {
		test []string
		want containers.Health
	}{
		{[]string{"CMD", "/plan", "exit", "0"}, containers.Healthy},
		{[]string{"CMD", "/plan", "exit", "1"}, containers.Unhealthy},
		{[]string{"NONE"}, containers.NoHealthcheck},
	} {
		s := spec(t, d)
		s.Image = changed(t, d, func(config *v1.Config) {
			config.Healthcheck = &v1.HealthConfig{Test: c.test, Interval: 100 * time.Millisecond, Timeout: 5 * time.Second, Retries: 1}
		})
		i := start(t, d, s)
		waitForLog(t, i, "serving")
		seen := state(t, i).Health
		for limit := time.Now().Add(10 * time.Second); seen != c.want && time.Now().Before(limit); {
			seen = state(t, i).Health
		}
		if seen != c.want {
			t.Errorf("%v: %q, want %q", c.test, seen, c.want)
		}
		if err := i.Remove(t.Context()); err != nil {
			t.Error(err)
		}
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
	if _, err := d.engine.VolumeInspect(t.Context(), found.Mounts[0].Name); !notFound(err) {
		t.Errorf("the volume %s gives %v", found.Mounts[0].Name, err)
	}
}
