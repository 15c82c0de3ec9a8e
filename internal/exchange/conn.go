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

// trackedConn is a connection of a client that records how long it was idle,
// what was written to it, and how it ended.
type trackedConn struct {
	net.Conn
	keepAlive     *KeepAlive
	written       atomic.Int64
	idleSince     atomic.Pointer[time.Time] // start of the idle time; nil while a request uses it
	lastRead      atomic.Pointer[time.Time] // last read during a request
	firstWrite    atomic.Pointer[time.Time] // first write of a request; nil before it
	readWhileIdle atomic.Bool               // data or a close arrived while it was idle
	once          sync.Once
	end           atomic.Pointer[connEnd]
}

// connEnd is how a connection ended.
type connEnd struct {
	at    time.Time
	err   error // nil: this side closed it, as crypto/tls does after a close notification
	acked int64 // negative if unknown
}

// connUse is the use of a connection by one request.
type connUse struct {
	conn          *trackedConn // nil for a connection that trackConns did not open
	reused        bool
	http2         bool // it speaks HTTP/2
	idleSince     time.Time
	start         time.Time
	writtenBefore int64 // bytes written before this request
}

// errAlreadySent refuses a dial with which http.Transport would repeat a
// request.
var errAlreadySent = errors.New("the request was sent before")

// progressKey is the context key of the progress of an attempt.
type progressKey struct{}

// trackConns returns a dial function for a client. It refuses to dial for a
// request that was already sent over HTTP/1: Sender decides whether to send it
// again. An HTTP/2 server reports which requests it did not process;
// http.Transport may repeat those.
func trackConns(dial Dialer, known *KeepAlives) Dialer {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if p, ok := ctx.Value(progressKey{}).(*progress); ok && p.sent() && !p.use.Load().http2 {
			return nil, errAlreadySent
		}
		c, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &trackedConn{Conn: c, keepAlive: known.forAddress(address)}, nil
	}
}

func (tc *trackedConn) Read(b []byte) (int, error) {
	n, err := tc.Conn.Read(b)
	switch {
	case n == 0:
	case tc.idleSince.Load() != nil:
		tc.readWhileIdle.Store(true)
	default:
		now := time.Now()
		tc.lastRead.Store(&now)
	}
	if err != nil {
		tc.recordEnd(err)
	}
	return n, err
}

func (tc *trackedConn) Write(b []byte) (int, error) {
	now := time.Now()
	tc.firstWrite.CompareAndSwap(nil, &now)
	n, err := tc.Conn.Write(b)
	tc.written.Add(int64(n))
	if err != nil {
		tc.recordEnd(err)
	}
	return n, err
}

func (tc *trackedConn) Close() error {
	tc.recordEnd(nil)
	return tc.Conn.Close()
}

// recordEnd records the first end, before the socket is closed.
func (tc *trackedConn) recordEnd(err error) {
	tc.once.Do(func() {
		end := &connEnd{at: time.Now(), err: err, acked: ackedBytes(tc.Conn)}
		tc.end.Store(end)
		byServer := err == nil && tc.readWhileIdle.Load() || err != nil && isBroken(err) && !errors.Is(err, net.ErrClosed)
		if since := tc.idleSince.Load(); since != nil && byServer {
			tc.keepAlive.RecordClose(end.at.Sub(*since))
		}
	})
}

// markIdle starts the idle time at the last read. The current time may be
// later, because this goroutine may have waited for a CPU.
func (tc *trackedConn) markIdle() {
	if came := tc.lastRead.Load(); came != nil {
		tc.idleSince.CompareAndSwap(nil, came)
	}
}

// newConnUse records that a request got a connection.
func newConnUse(info httptrace.GotConnInfo) *connUse {
	t := &connUse{reused: info.Reused, start: time.Now()}
	t.idleSince = t.start
	c := info.Conn
	if secured, ok := c.(*tls.Conn); ok {
		c, t.http2 = secured.NetConn(), secured.ConnectionState().NegotiatedProtocol == protocolHTTP2
	}
	if tc, ok := c.(*trackedConn); ok {
		if since := tc.idleSince.Swap(nil); since != nil {
			t.idleSince = *since
		}
		t.conn, t.writtenBefore = tc, tc.written.Load()
		tc.firstWrite.Store(nil)
		tc.readWhileIdle.Store(false)
	}
	return t
}

// idleTime returns how long the connection was idle before the request was
// written.
func (t *connUse) idleTime() time.Duration {
	asked := t.start
	if wrote := t.conn.firstWrite.Load(); wrote != nil {
		asked = *wrote
	}
	return asked.Sub(t.idleSince)
}

// connBreak returns how the connection broke under the request; false if it did
// not.
func (t *connUse) connBreak() (Break, bool) {
	if t.conn == nil {
		return Break{}, false
	}
	end := t.conn.end.Load()
	if end == nil {
		return Break{}, false
	}
	b := Break{
		Sent: t.conn.written.Load() - t.writtenBefore, Acked: end.acked,
		// EPIPE is a reset after a FIN.
		FIN:        end.err == nil || errors.Is(end.err, io.EOF) || errors.Is(end.err, syscall.EPIPE),
		IdleAtSend: t.idleTime(), IdleAtBreak: end.at.Sub(t.idleSince),
	}
	if b.Acked >= 0 {
		b.Acked = max(0, b.Acked-t.writtenBefore)
	}
	return b, true
}

// closedIdle reports whether the server closed it because it was idle.
func (t *connUse) closedIdle() bool {
	b, ok := t.connBreak()
	return ok && t.reused && t.conn.keepAlive.ClosedIdle(b)
}

// undecided reports whether closedIdle may soon return another value.
func (t *connUse) undecided() bool {
	b, ok := t.connBreak()
	return ok && t.reused && t.conn.keepAlive.Undecided(b)
}

// ackedBytes returns Acked of a connection inside any wrappers.
func ackedBytes(c net.Conn) int64 {
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
