package acceptance

import (
	"testing"
)

// TestPull: an image that only the registry has is pulled with the stored
// login and runs; afterwards the registry is not needed, unless the plan says
// so.
func TestPull(t *testing.T) {
	needEngine(t)
	t.Parallel()
	for _, file := range []string{"testdata/pull.hcl", "testdata/plain.hcl"} {
		t.Run(file, func(t *testing.T) {
			r := newRegistry(t)
			config := r.login(t)
			name := r.stock(t, config)
			dir := t.TempDir()
			ended := pull(t, dir, file, config, "source="+name)
			says(t, ended, 0)
			read := readReport(t, dir, ended)
			for _, image := range read.Images {
				if want := r.digest(t, "workshop/stocked"); image.Pushed || image.Digest == nil || *image.Digest != want {
					t.Errorf("the report says %+v, the registry %s", image, want)
				}
			}
			if s := read.only(t); s.Verdict != "passed" {
				t.Errorf("the service that was pulled did not start%s", s.told())
			}
			stranger := t.TempDir()
			says(t, pull(t, t.TempDir(), file, stranger, "source="+name), 0)
			if file == "testdata/pull.hcl" {
				says(t, pull(t, t.TempDir(), file, stranger, "source="+name, "pull=always"), 3,
					"the image "+name+" could not be pulled", "docker login "+r.address)
			}
		})
	}
}

// TestPullThatFails: each ends with exit code 3, says that the image is not
// here, why it could not be fetched, and what to do.
func TestPullThatFails(t *testing.T) {
	needEngine(t)
	t.Parallel()
	r, down := newRegistry(t), registry{address: freeAddress(t, "127.0.0.1")}
	issued, _ := newTokenRegistry(t)
	secure, _ := newSecureRegistry(t)
	right := r.login(t)
	near := here.name + "-near:latest"
	docker(t, "tag", sample(t), near)
	t.Cleanup(func() { _, _ = tryDocker("rmi", near) })
	for _, c := range []struct {
		name, image, pull string
		config            string
		want              []string // of what is said
	}{
		{"no such tag", r.address + "/workshop/api:none", "missing", right, []string{"no such tag, or no such repository", "correct its name and tag"}},
		{"no login", r.address + "/workshop/api:1", "missing", t.TempDir(), []string{"none is stored", "docker login " + r.address}},
		{"wrong login", r.address + "/workshop/api:1", "missing", r.stored(t, "wrong"), []string{"does not accept the stored login", "docker login " + r.address}},
		{"no token", issued.address + "/workshop/api:1", "missing", t.TempDir(), []string{"none is stored", "docker login " + issued.address}},
		{"wrong login for a token", issued.address + "/workshop/api:1", "missing", issued.stored(t, "wrong"), []string{"does not accept the stored login"}},
		{"registry down", down.address + "/workshop/api:1", "missing", right, []string{"the registry " + down.address + " is down", "start it"}},
		{"no such host", "no-such-host.invalid:5000/api:1", "missing", right, []string{"cannot be found", "correct the name of the image"}},
		{"untrusted", secure.address + "/workshop/api:1", "missing", right, []string{"is not trusted", "/etc/docker/certs.d/" + secure.address + "/ca.crt"}},
		{"near", here.name + "-naer:latest", "missing", right, []string{`did you mean "` + near + `"?`}},
		{"never", r.address + "/workshop/api:1", "never", right, []string{"prevents a pull"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			ended := pull(t, t.TempDir(), "testdata/pull.hcl", c.config, "source="+c.image, "pull="+c.pull)
			says(t, ended, 3, append(c.want, "the image "+c.image+" is not on the engine")...)
		})
	}
}

// pull runs a plan as somebody with that configuration of Docker.
func pull(t *testing.T, dir, file, config string, variables ...string) result {
	t.Helper()
	return start(t, dir, []string{"DOCKER_CONFIG=" + config}, planArgs(t, dir, file, variables...)...).wait()
}
