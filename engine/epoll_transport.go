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

// epollTransport sends a load of plain HTTP with event loops. The loops share
// the load, the feeds and the keep-alive estimates.
type epollTransport struct {
	run   *loadRun
	wire  wireRequests
	loops []*loop
}

// wireRequests holds the requests of a load in wire format, and what to parse
// in their responses. It is immutable.
type wireRequests struct {
	endpoints []endpoint   // by endpoint
	wants     []http1.Want // by request
}

// newEpollTransport resolves names and renders requests. open creates the
// sockets of a loop; it returns errors.ErrUnsupported on systems without epoll.
func newEpollTransport(
	ctx context.Context, lr *loadRun, resolve resolver, open func() (sockets, error),
) (*epollTransport, error) {
	tr := &epollTransport{run: lr}
	ctx, cancel := context.WithTimeout(ctx, longestTimeout(lr.requests))
	defer cancel()
	for _, address := range lr.endpoints {
		t, err := newEndpoint(ctx, address, lr, resolve)
		if err != nil {
			return nil, err
		}
		tr.wire.endpoints = append(tr.wire.endpoints, t)
	}
	for _, p := range lr.patterns {
		tr.wire.wants = append(tr.wire.wants, newWant(p, lr.keepsCookies()))
	}
	loops := lr.load.loopCount(runtime.GOMAXPROCS(0))
	for i := range loops {
		network, err := open()
		if err != nil {
			tr.release()
			return nil, err
		}
		// The loops of all agents are numbered together.
		shares := lr.load.shares()
		tr.loops = append(tr.loops, newLoop(lr, &tr.wire, network, lr.load.Agent+i*shares, loops*shares))
	}
	return tr, nil
}

// minLoopUsers is the minimum number of users of a loop in the open model,
// because a loop cannot use a free user of another loop. With a cap of 20 users
// that are busy 70 % of the time, two loops drop 2.7 % of the arrivals and one
// loop 0.5 %; with 256 users neither drops any.
const minLoopUsers = 128

// loopCount returns the number of event loops on a machine with so many CPUs.
func (l Load) loopCount(cpus int) int {
	switch most := min(l.OwnUsers(), cpus); {
	case l.Threads > 0:
		return min(most, l.Threads)
	case l.Open():
		return min(most, max(1, l.OwnUsers()/minLoopUsers))
	default:
		return most
	}
}

// Indices of the response headers that are read: Location of an unexpected
// status, Content-Encoding for checks, and Set-Cookie for cookies.
const (
	locationHeader = iota
	encodingHeader
	cookieHeader
)

// newWant returns what the parser has to keep of the responses to a request.
func newWant(p *exchange.Pattern, cookies bool) http1.Want {
	w := http1.Want{
		Head: p.Request.Method == http.MethodHead, Close: p.Request.Closes(),
		Body: p.Request.HeadBytes(), Headers: []string{locationHeader: "Location"},
	}
	if p.HasChecks() {
		w.Body = exchange.BodyLimit
	}
	if p.HasChecks() || cookies {
		w.Headers = []string{locationHeader: "Location", encodingHeader: "Content-Encoding", cookieHeader: "Set-Cookie"}
	}
	return w
}

func (tr *epollTransport) name() Transport { return Epoll }
func (tr *epollTransport) threads() int    { return len(tr.loops) }

// protocols returns HTTP/1.1 if a response came. The loops speak no other
// version.
func (tr *epollTransport) protocols() []string {
	for _, l := range tr.loops {
		for i := range l.users {
			if l.users[i].answered {
				return []string{exchange.Protocol(1)}
			}
		}
	}
	return nil
}

func (tr *epollTransport) drive(ctx context.Context, s *series) driveResult {
	over := make(chan struct{})
	var running, alarm sync.WaitGroup
	alarm.Go(func() {
		select {
		case <-over:
			return
		case <-ctx.Done():
		case <-tr.run.feeds.exhausted:
			tr.drain()
		}
		select {
		case <-over:
		case <-ctx.Done():
			tr.stop()
		}
	})
	if ctx.Err() != nil { // before the goroutine above may notice it
		tr.stop()
	}
	for _, l := range tr.loops {
		running.Go(l.serve)
	}
	drive := tr.collectReports(s)
	running.Wait()
	close(over)
	alarm.Wait()
	tr.release()
	return drive
}

// stop lets all loops end.
func (tr *epollTransport) stop() {
	for _, l := range tr.loops {
		l.stopped.Store(true)
		l.net.wake()
	}
}

// drain lets all loops start nothing more, and finish their exchanges.
func (tr *epollTransport) drain() {
	for _, l := range tr.loops {
		l.draining.Store(true)
		l.net.wake()
	}
}

// collectReports receives the report of each loop at the end of each second,
// until every loop has sent its last one.
func (tr *epollTransport) collectReports(s *series) (drive driveResult) {
	running := len(tr.loops)
	last := make([]loopReport, running)
	for {
		for i, l := range tr.loops {
			if last[i].final {
				continue
			}
			last[i] = <-l.reports
			s.add(last[i].counts)
			select {
			case l.tallies <- last[i].counts: // empty again
			default:
			}
			if last[i].final {
				running--
				drive.lasted = max(drive.lasted, last[i].at)
			}
		}
		if running == 0 {
			break
		}
		s.close(sum(last, func(r loopReport) int { return r.users }), sum(last, func(r loopReport) int { return r.waiting }))
	}
	drive.users = sum(last, func(r loopReport) int { return r.users })
	drive.connections = int64(sum(last, func(r loopReport) int { return r.connections }))
	drive.neverAnswered = sum(last, func(r loopReport) int { return r.neverAnswered })
	drive.overdue = sum(last, func(r loopReport) int { return r.overdue })
	drive.arrivals = sum(last, func(r loopReport) int64 { return r.arrivals })
	drive.unsent = sum(last, func(r loopReport) int64 { return r.unsent })
	return drive
}

func sum[T int | int64](all []loopReport, of func(loopReport) T) (n T) {
	for _, r := range all {
		n += of(r)
	}
	return n
}

func (tr *epollTransport) release() {
	for _, l := range tr.loops {
		l.net.release()
	}
}

// loopReport holds the counts of a loop since its last report, and its state.
type loopReport struct {
	counts         *tally
	at             time.Duration
	users, waiting int // active; in flight
	connections    int // opened so far
	final          bool

	neverAnswered, overdue int // last report only: see driveResult
	arrivals, unsent       int64
}
