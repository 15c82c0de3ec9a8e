package conformance

import (
	"bytes"
	"cmp"
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"plan/engine"
	"plan/internal/exchange"
)

// server is a server of another project, as in Debian.
type server struct {
	name    string
	command string         // of its configuration, as a template
	config  string         // in testdata
	ways    []way          // that it supports
	helper  *server        // a further server that it needs, on the port @APP@
	end     syscall.Signal // options with which it writes its log
}

// Placeholders: @DIR@ is a folder of its own, @PLAIN@, @SECURE@ and @APP@ are
// ports.
const (
	uvicorn       = "/usr/bin/python3 -m uvicorn app:app --app-dir @DIR@ --host 127.0.0.1 --timeout-keep-alive 1 --port "
	uvicornPlain  = uvicorn + "@PLAIN@"
	uvicornSecure = uvicorn + "@SECURE@ --ssl-certfile @DIR@/server.pem"
)

var servers = []server{
	{name: "uvicorn", command: uvicornPlain, config: "app.py", ways: []way{loops, plainly}},
	{name: "uvicorn with TLS", command: uvicornSecure, config: "app.py", ways: []way{secured}},
	{name: "nginx", command: "nginx -c @DIR@/nginx.conf -e @DIR@/nginx.err", config: "nginx.conf", ways: []way{loops, plainly, second}},
	{name: "caddy", command: "caddy run --adapter caddyfile --config @DIR@/Caddyfile", config: "Caddyfile", ways: []way{loops, plainly, second}},
	{name: "haproxy", command: "haproxy -f @DIR@/haproxy.cfg -db", config: "haproxy.cfg", ways: []way{loops, plainly, second}, helper: &behind, end: syscall.SIGUSR1},
}

var behind = server{command: uvicorn + "@APP@ --no-access-log", config: "app.py"}

// plainly sends over net/http without a path: requests follow redirects, which
// the loops do not support.
var plainly = way{"net/http", "net/http", "HTTP/1.1", "http", ""}

// offered is what each of them serves.
var offered = []struct {
	request exchange.Request
	bytes   int64 // of a response
}{
	{exchange.Request{Name: "small", Path: "/small", Weight: 5}, 6},
	{exchange.Request{Name: "large", Path: "/large", Weight: 1}, 300_000},
	{exchange.Request{Name: "head", Method: "HEAD", Path: "/large?head", Weight: 1}, 0},
	{exchange.Request{Name: "missing", Path: "/missing", Weight: 1, Status: []int{404}}, -1},
	{exchange.Request{Name: "predict", Method: "POST", Path: "/predict", Weight: 3, Replay: true, Body: bytes.Repeat([]byte("x"), 50_000),
		Checks: []exchange.Check{{Path: "$.prediction", Equals: []byte("1")}}}, 17},
	{exchange.Request{Name: "packed", Path: "/packed", Weight: 2, Header: map[string]string{"Accept-Encoding": "gzip"},
		Checks: []exchange.Check{{Path: "$.prediction", Equals: []byte("1")}, {Text: "because because"},
			{Text: "never", Not: true}, {Path: "$.prediction", Equals: []byte("2"), Not: true}, {Path: "$.error", Not: true}}}, -1},
}

var packed = `{"prediction": 1, "why": "` + strings.Repeat("because ", 500) + `"}`

// TestServers loads each of them with a mix, with users without pauses, and
// with users that return near the idle timeout, before or after it by chance.
func TestServers(t *testing.T) {
	for _, s := range servers {
		for _, by := range s.ways {
			for pause, load := range map[string]engine.Load{
				"0s": {Users: 20, Runtime: time.Second},
				"1s": {Users: 20, Runtime: 2300 * time.Millisecond, ThinkTime: engine.ThinkTime{Kind: "between", Min: 900 * time.Millisecond, Max: 1100 * time.Millisecond}},
			} {
				t.Run(fmt.Sprintf("%s by %s, pause %s", s.name, by.name, pause), func(t *testing.T) {
					t.Parallel()
					s.serve(t, by, load)
				})
			}
		}
	}
}

// TestUvicornsIdleTime has users return near uvicorn's default idle timeout of
// 5 s: no request fails.
func TestUvicornsIdleTime(t *testing.T) {
	s := servers[0]
	s.command = strings.ReplaceAll(s.command, "--timeout-keep-alive 1", "--timeout-keep-alive 5")
	onAll(t, []way{loops, plainly}, func(t *testing.T, by way) {
		s.serve(t, by, engine.Load{Users: 20, Runtime: 10600 * time.Millisecond, ThinkTime: engine.ThinkTime{Kind: "between", Min: 4900 * time.Millisecond, Max: 5100 * time.Millisecond}})
	})
}

func (s server) serve(t *testing.T, by way, load engine.Load) {
	for _, o := range offered {
		if by == plainly {
			o.request.Redirects = 1
		}
		load.Requests = append(load.Requests, o.request)
	}
	home := newHome(t)
	if s.helper != nil {
		home.start(t, *s.helper, home.app)
	}
	address := home.plain
	if by.scheme == "https" {
		address = home.secure
	}
	end := home.start(t, s, address)
	r := by.run(context.Background(), t, load, address)
	only(t, r, exchange.OK)
	log := end()
	for _, o := range offered {
		c := r.ByRequest[o.request.Name]
		if most := (c.OK + *c.InFlight) * o.bytes; o.bytes >= 0 && (c.Bytes < c.OK*o.bytes || c.Bytes > most) {
			t.Errorf("%s: %d bytes in %d answers of %d", o.request.Name, c.Bytes, c.OK, o.bytes)
		}
		if n := int64(strings.Count(log, o.request.Path+" ")); n < c.OK || n > c.Requests+*c.Retried {
			t.Errorf("%s: %d in the server's log, %+v", o.request.Name, n, c)
		}
	}
	t.Logf("%d requests, %d connections, %d retried", r.Total.Requests, r.Connections, *r.Total.Retried)
}

// home is the environment of a server: a folder with its files, and addresses.
type home struct{ dir, plain, secure, app string }

func newHome(t *testing.T) home {
	t.Helper()
	h := home{t.TempDir(), freeAddress(t), freeAddress(t), freeAddress(t)}
	for name, content := range map[string]string{
		"www/small": "small\n", "www/large": strings.Repeat("0123456789", 30_000), "www/packed.json": packed, "server.pem": certificate(t),
	} {
		h.write(t, name, content)
	}
	return h
}

func (h home) write(t *testing.T, name, content string) {
	t.Helper()
	file := filepath.Join(h.dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// fill replaces the placeholders of testdata.
func (h home) fill(words string) string {
	port := func(address string) string { return address[strings.LastIndex(address, ":")+1:] }
	return strings.NewReplacer("@DIR@", h.dir, "@PLAIN@", port(h.plain), "@SECURE@", port(h.secure), "@APP@", port(h.app)).Replace(words)
}

// start starts a server, which listens on an address, until the test ends. end
// stops it earlier and returns its log: its output, or the file in its
// configuration.
func (h home) start(t *testing.T, s server, address string) (end func() (log string)) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", s.config))
	if err != nil {
		t.Fatal(err)
	}
	h.write(t, s.config, h.fill(string(text)))
	words := strings.Fields(h.fill(s.command))
	c := exec.Command(words[0], words[1:]...)
	printed, err := os.Create(filepath.Join(h.dir, s.config+".printed")) // a file, because some servers write nothing into a full pipe
	if err != nil {
		t.Fatal(err)
	}
	defer printed.Close()
	c.Stdout, c.Stderr = printed, printed
	c.Env = append(os.Environ(), "HOME="+h.dir, "PYTHONDONTWRITEBYTECODE=1")
	if err := c.Start(); err != nil {
		t.Fatalf("%v: scripts/tools installs it", err)
	}
	over := false
	stop := func() {
		if !over {
			over = true
			c.Process.Signal(cmp.Or(s.end, syscall.SIGTERM))
			c.Wait()
		}
	}
	t.Cleanup(stop)
	log := func() string {
		stop()
		all, _ := os.ReadFile(printed.Name())
		asked, _ := os.ReadFile(filepath.Join(h.dir, "asked.log")) // not all servers have it
		return string(all) + strings.ReplaceAll(string(asked), `",`, ` `)
	}
	listens(t, address, log)
	return log
}

func listens(t *testing.T, address string, why func() string) {
	t.Helper()
	for until := time.Now().Add(20 * time.Second); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			return
		}
	}
	t.Fatalf("nobody listens on %s:\n%s", address, why())
}

// nextPort is the port that freeAddress tries next. It is below the ports that Linux gives to
// clients and to listeners of port 0: one of those could take it before the server listens.
var nextPort atomic.Int32

// freeAddress returns an address of this machine that nobody listens on, each one once.
func freeAddress(t *testing.T) string {
	t.Helper()
	nextPort.CompareAndSwap(0, 20_000+int32(os.Getpid()%1000)*10)
	for range 1000 {
		address := fmt.Sprintf("127.0.0.1:%d", nextPort.Add(1))
		if l, err := net.Listen("tcp", address); err == nil {
			l.Close()
			return address
		}
	}
	t.Fatal("no port is free")
	return ""
}

// certificate returns a self-signed certificate with its key.
func certificate(t *testing.T) string {
	t.Helper()
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	own := s.TLS.Certificates[0]
	key, err := x509.MarshalPKCS8PrivateKey(own.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: own.Certificate[0]})) +
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}))
}
