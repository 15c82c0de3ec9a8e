package engine

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"plan/internal/exchange"
)

// kinds returns the kinds of saturation.
func kinds(limits []Saturation) (all []SaturationKind) {
	for _, l := range limits {
		all = append(all, l.Kind)
	}
	return all
}

// lateBy returns a histogram of n requests of which one in fifty is late.
func lateBy(n int, late time.Duration) (h histogram) {
	for i := range n {
		if i%50 == 0 {
			h.record(late)
		} else {
			h.record(0)
		}
	}
	return h
}

func TestLimits(t *testing.T) {
	judged := func(p99 float64) Judged { return Judged{Latency: Percentiles{P99: &p99}} }
	dropped := func(n int64) Counts { return Counts{Dropped: &n} }
	for name, c := range map[string]struct {
		result Result
		room   driverLoad
		want   string // kind: text
	}{
		"nothing":                {Result{}, driverLoad{}, ""},
		"much CPU":               {Result{Seconds: 10, CPUSeconds: 16, Threads: 2}, driverLoad{cpus: 2}, ""},
		"too much CPU":           {Result{Seconds: 10, CPUSeconds: 16.1, Threads: 2}, driverLoad{cpus: 2}, "cpu: the load driver used 1.61 of 2 CPUs, above the limit of 80 %: give it more CPUs or reduce the load"},
		"too much of one CPU":    {Result{Seconds: 10, CPUSeconds: 9, Threads: 1}, driverLoad{cpus: 2}, "cpu: the load driver used 0.90 of 1 CPU, above the limit of 80 %: give it another core with --threads 2"},
		"too much CPU at once":   {Result{Seconds: 0.9, CPUSeconds: 1.8, Threads: 2}, driverLoad{cpus: 2}, ""},
		"late":                   {Result{Threads: 1, Judged: judged(0.100)}, driverLoad{lateness: lateBy(100, 4900*time.Microsecond)}, ""},
		"too late":               {Result{Threads: 1, Judged: judged(0.100)}, driverLoad{lateness: lateBy(100, 5100*time.Microsecond), cpus: 2}, "lateness: requests started late: the p99 lateness of 5.1 ms is above 5 % of the p99 latency of 100.0 ms: give it another core with --threads 2"},
		"late, but hardly":       {Result{Judged: judged(0.002)}, driverLoad{lateness: lateBy(100, 900*time.Microsecond)}, ""},
		"late, but few":          {Result{Judged: judged(0.100)}, driverLoad{lateness: lateBy(99, time.Second)}, ""},
		"late, but nothing else": {Result{}, driverLoad{lateness: lateBy(1000, time.Second)}, ""},
		"some dropped":           {Result{Total: dropped(20)}, driverLoad{arrivals: 1000}, ""},
		"too many dropped":       {Result{Total: dropped(21)}, driverLoad{arrivals: 1000, users: 100}, "rate: 979 of 1000 arrivals were sent, under 98 %; 21 were dropped because none of the 100 users was free: raise users or lower the rate"},
		"too many not come to":   {Result{Threads: 1, Total: dropped(21)}, driverLoad{arrivals: 1000, unsent: 21, cpus: 2}, "rate: 979 of 1000 arrivals were sent, under 98 %; 21 were due and not started before the end: give it another core with --threads 2"},
		"both":                   {Result{Threads: 1, Total: dropped(50)}, driverLoad{arrivals: 100, unsent: 20, users: 1, cpus: 1}, "rate: 50 of 100 arrivals were sent, under 98 %; 30 were dropped because none of the 1 user was free: raise users or lower the rate; 20 were due and not started before the end: give it more CPUs or reduce the load"},
		"two of three dropped":   {Result{Total: dropped(2)}, driverLoad{arrivals: 3}, ""},
		"no socket": {Result{Total: Counts{Errors: map[exchange.Class]int64{exchange.Socket: 1}}, Examples: map[exchange.Class]string{exchange.Socket: "too many open files"}}, driverLoad{},
			"sockets: the load driver could not open 1 socket (too many open files): raise its limit of open files (ulimit -n) or use fewer users"},
	} {
		var got []string
		for _, l := range saturations(&c.result, c.room) {
			got = append(got, string(l.Kind)+": "+l.Text)
		}
		if text := strings.Join(got, "\n"); text != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, text, c.want)
		}
	}
}

// slow implements sockets that delay their loop.
type slow struct {
	sockets
	by time.Duration
}

func (s slow) wait(timeout time.Duration) []socketEvent {
	time.Sleep(s.by)
	return s.sockets.wait(timeout)
}

// heldUp runs a load on one loop that is delayed each time.
func heldUp(ctx context.Context, t *testing.T, load Load, address string, by time.Duration, resolve resolver, open func() (sockets, error)) Result {
	t.Helper()
	load.Threads = 1
	lr, err := newLoadRun(load, []string{address})
	if err != nil {
		t.Fatal(err)
	}
	tr, err := newEpollTransport(ctx, lr, resolve, func() (sockets, error) {
		network, err := open()
		return slow{network, by}, err
	})
	if err != nil {
		t.Fatal(err)
	}
	r := lr.measure(ctx, tr, nil)
	holds(t, load, r)
	return r
}

// A loop that is delayed for 20 ms at each wait and then handles a burst of
// alarms: 800 arrivals per second of 10,000.
func TestALoopThatIsBehind(t *testing.T) {
	load := Load{Users: 500, Runtime: time.Second, ArrivalRate: 10_000, Requests: []exchange.Request{get("/a"), get("/b")}}
	synctest.Test(t, func(t *testing.T) {
		s := newService(after(time.Millisecond))
		defer s.server.Close()
		start := time.Now()
		r := heldUp(t.Context(), t, load, "service:80", 20*time.Millisecond, anywhere, func() (sockets, error) { return newPiped(s.pipes.dial), nil })
		found := slices.DeleteFunc(kinds(r.Saturated), func(kind SaturationKind) bool { return kind == SaturationCPU }) // in simulated time
		if want := []SaturationKind{SaturationLateness, SaturationRate}; !slices.Equal(found, want) {
			t.Errorf("%+v, want %v", r.Saturated, want)
		}
		if took := time.Since(start); took > load.Runtime+20*time.Millisecond {
			t.Errorf("a load of %v took %v", load.Runtime, took)
		}
		a, b := r.ByRequest["a"], r.ByRequest["b"]
		if r.Total.Requests+*r.Total.Dropped != 10_000 || *a.Dropped+*b.Dropped != *r.Total.Dropped || r.Total.Requests != 49*maxAlarms || r.Seconds != 1 {
			t.Errorf("%d requests and %d dropped, %d and %d of each, in %v s", r.Total.Requests, *r.Total.Dropped, *a.Dropped, *b.Dropped, r.Seconds)
		}
	})
}

func TestALoopThatIsLateOnSockets(t *testing.T) {
	does, ctx := enough(t.Context(), 300, says(good))
	load := Load{Users: 10, Runtime: time.Minute, ThinkTime: fixed(time.Millisecond), Requests: []exchange.Request{aGet}}
	r := heldUp(ctx, t, load, scripted(t, does), 5*time.Millisecond, lookUp, newPoller)
	if !slices.Contains(kinds(r.Saturated), SaturationLateness) {
		t.Errorf("%+v: lateness %v of %v s", r.Saturated, *r.Lateness.P99, *r.Judged.Latency.P99)
	}
}

// TestUsersThatStartTogetherAreNotLate: of users that a load stage starts at the same moment, most
// start late by necessity, which must not count as saturation.
func TestUsersThatStartTogetherAreNotLate(t *testing.T) {
	load := Load{Users: 5, Runtime: 3050 * time.Millisecond, ThinkTime: fixed(100 * time.Millisecond), Requests: []exchange.Request{get("/predict")},
		Stages: []Stage{{Users: 2}, {Users: 2, Over: time.Second}, {Users: 3, Over: time.Second}, {Users: 5}}}
	atOnce := load
	atOnce.Stages = nil
	for _, c := range []struct {
		load        Load
		all, judged int64 // starts
	}{
		{load, 2*31 + 21 + 2*11, 2*30 + 21 + 2*10},
		{atOnce, 5 * 31, 5 * 30},
	} {
		for name, open := range map[string]func(context.Context, *loadRun, exchange.Dialer) (transport, error){
			"net/http": func(_ context.Context, lr *loadRun, dial exchange.Dialer) (transport, error) {
				return newHTTPTransport(lr, dial)
			},
			"loops": func(ctx context.Context, lr *loadRun, dial exchange.Dialer) (transport, error) {
				return newEpollTransport(ctx, lr, anywhere, func() (sockets, error) { return newPiped(dial), nil })
			},
		} {
			synctest.Test(t, func(t *testing.T) {
				s := newService(after(0))
				defer s.server.Close()
				lr, err := newLoadRun(c.load, []string{"service:80"})
				if err != nil {
					t.Fatal(err)
				}
				tr, err := open(t.Context(), lr, s.pipes.dial)
				if err != nil {
					t.Fatal(err)
				}
				lr.start = time.Now()
				lr.deadline = lr.start.Add(lr.load.Runtime)
				figures := newSeries(lr, nil)
				drive := tr.drive(t.Context(), figures)
				figures.finish(drive.lasted, drive.users)
				if all, judged := figures.total.lateness.count(), figures.total.judgedLate.count(); all != c.all || judged != c.judged {
					t.Errorf("%s with %d stages: %d starts with a lateness, %d of them judged, want %d and %d", name, len(c.load.Stages), all, judged, c.all, c.judged)
				}
			})
		}
	}
}

// All users wait for a server that does not respond.
func TestACapThatIsAlwaysBusy(t *testing.T) {
	onSockets(t, func(t *testing.T, run func(Load, ...string) Result) {
		load := Load{Users: 2, Runtime: 250 * time.Millisecond, ArrivalRate: 400, Requests: []exchange.Request{aGet}}
		r := run(load, scripted(t, silent))
		if !slices.Equal(kinds(r.Saturated), []SaturationKind{SaturationRate}) || r.Total.Requests+*r.Total.Dropped != 100 || !strings.Contains(r.Saturated[0].Text, "raise users") {
			t.Errorf("%+v, %d dropped: %+v", r.Total, *r.Total.Dropped, r.Saturated)
		}
	})
}

// A driver and a server in one process, without pauses.
func TestCPUIsComparedWithWhatWasUsed(t *testing.T) {
	onSockets(t, func(t *testing.T, run func(Load, ...string) Result) {
		load := Load{Users: 8, Runtime: 1100 * time.Millisecond, Threads: 1, Requests: []exchange.Request{aGet}}
		r := run(load, newServer(t).address)
		if want := r.CPUSeconds > 0.8*float64(r.Threads)*r.Seconds; slices.Contains(kinds(r.Saturated), SaturationCPU) != want || r.Total.OK == 0 {
			t.Errorf("%v of %d CPUs in %v s: %+v", r.CPUSeconds, r.Threads, r.Seconds, r.Saturated)
		}
	})
}

// More users than the limit of open files.
func TestSocketsThatCannotBeOpened(t *testing.T) {
	address := child(t)
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &before); err != nil {
		t.Fatal(err)
	}
	defer syscall.Setrlimit(syscall.RLIMIT_NOFILE, &before)
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	few := before
	few.Cur = uint64(len(open)) + 20
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &few); err != nil {
		t.Fatal(err)
	}
	onSockets(t, func(t *testing.T, run func(Load, ...string) Result) {
		load := Load{Users: 60, Runtime: 300 * time.Millisecond, ThinkTime: fixed(20 * time.Millisecond), Requests: []exchange.Request{aGet}}
		r := run(load, address)
		n := r.Total.Errors[exchange.Socket]
		if i := slices.IndexFunc(r.Saturated, func(l Saturation) bool { return l.Kind == SaturationSockets }); n == 0 || i < 0 || !strings.Contains(r.Saturated[i].Text, fmt.Sprint(n, " sockets")) {
			t.Errorf("%+v: %+v", r.Total, r.Saturated)
		}
	})
}
