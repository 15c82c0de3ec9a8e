package docker

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"plan/containers"
)

// stocked is a registry that has the test's image as user/api:1, which the
// engine has under that name no more.
func stocked(t *testing.T, d *Docker, password string) (r *testRegistry, name, digest string) {
	t.Helper()
	r = newRegistry(t, password)
	logIn(t, d, r.host, password)
	name = r.host + "/user/api:1"
	pushed, _, err := push(t, d, name)
	if err != nil {
		t.Fatal(err)
	}
	removeImage(t, d, name)
	return r, name, pushed.Digest
}

func TestAMissingImageIsPulled(t *testing.T) {
	d := live(t)
	_, name, digest := stocked(t, d, "right") // with the login that is stored
	var lines []string
	got, err := d.Images.Ensure(t.Context(), name, containers.PullMissing, func(line string) { lines = append(lines, line) })
	if err != nil || got.Digest != digest || got.ID == "" || got.Size <= 0 {
		t.Errorf("image is %+v, %v; the digest was %s", got, err, digest)
	}
	if len(lines) == 0 || lines[0] != "pulling "+name {
		t.Errorf("progress is %q", lines)
	}
}

func TestWhenARegistryIsAsked(t *testing.T) {
	d := live(t)
	r, name, digest := stocked(t, d, "")
	there, err := d.Images.Ensure(t.Context(), testImage, containers.PullNever, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, reference string
		pull            containers.Pull
		asks            bool
		kind            containers.Kind
		digest          string
	}{
		{"never, and it is not there", name, containers.PullNever, false, containers.NoImage, ""},
		{"nothing is said, and it is not there", name, "", true, "", digest},
		{"missing, and it is there", name, containers.PullMissing, false, "", ""},
		{"never, and it is there", name, containers.PullNever, false, "", ""},
		{"always, and it is there", name, containers.PullAlways, true, "", digest},
		{"always, by its id", there.ID, containers.PullAlways, false, "", ""},
		{"missing, by an id that is not there", strings.Repeat("0", 64), containers.PullMissing, false, containers.NoImage, ""},
	} {
		before := r.asked.Load()
		got, err := d.Images.Ensure(t.Context(), c.reference, c.pull, nil)
		if asks := r.asked.Load() > before; asks != c.asks {
			t.Errorf("%s: the registry was asked: %v", c.name, asks)
		}
		if c.kind != "" {
			fails(t, err, c.kind, "is not on the engine")
			continue
		}
		if err != nil || got.ID != there.ID || got.Digest != c.digest {
			t.Errorf("%s: %+v, %v", c.name, got, err)
		}
	}
}

// The table of pulls: each fault on the real engine, with what is said.
func TestPullErrorsSayWhatToDo(t *testing.T) {
	d := live(t)
	guarded, open, busy := newRegistry(t, "right"), newRegistry(t, ""), newRegistry(t, "")
	busy.instead = tooManyRequests
	plainHTTP := remote(t, d, nil)
	untrusted := remote(t, d, certificate(t, time.Now().Add(24*time.Hour), hostOf(plainHTTP.host)))
	expired := remote(t, d, certificate(t, time.Now().Add(-24*time.Hour), hostOf(plainHTTP.host)))
	for _, c := range []struct {
		name, host, password string
		kind                 containers.Kind
		want                 string
	}{
		{"no such repository", open.host, "", containers.NoImage, "HOST has no HOST/user/api:1: no such tag, or no such repository (correct its name and tag, or build it)"},
		{"no login", guarded.host, "", containers.NoLogin, "HOST requires a login for HOST/user/api:1, and none is stored (docker login HOST)"},
		{"a wrong password", guarded.host, "wrong", containers.NoLogin, "HOST does not accept the stored login for HOST/user/api:1 (docker login HOST;"},
		{"a registry that is down", "127.0.0.1:1", "", containers.NoImage, "the registry HOST is down: no program listens at HOST (start it"},
		{"a name without address", "no-such-host.invalid:5000", "", containers.NoImage, "the registry HOST cannot be found: HOST has no known address ("},
		{"plain HTTP", plainHTTP.host, "", containers.NoImage, `the registry HOST speaks plain HTTP, which the engine refuses (name it in "insecure-registries"`},
		{"a certificate of nobody", untrusted.host, "", containers.NoImage, "put its CA at /etc/docker/certs.d/HOST/ca.crt"},
		{"an old certificate", expired.host, "", containers.NoImage, "the certificate of the registry HOST has expired"},
		{"too many requests", busy.host, "", containers.NoImage, "refuses more requests for now: too many requests (wait, or log in: docker login HOST)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			logIn(t, d, c.host, c.password)
			_, err := d.Images.Ensure(t.Context(), c.host+"/user/api:1", containers.PullMissing, nil)
			fails(t, err, c.kind, strings.ReplaceAll("the image HOST/user/api:1 is not on the engine, and could not be pulled: ", "HOST", c.host))
			fails(t, err, c.kind, strings.ReplaceAll(c.want, "HOST", c.host))
		})
	}
}

func TestAMissingTagNamesTheNearOne(t *testing.T) {
	d := live(t)
	r, name, _ := stocked(t, d, "")
	if _, err := d.Images.Ensure(t.Context(), name, containers.PullMissing, nil); err != nil {
		t.Fatal(err)
	}
	_, err := d.Images.Ensure(t.Context(), r.host+"/user/api:2", containers.PullMissing, nil)
	fails(t, err, containers.NoImage, `no such tag, or no such repository (did you mean "`+name+`"? if not: correct its name`)
}

// TestAlwaysNeedsTheRegistry: an image that is there does not stand in for the
// newest one.
func TestAlwaysNeedsTheRegistry(t *testing.T) {
	d := live(t)
	r, name, _ := stocked(t, d, "")
	if _, err := d.Images.Ensure(t.Context(), name, containers.PullMissing, nil); err != nil {
		t.Fatal(err)
	}
	r.instead = func(w http.ResponseWriter, _ *http.Request) bool {
		http.Error(w, "in maintenance", http.StatusServiceUnavailable)
		return true
	}
	_, err := d.Images.Ensure(t.Context(), name, containers.PullAlways, nil)
	fails(t, err, containers.NoImage, "the image "+name+" could not be pulled: the registry "+r.host+" reports an error of its own")
}

// TestAnInterruptionIsNoError: who gives up a transfer is not told that the
// registry or the engine is at fault.
func TestAnInterruptionIsNoError(t *testing.T) {
	d := live(t)
	for what, move := range map[string]func(context.Context, string) error{
		"pull": func(ctx context.Context, name string) error {
			_, err := d.Images.Ensure(ctx, name, containers.PullMissing, nil)
			return err
		},
		"push": func(ctx context.Context, name string) error {
			_, err := d.Images.Push(ctx, testImage, name, nil)
			return err
		},
	} {
		r := newRegistry(t, "")
		ctx, interrupt := context.WithCancel(t.Context())
		r.instead = func(_ http.ResponseWriter, ask *http.Request) bool {
			if ask.URL.Path == "/v2/" {
				return false
			}
			interrupt()
			<-t.Context().Done() // no answer as long as the test asks
			return true
		}
		name := r.host + "/user/api:1"
		if err := move(ctx, name); !errors.Is(err, context.Canceled) {
			t.Errorf("a %s that is given up: %v", what, err)
		}
		removeImage(t, d, name)
	}
}

func hostOf(address string) string {
	host, _, _ := net.SplitHostPort(address)
	return host
}
