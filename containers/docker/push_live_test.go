package docker

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/docker/cli/cli/config/configfile"
	"github.com/docker/cli/cli/config/types"
	"github.com/google/go-containerregistry/pkg/registry"

	"plan/containers"
)

// registryFor is a registry on loopback that wants a password, or none for "".
func registryFor(t *testing.T, password string) string {
	t.Helper()
	open := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, sent, _ := r.BasicAuth(); password != "" && sent != password {
			w.Header().Set("WWW-Authenticate", `Basic realm="test"`)
			http.Error(w, `{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}`, http.StatusUnauthorized)
			return
		}
		open.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

// push pushes the test's image to a registry and takes the name back.
func push(t *testing.T, d *Docker, name string) (Image, string, error) {
	t.Helper()
	var lines []string
	got, err := d.Push(t.Context(), testImage, name, func(line string) { lines = append(lines, line) })
	t.Cleanup(func() { removeImage(t, d, name) })
	return got, strings.Join(lines, "\n"), err
}

func TestPushGivesTheRegistrysDigest(t *testing.T) {
	d := live(t)
	host := registryFor(t, "")
	got, progress, err := push(t, d, host+"/user/api:1")
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.Head("http://" + host + "/v2/user/api/manifests/1")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if want := answer.Header.Get("Docker-Content-Digest"); got.Digest != want || want == "" {
		t.Errorf("digest is %q, the registry's %q", got.Digest, want)
	}
	if got.ID == "" || got.Size <= 0 || progress == "" {
		t.Errorf("image is %+v, progress %q", got, progress)
	}
}

func TestPushFaultsSayWhatToDo(t *testing.T) {
	d := live(t)
	guarded := registryFor(t, "right")
	down := registryFor(t, "")
	d.config = configfile.New(filepath.Join(t.TempDir(), "config.json"))
	login := func(password string) {
		d.config.AuthConfigs = map[string]types.AuthConfig{guarded: {Username: "user", Password: password}}
	}
	_, _, err := push(t, d, guarded+"/user/api:1")
	if !isKind(err, containers.NoLogin) || !strings.Contains(err.Error(), "docker login "+guarded) || !strings.Contains(err.Error(), "none is stored") {
		t.Errorf("without a login: %v", err)
	}
	login("wrong")
	_, _, err = push(t, d, guarded+"/user/api:1")
	if !isKind(err, containers.NoLogin) || !strings.Contains(err.Error(), "does not accept") {
		t.Errorf("with a wrong password: %v", err)
	}
	login("right")
	if _, _, err = push(t, d, guarded+"/user/api:1"); err != nil {
		t.Errorf("with the right password: %v", err)
	}
	host := "127.0.0.1:1"
	if _, _, err = push(t, d, host+"/user/api:1"); !isKind(err, containers.PushFailed) || !strings.Contains(err.Error(), "down") {
		t.Errorf("to a registry that is down: %v", err)
	}
	if _, err = d.Push(t.Context(), "plan-docker-test-nowhere:1", down+"/user/api:1", nil); !isKind(err, containers.NoImage) {
		t.Errorf("of an image that is not there: %v", err)
	}
	if _, _, err = push(t, d, down+"/User/api:1"); err == nil || !strings.Contains(err.Error(), "lower") {
		t.Errorf("under a name with a capital letter: %v", err)
	}
}
