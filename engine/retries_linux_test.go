package engine

import (
	"bufio"
	"context"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"plan/internal/exchange"
)

// keeper is a server with an idle timeout. It never reads requests that arrive
// at the timeout, and breaks some of the others.
type keeper struct {
	idle, race time.Duration
	breaks     float64 // share of the requests
	random     *rand.Rand

	mu           sync.Mutex
	raced, broke int64
}

func (k *keeper) draw() float64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.random.Float64()
}

func (k *keeper) count(n *int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	*n++
}

func (k *keeper) serve(c net.Conn) {
	defer c.Close()
	in := bufio.NewReader(c)
	for kept := false; ; kept = true {
		began := time.Now()
		c.SetReadDeadline(began.Add(k.idle))
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		io.Copy(io.Discard, r.Body)
		switch {
		case kept && time.Since(began) > k.idle-k.race:
			k.count(&k.raced)
			return
		case k.draw() < k.breaks:
			k.count(&k.broke)
			return
		}
		io.WriteString(c, good)
	}
}

// TestTheRaceWithTheIdleTime runs for half an hour of simulated time with users
// that return near the idle timeout: requests that meet the close do not fail,
// and those that the server breaks do.
func TestTheRaceWithTheIdleTime(t *testing.T) {
	for name, c := range map[string]struct {
		think  ThinkTime
		breaks float64
		races  bool
		spawn  float64
	}{
		"of all at once":                   {ThinkTime{Kind: "between", Min: 4980 * time.Millisecond, Max: 5020 * time.Millisecond}, 0, true, 0},
		"uvicorn's 5 s":                    {ThinkTime{Kind: "between", Min: 4900 * time.Millisecond, Max: 5100 * time.Millisecond}, 0, true, 1},
		"and a worker that fails":          {ThinkTime{Kind: "between", Min: 4700 * time.Millisecond, Max: 5100 * time.Millisecond}, 0.04, true, 1},
		"a worker that fails, and no race": {fixed(2 * time.Second), 0.04, false, 1},
	} {
		t.Run(name, func(t *testing.T) {
			eachWay(t, func(t *testing.T, run way) {
				k := &keeper{idle: 5 * time.Second, race: 3 * time.Millisecond, breaks: c.breaks, random: rand.New(rand.NewPCG(1, 2))}
				network := &pipes{accept: make(chan net.Conn), closed: make(chan struct{})}
				defer network.Close()
				go func() {
					for {
						conn, err := network.Accept()
						if err != nil {
							return
						}
						go k.serve(conn)
					}
				}()
				load := Load{Users: 10, SpawnRate: c.spawn, Runtime: 30 * time.Minute, ThinkTime: c.think, Requests: []exchange.Request{replay}}
				r, err := run(t.Context(), load, []string{"service:80"}, nil, network.dial)
				if err != nil {
					t.Fatal(err)
				}
				holds(t, load, r)
				k.mu.Lock()
				defer k.mu.Unlock()
				// A break within 50 ms of the idle timeout cannot be
				// distinguished from a race.
				excused := *r.Total.Retried - k.raced
				if r.Total.Errors[exchange.Reset] != r.Total.Failed || r.Total.Failed+*r.Total.Retried != k.broke+k.raced || excused < 0 || excused > k.broke/3 || (k.raced > 5) != c.races {
					t.Errorf("%d raced and %d broken: %d retried, %v of %d", k.raced, k.broke, *r.Total.Retried, r.Total.Errors, r.Total.Requests)
				}
				t.Logf("%d raced, %d broken, %d retried, %v of %d", k.raced, k.broke, *r.Total.Retried, r.Total.Errors, r.Total.Requests)
			})
		})
	}
}

// TestAFINThatIsUnseen: a FIN is in the queue when the request is sent.
// The server had closed before, so any request goes over a new connection.
func TestAFINThatIsUnseen(t *testing.T) {
	for _, c := range []struct {
		request exchange.Request
		retried bool
		class   exchange.Class
	}{{aGet, true, exchange.OK}, {replay, true, exchange.OK}, {aPost, false, exchange.IdleClosed}} {
		t.Run(c.request.Name, func(t *testing.T) {
			closes := make(chan struct{})
			address := scripted(t, func(conn *net.TCPConn, _ int) bool {
				io.WriteString(conn, good)
				<-closes
				return false
			})
			lr, err := newLoadRun(Load{Users: 1, Runtime: time.Hour, ThinkTime: fixed(time.Minute), Requests: []exchange.Request{c.request}, Threads: 1}, []string{address})
			if err != nil {
				t.Fatal(err)
			}
			tr, err := newEpollTransport(context.Background(), lr, lookUp, newPoller)
			if err != nil {
				t.Fatal(err)
			}
			defer tr.release()
			lr.start = time.Now()
			l, u := tr.loops[0], &tr.loops[0].users[0]
			ask := func() exchange.Class {
				before := l.counts.total()
				l.startRequest(u, 0, 0, unscheduled, l.clock())
				for u.phase != idle {
					for _, event := range l.net.wait(5 * time.Second) {
						l.onEvent(event)
					}
				}
				for class, n := range l.counts.total().errors {
					if n > before.errors[class] {
						return class
					}
				}
				return exchange.OK
			}
			if class := ask(); class != exchange.OK {
				t.Fatal(class)
			}
			close(closes)
			fds := []unix.PollFd{{Fd: int32(u.fd), Events: unix.POLLRDHUP}}
			for n := 0; n == 0; {
				n, _ = unix.Poll(fds, 5000)
			}
			class := ask()
			if retried := l.counts.total().retried == 1; class != c.class || retried != c.retried {
				t.Errorf("%q, retried %v", class, retried)
			}
			l.disconnect(u)
		})
	}
}
