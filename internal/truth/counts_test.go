package truth

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"plan/engine"
	"plan/internal/exchange"
)

// runs is the number of loads per transport that are compared with their logs.
const runs = 20

// TestCountsAreTheLogs runs random loads on a referee with random deeds, and
// finds each request of its log in the counts, and each count in its log.
//
// The counts of a request name follow from the log of all connections on which
// it came (see connection.fates):
//
//	OK, each class    the requests of that fate
//	Retried           the requests that were broken off and sent again
//	InFlight          the requests in flight at the end, with or without a
//	                  byte sent
//	Bytes             of all received bodies, incomplete ones included
//
// For requests without a byte the log has only the sum over all names: with
// event loops it is the number of connections without data, with net/http at
// most one per user. If net/http notices a broken connection before it writes,
// the request is retried or idle_closed and not in the log: at most one for
// each connection that the referee closed while it was idle. The referee closes
// only its sending side, so that it can log later requests; its kernel may
// acknowledge these, and then the class is reset. A reset of a connection that
// was idle for 500 ms may count as a close by the server before there is an
// estimate of its idle timeout. The first request of a connection that was
// given up at the end may be a timeout, because its time starts before the
// connection does. All other counts are exact.
//
// Data that a socket receives when the load ends may be too late for its
// goroutine; near the end the referee therefore sends no responses to net/http.
// On a machine that is always busy the same may happen at any timeout, and such
// requests may be timeouts or in flight; but all are counted, and none as more
// than it was.
func TestCountsAreTheLogs(t *testing.T) {
	t.Logf("-seed %d", *seed)
	onBoth(t, func(t *testing.T, transport engine.Transport) {
		for i := range uint64(runs) {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				random := rand.New(rand.NewPCG(*seed, i))
				load, o := drawLoad(random), drawOrders(random)
				o.Withholds = o.Withholds || transport == "net/http"
				t.Log(describe(load, o))
				steady(t, func() observed { return observe(t, load, o, transport, nil) }, observed.starved, func(seen observed, _ *probe, starved bool) {
					seen.hold(t, starved)
				})
			})
		}
	})
}

// starved reports whether the machine kept the probe or the referee from
// running for about as long as the interval in which the referee avoids
// uncertain events.
func (o observed) starved(p *probe) string {
	if why := overslept[observed](100, doubt/2)(o, p); why != "" {
		return why
	}
	for _, c := range o.log {
		for _, a := range c.Asked {
			if d := a.Treated.after(a.Began); d > doubt {
				return fmt.Sprintf("the referee read a request %v after it began", d)
			}
		}
	}
	return ""
}

// hold returns the differences between counts and log.
func (o observed) hold(t *testing.T, starved bool) {
	t.Helper()
	f, loops := o.read(), o.result.Transport == "epoll"
	if starved {
		o.holdAttempts(t, f)
	} else {
		o.holdFates(t, f)
	}
	if n := o.result.Connections; loops && n != f.spoken || n < f.spoken || n > f.spoken+f.empty {
		t.Errorf("%d connections, the log has %d and %d empty ones", n, f.spoken, f.empty)
	}
	if f.left > 0 {
		t.Errorf("%d connections were still open 5 s after the end", f.left)
	}
	o.holdSums(t)
	o.holdArrivals(t)
	t.Logf("%d requests, %v, %d retried, %d in flight", o.result.Total.Requests, o.result.Total.Errors, *o.result.Total.Retried, *o.result.Total.InFlight)
}

// holdFates compares all counts.
func (o observed) holdFates(t *testing.T, f found) {
	t.Helper()
	var unseen, hidden, reset, excused int64
	for name, want := range f.by {
		got := o.result.ByRequest[name]
		late := min(want.late, max(0, got.Errors[exchange.Reset]-want.classes[exchange.Reset]))
		doubted := min(want.doubted, max(0, want.classes[exchange.Reset]-got.Errors[exchange.Reset]))
		expired := min(want.verge, max(0, got.Errors[exchange.Timeout]-want.classes[exchange.Timeout]))
		reset += late
		excused += doubted
		holdClasses(t, name, got, want, late-doubted, expired)
		hidden += atLeast(t, name+" idle_closed or retried", got.Errors[exchange.IdleClosed]+*got.Retried, want.classes[exchange.IdleClosed]+want.again-late+doubted)
		unseen += atLeast(t, name+" in flight", *got.InFlight, want.classes[exchange.Aborted]-expired)
	}
	if most, least := o.unseen(f); unseen > most || unseen < least {
		t.Errorf("%d in flight are not in the log, which allows %d to %d", unseen, least, most)
	}
	if most := o.hidden(f); hidden > most {
		t.Errorf("%d retried or idle_closed are not in the log, which allows %d", hidden, most)
	}
	for address, n := range o.result.PerAddress {
		if want := f.addresses[address]; n < want-excused || n > want+unseen+hidden+reset {
			t.Errorf("%d requests to %s, the log has %d, and %d are not in it", n, address, want, unseen+hidden+reset)
		}
	}
}

// holdAttempts compares what is certain also for a starved load.
func (o observed) holdAttempts(t *testing.T, f found) {
	t.Helper()
	var extra int64
	for name, want := range f.by {
		got := o.result.ByRequest[name]
		extra += atLeast(t, name+" in all", got.Requests+*got.Retried, want.attempts())
		for class, n := range got.Errors {
			if late := class == exchange.Timeout || class == exchange.ConnectTimeout; !late && n > want.classes[class]+want.late+o.hidden(f) {
				t.Errorf("%s: %d of %q, the log has %d", name, n, class, want.classes[class])
			}
		}
		if got.OK > want.classes[exchange.OK] || got.Bytes > want.bytes {
			t.Errorf("%s: %d OK and %d bytes, the log has %d and %d", name, got.OK, got.Bytes, want.classes[exchange.OK], want.bytes)
		}
	}
	if most, least := o.unseen(f); extra > most+o.hidden(f) || extra < least {
		t.Errorf("%d requests are not in the log, which allows %d to %d", extra, least, most+o.hidden(f))
	}
}

// unseen returns the maximum number of requests in flight without a byte.
func (o observed) unseen(f found) (most, least int64) {
	if o.result.Transport == "epoll" {
		return f.empty, f.empty
	}
	return int64(o.load.Users), 0
}

// hidden returns the maximum number of requests that met a connection known to
// be closed.
func (o observed) hidden(f found) int64 {
	if o.result.Transport == "epoll" {
		return 0
	}
	return f.closed
}

// holdClasses compares the exact counts, with this number of further resets and
// timeouts.
func holdClasses(t *testing.T, name string, got engine.Counts, want *tally, resets, timeouts int64) {
	t.Helper()
	wanted := maps.Clone(want.classes)
	wanted[exchange.Reset] += resets
	wanted[exchange.Timeout] += timeouts
	maps.DeleteFunc(wanted, func(_ exchange.Class, n int64) bool { return n == 0 })
	counted := maps.Clone(got.Errors)
	counted[exchange.OK] = got.OK
	for _, class := range []exchange.Class{exchange.Aborted, exchange.IdleClosed} { // see atLeast
		delete(wanted, class)
		delete(counted, class)
	}
	maps.DeleteFunc(counted, func(_ exchange.Class, n int64) bool { return n == 0 })
	if !maps.Equal(counted, wanted) || got.Bytes != want.bytes {
		t.Errorf("%s: counted %v and %d bytes, the log has %v and %d", name, sorted(counted), got.Bytes, sorted(wanted), want.bytes)
	}
}

func atLeast(t *testing.T, what string, got, want int64) (more int64) {
	t.Helper()
	if got < want {
		t.Errorf("%s: %d counted, the log has %d", what, got, want)
	}
	return max(0, got-want)
}

func sorted(classes map[exchange.Class]int64) string {
	var all []string
	for _, class := range slices.Sorted(maps.Keys(classes)) {
		all = append(all, fmt.Sprintf("%d %q", classes[class], class))
	}
	return strings.Join(all, ", ")
}

// holdSums compares the total with its parts.
func (o observed) holdSums(t *testing.T) {
	t.Helper()
	var sum, perAddress, ended int64
	for _, n := range o.result.ByRequest {
		sum += n.Requests
	}
	for _, n := range o.result.PerAddress {
		perAddress += n
	}
	for _, w := range o.result.Series {
		ended += w.Requests
	}
	total := o.result.Total
	if sum != total.Requests || perAddress != total.Requests || total.Requests != total.OK+total.Failed+*total.InFlight || ended != total.OK+total.Failed {
		t.Errorf("%d requests, %d by name, %d by address, %d answered or failed in the series of %+v", total.Requests, sum, perAddress, ended, total)
	}
}

// holdArrivals finds each arrival of a constant rate in the counts.
func (o observed) holdArrivals(t testing.TB) {
	t.Helper()
	if o.load.ArrivalRate == 0 || o.load.Poisson {
		return
	}
	due := math.Ceil(o.load.ArrivalRate*o.load.Runtime.Seconds() - 1e-6)
	sent := o.result.Total.Requests
	for _, r := range o.load.OnStart { // comes before an arrival, and is not one itself
		sent -= o.result.ByRequest[r.Name].Requests
	}
	if n := sent + *o.result.Total.Dropped; n != int64(due) {
		t.Errorf("%d requests and %d dropped of %.0f arrivals", sent, *o.result.Total.Dropped, due)
	}
}

// at returns when the n-th arrival of a constant rate is due.
func (o observed) at(n int) time.Duration {
	return time.Duration(float64(n) / o.load.ArrivalRate * float64(time.Second))
}
