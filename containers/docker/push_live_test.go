package docker

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"plan/containers"
)

func TestPushGivesTheRegistrysDigest(t *testing.T) {
	d := live(t)
	r := newRegistry(t, "")
	got, progress, err := push(t, d, r.host+"/user/api:1")
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.Head("http://" + r.host + "/v2/user/api/manifests/1")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if want := answer.Header.Get("Docker-Content-Digest"); got.Digest != want || want == "" {
		t.Errorf("digest is %q, the registry's %q", got.Digest, want)
	}
	if got.ID == "" || got.Size <= 0 || r.sent.Load() == 0 {
		t.Errorf("image is %+v, %d bytes came", got, r.sent.Load())
	}
	if last := progress[len(progress)-1]; !strings.HasPrefix(last, "pushing "+r.host+"/user/api:1: 1 of 1 layers, ") {
		t.Errorf("progress ends with %q", last)
	}
}

// TestAnUnchangedImageSendsNothing: not one byte of a layer comes a second time.
func TestAnUnchangedImageSendsNothing(t *testing.T) {
	d := live(t)
	r := newRegistry(t, "")
	first, _, err := push(t, d, r.host+"/user/api:1")
	if err != nil {
		t.Fatal(err)
	}
	sent := r.sent.Load()
	again, progress, err := push(t, d, r.host+"/user/api:1")
	if err != nil || again.Digest != first.Digest {
		t.Fatalf("the digest was %s and is %s, %v", first.Digest, again.Digest, err)
	}
	if more := r.sent.Load() - sent; more != 0 || sent == 0 {
		t.Errorf("first %d bytes of layers came, then %d more", sent, more)
	}
	if last := progress[len(progress)-1]; !strings.HasSuffix(last, ": 1 of 1 layers, nothing new") {
		t.Errorf("progress ends with %q", last)
	}
}

// TestTheRegistryDecides: what it holds counts, not what the push said.
func TestTheRegistryDecides(t *testing.T) {
	d := live(t)
	r := newRegistry(t, "")
	r.instead = func(_ http.ResponseWriter, ask *http.Request) bool {
		if reads(ask, "/user/api/manifests/1") {
			r.overwrite(t, "/v2/user/api/manifests/1")
		}
		return false
	}
	_, _, err := push(t, d, r.host+"/user/api:1")
	fails(t, err, containers.PushFailed, r.host+" holds sha256:")
	fails(t, err, containers.PushFailed, "that was just pushed (push again, or use another name")
	r.instead = func(w http.ResponseWriter, ask *http.Request) bool {
		if !reads(ask, "/user/lost/manifests/1") {
			return false
		}
		http.Error(w, `{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}`, http.StatusNotFound)
		return true
	}
	_, _, err = push(t, d, r.host+"/user/lost:1")
	fails(t, err, containers.PushFailed, r.host+"/user/lost:1 could not be looked up after the push")
}

func reads(ask *http.Request, path string) bool {
	return ask.Method != http.MethodPut && strings.HasSuffix(ask.URL.Path, path)
}

// overwrite is somebody else's push: the manifest under the tag becomes one of
// another digest, once.
func (r *testRegistry) overwrite(t *testing.T, path string) {
	present := httptest.NewRecorder()
	r.open.ServeHTTP(present, httptest.NewRequest(http.MethodGet, path, nil))
	if present.Code != http.StatusOK || strings.HasSuffix(present.Body.String(), "\n") {
		return
	}
	other := httptest.NewRequest(http.MethodPut, path, strings.NewReader(present.Body.String()+"\n"))
	other.Header.Set("Content-Type", present.Header().Get("Content-Type"))
	answer := httptest.NewRecorder()
	if r.open.ServeHTTP(answer, other); answer.Code != http.StatusCreated {
		t.Errorf("the registry did not take another manifest: %d", answer.Code)
	}
}

// The table of pushes: each fault on the real engine, with what is said.
func TestPushErrorsSayWhatToDo(t *testing.T) {
	d := live(t)
	guarded, open := newRegistry(t, "right"), newRegistry(t, "")
	busy := newRegistry(t, "")
	busy.instead = tooManyRequests
	unknown := remote(t, d, nil)
	trusted := time.Now().Add(24 * time.Hour)
	for _, c := range []struct {
		name, host, repository string
		password               string
		kind                   containers.Kind
		want                   string
	}{
		{"no login", guarded.host, "/user/api:1", "", containers.NoLogin, "requires a login for HOST/user/api:1, and none is stored (docker login HOST)"},
		{"a wrong password", guarded.host, "/user/api:1", "wrong", containers.NoLogin, "HOST does not accept the stored login for HOST/user/api:1 (docker login HOST;"},
		{"the right password", guarded.host, "/user/api:1", "right", "", ""},
		{"a login that nobody wants", open.host, "/user/api:1", "any", "", ""},
		{"a registry that is down", "127.0.0.1:1", "/user/api:1", "", containers.PushFailed, "the registry HOST is down: no program listens at HOST (start it"},
		{"a name without address", "no-such-host.invalid:5000", "/user/api:1", "", containers.PushFailed, "the registry HOST cannot be found"},
		{"plain HTTP", unknown.host, "/user/api:1", "", containers.PushFailed, `speaks plain HTTP, which the engine refuses (name it in "insecure-registries"`},
		{"a certificate of nobody", remote(t, d, certificate(t, trusted, hostOf(unknown.host))).host, "/user/api:1", "", containers.PushFailed,
			"put its CA at /etc/docker/certs.d/HOST/ca.crt"},
		{"a certificate of another", remote(t, d, certificate(t, trusted, "registry.example")).host, "/user/api:1", "", containers.PushFailed,
			"is for another name"},
		{"too many requests", busy.host, "/user/api:1", "", containers.PushFailed, "refuses more requests for now"},
		{"a capital letter", open.host, "/User/api:1", "", containers.Other, "in lower case"},
	} {
		t.Run(c.name, func(t *testing.T) {
			logIn(t, d, c.host, c.password)
			_, _, err := push(t, d, c.host+c.repository)
			fails(t, err, c.kind, strings.ReplaceAll(c.want, "HOST", c.host))
		})
	}
	_, err := d.Images.Push(t.Context(), "plan-docker-test-nowhere:1", open.host+"/user/api:1", nil)
	fails(t, err, containers.NoImage, "plan-docker-test-nowhere:1 is not on the engine")
}

// fails checks an error's kind and words; no kind means that there is none.
func fails(t *testing.T, err error, kind containers.Kind, want string) {
	t.Helper()
	if kind == "" && err == nil {
		return
	}
	if !isKind(err, kind) || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v\nwant %q of kind %q", err, want, kind)
	}
}

func tooManyRequests(w http.ResponseWriter, _ *http.Request) bool {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusTooManyRequests)
	_, _ = w.Write([]byte(`{"errors":[{"code":"TOOMANYREQUESTS","message":"You have reached your pull rate limit."}]}`))
	return true
}
