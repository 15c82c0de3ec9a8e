package conformance

import (
	"context"
	"io"
	"log"
	"os"
	"slices"
	"testing"

	"plan/engine"
	"plan/internal/exchange"
)

func TestMain(m *testing.M) {
	log.SetOutput(io.Discard) // net/http logs unsolicited responses
	os.Exit(m.Run())
}

// way is a transport with a protocol.
type way struct {
	name      string
	transport engine.Transport
	protocol  string
	scheme    string
	path      string // before all others
}

// beside is such a path. The loops do not support endpoints with a path, so
// net/http sends the same requests to the same server.
const beside = "/beside"

var (
	loops   = way{"epoll", "epoll", "HTTP/1.1", "http", ""}
	clients = way{"net/http", "net/http", "HTTP/1.1", "http", beside}
	secured = way{"TLS", "net/http", "HTTP/1.1", "https", ""}
	second  = way{"HTTP/2", "net/http", "HTTP/2", "https", ""}
)

// onAll runs tests on some ways.
func onAll(t *testing.T, ways []way, test func(t *testing.T, by way)) {
	t.Helper()
	for _, by := range ways {
		t.Run(by.name, func(t *testing.T) {
			t.Parallel()
			test(t, by)
		})
	}
}

// base returns the address that makes the engine use this way.
func (by way) base(address string) string { return by.scheme + "://" + address + by.path }

// run runs a load on one address, and checks the invariants of every result.
func (by way) run(ctx context.Context, t *testing.T, load engine.Load, address string) engine.Result {
	t.Helper()
	load.Insecure = by.scheme == "https"
	r, err := engine.Run(ctx, load, []string{by.base(address)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r.Transport != by.transport {
		t.Fatalf("%s carried what is for %s", r.Transport, by.transport)
	}
	if answered := r.Total.OK > 0; answered && !slices.Equal(r.Protocols, []string{by.protocol}) {
		t.Errorf("answers came in %q, want %s", r.Protocols, by.protocol)
	}
	holds(t, r)
	return r
}

// holds checks that the sums of a result are right, and that no failure looks
// fast.
func holds(t *testing.T, r engine.Result) {
	t.Helper()
	sum, classes := int64(0), int64(0)
	for _, c := range r.ByRequest {
		sum += c.Requests
	}
	for class, n := range r.Total.Errors {
		classes += n
		if r.Examples[class] == "" {
			t.Errorf("no example of %q", class)
		}
	}
	c := r.Total
	if sum != c.Requests || c.Requests != c.OK+c.Failed+*c.InFlight || classes != c.Failed {
		t.Errorf("the sums are wrong: %+v, by request %d, %d errors", c, sum, classes)
	}
	if (c.LatencyOK.P50 != nil) != (c.OK > 0) || c.OK == 0 && c.Failed > 0 && r.Judged.Latency.P50 != nil {
		t.Errorf("latencies of what was never answered: %+v, judged %+v", c, r.Judged)
	}
}

// only reports where requests ended with any other class.
func only(t *testing.T, r engine.Result, class exchange.Class) {
	t.Helper()
	n := r.Total.OK
	if class != exchange.OK {
		n = r.Total.Errors[class]
	}
	if ended := r.Total.OK + r.Total.Failed; n != ended || n == 0 {
		t.Errorf("%d of %d are %q: %d OK, %v, %v", n, ended, class, r.Total.OK, r.Total.Errors, r.Examples)
	}
}
