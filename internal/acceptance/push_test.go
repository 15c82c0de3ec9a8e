package acceptance

import (
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestPush: the digest in the report is the registry's own.
func TestPush(t *testing.T) {
	needEngine(t)
	t.Parallel()
	r := newRegistry(t)
	pushes(t, r, r.login(t))
}

// TestPushOverTLS: at an address where the engine refuses plain HTTP, with a
// certificate that it trusts, and not without.
func TestPushOverTLS(t *testing.T) {
	needEngine(t)
	t.Parallel()
	r, authority := newSecureRegistry(t)
	config := r.stored(t, registryPassword)
	ended := push(t, t.TempDir(), r, sample(t), config)
	says(t, ended, 3, "the certificate of the registry "+r.address+" is not trusted", "/etc/docker/certs.d/"+r.address+"/ca.crt")
	authority.trusted(t, r.address)
	pushes(t, r, config)
	spoken, err := http.Get("http://" + r.address + "/v2/")
	if err != nil {
		t.Fatal(err)
	}
	spoken.Body.Close()
	if spoken.StatusCode != http.StatusBadRequest {
		t.Errorf("the registry answers plain HTTP: %s", spoken.Status)
	}
}

// newSecureRegistry starts a registry that speaks TLS alone, and wants a name
// and a password.
func newSecureRegistry(t *testing.T) (registry, authority) {
	t.Helper()
	ip, authority := gateway(t), newAuthority(t)
	r := registry{address: freeAddress(t, ip), dir: t.TempDir(), scheme: "https", client: authority.client()}
	certificate, key := authority.certify(t, r.dir, ip)
	r.serve(t, ", tls: {certificate: "+certificate+", key: "+key+"}", r.passwords(t))
	return r, authority
}

// TestPushWithTokens: by a password for each token, and by the refresh token
// that `docker login` keeps where it gets one.
func TestPushWithTokens(t *testing.T) {
	needEngine(t)
	t.Parallel()
	r, issuer := newTokenRegistry(t)
	says(t, push(t, t.TempDir(), r, sample(t), t.TempDir()), 3, r.address+" requires a login", "docker login "+r.address)
	says(t, push(t, t.TempDir(), r, sample(t), r.stored(t, "wrong")), 3, r.address+" does not accept the stored login")
	if given := issuer.given.Load(); given != 0 {
		t.Errorf("%d tokens were given without a password", given)
	}
	pushes(t, r, r.stored(t, registryPassword))
	if given := issuer.given.Load(); given == 0 || issuer.refreshed.Load() != 0 {
		t.Errorf("with a password %d tokens were given, %d for a refresh token", given, issuer.refreshed.Load())
	}
	config := r.login(t)
	if kept, err := os.ReadFile(filepath.Join(config, "config.json")); err != nil || !strings.Contains(string(kept), refreshToken) {
		t.Fatalf("docker login kept %s, %v", kept, err)
	}
	pushes(t, r, config)
	if issuer.refreshed.Load() == 0 {
		t.Error("no token was given for the refresh token")
	}
}

// TestPushWithCredentialHelpers: a helper of one registry, and a store of all.
func TestPushWithCredentialHelpers(t *testing.T) {
	needEngine(t)
	t.Parallel()
	r := newRegistry(t)
	for name, config := range map[string]string{
		"helper": `{"credHelpers": {"` + r.address + `": "workshop"}, "auths": {"` + r.address + `": {}}}`,
		"store":  `{"credsStore": "workshop"}`,
	} {
		t.Run(name, func(t *testing.T) {
			dir, path, asked := helper(t, r, config)
			pushes(t, r, dir, path)
			calls, err := os.ReadFile(asked)
			if err != nil || !strings.Contains(string(calls), "get\n") {
				t.Errorf("the helper was called with %q, %v", calls, err)
			}
			for _, call := range strings.Fields(string(calls)) {
				if call != "get" && call != "list" {
					t.Errorf("the helper was called with %q", call)
				}
			}
		})
	}
	t.Run("missing helper", func(t *testing.T) {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "config.json"), `{"credHelpers": {"`+r.address+`": "of-nobody"}}`)
		says(t, push(t, t.TempDir(), r, sample(t), dir), 3, "the credential helper of docker returns none", "docker-credential-of-nobody", "docker login "+r.address)
	})
}

// helper makes a credential helper that knows the registry's password, and a
// folder for DOCKER_CONFIG that names it. asked gets the words of its calls.
func helper(t *testing.T, r registry, config string) (dir, path, asked string) {
	t.Helper()
	dir, programs := t.TempDir(), t.TempDir()
	write(t, filepath.Join(dir, "config.json"), config)
	asked = filepath.Join(programs, "asked")
	program := filepath.Join(programs, "docker-credential-workshop")
	write(t, program, `#!/bin/sh
echo "$@" >>`+asked+`
case "$1" in
list) echo '{"`+r.address+`":"`+registryUser+`"}' ;;
get)
	read host
	if [ "$host" != "`+r.address+`" ]; then echo 'credentials not found in native keychain'; exit 1; fi
	echo '{"ServerURL":"`+r.address+`","Username":"`+registryUser+`","Secret":"`+registryPassword+`"}' ;;
esac
`)
	if err := os.Chmod(program, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir, "PATH=" + programs + string(os.PathListSeparator) + os.Getenv("PATH"), asked
}

// TestAnUnchangedImageIsPushedQuickly: the second push writes no layer anew.
func TestAnUnchangedImageIsPushedQuickly(t *testing.T) {
	needEngine(t)
	t.Parallel()
	r := newRegistry(t)
	source, config := bulky(t, 64*mebibyte), r.login(t)
	first := push(t, t.TempDir(), r, source, config)
	written := r.blobs(t)
	second := push(t, t.TempDir(), r, source, config)
	says(t, first, 0, "pushed "+r.address+"/workshop/api:latest (2 of 2 layers")
	says(t, second, 0, "pushed "+r.address+"/workshop/api:latest (2 of 2 layers, nothing new)")
	if again := r.blobs(t); len(written) == 0 || !maps.Equal(written, again) {
		t.Errorf("files of the registry after the first push %v, after the second %v", written, again)
	}
	t.Logf("with its one trial the first took %s, the second %s", first.took, second.took)
}

// bulky is the sample with so many bytes besides that no packing makes smaller.
func bulky(t *testing.T, bytes int) string {
	t.Helper()
	name, dir := unique(t), t.TempDir()
	write(t, filepath.Join(dir, "Dockerfile"), "FROM "+sample(t)+"\nCOPY bulk /bulk\n")
	if out, err := exec.Command("openssl", "rand", "-out", filepath.Join(dir, "bulk"), strconv.Itoa(bytes)).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	t.Cleanup(func() { _, _ = tryDocker("rmi", name) })
	docker(t, "build", "--label", here.label(), "-t", name, dir)
	return name
}

// TestPushThatFails: each ends with exit code 3 and says what to do.
func TestPushThatFails(t *testing.T) {
	needEngine(t)
	t.Parallel()
	r := newRegistry(t)
	down := registry{address: freeAddress(t, "127.0.0.1")}
	nowhere := here.name + "-nowhere:latest"
	for _, c := range []struct {
		name     string
		registry registry
		source   string
		config   string
		want     []string // of what is said
	}{
		{"no login", r, sample(t), t.TempDir(), []string{"none is stored", "docker login " + r.address}},
		{"wrong password", r, sample(t), r.stored(t, "wrong"), []string{"does not accept the stored login", "docker login " + r.address}},
		{"registry down", down, sample(t), t.TempDir(), []string{down.address, "is down"}},
		{"image not there", r, nowhere, r.login(t), []string{nowhere, "not on the engine"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			says(t, push(t, t.TempDir(), c.registry, c.source, c.config), 3, c.want...)
		})
	}
}

// pushes expects a push to end well, with the registry's own digest in the
// report.
func pushes(t *testing.T, r registry, config string, env ...string) {
	t.Helper()
	dir := t.TempDir()
	ended := push(t, dir, r, sample(t), config, env...)
	read := readReport(t, dir, ended)
	if ended.code != 0 || len(read.Images) != 1 || read.Images[0].Digest == nil {
		t.Fatalf("exit %d, images %+v, %s (%s)", ended.code, read.Images, read.Run.Problem, read.Run.Help)
	}
	image := read.Images[0]
	if want := r.digest(t, "workshop/api"); *image.Digest != want || !image.Pushed {
		t.Errorf("the report says %s (pushed %v), the registry %s", *image.Digest, image.Pushed, want)
	}
	if s := read.only(t); s.Verdict != "passed" {
		t.Errorf("the service that was pushed did not start%s", s.told())
	}
}

// push runs the plan that pushes, as somebody with that configuration of
// Docker. The tag that this leaves is removed.
func push(t *testing.T, dir string, r registry, source, config string, env ...string) result {
	t.Helper()
	repository := r.address + "/workshop/api"
	t.Cleanup(func() { _, _ = tryDocker("rmi", repository+":latest") })
	args := planArgs(t, dir, "testdata/push.hcl", "source="+source, "repository="+repository)
	return start(t, dir, append(env, "DOCKER_CONFIG="+config), args...).wait()
}

// says checks how a command ended and parts of what it said.
func says(t *testing.T, ended result, code int, parts ...string) {
	t.Helper()
	missing := false
	for _, part := range parts {
		if !strings.Contains(ended.stdout+ended.stderr, part) {
			t.Errorf("%q is not said", part)
			missing = true
		}
	}
	if ended.code != code {
		t.Errorf("exit %d, want %d", ended.code, code)
	}
	if missing || ended.code != code {
		t.Log(ended.stdout + ended.stderr)
	}
}
