package truth

import (
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"plan/engine"
	"plan/internal/exchange"
)

// TestLatenessIsTheLogs compares the lateness in a result with the arrivals in
// the log, and its latencies with the time from the intended start of requests
// to their responses.
//
// The n-th request of a constant rate is due at n / rate after the load's
// start. It arrives later by its lateness and by the transmission time. The
// start on the referee's clock, transmission included, is taken as the minimum
// over all arrivals: none can be earlier, and among so many one is almost in
// time. Longer transmissions are covered by the allowance of 50 µs and by the
// p99 of the probe's oversleep.
//
// A stopped load sends everything that is due before it reads a response.
// Therefore its latencies may exceed the log by the time of that sending, which
// the log shows.
func TestLatenessIsTheLogs(t *testing.T) {
	t.Logf("-seed %d", *seed)
	for name, c := range map[string]struct {
		transport engine.Transport
		service   time.Duration
		meanwhile func(*child)
		stopped   time.Duration
	}{
		"in time":                       {"epoll", 0, nil, 0},
		"on a processor that is shared": {"epoll", 0, share, 0},
		"stopped for a while":           {"epoll", 0, pause, stop},
		// Connections exist in advance: with net/http, creating them takes
		// longer than the differences compared, and is not lateness.
		"stopped for a while, net/http": {"net/http", 220 * time.Millisecond, pause, stop},
	} {
		t.Run(name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(*seed, 2000))
			mostly(t, func() observed {
				return observe(t, arriving(random), brief(random, c.service), c.transport, c.meanwhile)
			}, func(t testing.TB, seen observed, p *probe) {
				s := seen.scheduled(t)
				late(t, seen.result, s.lateness, p)
				if c.service == 0 {
					near(t, "latency", told(seen.result.Total.LatencyOK), s.latency, p, s.catchUp(c.stopped))
				}
				seen.includes(t, c.stopped, c.service)
				seen.holdArrivals(t)
				inHistogram(t, seen.result)
			})
		})
	}
}

func arriving(random *rand.Rand) engine.Load {
	return engine.Load{
		Users: 500, Runtime: 2500 * time.Millisecond, ArrivalRate: 500, Seed: random.Uint64(),
		Requests: []exchange.Request{{Name: "brief", Path: "/brief", Weight: 1}},
	}
}

// brief orders a referee to respond after a constant time.
func brief(random *rand.Rand, service time.Duration) orders {
	o := orders{Seed: random.Uint64(), Listeners: 2 * runtime.NumCPU(), Timeout: exchange.DefaultTimeout, Deeds: map[deed]float64{answers: 1}}
	if service > 0 {
		o.Deeds, o.Least, o.Most = map[deed]float64{waits: 1}, service, service
	}
	return o
}

// stop is how long a load is stopped.
const stop = 200 * time.Millisecond

// pause stops the load in its middle.
func pause(load *child) { stopAfter(load, time.Second) }

func stopAfter(load *child, d time.Duration) {
	time.Sleep(d)
	load.command.Process.Signal(unix.SIGSTOP)
	time.Sleep(stop)
	load.command.Process.Signal(unix.SIGCONT)
}

// TestALoadThatIsStoppedAtItsEnd: a load that is stopped ends at its runtime,
// and counts all arrivals that were due meanwhile.
func TestALoadThatIsStoppedAtItsEnd(t *testing.T) {
	t.Logf("-seed %d", *seed)
	onBoth(t, func(t *testing.T, transport engine.Transport) {
		random := rand.New(rand.NewPCG(*seed, 3000))
		load := arriving(random)
		load.Runtime = 2050 * time.Millisecond // so that the end of a second passes as well
		var woken moment
		seen := observe(t, load, brief(random, 0), transport, func(c *child) {
			stopAfter(c, load.Runtime-stop/2)
			woken = now()
		})
		seen.holdArrivals(t)
		after := 0
		for _, c := range seen.log {
			if n := len(c.Asked); n > 0 && c.Asked[n-1].Arrived > woken.plus(-stop/4) {
				after++
			}
		}
		if after > runtime.NumCPU() { // it was stopped during some of them
			t.Errorf("%d requests came after the end", after)
		}
		if n := len(seen.result.Series); n != 3 || seen.result.Seconds != load.Runtime.Seconds() {
			t.Errorf("%d windows, %v s", n, seen.result.Seconds)
		}
	})
}

// share pins the load to one processor, and keeps that busy.
func share(load *child) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before := processors()
	defer unix.SchedSetaffinity(0, &before)
	var last unix.CPUSet
	for i := range runtime.NumCPU() {
		if before.IsSet(i) {
			last = unix.CPUSet{}
			last.Set(i)
		}
	}
	unix.SchedSetaffinity(0, &last)
	threads, _ := os.ReadDir(fmt.Sprintf("/proc/%d/task", load.command.Process.Pid))
	for _, thread := range threads {
		if id, err := strconv.Atoi(thread.Name()); err == nil {
			unix.SchedSetaffinity(id, &last)
		}
	}
	for until := time.Now().Add(2500 * time.Millisecond); time.Now().Before(until); {
	}
}

func processors() (set unix.CPUSet) {
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		panic(err) // impossible: the arguments are constant
	}
	return set
}

// schedule holds the schedule as the log shows it.
type schedule struct {
	lateness, latency []time.Duration // sorted
	arrivals          []lateArrival   // in the order of the schedule
}

type lateArrival struct {
	at       moment
	lateness time.Duration
}

// catchUp returns how long a stopped load took to send what was due meanwhile;
// 0 for a load that was not stopped. It must be at most a quarter of the stop.
func (s schedule) catchUp(stopped time.Duration) time.Duration {
	var first, last moment
	for _, a := range s.arrivals {
		if stopped == 0 || a.lateness < stopped/8 {
			continue
		}
		if first == 0 {
			first, last = a.at, a.at
		}
		first, last = min(first, a.at), max(last, a.at)
	}
	return min(last.after(first), stopped/4)
}

func (o observed) scheduled(t testing.TB) (s schedule) {
	t.Helper()
	all, logged := o.arrivals()
	// A request on its way at the end of the load may never arrive, and ends
	// the sequence.
	unseen := int(o.result.Total.Requests) - logged
	if unseen < 0 || unseen > int(*o.result.Total.InFlight) || logged-len(all) > unseen*len(o.addresses) {
		t.Errorf("%+v: %d in the log, %d of them by turns", o.result.Total, logged, len(all))
	}
	start := all[0].Arrived
	for n, a := range all {
		start = min(start, a.Arrived.plus(-o.at(n)))
	}
	for n, a := range all {
		late := a.Arrived.after(start) - o.at(n)
		s.lateness = append(s.lateness, late)
		s.arrivals = append(s.arrivals, lateArrival{a.Arrived, late})
		if a.Taken {
			s.latency = append(s.latency, a.Last.after(start)-o.at(n))
		}
	}
	slices.Sort(s.lateness)
	slices.Sort(s.latency)
	return s
}

// arrivals returns the requests of a log in the order of their schedule, which
// alternates between the addresses. Successive requests of one address come
// from the same loop, in order, however late they are. logged is the number of
// all requests in the log.
func (o observed) arrivals() (all []asked, logged int) {
	at := make([][]asked, len(o.addresses))
	for _, c := range o.log {
		at[c.Listener] = append(at[c.Listener], c.Asked...)
		logged += len(c.Asked)
	}
	for i := range at {
		slices.SortFunc(at[i], func(a, b asked) int { return int(a.Arrived - b.Arrived) })
	}
	for n := 0; n/len(at) < len(at[n%len(at)]); n++ {
		all = append(all, at[n%len(at)][n/len(at)])
	}
	return all, logged
}

// late compares the mean and the p99.
func late(t testing.TB, r engine.Result, log []time.Duration, p *probe) {
	t.Helper()
	var sum time.Duration
	for _, d := range log {
		sum += d
	}
	mean := time.Duration(decoded(t, r.Histograms.Lateness).Mean() * float64(time.Microsecond))
	for _, c := range []struct {
		what      string
		got, want time.Duration
	}{
		{"mean", mean, sum / time.Duration(len(log))},
		{"p99", told(r.Lateness)[99], quantile(log, 99)},
	} {
		t.Logf("lateness: %s %v, the log has %v", c.what, c.got, c.want)
		if allowed := c.want/10 + 50*time.Microsecond + p.at(99); (c.got - c.want).Abs() > allowed {
			t.Errorf("lateness: %s is %v off, %v allowed; the probe overslept %v", c.what, c.got-c.want, allowed, p.at(99))
		}
	}
}

// includes checks that a stopped load reports the stop in its lateness and
// latencies.
func (o observed) includes(t testing.TB, stopped, service time.Duration) {
	t.Helper()
	late, latency := told(o.result.Lateness), told(o.result.Total.LatencyOK)
	if late[100] < stopped*9/10 || late[99] < stopped*3/4 {
		t.Errorf("lateness %v at most and %v at p99 of a load that was stopped for %v", late[100], late[99], stopped)
	}
	if latency[100] < late[100]+service {
		t.Errorf("latency %v at most, though a request was %v late and took %v to answer", latency[100], late[100], service)
	}
}
