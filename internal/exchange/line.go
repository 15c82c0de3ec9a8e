package exchange

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// line is a connection of a client. It knows how long it was idle, what was
// written to it and, once it has ended, how.
type line struct {
	net.Conn
	known   *KeepAlive
	written atomic.Int64
	since   atomic.Pointer[time.Time] // idle since then; nil while a request is on it
	read    atomic.Pointer[time.Time] // when something last came while it was not
	wrote   atomic.Pointer[time.Time] // when a request's first bytes were written; nil before
	told    atomic.Bool               // something came while it was idle, as that it closes
	once    sync.Once
	end     atomic.Pointer[lineEnd]
}

// lineEnd is how a connection ended.
type lineEnd struct {
	at    time.Time
	err   error // nil: this side closed it, as TLS has it when the server says that it closes
	acked int64 // below 0: not known
}

// turn is a connection as a request got it.
type turn struct {
	line    *line // nil: one of another kind
	reused  bool
	second  bool // it speaks HTTP/2
	idle    time.Time
	asked   time.Time
	written int64 // before
}

// errSent refuses a connection to what the transport would send once more by
// itself.
var errSent = errors.New("the request was sent before")

// wayKey finds the progress of an attempt in the context of a dial.
type wayKey struct{}

// lines makes the connections of a client. A request that was sent gets no
// second one: whether it may be sent once more is not for the transport to
// say.
func lines(dial Dialer, known *KeepAlives) Dialer {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if p, ok := ctx.Value(wayKey{}).(*progress); ok && p.lost() {
			return nil, errSent
		}
		c, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &line{Conn: c, known: known.at(address)}, nil
	}
}

func (l *line) Read(b []byte) (int, error) {
	n, err := l.Conn.Read(b)
	switch {
	case n == 0:
	case l.since.Load() != nil:
		l.told.Store(true)
	default:
		now := time.Now()
		l.read.Store(&now)
	}
	if err != nil {
		l.ends(err)
	}
	return n, err
}

func (l *line) Write(b []byte) (int, error) {
	now := time.Now()
	l.wrote.CompareAndSwap(nil, &now)
	n, err := l.Conn.Write(b)
	l.written.Add(int64(n))
	if err != nil {
		l.ends(err)
	}
	return n, err
}

func (l *line) Close() error {
	l.ends(nil)
	return l.Conn.Close()
}

// ends notes the first end, before the socket is gone.
func (l *line) ends(err error) {
	l.once.Do(func() {
		end := &lineEnd{at: time.Now(), err: err, acked: ackedOn(l.Conn)}
		l.end.Store(end)
		byServer := err == nil && l.told.Load() || err != nil && isBroken(err) && !errors.Is(err, net.ErrClosed)
		if since := l.since.Load(); since != nil && byServer {
			l.known.Closed(end.at.Sub(*since))
		}
	})
}

// rest makes it idle, from when its answer came: whoever is to say so may get
// the processor late.
func (l *line) rest() {
	if came := l.read.Load(); came != nil {
		l.since.CompareAndSwap(nil, came)
	}
}

// take begins a request on a connection.
func take(info httptrace.GotConnInfo) *turn {
	t := &turn{reused: info.Reused, asked: time.Now()}
	t.idle = t.asked
	c := info.Conn
	if secured, ok := c.(*tls.Conn); ok {
		c, t.second = secured.NetConn(), secured.ConnectionState().NegotiatedProtocol == secondProtocol
	}
	if l, ok := c.(*line); ok {
		if since := l.since.Swap(nil); since != nil {
			t.idle = *since
		}
		t.line, t.written = l, l.written.Load()
		l.wrote.Store(nil)
		l.told.Store(false)
	}
	return t
}

// paused is how long it had been idle when the request was written, or was to
// be.
func (t *turn) paused() time.Duration {
	asked := t.asked
	if wrote := t.line.wrote.Load(); wrote != nil {
		asked = *wrote
	}
	return asked.Sub(t.idle)
}

// sent tells whether anything was written since the request got it.
func (t *turn) sent() bool { return t.line != nil && t.line.written.Load() > t.written }

// broke is how it ended under the request; false: it has not.
func (t *turn) broke() (Break, bool) {
	if t.line == nil {
		return Break{}, false
	}
	end := t.line.end.Load()
	if end == nil {
		return Break{}, false
	}
	b := Break{
		Sent: t.line.written.Load() - t.written, Acked: end.acked,
		Ended: end.err == nil || errors.Is(end.err, io.EOF) || errors.Is(end.err, syscall.EPIPE), // which is a reset after a FIN
		Asked: t.paused(), Broke: end.at.Sub(t.idle),
	}
	if b.Acked >= 0 {
		b.Acked = max(0, b.Acked-t.written)
	}
	return b, true
}

// learn learns from how it ended.
func (t *turn) learn() {
	if b, ok := t.broke(); ok && t.reused {
		t.line.known.Broke(b)
	}
}

// wasIdle tells whether it was closed for being idle.
func (t *turn) wasIdle() bool {
	b, ok := t.broke()
	return ok && t.reused && t.line.known.Idle(b)
}

// doubtful tells whether wasIdle may soon say otherwise.
func (t *turn) doubtful() bool {
	b, ok := t.broke()
	return ok && t.reused && t.line.known.Doubts(b)
}

// ackedOn is Acked of a connection, whatever is around it.
func ackedOn(c net.Conn) int64 {
	n := int64(-1)
	for c != nil {
		if s, ok := c.(syscall.Conn); ok {
			if raw, err := s.SyscallConn(); err == nil {
				raw.Control(func(fd uintptr) { n = Acked(int(fd)) })
			}
			return n
		}
		w, ok := c.(interface{ NetConn() net.Conn })
		if !ok {
			return n
		}
		c = w.NetConn()
	}
	return n
}
