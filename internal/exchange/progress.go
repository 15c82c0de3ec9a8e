package exchange

import (
	"context"
	"crypto/tls"
	"net"
	"net/http/httptrace"
	"sync/atomic"
	"time"
)

// Dialer opens a connection, as net.Dialer's DialContext does.
type Dialer func(ctx context.Context, network, address string) (net.Conn, error)

// IdleGrace is how soon after the start a kept connection must break to be
// taken for one that the server had closed while it was idle. Later, the
// server had the request and failed at it.
const IdleGrace = time.Second

// progress notes how far an attempt came, of which only the last of its
// requests counts where redirects are followed. Its hooks may be called from
// the transport's goroutines, even after the attempt has ended.
type progress struct {
	resolving   atomic.Bool
	securing    atomic.Bool
	connections atomic.Int32
	reused      atomic.Bool // of the last connection
	answered    atomic.Bool
	began       atomic.Int64 // on the last connection, Unix nanoseconds
	again       atomic.Bool  // a request before was sent more than once
	late        atomic.Bool  // the last connection broke some time after it had the request
	broke       atomic.Bool  // so it was not closed while it was idle
}

func (p *progress) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn: func(string) { // again, where the one before broke
			p.late.Store(p.connections.Load() > 0 && p.sinceBegan() >= IdleGrace)
		},
		DNSStart:          func(httptrace.DNSStartInfo) { p.resolving.Store(true) },
		DNSDone:           func(done httptrace.DNSDoneInfo) { p.resolving.Store(done.Err != nil) },
		TLSHandshakeStart: func() { p.securing.Store(true) },
		TLSHandshakeDone:  func(_ tls.ConnectionState, err error) { p.securing.Store(err != nil) },
		GotConn: func(info httptrace.GotConnInfo) {
			if p.connections.Add(1); p.late.Load() && !speaksHTTP2(info.Conn) {
				p.broke.Store(true)
			}
			p.reused.Store(info.Reused)
			p.began.Store(time.Now().UnixNano())
		},
		GotFirstResponseByte: func() { p.answered.Store(true) },
	}
}

// secondProtocol is how TLS calls HTTP/2 (RFC 9113, 3.1).
const secondProtocol = "h2"

// speaksHTTP2 tells whether a connection is one of HTTP/2, whose streams a
// server may refuse for a while without harm.
func speaksHTTP2(c net.Conn) bool {
	secured, ok := c.(*tls.Conn)
	return ok && secured.ConnectionState().NegotiatedProtocol == secondProtocol
}

func (p *progress) retried() bool { return p.again.Load() || p.connections.Load() > 1 }

// goOn is the answer to one request, after which another one is sent.
func (p *progress) goOn() {
	p.again.Store(p.retried())
	p.connections.Store(0)
	p.reused.Store(false)
	p.answered.Store(false)
}

// explain says at which step the attempt failed.
func (p *progress) explain(err error) error {
	switch {
	case p.connections.Load() == 0 && p.resolving.Load():
		return &stepError{resolving, err}
	case p.connections.Load() == 0 && p.securing.Load():
		return &stepError{securing, err}
	case p.connections.Load() == 0:
		return &stepError{connecting, err}
	case p.reused.Load() && !p.answered.Load() && p.sinceBegan() < IdleGrace:
		return &stepError{reusing, err}
	}
	return &stepError{asking, err}
}

func (p *progress) sinceBegan() time.Duration {
	return time.Since(time.Unix(0, p.began.Load()))
}
