package engine

import (
	"context"
	"net/http"
	"runtime"
	"sync"
	"time"

	"plan/engine/http1"
	"plan/internal/exchange"
)

// loops carry a load of plain HTTP: some event loops, which share nothing but the value of the load while it runs,
// and what they learn of idle times.
type loops struct {
	crew  *crew
	wire  wire
	loops []*loop
}

// wire is what a load is on the wire. Nobody changes it.
type wire struct {
	targets []target     // by address
	wants   []http1.Want // by request
}

// newLoops resolves names and renders requests. open makes the sockets of each
// loop; its error says that there are none to be had.
func newLoops(ctx context.Context, c *crew, resolve resolver, open func() (sockets, error)) (*loops, error) {
	ls := &loops{crew: c}
	var err error
	if ls.wire, err = newWire(ctx, c, resolve); err != nil {
		return nil, err
	}
	of := c.load.loops(runtime.GOMAXPROCS(0))
	for i := range of {
		network, err := open()
		if err != nil {
			ls.release()
			return nil, err
		}
		ls.loops = append(ls.loops, newLoop(c, &ls.wire, network, i, of))
	}
	return ls, nil
}

// usersEach is how many users a loop has at least in the open model, where no
// loop knows of users that are free in another one. With a cap of 20 that are
// busy for 70 % of the time, two loops drop 2.7 % of arrivals where one drops
// 0.5 %; with 256, neither drops any.
const usersEach = 128

// loops is how many loops carry the load, on so many CPUs.
func (l Load) loops(cpus int) int {
	switch most := min(l.Users, cpus); {
	case l.Threads > 0:
		return min(most, l.Threads)
	case l.Open():
		return min(most, max(1, l.Users/usersEach))
	default:
		return most
	}
}

func newWire(ctx context.Context, c *crew, resolve resolver) (w wire, err error) {
	ctx, cancel := context.WithTimeout(ctx, longestTimeout(c.requests))
	defer cancel()
	for _, address := range c.addresses {
		t, err := newTarget(ctx, address, c, resolve)
		if err != nil {
			return w, err
		}
		w.targets = append(w.targets, t)
	}
	for _, p := range c.patterns {
		w.wants = append(w.wants, newWant(p, c.keepsCookies()))
	}
	return w, nil
}

// The headers of answers that are looked at: of an answer that is not wanted, of
// one with checks, and where cookies are kept.
const (
	locationHeader = iota
	encodingHeader
	cookieHeader
)

// newWant keeps no more of the answers to a request than somebody looks at.
func newWant(p *exchange.Pattern, cookies bool) http1.Want {
	w := http1.Want{Head: p.Request.Method == http.MethodHead, Close: p.Request.Closes(), Body: exchange.HeadLimit, Headers: []string{locationHeader: "Location"}}
	if p.Checked() {
		w.Body = exchange.BodyLimit
	}
	if p.Checked() || cookies {
		w.Headers = []string{locationHeader: "Location", encodingHeader: "Content-Encoding", cookieHeader: "Set-Cookie"}
	}
	return w
}

func (ls *loops) transport() Transport { return Epoll }
func (ls *loops) threads() int         { return len(ls.loops) }

// protocols is the one that loops speak, whatever a server calls its own.
func (ls *loops) protocols() []string {
	for _, l := range ls.loops {
		for i := range l.users {
			if l.users[i].answered {
				return []string{exchange.Protocol(1)}
			}
		}
	}
	return nil
}

func (ls *loops) drive(ctx context.Context, s *series) ending {
	over := make(chan struct{})
	var running, alarm sync.WaitGroup
	alarm.Go(func() {
		select {
		case <-over:
			return
		case <-ctx.Done():
		case <-ls.crew.feeds.spent:
			ls.end()
		}
		select {
		case <-over:
		case <-ctx.Done():
			ls.stop()
		}
	})
	for _, l := range ls.loops {
		running.Go(l.run)
	}
	end := ls.follow(s)
	running.Wait()
	close(over)
	alarm.Wait()
	ls.release()
	return end
}

// stop ends all loops before their time.
func (ls *loops) stop() {
	for _, l := range ls.loops {
		l.stopped.Store(true)
		l.net.wake()
	}
}

// end lets all loops begin nothing more, and finish what they have begun.
func (ls *loops) end() {
	for _, l := range ls.loops {
		l.ending.Store(true)
		l.net.wake()
	}
}

// follow gathers what the loops hand in at the end of each second, until each
// has handed in its last.
func (ls *loops) follow(s *series) (end ending) {
	running := len(ls.loops)
	last := make([]report, running)
	for {
		for i, l := range ls.loops {
			if last[i].final {
				continue
			}
			last[i] = <-l.full
			s.add(last[i].counts)
			l.recycle(last[i].counts)
			if last[i].final {
				running--
				end.lasted = max(end.lasted, last[i].at)
			}
		}
		if running == 0 {
			break
		}
		s.close(sum(last, func(b report) int { return b.users }), sum(last, func(b report) int { return b.waiting }))
	}
	end.users = sum(last, func(b report) int { return b.users })
	end.connections = int64(sum(last, func(b report) int { return b.connections }))
	end.never = sum(last, func(b report) int { return b.never })
	end.overdue = sum(last, func(b report) int { return b.overdue })
	end.arrivals = sum(last, func(b report) int64 { return b.arrivals })
	end.unsent = sum(last, func(b report) int64 { return b.unsent })
	return end
}

func sum[T int | int64](all []report, of func(report) T) (n T) {
	for _, b := range all {
		n += of(b)
	}
	return n
}

func (ls *loops) release() {
	for _, l := range ls.loops {
		l.net.release()
	}
}

// report is what a loop hands in: its counts since the last time, and how it
// stands.
type report struct {
	counts         *tally
	at             time.Duration
	users, waiting int // active, and in flight
	connections    int // opened until then
	final          bool

	never, overdue   int // of the final one: see ending
	arrivals, unsent int64
}
