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

// httpTransport carry a load with net/http: a goroutine and a client for each user.
// What the loops do not speak, such as TLS and HTTP/2, goes this way.
type httpTransport struct {
	run        *loadRun
	senders    [][]*exchange.Sender // by address, then by request
	dial       exchange.Dialer
	keepAlives exchange.KeepAlives
	shards     []*shard
	spare      *tally
	users      []*httpVU
	// of the open model
	arrivals *arrivals
	free     [][]*httpVU // by address
	freeMu   sync.Mutex

	active      atomic.Int64 // users
	waiting     atomic.Int64 // requests
	connections atomic.Int64 // opened
	openConns   sync.Map     // those that are, by *held

	versions [3]atomic.Bool // of HTTP, by their number: whether answers came in them
}

func newHTTPTransport(lr *loadRun, dial exchange.Dialer) (*httpTransport, error) {
	tr := &httpTransport{run: lr, dial: dial, spare: lr.newTally(), free: make([][]*httpVU, len(lr.endpoints))}
	for _, address := range lr.endpoints {
		senders, err := prepareSenders(address, lr.patterns)
		if err != nil {
			return nil, err
		}
		tr.senders = append(tr.senders, senders)
	}
	for range min(lr.load.Users, 2*runtime.GOMAXPROCS(0)) {
		tr.shards = append(tr.shards, &shard{counts: lr.newTally()})
	}
	return tr, nil
}

func prepareSenders(address string, patterns []*exchange.Pattern) ([]*exchange.Sender, error) {
	senders := make([]*exchange.Sender, len(patterns))
	for i, pattern := range patterns {
		sender, err := pattern.Prepare(address)
		if err != nil {
			return nil, fmt.Errorf("address %s: %w", address, err)
		}
		senders[i] = sender
	}
	return senders, nil
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

// recordVersion notes in which version of HTTP an answer came.
func (tr *httpTransport) recordVersion(version int) {
	if version > 0 && !tr.versions[version].Load() {
		tr.versions[version].Store(true)
	}
}

func (tr *httpTransport) drive(ctx context.Context, s *series) driveResult {
	ctx, cancel := context.WithDeadline(ctx, tr.run.deadline)
	defer cancel()
	tr.dial = tr.dialer(ctx, tr.dial)
	begin := tr.spawn
	if tr.run.load.Open() {
		tr.arrivals, begin = newArrivals(&tr.run.load, tr.run.choice), tr.serveArrivals
	}
	beginning, cease := context.WithCancel(ctx)
	defer cease()
	var users, early sync.WaitGroup
	users.Go(func() { begin(ctx, beginning, &users) })
	early.Go(func() {
		select {
		case <-tr.run.feeds.exhausted: // what was begun may end, and then the load does
			cease()
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
	tr.closeAll()
	tr.collect(s)
	drive.users, drive.connections = int(tr.active.Load()), tr.connections.Load()
	drive.neverAnswered, drive.overdue = tr.unanswered(tr.run.start.Add(drive.lasted))
	return drive
}

// dropUnsent drops the arrivals that were due when the load ended and that nobody
// had come to.
func (tr *httpTransport) dropUnsent(end *driveResult) {
	if a := tr.arrivals; a != nil {
		end.unsent = tr.run.unsentArrivals(a, end.lasted, 1)
		end.arrivals = int64(a.n) + end.unsent
		tr.shards[0].counts.dropUnsent(end.unsent, a.choice)
	}
}

// dialer counts connections and gives up those that are not made when the load
// ends: the transport would wait for them.
func (tr *httpTransport) dialer(load context.Context, dial exchange.Dialer) exchange.Dialer {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(load, cancel)()
		connection, err := dial(ctx, network, address)
		if err == nil {
			tr.connections.Add(1)
			connection = tr.trackConn(connection)
		}
		return connection, err
	}
}

// trackedConn is a connection that is closed at the end, if nobody did so before: the
// transport keeps one as long as HTTP/2 has a stream on it.
type trackedConn struct {
	net.Conn
	open *sync.Map // of all that are
}

func (tr *httpTransport) trackConn(c net.Conn) net.Conn {
	h := &trackedConn{c, &tr.openConns}
	tr.openConns.Store(h, nil)
	return h
}

// NetConn is the connection that is held.
func (h *trackedConn) NetConn() net.Conn { return h.Conn }

// Close closes the connection.
func (h *trackedConn) Close() error {
	h.open.Delete(h)
	return h.Conn.Close()
}

// closeAll closes what is open.
func (tr *httpTransport) closeAll() {
	tr.openConns.Range(func(h, _ any) bool {
		h.(*trackedConn).Close()
		return true
	})
}

// takeFreeVU gives a free user of the address whose turn it is, a new one as long as
// the cap allows, or one of another address; nil when all are busy.
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
		if n := len(tr.users); n < tr.run.load.Users {
			tr.active.Add(1)
			return tr.newVU(n, turn%len(tr.free))
		}
	}
	return nil
}

func (tr *httpTransport) returnVU(u *httpVU) {
	tr.freeMu.Lock()
	defer tr.freeMu.Unlock()
	tr.free[u.endpoint] = append(tr.free[u.endpoint], u)
}

// collectWindows closes a window at the end of each whole second until ctx ends. The
// last window is left to the series.
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

// collect empties the shards into the window.
func (tr *httpTransport) collect(s *series) {
	for _, shard := range tr.shards {
		full := shard.swap(tr.spare)
		s.add(full)
		tr.spare = full
	}
}

// unanswered counts the users that got no answer, and those of them that have
// waited too long.
func (tr *httpTransport) unanswered(end time.Time) (never, overdue int) {
	for _, u := range tr.users {
		if u.answered || u.firstStart.IsZero() {
			continue
		}
		never++
		if u.overdue(end) {
			overdue++
		}
	}
	return never, overdue
}

// shard is the tally of some users, shared by them and swapped once a second.
type shard struct {
	mu     sync.Mutex
	counts *tally
}

func (s *shard) add(e event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts.add(e)
}

// drop counts an arrival that found no free user.
func (s *shard) drop(request int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts.requests[request].dropped++
}

// dropBlocked counts an arrival whose user could not begin.
func (s *shard) dropBlocked(request int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts.dropBlocked(request)
}

// swap takes what was counted and leaves an empty tally.
func (s *shard) swap(empty *tally) *tally {
	s.mu.Lock()
	defer s.mu.Unlock()
	empty, s.counts = s.counts, empty
	return empty
}
