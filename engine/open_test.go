package engine

import (
	"context"
	"math"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"plan/internal/exchange"
)

func TestArrivalsAreOnSchedule(t *testing.T) {
	load := Load{Users: 50, Runtime: 2045 * time.Millisecond, ArrivalRate: 100, Requests: []exchange.Request{get("/predict")}}
	bubble(t, load, after(30*time.Millisecond), func(t *testing.T, r Result, s *service) {
		// Those at 2.02, 2.03 and 2.04 s are in flight at the end.
		if r.Total.Requests != 205 || s.asked.Load() != 205 || *r.Total.Dropped != 0 || *r.Total.InFlight != 3 {
			t.Errorf("%+v, the service counted %d", r.Total, s.asked.Load())
		}
		if !near(r.Total.LatencyOK.Max, 30*time.Millisecond) || !near(r.Lateness.Max, 0) || r.Judged.From != 0 || r.Judged.Requests != 205 {
			t.Errorf("latency %v, lateness %v, judged %+v", *r.Total.LatencyOK.Max, *r.Lateness.Max, r.Judged)
		}
		if r.Connections > 5 || r.Connections < 3 || *r.UsersNeverAnswered != 0 {
			t.Errorf("%d connections for 3 requests at a time, %d never answered", r.Connections, *r.UsersNeverAnswered)
		}
	})
}

// A service that handles one request in 50 ms, and 40 requests per second: the
// queue grows by one every 50 ms, and the latencies show all of it.
func TestWaitingIsNotHidden(t *testing.T) {
	load := Load{Users: 100, Runtime: 2010 * time.Millisecond, ArrivalRate: 40, Requests: []exchange.Request{get("/predict")}}
	eachWay(t, func(t *testing.T, run way) {
		turn := make(chan struct{}, 1)
		s := newService(func(w http.ResponseWriter, r *http.Request) {
			turn <- struct{}{}
			stall(r, 50*time.Millisecond)
			<-turn
		})
		defer s.server.Close()
		r, err := run(t.Context(), load, []string{"service:80"}, nil, s.pipes.dial)
		if err != nil {
			t.Fatal(err)
		}
		holds(t, load, r)
		if r.Total.OK != 40 || !near(r.Total.LatencyOK.Max, 1025*time.Millisecond) || r.Total.Requests != 81 || *r.Total.Dropped != 0 {
			t.Errorf("%+v, max %v", r.Total, *r.Total.LatencyOK.Max)
		}
		if !near(r.Judged.Latency.Max, 1025*time.Millisecond) && *r.Judged.Latency.Max < 1 {
			t.Errorf("judged %+v", r.Judged)
		}
	})
}

func TestArrivalsWithoutAFreeUserAreCounted(t *testing.T) {
	load := Load{Users: 2, Runtime: 1005 * time.Millisecond, ArrivalRate: 100, Requests: []exchange.Request{get("/a"), get("/b")}, Seed: 3}
	bubble(t, load, after(95*time.Millisecond), func(t *testing.T, r Result, _ *service) {
		// Two of ten find a free user.
		if r.Total.Requests != 21 && r.Total.Requests != 22 || r.Total.Requests+*r.Total.Dropped != 101 {
			t.Errorf("%+v, %d dropped", r.Total, *r.Total.Dropped)
		}
		if sum := *r.ByRequest["a"].Dropped + *r.ByRequest["b"].Dropped; sum != *r.Total.Dropped {
			t.Errorf("%d dropped by request, %d in total", sum, *r.Total.Dropped)
		}
	})
}

// Arrivals that were due at the end and were not handled count as dropped.
func TestArrivalsThatALateGeneratorMissed(t *testing.T) {
	load := Load{Users: 2, Runtime: time.Second, ArrivalRate: 100, Requests: []exchange.Request{get("/predict")}}
	lr, err := newLoadRun(load, []string{"service:80"})
	if err != nil {
		t.Fatal(err)
	}
	tr, err := newHTTPTransport(lr, refuses(syscall.ECONNREFUSED))
	if err != nil {
		t.Fatal(err)
	}
	lr.start = time.Now().Add(-load.Runtime)
	lr.deadline = lr.start.Add(load.Runtime)
	total := newSeries(lr, nil)
	drive := tr.drive(t.Context(), total)
	total.finish(drive.lasted, drive.users)
	if n := total.total.total().dropped; n != 100 || drive.arrivals != 100 || drive.unsent != 100 {
		t.Errorf("%d of 100 are counted as dropped: %+v", n, drive)
	}
}

func TestArrivalsGoInTurn(t *testing.T) {
	load := Load{Users: 9, Runtime: 995 * time.Millisecond, ArrivalRate: 90, Requests: []exchange.Request{get("/predict")}}
	eachWay(t, func(t *testing.T, run way) {
		s := newService(after(time.Millisecond))
		defer s.server.Close()
		r, err := run(t.Context(), load, []string{"a:80", "b:80", "c:80"}, nil, s.pipes.dial)
		if err != nil {
			t.Fatal(err)
		}
		holds(t, load, r)
		for address, n := range r.PerAddress {
			if n < 29 || n > 31 {
				t.Errorf("%s got %d of 90: %v", address, n, r.PerAddress)
			}
		}
	})
}

func TestPoissonArrivals(t *testing.T) {
	load := &Load{ArrivalRate: 1000, Poisson: true, Seed: 5, Requests: []exchange.Request{{Weight: 1}, {Weight: 3}}}
	c, err := newChoice(load.Requests)
	if err != nil {
		t.Fatal(err)
	}
	const n = 100_000
	all, picks, sumOfSquares := newArrivals(load, c), 0, 0.0
	var at []time.Duration
	for before := time.Duration(0); len(at) < n; all.next() {
		at, picks = append(at, all.at), picks+all.request
		gap := (all.at - before).Seconds()
		before, sumOfSquares = all.at, sumOfSquares+gap*gap
	}
	mean := at[n-1].Seconds() / n
	if deviation := math.Sqrt(sumOfSquares/n - mean*mean); math.Abs(mean-0.001) > 2e-5 || math.Abs(deviation-mean) > 2e-5 {
		t.Errorf("gaps of %v s with a deviation of %v", mean, deviation)
	}
	if share := float64(picks) / n; math.Abs(share-0.75) > 0.01 {
		t.Errorf("a share of %v", share)
	}
	// Loops divide the same schedule, whatever their number.
	var merged []time.Duration
	for i := range 3 {
		a := newArrivals(load, c)
		for a.skip(i); len(merged) < (i+1)*1000; a.skip(3) {
			merged = append(merged, a.at)
		}
	}
	slices.Sort(merged)
	if !slices.Equal(merged, at[:3000]) {
		t.Error("three loops have another schedule than one")
	}
}

// refuses returns a dialer that always fails.
func refuses(err error) exchange.Dialer {
	return func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Err: err}
	}
}

// No server and no think time: users must not busy-loop.
func TestUsersBackOff(t *testing.T) {
	load := Load{Users: 3, Runtime: 1005 * time.Millisecond, Requests: []exchange.Request{get("/predict")}}
	for errno, want := range map[syscall.Errno]exchange.Class{
		syscall.ECONNREFUSED: exchange.Refused, syscall.EHOSTUNREACH: exchange.Refused, syscall.ETIMEDOUT: exchange.ConnectTimeout,
		syscall.EMFILE: exchange.Socket, syscall.EADDRNOTAVAIL: exchange.Socket, syscall.ENOBUFS: exchange.Socket,
	} {
		eachWay(t, func(t *testing.T, run way) {
			r, err := run(t.Context(), load, []string{"service:80"}, nil, refuses(errno))
			if err != nil {
				t.Fatal(err)
			}
			holds(t, load, r)
			if r.Total.Requests != 3*101 || r.Total.Errors[want] != r.Total.Failed || *r.Total.InFlight != 0 || r.Connections != 0 {
				t.Errorf("%v: %+v", errno, r.Total)
			}
			if r.Lateness.P50 == nil || !near(r.Lateness.Max, 0) || *r.UsersNeverAnswered != 3 || *r.UsersOverdue != 0 {
				t.Errorf("%v: lateness %+v, %d never answered", errno, r.Lateness, *r.UsersNeverAnswered)
			}
		})
	}
}

func TestNamesThatDoNotResolve(t *testing.T) {
	load := Load{Users: 3, Runtime: 1005 * time.Millisecond, Requests: []exchange.Request{get("/predict")}}
	unknown := &net.DNSError{Err: "no such host", Name: "service", IsNotFound: true}
	synctest.Test(t, func(t *testing.T) {
		lr, err := newLoadRun(load, []string{"service:80"})
		if err != nil {
			t.Fatal(err)
		}
		nobody := func(context.Context, string) ([]netip.Addr, error) { return nil, unknown }
		tr, err := newEpollTransport(t.Context(), lr, nobody, func() (sockets, error) { return newPiped(refuses(syscall.ECONNREFUSED)), nil })
		if err != nil {
			t.Fatal(err)
		}
		r := lr.measure(t.Context(), tr, nil)
		holds(t, load, r)
		if r.Total.Requests != 3*101 || r.Total.Errors[exchange.DNS] != r.Total.Failed || r.Examples[exchange.DNS] != unknown.Error() {
			t.Errorf("%+v, %v", r.Total, r.Examples)
		}
	})
}

func TestConnectionsThatAreNotMadeInTime(t *testing.T) {
	request := get("/predict")
	request.Timeout = 100 * time.Millisecond
	load := Load{Users: 2, Runtime: 1050 * time.Millisecond, ThinkTime: fixed(100 * time.Millisecond), Requests: []exchange.Request{request}}
	never := func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	eachWay(t, func(t *testing.T, run way) {
		r, err := run(t.Context(), load, []string{"service:80"}, nil, never)
		if err != nil {
			t.Fatal(err)
		}
		holds(t, load, r)
		if r.Total.Errors[exchange.ConnectTimeout] != 10 || r.Total.Failed != 10 || *r.Total.InFlight != 2 || !near(r.Total.LatencyFailed.Max, 100*time.Millisecond) {
			t.Errorf("%+v, %v", r.Total, r.Examples)
		}
	})
}

// An arrival that the end of the load overtakes is not a request in flight: nothing was sent.
func TestArrivalsThatTheEndOvertakes(t *testing.T) {
	for name, c := range map[string]struct {
		onStart         []exchange.Request
		late            time.Duration // from the start of the load to the arrival
		unsent, blocked int64
		asked           int64
	}{
		"before its request":  {nil, 100 * time.Millisecond, 1, 0, 0},
		"before its on_start": {[]exchange.Request{get("/login")}, 100 * time.Millisecond, 1, 0, 0},
		"after its on_start":  {[]exchange.Request{get("/login")}, 0, 0, 1, 1},
		"in its on_start":     {[]exchange.Request{get("/login"), get("/profile")}, 0, 0, 1, 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newService(after(200 * time.Millisecond))
			defer s.server.Close()
			lr, err := newLoadRun(Load{
				Users: 1, Runtime: 100 * time.Millisecond, ArrivalRate: 1, Requests: []exchange.Request{get("/predict")}, OnStart: c.onStart,
			}, []string{"service:80"})
			if err != nil {
				t.Fatal(err)
			}
			tr, err := newHTTPTransport(lr, s.pipes.dial)
			if err != nil {
				t.Fatal(err)
			}
			lr.start = time.Now().Add(-c.late)
			lr.deadline = lr.start.Add(lr.load.Runtime)
			u := tr.newVU(0)
			defer u.client.CloseIdleConnections()
			u.serveArrival(t.Context(), 0, lr.start)
			counts := u.shard.counts
			if n := counts.requests[0]; n.inFlight != 0 || n.dropped != 1 || tr.unsent.Load() != c.unsent || counts.blocked != c.blocked || s.asked.Load() != c.asked || counts.sentTo[0] != c.asked {
				t.Errorf("%s: %+v, %d unsent, %d blocked, the service counted %d of %d", name, n, tr.unsent.Load(), counts.blocked, s.asked.Load(), counts.sentTo[0])
			}
		})
	}
}

// A name with two addresses, of which the first does not respond: a user tries the other one
// after a timeout, and then all users do.
func TestAnAddressThatDoesNotRespond(t *testing.T) {
	request := get("/predict")
	request.Timeout = 100 * time.Millisecond
	load := Load{Users: 2, Runtime: 1050 * time.Millisecond, ThinkTime: fixed(100 * time.Millisecond), Requests: []exchange.Request{request}, Threads: 1}
	synctest.Test(t, func(t *testing.T) {
		s := newService(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Connection", "close") })
		defer s.server.Close()
		lr, err := newLoadRun(load, []string{"service:80"})
		if err != nil {
			t.Fatal(err)
		}
		dead := netip.MustParseAddrPort("127.0.0.1:80")
		tr, err := newEpollTransport(t.Context(), lr, two, func() (sockets, error) { return deadAddress{newPiped(s.pipes.dial), dead}, nil })
		if err != nil {
			t.Fatal(err)
		}
		r := lr.measure(t.Context(), tr, nil)
		holds(t, load, r)
		if r.Total.Errors[exchange.ConnectTimeout] != 2 || r.Total.Failed != 2 || r.Total.OK != 2*9 {
			t.Errorf("%+v, %v", r.Total, r.Examples)
		}
	})
}

// deadAddress implements sockets on which one address never responds.
type deadAddress struct {
	*piped
	dead netip.AddrPort
}

func (d deadAddress) connect(to netip.AddrPort, tag uint64) (int, syscall.Errno) {
	if to == d.dead {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.last++
		d.open[d.last] = &pipedConn{tag: tag, out: make(chan []byte)}
		return d.last, 0
	}
	return d.piped.connect(to, tag)
}
