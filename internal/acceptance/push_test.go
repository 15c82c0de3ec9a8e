package acceptance

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestPush: the digest in the report is the registry's own.
func TestPush(t *testing.T) {
	needEngine(t)
	t.Parallel()
	r := newRegistry(t)
	dir := t.TempDir()
	ended := push(t, dir, r, sample(t), r.login(t))
	read := readReport(t, dir, ended)
	if ended.code != 0 || len(read.Images) != 1 || read.Images[0].Digest == nil {
		t.Fatalf("exit %d, images %+v, %s", ended.code, read.Images, read.Run.Problem)
	}
	image := read.Images[0]
	if want := r.digest(t, "workshop/api"); *image.Digest != want || !image.Pushed {
		t.Errorf("the report says %s (pushed %v), the registry %s", *image.Digest, image.Pushed, want)
	}
	if s := read.only(t); s.Verdict != "passed" {
		t.Errorf("the service that was pushed did not start%s", s.told())
	}
}

// TestPushThatFails: each ends with exit code 3 and says what to do.
func TestPushThatFails(t *testing.T) {
	needEngine(t)
	t.Parallel()
	r := newRegistry(t)
	down := registry{address: freeAddress(t)}
	wrong := t.TempDir()
	write(t, filepath.Join(wrong, "config.json"), `{"auths": {"`+r.address+`": {"auth": "d29ya3Nob3A6d3Jvbmc="}}}`) // workshop:wrong
	nowhere := here.name + "-nowhere:latest"
	for _, c := range []struct {
		name     string
		registry registry
		source   string
		config   string
		want     []string // of what is said
	}{
		{"no login", r, sample(t), t.TempDir(), []string{"docker login " + r.address}},
		{"wrong password", r, sample(t), wrong, []string{"docker login " + r.address}},
		{"registry down", down, sample(t), t.TempDir(), []string{down.address, "is down"}},
		{"image not there", r, nowhere, r.login(t), []string{nowhere, "not on the engine"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			ended := push(t, t.TempDir(), c.registry, c.source, c.config)
			if ended.code != 3 {
				t.Errorf("exit %d, want 3", ended.code)
			}
			for _, want := range c.want {
				if !strings.Contains(ended.stdout+ended.stderr, want) {
					t.Errorf("%q is not said", want)
				}
			}
			if t.Failed() {
				t.Log(ended.stdout + ended.stderr)
			}
		})
	}
}

// push runs the plan that pushes, as somebody with that configuration of
// Docker. The tag that this leaves is removed.
func push(t *testing.T, dir string, r registry, source, config string) result {
	t.Helper()
	repository := r.address + "/workshop/api"
	t.Cleanup(func() { _, _ = tryDocker("rmi", repository+":latest") })
	args := planArgs(t, dir, "testdata/push.hcl", "source="+source, "repository="+repository)
	return start(t, dir, []string{"DOCKER_CONFIG=" + config}, args...).wait()
}
