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

// clients carry a load with net/http: a goroutine and a client for each user.
// What the loops do not speak, such as TLS and HTTP/2, goes this way.
type clients struct {
	crew    *crew
	senders [][]*exchange.Sender // by address, then by request
	dial    exchange.Dialer
	known   exchange.KeepAlives
	shards  []*shard
	spare   *tally
	users   []*user
	// of the open model
	arrivals *arrivals
	free     [][]*user // by address
	freeMu   sync.Mutex

	active      atomic.Int64 // users
	waiting     atomic.Int64 // requests
	connections atomic.Int64 // opened
	open        sync.Map     // those that are, by *held

	versions [3]atomic.Bool // of HTTP, by their number: whether answers came in them
}

func newClients(c *crew, dial exchange.Dialer) (*clients, error) {
	p := &clients{crew: c, dial: dial, spare: c.newTally(), free: make([][]*user, len(c.addresses))}
	for _, address := range c.addresses {
		senders, err := prepare(address, c.patterns)
		if err != nil {
			return nil, err
		}
		p.senders = append(p.senders, senders)
	}
	for range min(c.load.Users, 2*runtime.GOMAXPROCS(0)) {
		p.shards = append(p.shards, &shard{now: c.newTally()})
	}
	return p, nil
}

func prepare(address string, patterns []*exchange.Pattern) ([]*exchange.Sender, error) {
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

func (p *clients) transport() Transport { return NetHTTP }
func (p *clients) threads() int         { return runtime.GOMAXPROCS(0) }

func (p *clients) protocols() (names []string) {
	for version := range p.versions {
		if p.versions[version].Load() {
			names = append(names, exchange.Protocol(version))
		}
	}
	return names
}

// hear notes in which version of HTTP an answer came.
func (p *clients) hear(version int) {
	if version > 0 && !p.versions[version].Load() {
		p.versions[version].Store(true)
	}
}

func (p *clients) drive(ctx context.Context, s *series) ending {
	ctx, cancel := context.WithDeadline(ctx, p.crew.end)
	defer cancel()
	p.dial = p.dialer(ctx, p.dial)
	begin := p.spawn
	if p.crew.load.Open() {
		p.arrivals, begin = newArrivals(&p.crew.load, p.crew.choice), p.arrive
	}
	beginning, cease := context.WithCancel(ctx)
	defer cease()
	var users, early sync.WaitGroup
	users.Go(func() { begin(ctx, beginning, &users) })
	early.Go(func() {
		select {
		case <-p.crew.feeds.spent: // what was begun may end, and then the load does
			cease()
			users.Wait()
			cancel()
		case <-ctx.Done():
		}
	})
	p.follow(ctx, s)
	end := ending{lasted: p.crew.since(time.Now())}
	users.Wait()
	early.Wait()
	p.forgo(&end)
	p.closeAll()
	p.collect(s)
	end.users, end.connections = int(p.active.Load()), p.connections.Load()
	end.never, end.overdue = p.unanswered(p.crew.start.Add(end.lasted))
	return end
}

// forgo drops the arrivals that were due when the load ended and that nobody
// had come to.
func (p *clients) forgo(end *ending) {
	if a := p.arrivals; a != nil {
		end.unsent = p.crew.behind(a, end.lasted, 1)
		end.arrivals = int64(a.n) + end.unsent
		p.shards[0].now.forgo(end.unsent, a.choice)
	}
}

// dialer counts connections and gives up those that are not made when the load
// ends: the transport would wait for them.
func (p *clients) dialer(load context.Context, dial exchange.Dialer) exchange.Dialer {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(load, cancel)()
		connection, err := dial(ctx, network, address)
		if err == nil {
			p.connections.Add(1)
			connection = p.hold(connection)
		}
		return connection, err
	}
}

// held is a connection that is closed at the end, if nobody did so before: the
// transport keeps one as long as HTTP/2 has a stream on it.
type held struct {
	net.Conn
	open *sync.Map // of all that are
}

func (p *clients) hold(c net.Conn) net.Conn {
	h := &held{c, &p.open}
	p.open.Store(h, nil)
	return h
}

// NetConn is the connection that is held.
func (h *held) NetConn() net.Conn { return h.Conn }

// Close closes the connection.
func (h *held) Close() error {
	h.open.Delete(h)
	return h.Conn.Close()
}

// closeAll closes what is open.
func (p *clients) closeAll() {
	p.open.Range(func(h, _ any) bool {
		h.(*held).Close()
		return true
	})
}

// take gives a free user of the address whose turn it is, a new one as long as
// the cap allows, or one of another address; nil when all are busy.
func (p *clients) take(turn int) *user {
	p.freeMu.Lock()
	defer p.freeMu.Unlock()
	for i := range p.free {
		stack := &p.free[(turn+i)%len(p.free)]
		if n := len(*stack); n > 0 {
			u := (*stack)[n-1]
			*stack = (*stack)[:n-1]
			return u
		}
		if n := len(p.users); n < p.crew.load.Users {
			p.active.Add(1)
			return p.newUser(n, turn%len(p.free))
		}
	}
	return nil
}

func (p *clients) give(u *user) {
	p.freeMu.Lock()
	defer p.freeMu.Unlock()
	p.free[u.address] = append(p.free[u.address], u)
}

// follow closes a window at the end of each whole second until ctx ends. The
// last window is left to the series.
func (p *clients) follow(ctx context.Context, s *series) {
	timer := stoppedTimer()
	for end := time.Second; end < p.crew.load.Runtime; end += time.Second {
		if !sleepUntil(ctx, timer, p.crew.start.Add(end)) && p.crew.since(time.Now()) < end {
			return
		}
		p.collect(s)
		s.close(int(p.active.Load()), int(p.waiting.Load()))
	}
	<-ctx.Done()
}

// collect empties the shards into the window.
func (p *clients) collect(s *series) {
	for _, shard := range p.shards {
		full := shard.swap(p.spare)
		s.add(full)
		p.spare = full
	}
}

// unanswered counts the users that got no answer, and those of them that have
// waited too long.
func (p *clients) unanswered(end time.Time) (never, overdue int) {
	for _, u := range p.users {
		if u.answered || u.asked.IsZero() {
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
	mu  sync.Mutex
	now *tally
}

func (s *shard) add(e event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now.add(e)
}

// drop counts an arrival that found no free user.
func (s *shard) drop(request int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now.requests[request].dropped++
}

// miss counts an arrival whose user could not begin.
func (s *shard) miss(request int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now.miss(request)
}

// swap takes what was counted and leaves an empty tally.
func (s *shard) swap(empty *tally) *tally {
	s.mu.Lock()
	defer s.mu.Unlock()
	empty, s.now = s.now, empty
	return empty
}
