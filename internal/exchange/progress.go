package exchange

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httptrace"
	"sync/atomic"
)

// Dialer opens a connection, as net.Dialer.DialContext does.
type Dialer func(ctx context.Context, network, address string) (net.Conn, error)

// progress records the state of an attempt; after a redirect, that of its last
// request. http.Transport may call the hooks from its goroutines, even after
// the attempt has ended.
type progress struct {
	resolving   atomic.Bool
	securing    atomic.Bool
	connections atomic.Int32
	answered    atomic.Bool
	resent      atomic.Bool // a request was sent more than once
	use         atomic.Pointer[connUse]
	undecided   *connUse // it broke, and its cause may soon be known
}

func (p *progress) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		DNSStart:          func(httptrace.DNSStartInfo) { p.resolving.Store(true) },
		DNSDone:           func(done httptrace.DNSDoneInfo) { p.resolving.Store(done.Err != nil) },
		TLSHandshakeStart: func() { p.securing.Store(true) },
		TLSHandshakeDone:  func(_ tls.ConnectionState, err error) { p.securing.Store(err != nil) },
		GotConn: func(info httptrace.GotConnInfo) {
			if p.connections.Add(1); p.sent() {
				p.resent.Store(true)
			}
			p.use.Store(newConnUse(info))
		},
		GotFirstResponseByte: func() { p.answered.Store(true) },
		PutIdleConn: func(err error) {
			if t := p.use.Load(); err == nil && t != nil && t.conn != nil {
				t.conn.markIdle()
			}
		},
	}
}

// protocolHTTP2 is the ALPN name of HTTP/2 (RFC 9113, 3.1).
const protocolHTTP2 = "h2"

// sent reports whether the request was written to a connection.
func (p *progress) sent() bool {
	t := p.use.Load()
	return t != nil && t.conn != nil && t.conn.written.Load() > t.writtenBefore
}

// finish records a complete response. Its connection is idle from now on.
// http.Transport reports that by itself, except for HTTP/2.
func (p *progress) finish() {
	t := p.use.Load()
	if t == nil || t.conn == nil {
		return
	}
	if t.reused {
		t.conn.keepAlive.RecordResponse(t.idleTime())
	}
	if t.http2 {
		t.conn.markIdle()
	}
}

// withStep adds the step at which the attempt failed.
func (p *progress) withStep(err error) error {
	t := p.use.Load()
	if t != nil && t.conn != nil && errors.Is(err, errAlreadySent) {
		err = errNoResponse // the error of the connection on which it was sent
		if end := t.conn.end.Load(); end != nil && end.err != nil && !errors.Is(end.err, io.EOF) {
			err = end.err
		}
	}
	lost := p.connections.Load() > 0 && !p.answered.Load() && isBroken(err)
	if lost {
		if b, ok := t.connBreak(); ok && t.reused {
			t.conn.keepAlive.RecordBreak(b)
		}
	}
	switch {
	case p.connections.Load() == 0 && p.resolving.Load():
		return &stepError{resolving, err}
	case p.connections.Load() == 0 && p.securing.Load():
		return &stepError{handshaking, err}
	case p.connections.Load() == 0:
		return &stepError{connecting, err}
	case !lost:
	case t.closedIdle():
		return &stepError{reusing, err}
	case t.undecided():
		p.undecided = t
	}
	return &stepError{requesting, err}
}

// errNoResponse is the end of a connection before a response.
var errNoResponse = fmt.Errorf("the connection ended before a response: %w", io.EOF)
