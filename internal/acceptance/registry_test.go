package acceptance

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const (
	registryUser     = "workshop"
	registryPassword = "correct-horse"
)

// registry is Debian's docker-registry, a process on a port of this machine.
type registry struct {
	address string
	dir     string // its files
	client  http.Client
	scheme  string // http, or https with a certificate
}

// newRegistry starts a registry on loopback that wants a name and a password.
func newRegistry(t *testing.T) registry {
	t.Helper()
	r := registry{address: freeAddress(t, "127.0.0.1"), dir: t.TempDir(), scheme: "http"}
	r.serve(t, "", r.passwords(t))
	return r
}

// passwords is the part of its configuration that asks for them.
func (r registry) passwords(t *testing.T) string {
	t.Helper()
	users, err := exec.Command("htpasswd", "-Bbn", registryUser, registryPassword).Output()
	if err != nil {
		t.Fatalf("htpasswd: %v (scripts/tools installs it)", err)
	}
	path := filepath.Join(r.dir, "htpasswd")
	write(t, path, string(users))
	return fmt.Sprintf("{htpasswd: {realm: acceptance, path: %q}}", path)
}

// serve runs the registry for the length of a test. tls and auth are parts of
// its configuration.
func (r registry) serve(t *testing.T, tls, auth string) {
	t.Helper()
	config := filepath.Join(r.dir, "config.yml")
	write(t, config, fmt.Sprintf("version: 0.1\nlog: {level: error, accesslog: {disabled: true}}\nstorage: {filesystem: {rootdirectory: %q}}\nhttp: {addr: %q%s}\nauth: %s\n",
		r.store(), r.address, tls, auth))
	serve := exec.Command("docker-registry", "serve", config)
	var log bytes.Buffer
	serve.Stdout, serve.Stderr = &log, &log
	if err := serve.Start(); err != nil {
		t.Fatalf("docker-registry: %v (scripts/tools installs it)", err)
	}
	t.Cleanup(func() {
		_ = serve.Process.Kill()
		_ = serve.Wait()
		if t.Failed() {
			t.Logf("docker-registry said:\n%s", log.String())
		}
	})
	if !eventually(10*time.Second, func() bool { return r.status("/v2/") == http.StatusUnauthorized }) {
		t.Fatal("docker-registry does not answer within 10 s")
	}
}

// store is the folder of what was pushed.
func (r registry) store() string { return filepath.Join(r.dir, "store") }

// status asks the registry without a name.
func (r registry) status(path string) int {
	answer, err := r.client.Get(r.scheme + "://" + r.address + path)
	if err != nil {
		return 0
	}
	answer.Body.Close()
	return answer.StatusCode
}

// digest is what the registry has stored as a repository's latest image.
func (r registry) digest(t *testing.T, repository string) string {
	t.Helper()
	link, err := os.ReadFile(filepath.Join(r.store(), "docker/registry/v2/repositories", repository, "_manifests/tags/latest/current/link"))
	if err != nil {
		t.Fatal(err)
	}
	return string(link)
}

// blobs are the files of layers and manifests that were pushed, with the
// moments at which they were written.
func (r registry) blobs(t *testing.T) map[string]time.Time {
	t.Helper()
	written := map[string]time.Time{}
	err := filepath.Walk(filepath.Join(r.store(), "docker/registry/v2/blobs"), func(path string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			written[path] = info.ModTime()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return written
}

// login makes a folder for DOCKER_CONFIG in which a person has logged in.
func (r registry) login(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	docker(t, "--config", dir, "login", "-u", registryUser, "-p", registryPassword, r.address)
	return dir
}

// stored makes a folder for DOCKER_CONFIG that holds a password for the
// registry, whether it is right or not.
func (r registry) stored(t *testing.T, password string) string {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "config.json"), fmt.Sprintf(`{"auths": {%q: {"auth": %q}}}`, r.address, basic(password)))
	return dir
}

// basic is a login as basic authentication writes it.
func basic(password string) string {
	return base64.StdEncoding.EncodeToString([]byte(registryUser + ":" + password))
}

// stock pushes the sample to the registry without plan, takes it from the
// engine, and gives its name there.
func (r registry) stock(t *testing.T, config string) string {
	t.Helper()
	name := r.address + "/workshop/stocked:latest"
	docker(t, "tag", sample(t), name)
	t.Cleanup(func() { _, _ = tryDocker("rmi", name) })
	docker(t, "--config", config, "push", name)
	docker(t, "rmi", name)
	return name
}

// freeAddress is an address of this machine where nobody listens.
func freeAddress(t *testing.T, host string) string {
	t.Helper()
	listener, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// gateway is an address of this machine that is not loopback: there the engine
// speaks TLS alone, and with nobody whose certificate it does not trust. A new
// engine does not tell it; it is the first address then.
func gateway(t *testing.T) string {
	t.Helper()
	bridge := strings.Fields(docker(t, "network", "inspect", "bridge", "--format", "{{with index .IPAM.Config 0}}{{.Subnet}} {{.Gateway}}{{end}}"))
	if len(bridge) == 2 {
		return bridge[1]
	}
	return netip.MustParsePrefix(bridge[0]).Addr().Next().String()
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
