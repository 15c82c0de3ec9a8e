package engine

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"plan/internal/exchange"
)

// pipes is a network of pipes in a synctest bubble, with simulated time.
type pipes struct {
	accept chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.accept:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes"} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case p.accept <- there:
		return here, nil
	case <-p.closed:
		return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// service is an HTTP server on pipes that counts its requests.
type service struct {
	pipes  *pipes
	server *http.Server
	asked  atomic.Int64
}

func newService(handler http.HandlerFunc) *service {
	s := &service{pipes: &pipes{accept: make(chan net.Conn), closed: make(chan struct{})}}
	s.server = &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.asked.Add(1)
		handler(w, r)
	})}
	go s.server.Serve(s.pipes)
	return s
}

// way runs a load over a network of pipes.
type way func(ctx context.Context, load Load, addresses []string, rec Recorder, dial exchange.Dialer) (Result, error)

// ways lists all transports, which must have equal results.
var ways = map[string]way{
	"net/http": func(ctx context.Context, load Load, addresses []string, rec Recorder, dial exchange.Dialer) (Result, error) {
		lr, err := newLoadRun(load, addresses)
		if err != nil {
			return Result{}, err
		}
		tr, err := newHTTPTransport(lr, dial)
		if err != nil {
			return Result{}, err
		}
		return lr.measure(ctx, tr, rec), nil
	},
	"loops": func(ctx context.Context, load Load, addresses []string, rec Recorder, dial exchange.Dialer) (Result, error) {
		lr, err := newLoadRun(load, addresses)
		if err != nil {
			return Result{}, err
		}
		tr, err := newEpollTransport(ctx, lr, anywhere, func() (sockets, error) { return newPiped(dial), nil })
		if err != nil {
			return Result{}, err
		}
		return lr.measure(ctx, tr, rec), nil
	},
}

// anywhere resolves any name, because the network of pipes ignores addresses.
func anywhere(context.Context, string) ([]netip.Addr, error) {
	return []netip.Addr{netip.IPv4Unspecified()}, nil
}

// eachWay tests all transports in simulated time, in which waiting is free and
// every figure is exact.
func eachWay(t *testing.T, test func(t *testing.T, run way)) {
	t.Helper()
	for name, run := range ways {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test(t, run) })
		})
	}
}

// bubble runs a load on a service with each transport.
func bubble(t *testing.T, load Load, handler http.HandlerFunc, check func(*testing.T, Result, *service)) {
	t.Helper()
	eachWay(t, func(t *testing.T, run way) {
		s := newService(handler)
		defer s.server.Close()
		got, err := run(t.Context(), load, []string{"service:80"}, nil, s.pipes.dial)
		if err != nil {
			t.Fatal(err)
		}
		holds(t, load, got)
		check(t, got, s)
	})
}

// holds checks the invariants of every result.
func holds(t *testing.T, load Load, r Result) {
	t.Helper()
	sum := Counts{InFlight: new(int64)}
	for name, c := range r.ByRequest {
		if c.Requests != c.OK+c.Failed+*c.InFlight {
			t.Errorf("%s: %d requests are not %d + %d + %d", name, c.Requests, c.OK, c.Failed, *c.InFlight)
		}
		sum.Requests, sum.OK, sum.Failed, sum.InFlight = sum.Requests+c.Requests, sum.OK+c.OK, sum.Failed+c.Failed, new(*sum.InFlight+*c.InFlight)
	}
	total := r.Total
	if total.Requests != total.OK+total.Failed+*total.InFlight {
		t.Errorf("%d requests are not %d + %d + %d", total.Requests, total.OK, total.Failed, *total.InFlight)
	}
	if sum.Requests != total.Requests || sum.OK != total.OK || sum.Failed != total.Failed || *sum.InFlight != *total.InFlight {
		t.Errorf("by request %+v, in total %+v", sum, total)
	}
	var classes, sent, windows int64
	for _, n := range total.Errors {
		classes += n
	}
	for _, n := range r.PerAddress {
		sent += n
	}
	for i, w := range r.Series {
		windows += w.Requests
		if w.Second != i || w.Requests != w.OK+w.Failed || w.Users > load.Users {
			t.Errorf("window %d: %+v", i, w)
		}
	}
	if classes != total.Failed || sent != total.Requests || windows != total.OK+total.Failed {
		t.Errorf("%d errors, %d sent, %d in windows of %+v", classes, sent, windows, total)
	}
	if (total.LatencyOK.P50 != nil) != (total.OK > 0) || (total.LatencyFailed.Max != nil) != (total.Failed > 0) {
		t.Errorf("percentiles of nothing, or none of something: %+v", total)
	}
	if *total.InFlight > int64(load.Users) || r.Seconds > load.Runtime.Seconds() {
		t.Errorf("%d in flight of %d users, %.3f s of %v", *total.InFlight, load.Users, r.Seconds, load.Runtime)
	}
}

func fixed(pause time.Duration) ThinkTime { return ThinkTime{Kind: "fixed", Min: pause} }

func get(path string) exchange.Request {
	return exchange.Request{Name: path[1:], Method: "GET", Path: path, Weight: 1}
}

// after responds after a while, unless the client goes before.
func after(d time.Duration) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { stall(r, d) }
}

func stall(r *http.Request, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	}
}

// near reports whether a percentile in seconds equals a duration, to three
// significant figures.
func near(p *float64, d time.Duration) bool {
	return p != nil && *p >= d.Seconds()*0.999-1e-6 && *p <= d.Seconds()*1.001+1e-6
}
