package acceptance

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

const (
	registryUser     = "workshop"
	registryPassword = "correct-horse"
)

// registry is Debian's docker-registry, a process on a loopback port that
// wants a name and a password.
type registry struct{ address string }

// newRegistry starts a registry for the length of a test.
func newRegistry(t *testing.T) registry {
	t.Helper()
	dir := t.TempDir()
	r := registry{address: freeAddress(t)}
	users, err := exec.Command("htpasswd", "-Bbn", registryUser, registryPassword).Output()
	if err != nil {
		t.Fatalf("htpasswd: %v (scripts/tools installs it)", err)
	}
	write(t, filepath.Join(dir, "htpasswd"), string(users))
	config := filepath.Join(dir, "config.yml")
	write(t, config, fmt.Sprintf(`version: 0.1
log: {level: error}
storage: {filesystem: {rootdirectory: %q}}
http: {addr: %q}
auth: {htpasswd: {realm: acceptance, path: %q}}
`, filepath.Join(dir, "store"), r.address, filepath.Join(dir, "htpasswd")))
	serve := exec.Command("docker-registry", "serve", config)
	var log bytes.Buffer
	serve.Stdout, serve.Stderr = &log, &log
	if err := serve.Start(); err != nil {
		t.Fatalf("docker-registry: %v (scripts/tools installs it)", err)
	}
	t.Cleanup(func() {
		_ = serve.Process.Kill()
		_ = serve.Wait()
	})
	if !eventually(10*time.Second, func() bool { return r.status("/v2/") == http.StatusUnauthorized }) {
		t.Fatal("docker-registry does not answer within 10 s")
	}
	return r
}

// status asks the registry without a name.
func (r registry) status(path string) int {
	answer, err := http.Get("http://" + r.address + path)
	if err != nil {
		return 0
	}
	answer.Body.Close()
	return answer.StatusCode
}

// digest is what the registry itself says of a repository's latest image.
func (r registry) digest(t *testing.T, repository string) string {
	t.Helper()
	ask, err := http.NewRequest(http.MethodHead, "http://"+r.address+"/v2/"+repository+"/manifests/latest", nil)
	if err != nil {
		t.Fatal(err)
	}
	ask.SetBasicAuth(registryUser, registryPassword)
	ask.Header.Set("Accept", "application/vnd.docker.distribution.manifest.v2+json")
	answer, err := http.DefaultClient.Do(ask)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("the registry answers %s for %s", answer.Status, repository)
	}
	return answer.Header.Get("Docker-Content-Digest")
}

// login makes a folder for DOCKER_CONFIG in which a person has logged in.
func (r registry) login(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	docker(t, "--config", dir, "login", "-u", registryUser, "-p", registryPassword, r.address)
	return dir
}

// freeAddress is a loopback address where nobody listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
