package images

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/docker/cli/cli/config"
	"github.com/docker/cli/cli/config/configfile"
	"github.com/docker/docker/api/types/registry"
	"github.com/google/go-cmp/cmp"

	"plan/internal/imagename"
)

// helper puts a credential helper on PATH: `docker-credential-NAME get` is asked
// for an address on standard input, `list` for all addresses.
func helper(t *testing.T, name, script string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "docker-credential-"+name), []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
}

// keychain answers for two registries and the hub.
const keychain = `case "$1" in
list) echo '{"kept:5000":"user","https://index.docker.io/v1/":"hub"}' ;;
get)
  read host
  case "$host" in
  kept:5000) echo '{"ServerURL":"kept:5000","Username":"user","Secret":"pass"}' ;;
  token:5000) echo '{"ServerURL":"token:5000","Username":"<token>","Secret":"identity"}' ;;
  https://index.docker.io/v1/) echo '{"Username":"hub","Secret":"pass"}' ;;
  *) echo 'credentials not found in native keychain'; exit 1 ;;
  esac ;;
esac
`

func readConfig(t *testing.T, text string) *configfile.ConfigFile {
	t.Helper()
	cfg, err := config.LoadFromReader(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func TestCredentialsOfHelpersAndStores(t *testing.T) {
	helper(t, "plankeys", keychain)
	helper(t, "planlocked", "echo 'the keychain is locked'; exit 1\n")
	store := readConfig(t, `{"credsStore": "plankeys"}`)
	some := readConfig(t, `{"credHelpers": {"kept:5000": "plankeys", "locked:5000": "planlocked", "gone:5000": "plangone"},
		"auths": {"kept:5000": {}, "file:5000": {"auth": "dXNlcjpwYXNz"}}}`)
	for _, c := range []struct {
		name, image string
		cfg         *configfile.ConfigFile
		want        registry.AuthConfig
		helper      string // what it answered instead
	}{
		{"a store", "kept:5000/a:1", store, registry.AuthConfig{Username: "user", Password: "pass", ServerAddress: "kept:5000"}, ""},
		{"a store's token", "token:5000/a:1", store, registry.AuthConfig{IdentityToken: "identity", ServerAddress: "token:5000"}, ""},
		{"a store, for the hub", "user/a:1", store, registry.AuthConfig{Username: "hub", Password: "pass", ServerAddress: imagename.ConfigKey(imagename.Hub)}, ""},
		{"a store that knows nothing of it", "else:5000/a:1", store, registry.AuthConfig{ServerAddress: "else:5000"}, ""},
		{"a helper", "kept:5000/a:1", some, registry.AuthConfig{Username: "user", Password: "pass", ServerAddress: "kept:5000"}, ""},
		{"the file, beside helpers", "file:5000/a:1", some, registry.AuthConfig{Username: "user", Password: "pass", ServerAddress: "file:5000"}, ""},
		{"a helper that fails", "locked:5000/a:1", some, registry.AuthConfig{ServerAddress: "locked:5000"}, "the keychain is locked"},
		{"a helper that is not there", "gone:5000/a:1", some, registry.AuthConfig{ServerAddress: "gone:5000"}, "docker-credential-plangone"},
	} {
		got, err := credentials(c.cfg, c.image)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if diff := cmp.Diff(c.want, got.auth); diff != "" || got.stored != (c.want.Username+c.want.IdentityToken != "") {
			t.Errorf("%s: found %v %s", c.name, got.stored, diff)
		}
		if (got.helperErr == nil) != (c.helper == "") || (got.helperErr != nil && !strings.Contains(got.helperErr.Error(), c.helper)) {
			t.Errorf("%s: the helper says %v, want %q", c.name, got.helperErr, c.helper)
		}
		if sent := decoded(t, got.header); sent != c.want {
			t.Errorf("%s: the header says %+v", c.name, sent)
		}
	}
	if diff := cmp.Diff([]string{imagename.Hub, "kept:5000"}, newFake(&fake{}, store).Registries()); diff != "" {
		t.Error(diff)
	}
}

func decoded(t *testing.T, header string) registry.AuthConfig {
	t.Helper()
	text, err := base64.URLEncoding.DecodeString(header)
	if err != nil {
		t.Fatal(err)
	}
	var auth registry.AuthConfig
	if err := json.Unmarshal(text, &auth); err != nil {
		t.Fatal(err)
	}
	return auth
}

func TestTheCommandThatLogsIn(t *testing.T) {
	for image, want := range map[string]string{"user/a": "docker login", "reg:5000/a": "docker login reg:5000"} {
		login, err := credentials(configfile.New(""), image)
		if err != nil || imagename.Login(login.host) != want {
			t.Errorf("%s: %q, %v, want %q", image, imagename.Login(login.host), err, want)
		}
	}
}
