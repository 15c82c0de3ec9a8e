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

// Dialer opens a connection, as net.Dialer's DialContext does.
type Dialer func(ctx context.Context, network, address string) (net.Conn, error)

// progress notes how far an attempt came, of which only the last of its
// requests counts where redirects are followed. Its hooks may be called from
// the transport's goroutines, even after the attempt has ended.
type progress struct {
	resolving   atomic.Bool
	securing    atomic.Bool
	connections atomic.Int32
	answered    atomic.Bool
	again       atomic.Bool // a request was sent more than once
	got         atomic.Pointer[turn]
	doubted     *turn // it broke, and may soon be known to have been idle
}

func (p *progress) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		DNSStart:          func(httptrace.DNSStartInfo) { p.resolving.Store(true) },
		DNSDone:           func(done httptrace.DNSDoneInfo) { p.resolving.Store(done.Err != nil) },
		TLSHandshakeStart: func() { p.securing.Store(true) },
		TLSHandshakeDone:  func(_ tls.ConnectionState, err error) { p.securing.Store(err != nil) },
		GotConn: func(info httptrace.GotConnInfo) {
			if p.connections.Add(1); p.sent() {
				p.again.Store(true)
			}
			p.got.Store(take(info))
		},
		GotFirstResponseByte: func() { p.answered.Store(true) },
		PutIdleConn: func(err error) {
			if t := p.got.Load(); err == nil && t != nil && t.line != nil {
				t.line.rest()
			}
		},
	}
}

// secondProtocol is how TLS calls HTTP/2 (RFC 9113, 3.1).
const secondProtocol = "h2"

// sent tells whether the request was written to a connection.
func (p *progress) sent() bool {
	t := p.got.Load()
	return t != nil && t.sent()
}

// lost tells whether the request was written to a connection of HTTP/1, on which
// it then was not answered. A server of HTTP/2 says which requests it did not
// take: those the transport may send elsewhere.
func (p *progress) lost() bool { return p.sent() && !p.got.Load().second }

// goOn is the answer to one request, after which another one is sent.
func (p *progress) goOn() {
	p.connections.Store(0)
	p.got.Store(nil)
	p.answered.Store(false)
}

// rest is the end of a whole answer. Its connection is idle from now on, if the
// transport has not said so before, as it does but for HTTP/2.
func (p *progress) rest() {
	t := p.got.Load()
	if t == nil || t.line == nil {
		return
	}
	if t.reused {
		t.line.known.Answered(t.paused())
	}
	if t.second {
		t.line.rest()
	}
}

// explain says at which step the attempt failed.
func (p *progress) explain(err error) error {
	t := p.got.Load()
	if t != nil && t.line != nil && errors.Is(err, errSent) {
		err = errUnanswered // by the connection on which it was sent
		if end := t.line.end.Load(); end != nil && end.err != nil && !errors.Is(end.err, io.EOF) {
			err = end.err
		}
	}
	lost := p.connections.Load() > 0 && !p.answered.Load() && isBroken(err)
	if lost {
		t.learn()
	}
	switch {
	case p.connections.Load() == 0 && p.resolving.Load():
		return &stepError{resolving, err}
	case p.connections.Load() == 0 && p.securing.Load():
		return &stepError{securing, err}
	case p.connections.Load() == 0:
		return &stepError{connecting, err}
	case !lost:
	case t.wasIdle():
		return &stepError{reusing, err}
	case t.doubtful():
		p.doubted = t
	}
	return &stepError{asking, err}
}

// errUnanswered is the end of a connection before an answer.
var errUnanswered = fmt.Errorf("the connection ended before an answer came: %w", io.EOF)
