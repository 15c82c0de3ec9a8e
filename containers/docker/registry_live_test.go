package docker

import (
	"cmp"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/docker/cli/cli/config/configfile"
	"github.com/docker/cli/cli/config/types"
	"github.com/docker/docker/api/types/network"
	"github.com/google/go-containerregistry/pkg/registry"

	"plan/containers/docker/images"
)

// testRegistry is a registry of a test. What it answers beside the protocol is
// set before it is asked.
type testRegistry struct {
	host     string
	password string                                            // "": it is open to all
	instead  func(w http.ResponseWriter, r *http.Request) bool // answers itself what it gives true for
	asked    atomic.Int64                                      // requests
	sent     atomic.Int64                                      // bytes of layers that came to it
	open     http.Handler
}

func (r *testRegistry) ServeHTTP(w http.ResponseWriter, ask *http.Request) {
	r.asked.Add(1)
	if _, sent, _ := ask.BasicAuth(); r.password != "" && sent != r.password {
		w.Header().Set("WWW-Authenticate", `Basic realm="test"`)
		http.Error(w, `{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}`, http.StatusUnauthorized)
		return
	}
	if r.instead != nil && r.instead(w, ask) {
		return
	}
	if strings.Contains(ask.URL.Path, "/blobs/uploads/") {
		ask.Body = counted{ask.Body, &r.sent}
	}
	r.open.ServeHTTP(w, ask)
}

// counted counts the bytes that are read.
type counted struct {
	io.ReadCloser
	bytes *atomic.Int64
}

func (c counted) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.bytes.Add(int64(n))
	return n, err
}

// newRegistry is a registry on loopback that wants a password, or none for "".
func newRegistry(t *testing.T, password string) *testRegistry {
	t.Helper()
	r := &testRegistry{password: password, open: registry.New(registry.Logger(log.New(io.Discard, "", 0)))}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	r.host = strings.TrimPrefix(server.URL, "http://")
	return r
}

// remote is a registry at an address of this machine that is not loopback: the
// engine insists on a certificate there. Without one it speaks plain HTTP.
func remote(t *testing.T, d *Docker, certificate *tls.Certificate) *testRegistry {
	t.Helper()
	listener, err := net.Listen("tcp", net.JoinHostPort(bridgeAddress(t, d), "0"))
	if err != nil {
		t.Fatal(err)
	}
	r := &testRegistry{host: listener.Addr().String(), open: registry.New(registry.Logger(log.New(io.Discard, "", 0)))}
	server := httptest.NewUnstartedServer(r)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Listener.Close()
	server.Listener = listener
	if certificate == nil {
		server.Start()
	} else {
		server.TLS = &tls.Config{Certificates: []tls.Certificate{*certificate}}
		server.StartTLS()
	}
	t.Cleanup(server.Close)
	return r
}

// bridgeAddress is this machine's own on the engine's bridge. An engine that is
// new does not tell the gateway; it is the first address then.
func bridgeAddress(t *testing.T, d *Docker) string {
	t.Helper()
	bridge, err := d.engine.NetworkInspect(t.Context(), "bridge", network.InspectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	c := bridge.IPAM.Config[0]
	return cmp.Or(c.Gateway, netip.MustParsePrefix(c.Subnet).Addr().Next().String())
}

// certificate is one that nobody has signed, for names or addresses.
func certificate(t *testing.T, until time.Time, names ...string) *tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "registry of a test"},
		NotBefore: until.Add(-48 * time.Hour), NotAfter: until, BasicConstraintsValid: true, IsCA: true,
	}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
			continue
		}
		template.DNSNames = append(template.DNSNames, name)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// logIn is what `docker login` leaves where there is no credential helper.
func logIn(t *testing.T, d *Docker, host, password string) {
	t.Helper()
	config := configfile.New(filepath.Join(t.TempDir(), "config.json"))
	if password != "" {
		config.AuthConfigs = map[string]types.AuthConfig{host: {Username: "user", Password: password}}
	}
	d.Images = images.New(d.engine, config)
}

// push pushes the test's image to a registry and takes the name back.
func push(t *testing.T, d *Docker, name string) (images.Image, []string, error) {
	t.Helper()
	var lines []string
	got, err := d.Images.Push(t.Context(), testImage, name, func(line string) { lines = append(lines, line) })
	t.Cleanup(func() { removeImage(t, d, name) })
	return got, lines, err
}
