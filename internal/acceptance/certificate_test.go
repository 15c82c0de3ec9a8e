package acceptance

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// authority is a certificate authority of a test.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := validNow("authority of " + here.name)
	template.IsCA, template.BasicConstraintsValid, template.KeyUsage = true, true, x509.KeyUsageCertSign|x509.KeyUsageDigitalSignature
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return authority{certificate, key}
}

func validNow(name string) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
}

// certify writes a certificate and its key for a server at an address.
func (a authority) certify(t *testing.T, dir, ip string) (certificate, key string) {
	t.Helper()
	pair, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := validNow("registry")
	template.IPAddresses = []net.IP{net.ParseIP(ip)}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, &pair.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalECPrivateKey(pair)
	if err != nil {
		t.Fatal(err)
	}
	certificate, key = filepath.Join(dir, "server.crt"), filepath.Join(dir, "server.key")
	write(t, certificate, pemOf("CERTIFICATE", der))
	write(t, key, pemOf("EC PRIVATE KEY", secret))
	return certificate, key
}

func (a authority) pem() string { return pemOf("CERTIFICATE", a.certificate.Raw) }

func pemOf(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// client trusts the authority.
func (a authority) client() http.Client {
	pool := x509.NewCertPool()
	pool.AddCert(a.certificate)
	return http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, DisableKeepAlives: true}}
}

// trusted lets the engine trust the authority for a registry, for the length
// of a test. The engine reads its folder for every registry that it asks.
func (a authority) trusted(t *testing.T, address string) {
	t.Helper()
	const all = "/etc/docker/certs.d"
	dir := filepath.Join(all, address)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatalf("the engine cannot be told of an authority, which takes root on its machine: %v", err)
	}
	t.Cleanup(func() {
		os.RemoveAll(dir)
		os.Remove(all) // if nobody else has anything there
	})
	write(t, filepath.Join(dir, "ca.crt"), a.pem())
}
