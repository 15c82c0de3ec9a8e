package truth

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"plan/engine"
	"plan/internal/exchange"
)

// runs is how many loads are held against their logs on each transport.
const runs = 20

// TestCountsAreTheLogs puts loads of all kinds on a referee that does anything
// and finds each request of its log in the counts, and each count in its log.
//
// What the counts of a request name must be, from the log of all connections
// on which it came (see connection.fates):
//
//	OK, each class    as many requests of that fate
//	Retried           as many as were broken off and sent once more
//	InFlight          as many as were given up at the end, and those of which
//	                  no byte had been sent
//	Bytes             of all bodies that were taken, cut ones included
//
// Of those without a byte the log knows only the sum over all names: on the
// event loops it is that of the connections on which nothing came, on net/http
// at most one for each user. A broken connection that net/http noticed before
// it wrote is counted as retried or idle_closed, and not in the log: at most
// one for each connection that the referee closed while it was idle. All else
// is exact.
// What a socket was read of as the load ended may have come too late for the
// goroutine behind it: with net/http, the referee answers nobody any more then.
func TestCountsAreTheLogs(t *testing.T) {
	t.Logf("-seed %d", *seed)
	onBoth(t, func(t *testing.T, transport string) {
		for i := range uint64(runs) {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				random := rand.New(rand.NewPCG(*seed, i))
				load, o := drawLoad(random), drawOrders(random)
				o.Withholds = o.Withholds || transport == "net/http"
				t.Log(describe(load, o))
				steady(t, 100, doubt/2, func() observed { return observe(t, load, o, transport, nil) }, func(seen observed, _ *probe) {
					seen.hold(t)
				})
			})
		}
	})
}

func drawLoad(random *rand.Rand) engine.Load {
	load := engine.Load{
		Users:   1 + int(200*random.Float64()*random.Float64()),
		Runtime: time.Second + time.Duration(random.Int64N(int64(time.Second)))/2,
		Seed:    random.Uint64(), Threads: random.IntN(4),
	}
	for i := range 1 + random.IntN(5) {
		load.Requests = append(load.Requests, drawRequest(random, i))
	}
	switch random.IntN(3) {
	case 0:
		load.SpawnRate = float64(load.Users) * (1 + 9*random.Float64())
	case 1:
		load.WarmUp = load.Runtime / 3
	}
	pause := time.Duration(1+random.IntN(50)) * time.Millisecond
	switch random.IntN(7) {
	case 0:
	case 1:
		load.ThinkTime = engine.ThinkTime{Kind: "fixed", Min: pause}
	case 2:
		load.ThinkTime = engine.ThinkTime{Kind: "exponential", Min: pause}
	case 3:
		load.SpawnRate, load.Stages = 0, drawStages(random, load, func(s *engine.Stage) { s.Users = 1 + random.IntN(load.Users) })
	case 4:
		load.SpawnRate, load.Stages = 0, drawStages(random, load, func(s *engine.Stage) { s.Rate = 1000 * random.Float64() })
	default:
		load.SpawnRate, load.ArrivalRate, load.Poisson = 0, 50+950*random.Float64(), random.IntN(2) == 0
	}
	return load
}

// drawStages goes up and down.
func drawStages(random *rand.Rand, load engine.Load, target func(*engine.Stage)) []engine.Stage {
	stages := make([]engine.Stage, 2+random.IntN(3))
	for i := range stages {
		stages[i].Over = load.Runtime / time.Duration(1+random.IntN(2*len(stages)))
		if i == 0 && random.IntN(2) == 0 {
			stages[i].Over = 0
		}
		target(&stages[i])
	}
	for i := range stages { // together no longer than the load
		stages[i].Over /= time.Duration(len(stages))
	}
	return stages
}

// timeout is that of all requests: nothing here waits as long but on purpose.
const timeout = 420 * time.Millisecond

func drawRequest(random *rand.Rand, i int) exchange.Request {
	r := exchange.Request{Name: fmt.Sprint("r", i), Path: fmt.Sprint("/r", i), Weight: float64(random.IntN(4)), Timeout: timeout}
	switch random.IntN(6) {
	case 0:
		r.Method = http.MethodHead
	case 1, 2:
		r.Method, r.Body, r.Replay = http.MethodPost, body(1+random.IntN(100_000)), random.IntN(2) == 0
	case 3:
		r.Method, r.Body, r.Replay = http.MethodPost, body(random.IntN(100)), random.IntN(2) == 0
	}
	if i == 0 {
		r.Weight++
	}
	if random.IntN(4) == 0 {
		r.Status = []int{200, 404, 302}[:1+random.IntN(3)]
	}
	return r
}

// drawOrders has most of what a referee can do, answers above all.
func drawOrders(random *rand.Rand) orders {
	o := orders{
		Seed: random.Uint64(), Listeners: 1 + random.IntN(3), Timeout: timeout,
		Least: time.Millisecond, Most: 60 * time.Millisecond,
		Deeds: map[deed]float64{answers: 2 + 10*random.Float64()}, Withholds: random.IntN(2) == 0,
	}
	for _, d := range deeds {
		if random.IntN(3) > 0 {
			o.Deeds[d] += random.Float64()
		}
	}
	o.Deeds[never] /= 10 // it keeps a user for long
	if random.IntN(2) == 0 {
		o.Idle = random.Float64()
	}
	return o
}

func describe(load engine.Load, o orders) string {
	model := fmt.Sprintf("closed, think time %s %v", load.ThinkTime.Kind, load.ThinkTime.Min)
	switch {
	case load.ArrivalRate > 0:
		model = fmt.Sprintf("open, %.0f/s, Poisson %v", load.ArrivalRate, load.Poisson)
	case len(load.Stages) > 0:
		model = fmt.Sprintf("stages %+v", load.Stages)
	}
	return fmt.Sprintf("%s, %d users on %d threads, %v, %d requests, %d addresses, %d deeds, idle %.1f, withholds %v",
		model, load.Users, load.Threads, load.Runtime, len(load.Requests), o.Listeners, len(o.Deeds), o.Idle, o.Withholds)
}

// tally is what the log says of a request name, or of all.
type tally struct {
	classes map[exchange.Class]int64 // Aborted: given up at the end
	again   int64
	bytes   int64
}

func (n *tally) add(a asked, f fate) {
	if f.again {
		n.again++
		return
	}
	n.classes[f.class]++
	if a.Taken || a.Deed == tears {
		n.bytes += a.Body
	}
}

// found is all that a log says.
type found struct {
	by        map[string]*tally
	addresses map[string]int64 // outcomes
	spoken    int64            // connections on which something came
	empty     int64            // on which nothing did
	closed    int64            // that the referee closed while they were idle, and nothing came
	left      int              // that nobody closed
}

func (o observed) read() found {
	f := found{by: map[string]*tally{}, addresses: map[string]int64{}}
	requests := map[string]exchange.Request{}
	for _, r := range o.load.Requests {
		requests[r.Name], f.by[r.Name] = r, &tally{classes: map[exchange.Class]int64{}}
	}
	for _, c := range o.log {
		late := false
		for i, fate := range c.fates(requests, o.end) {
			late = late || c.Asked[i].Deed == tooLate
			f.by[c.Asked[i].Name].add(c.Asked[i], fate)
			if !fate.again {
				f.addresses[o.addresses[c.Listener]]++
			}
		}
		switch {
		case len(c.Asked) > 0:
			f.spoken++
		default:
			f.empty++
		}
		if c.Idle && !late {
			f.closed++
		}
		if c.Open {
			f.left++
		}
	}
	return f
}

// hold says where the counts are not what the log says.
func (o observed) hold(t *testing.T) {
	t.Helper()
	f, loops := o.read(), o.result.Transport == "epoll"
	var unseen, hidden int64
	for name, want := range f.by {
		got := o.result.ByRequest[name]
		holdClasses(t, name, got, want)
		hidden += atLeast(t, name+" idle_closed", got.Errors[exchange.IdleClosed], want.classes[exchange.IdleClosed])
		unseen += atLeast(t, name+" in flight", *got.InFlight, want.classes[exchange.Aborted])
		hidden += atLeast(t, name+" retried", *got.Retried, want.again)
	}
	switch {
	case loops && (unseen != f.empty || hidden != 0):
		t.Errorf("%d in flight are not in the log, which has %d empty connections; %d idle closed are not in it", unseen, f.empty, hidden)
	case unseen > int64(o.load.Users) || hidden > f.closed:
		t.Errorf("%d in flight are not in the log, with %d users; %d idle closed are not in it, with %d connections closed while idle", unseen, o.load.Users, hidden, f.closed)
	}
	if n := o.result.Connections; loops && n != f.spoken || n < f.spoken || n > f.spoken+f.empty {
		t.Errorf("%d connections, the log has %d and %d empty ones", n, f.spoken, f.empty)
	}
	if f.left > 0 {
		t.Errorf("%d connections were still open 5 s after the end", f.left)
	}
	o.holdSums(t, f, unseen+hidden)
	t.Logf("%d requests, %v, %d retried, %d in flight, %d of them unseen", o.result.Total.Requests, o.result.Total.Errors, *o.result.Total.Retried, *o.result.Total.InFlight, unseen)
}

// holdClasses compares what is exact.
func holdClasses(t *testing.T, name string, got engine.Counts, want *tally) {
	t.Helper()
	wanted := maps.Clone(want.classes)
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

// holdSums compares the total with its parts, and arrivals with their schedule.
func (o observed) holdSums(t *testing.T, f found, missing int64) {
	t.Helper()
	var sum, perAddress, ended int64
	for _, n := range o.result.ByRequest {
		sum += n.Requests
	}
	for address, n := range o.result.PerAddress {
		perAddress += n
		if n < f.addresses[address] || n > f.addresses[address]+missing {
			t.Errorf("%d requests to %s, the log has %d, and %d are not in it", n, address, f.addresses[address], missing)
		}
	}
	for _, w := range o.result.Series {
		ended += w.Requests
	}
	total := o.result.Total
	if sum != total.Requests || perAddress != total.Requests || total.Requests != total.OK+total.Failed+*total.InFlight || ended != total.OK+total.Failed {
		t.Errorf("%d requests, %d by name, %d by address, %d answered or failed in the series of %+v", total.Requests, sum, perAddress, ended, total)
	}
	o.holdArrivals(t)
}

// holdArrivals finds each arrival of a constant rate in the counts.
func (o observed) holdArrivals(t *testing.T) {
	t.Helper()
	if o.load.ArrivalRate == 0 || o.load.Poisson {
		return
	}
	due := math.Ceil(o.load.ArrivalRate*o.load.Runtime.Seconds() - 1e-6)
	if n := o.result.Total.Requests + *o.result.Total.Dropped; n != int64(due) {
		t.Errorf("%d requests and %d dropped of %.0f arrivals", o.result.Total.Requests, *o.result.Total.Dropped, due)
	}
}

// at is when the n-th arrival of a constant rate is to begin.
func (o observed) at(n int) time.Duration {
	return time.Duration(float64(n) / o.load.ArrivalRate * float64(time.Second))
}
