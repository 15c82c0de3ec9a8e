package conformance

import (
	"context"
	"testing"
	"time"

	"plan/engine"
)

// transport is one of the engine's two ways to carry a load.
type transport struct {
	name string
	// base is how the engine is told of a plain address so that it goes this
	// way.
	base func(address string) string
}

// beside is a path in front of all others. Addresses with a path are none that
// the loops take, so that net/http carries the same requests to the same
// server.
const beside = "/beside"

var transports = []transport{
	{"epoll", func(address string) string { return address }},
	{"net/http", func(address string) string { return "http://" + address + beside }},
}

// onBoth tests both transports.
func onBoth(t *testing.T, test func(t *testing.T, by transport)) {
	t.Helper()
	for _, by := range transports {
		t.Run(by.name, func(t *testing.T) {
			t.Parallel()
			test(t, by)
		})
	}
}

// run carries out a load on plain addresses.
func (by transport) run(ctx context.Context, t *testing.T, load engine.Load, addresses ...string) engine.Result {
	t.Helper()
	bases := make([]string, len(addresses))
	for i, address := range addresses {
		bases[i] = by.base(address)
	}
	r := run(ctx, t, load, bases...)
	if r.Transport != by.name {
		t.Fatalf("%s carried what is for %s", r.Transport, by.name)
	}
	return r
}

// run carries out a load, and checks what is true of every result.
func run(ctx context.Context, t *testing.T, load engine.Load, bases ...string) engine.Result {
	t.Helper()
	r, err := engine.Run(ctx, load, bases, nil)
	if err != nil {
		t.Fatal(err)
	}
	holds(t, r)
	return r
}

// holds checks that the sums of a result are right, and that nothing in it
// looks fast that was not.
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

// within tells whether a server's own count is the engine's: at the end of a
// load the server may have been asked what the engine counts as in flight, or
// not yet. What was sent twice may have been counted twice.
func within(t *testing.T, what string, counted int64, c engine.Counts) {
	t.Helper()
	if counted < c.OK+c.Failed || counted > c.Requests+*c.Retried {
		t.Errorf("%s: the server counted %d of %+v", what, counted, c)
	}
}

func fixed(pause time.Duration) engine.ThinkTime {
	return engine.ThinkTime{Kind: "fixed", Min: pause}
}
