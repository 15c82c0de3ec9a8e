package engine

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"plan/internal/exchange"
)

// mood is what a server does with one request, and its outcome in the load.
type mood struct {
	class exchange.Class
	does  script
}

var moods = []mood{
	{exchange.OK, says(good)},
	{exchange.OK, thenCloses(good)}, // and the load may be about to use the connection
	{exchange.OK, thenCloses("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nok")},
	{exchange.OK, says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n")},
	{exchange.HTTP5xx, says("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")},
	{exchange.HTTP4xx, thenCloses("HTTP/1.1 429 Too Many Requests\r\nConnection: close\r\n\r\n")},
	{exchange.ShortBody, thenCloses("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok")},
	{exchange.Reset, thenResets("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok")},
	{exchange.Timeout, silent},
	{exchange.Other, thenCloses("HELLO\r\n\r\n")},
	{noAnswer, thenCloses("")},
	{noAnswer, thenResets("")},
}

// noAnswer stands for a reset on a new connection, and for idle_closed on a
// reused one, whose request may be repeated.
const noAnswer exchange.Class = "no answer"

// moody is a server with random moods and a log.
type moody struct {
	mu     sync.Mutex
	random *rand.Rand
	log    map[exchange.Class]int64
}

func (m *moody) answer(c *net.TCPConn, nth int) bool {
	m.mu.Lock()
	mood := moods[0]
	if m.random.IntN(3) == 0 {
		mood = moods[m.random.IntN(len(moods))]
	}
	m.log[mood.class]++
	m.mu.Unlock()
	return mood.does(c, nth)
}

// TestCountsAreTheServers runs mixed loads against moody servers, and finds
// each request of their logs in the counts.
func TestCountsAreTheServers(t *testing.T) {
	onSockets(t, func(t *testing.T, run func(Load, ...string) Result) {
		for seed := range uint64(10) {
			t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
				t.Parallel()
				m := &moody{random: rand.New(rand.NewPCG(seed, 9)), log: map[exchange.Class]int64{}}
				load := randomLoad(rand.New(rand.NewPCG(seed, 10)))
				r := run(load, scripted(t, m.answer), scripted(t, m.answer))
				m.mu.Lock()
				defer m.mu.Unlock()
				matches(t, r, m.log)
			})
		}
	})
}

// randomLoad returns requests whose outcome does not depend on methods that
// net/http repeats.
func randomLoad(random *rand.Rand) Load {
	load := Load{Users: 1 + random.IntN(40), Runtime: 400 * time.Millisecond, ThinkTime: fixed(time.Duration(random.IntN(5)) * time.Millisecond), Seed: random.Uint64()}
	for i := range 1 + random.IntN(3) {
		r := aPost
		r.Name, r.Replay, r.Timeout = fmt.Sprint("r", i), random.IntN(2) == 0, 100*time.Millisecond
		load.Requests = append(load.Requests, r)
	}
	if random.IntN(2) == 0 {
		load.ArrivalRate, load.Poisson = 500+random.Float64()*1500, random.IntN(2) == 0
	}
	return load
}

// matches allows for requests in flight at the end, and for timeouts on a busy
// machine. A reset may also lose a response of any kind.
func matches(t *testing.T, r Result, log map[exchange.Class]int64) {
	t.Helper()
	got := map[exchange.Class]int64{exchange.OK: r.Total.OK}
	for class, n := range r.Total.Errors {
		switch class {
		case exchange.IdleClosed:
			got[noAnswer] += n
		case exchange.Reset:
			got[noAnswer] += n - min(n, log[exchange.Reset])
			got[exchange.Reset] = min(n, log[exchange.Reset])
		case exchange.ConnectTimeout:
			got[exchange.Timeout] += n
		default:
			got[class] += n
		}
	}
	got[noAnswer] += *r.Total.Retried
	missing, slow := int64(0), max(0, got[exchange.Timeout]-log[exchange.Timeout])
	for class, n := range log {
		missing += max(0, n-got[class])
		if class != noAnswer && class != exchange.Reset && class != exchange.Timeout && got[class] > n {
			t.Errorf("%q: %d counted, %d in the log", class, got[class], n)
		}
	}
	for class := range got {
		if _, ok := log[class]; !ok && got[class] > 0 && class != noAnswer && class != exchange.Timeout {
			t.Errorf("%d of %q, which the server never did", got[class], class)
		}
	}
	if missing > *r.Total.InFlight+slow || r.Total.Requests == 0 {
		t.Errorf("%d of the server's log are missing, %d in flight, %d slow: log %v, counted %v", missing, *r.Total.InFlight, slow, log, got)
	}
}

// A name with two addresses; no server listens on the first.
func TestTheNextAddressOfAName(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.2:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go follow(c.(*net.TCPConn), says(good))
		}
	}()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	load := Load{Users: 3, Runtime: 100 * time.Millisecond, ThinkTime: fixed(2 * time.Millisecond), Requests: []exchange.Request{aGet}}
	lr, err := newLoadRun(load, []string{"service:" + port})
	if err != nil {
		t.Fatal(err)
	}
	tr, err := newEpollTransport(t.Context(), lr, two, newPoller)
	if err != nil {
		t.Fatal(err)
	}
	if r := lr.measure(t.Context(), tr, nil); r.Total.OK == 0 || r.Total.Failed != 0 || r.Connections != 3 {
		t.Errorf("%+v, %v", r.Total, r.Examples)
	}
}

func two(context.Context, string) ([]netip.Addr, error) {
	return []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.2")}, nil
}
