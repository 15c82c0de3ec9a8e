package engine

import (
	"context"
	"fmt"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"plan/internal/exchange"
)

// httpTransport sends a load with net/http: one goroutine and one client for
// each user. It supports TLS, HTTP/2 and redirects.
type httpTransport struct {
	run        *loadRun
	senders    [][]*exchange.Sender // by endpoint, then by request
	dial       exchange.Dialer
	keepAlives exchange.KeepAlives
	shards     []*shard
	spare      *tally
	users      []*httpVU
	// open model only
	arrivals *arrivals
	free     [][]*httpVU // by endpoint
	freeMu   sync.Mutex

	active      atomic.Int64 // number of active users
	waiting     atomic.Int64 // number of requests in flight
	connections atomic.Int64 // number of connections opened so far
	unsent      atomic.Int64 // open model: arrivals that had a user when the load ended, and were not sent
	openConns   sync.Map     // open connections, as *trackedConn

	versions [3]atomic.Bool // by HTTP major version: whether a response came in it
}

func newHTTPTransport(lr *loadRun, dial exchange.Dialer) (*httpTransport, error) {
	tr := &httpTransport{run: lr, dial: dial, spare: lr.newTally(), free: make([][]*httpVU, len(lr.endpoints))}
	for _, address := range lr.endpoints {
		senders := make([]*exchange.Sender, len(lr.patterns))
		for i, pattern := range lr.patterns {
			sender, err := pattern.Prepare(address)
			if err != nil {
				return nil, fmt.Errorf("address %s: %w", address, err)
			}
			senders[i] = sender
		}
		tr.senders = append(tr.senders, senders)
	}
	for range min(lr.load.OwnUsers(), 2*runtime.GOMAXPROCS(0)) {
		tr.shards = append(tr.shards, &shard{counts: lr.newTally()})
	}
	return tr, nil
}

func (tr *httpTransport) name() Transport { return NetHTTP }
func (tr *httpTransport) threads() int    { return runtime.GOMAXPROCS(0) }

func (tr *httpTransport) protocols() (names []string) {
	for version := range tr.versions {
		if tr.versions[version].Load() {
			names = append(names, exchange.Protocol(version))
		}
	}
	return names
}

func (tr *httpTransport) drive(ctx context.Context, s *series) driveResult {
	ctx, cancel := context.WithDeadline(ctx, tr.run.deadline)
	defer cancel()
	tr.dial = tr.dialer(ctx, tr.dial)
	begin := tr.spawn
	if tr.run.load.Open() {
		tr.arrivals, begin = newArrivals(&tr.run.load, tr.run.choice), tr.serveArrivals
		tr.arrivals.skip(tr.run.load.Agent)
	}
	starting, stopStarting := context.WithCancel(ctx)
	defer stopStarting()
	var users, early sync.WaitGroup
	users.Go(func() { begin(ctx, starting, &users) })
	early.Go(func() {
		select {
		case <-tr.run.feeds.exhausted: // running exchanges may end, and then the load ends
			stopStarting()
			users.Wait()
			cancel()
		case <-ctx.Done():
		}
	})
	tr.collectWindows(ctx, s)
	drive := driveResult{lasted: tr.run.since(time.Now())}
	users.Wait()
	early.Wait()
	tr.dropUnsent(&drive)
	tr.openConns.Range(func(c, _ any) bool {
		c.(*trackedConn).Close()
		return true
	})
	tr.collect(s)
	drive.users, drive.connections = int(tr.active.Load()), tr.connections.Load()
	for _, u := range tr.users {
		if u.answered || u.firstStart.IsZero() {
			continue
		}
		drive.neverAnswered++
		if u.overdue(tr.run.start.Add(drive.lasted)) {
			drive.overdue++
		}
	}
	return drive
}

// ended reports whether the load has ended. ctx is that of the load.
func (tr *httpTransport) ended(ctx context.Context) bool { return ctx.Err() != nil || tr.run.over() }

// dropUnsent drops the arrivals that were due when the load ended and that were
// not handled.
func (tr *httpTransport) dropUnsent(end *driveResult) {
	if a := tr.arrivals; a != nil {
		load := &tr.run.load
		due := tr.run.unsentArrivals(a, end.lasted, load.shares())
		end.arrivals = int64((a.n-load.Agent)/load.shares()) + due
		end.unsent = due + tr.unsent.Load()
		tr.shards[0].counts.dropUnsent(due, a.choice)
	}
}

// dialer returns a dial function that counts connections and cancels dials at
// the end of the load. Without that, http.Transport would wait for them. A
// connection that opens at that moment is closed: drive may have closed the
// open ones already, and http.Transport would keep it.
func (tr *httpTransport) dialer(load context.Context, dial exchange.Dialer) exchange.Dialer {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(load, cancel)()
		connection, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		tr.connections.Add(1)
		tracked := &trackedConn{connection, &tr.openConns}
		tr.openConns.Store(tracked, nil)
		if err := load.Err(); err != nil {
			tracked.Close()
			return nil, err
		}
		return tracked, nil
	}
}

// trackedConn is a connection that drive closes if it is open at the end:
// http.Transport keeps a connection as long as HTTP/2 has a stream on it.
type trackedConn struct {
	net.Conn
	open *sync.Map // all open connections
}

// NetConn returns the wrapped connection.
func (h *trackedConn) NetConn() net.Conn { return h.Conn }

// Close closes the connection and removes it from the open ones.
func (h *trackedConn) Close() error {
	h.open.Delete(h)
	return h.Conn.Close()
}

// takeFreeVU returns a free user of the endpoint whose turn it is, else a new
// user if the cap allows it, else a free user of another endpoint. It returns
// nil if all users are busy.
func (tr *httpTransport) takeFreeVU(turn int) *httpVU {
	tr.freeMu.Lock()
	defer tr.freeMu.Unlock()
	for i := range tr.free {
		stack := &tr.free[(turn+i)%len(tr.free)]
		if n := len(*stack); n > 0 {
			u := (*stack)[n-1]
			*stack = (*stack)[:n-1]
			return u
		}
		if tr.run.load.OwnUsers() > len(tr.users) {
			tr.active.Add(1)
			return tr.newVU(turn % len(tr.free))
		}
	}
	return nil
}

// collectWindows closes a window at the end of each whole second until ctx
// ends. The last window is closed by series.finish.
func (tr *httpTransport) collectWindows(ctx context.Context, s *series) {
	timer := stoppedTimer()
	for end := time.Second; end < tr.run.load.Runtime; end += time.Second {
		if !sleepUntil(ctx, timer, tr.run.start.Add(end)) && tr.run.since(time.Now()) < end {
			return
		}
		tr.collect(s)
		s.close(int(tr.active.Load()), int(tr.waiting.Load()))
	}
	<-ctx.Done()
}

// collect moves the counts of all shards into the window.
func (tr *httpTransport) collect(s *series) {
	for _, shard := range tr.shards {
		shard.mu.Lock()
		tr.spare, shard.counts = shard.counts, tr.spare
		shard.mu.Unlock()
		s.add(tr.spare)
	}
}

// shard is a tally that several users share. It is swapped once a second.
type shard struct {
	mu     sync.Mutex
	counts *tally
}

func (s *shard) add(e event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts.add(e)
}

// drop counts an arrival that was not sent.
func (s *shard) drop(request int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts.requests[request].dropped++
}

// dropBlocked counts an arrival whose user could not finish on_start.
func (s *shard) dropBlocked(request int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts.dropBlocked(request)
}
