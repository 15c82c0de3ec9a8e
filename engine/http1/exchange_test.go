package http1

import (
	"context"
	"io"
	"log"
	"net"
	"net/http/httptrace"
	"strings"
	"sync"
	"testing"
	"time"

	"plan/internal/exchange"
)

// scripted is a connection to a server that responds to the first byte of a
// request with a script, and then closes or waits.
type scripted struct {
	net.Conn
	answer *strings.Reader
	ends   bool

	asked, closed     chan struct{}
	askOnce, shutOnce sync.Once
}

func (s *scripted) Write(b []byte) (int, error) {
	s.askOnce.Do(func() { close(s.asked) })
	return len(b), nil
}

func (s *scripted) Read(b []byte) (int, error) {
	select {
	case <-s.asked:
	case <-s.closed:
	}
	if n, _ := s.answer.Read(b); n > 0 {
		return n, nil
	}
	if !s.ends {
		<-s.closed
	}
	return 0, io.EOF
}

func (s *scripted) Close() error {
	s.shutOnce.Do(func() { close(s.closed) })
	return nil
}

// classes maps the errors of this package to classes, for new connections.
var classes = map[error]exchange.Class{
	ErrNoAnswer:    exchange.Reset,
	ErrShortHeader: exchange.Reset,
	ErrShortBody:   exchange.ShortBody,
	ErrMalformed:   exchange.Other,
	ErrTooLarge:    exchange.Other,
}

// TestCasesThroughExchange compares each case on which net/http agrees with an
// exchange over net/http's Transport.
func TestCasesThroughExchange(t *testing.T) {
	defer log.SetOutput(log.Writer())
	log.SetOutput(io.Discard) // net/http logs unsolicited responses
	for _, c := range cases {
		switch {
		case c.want != netHTTP(c.wire, c.head).outcome:
			continue // an accepted difference
		case len(c.wire) > 2<<10:
			continue // lines longer than the buffer of exchange's connections
		}
		t.Run(c.name, func(t *testing.T) {
			through(t, c.wire, c.head, c.want)
		})
	}
}

func through(t *testing.T, wire string, head bool, want outcome) {
	idle := false
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{PutIdleConn: func(err error) { idle = err == nil }})
	server := &scripted{
		answer: strings.NewReader(wire), ends: !want.again && want.extra == 0,
		asked: make(chan struct{}), closed: make(chan struct{}),
	}
	client := exchange.NewClient(func(context.Context, string, string) (net.Conn, error) { return server, nil }, true, &exchange.KeepAlives{})
	defer client.CloseIdleConnections()
	request := exchange.Request{Method: "GET", Path: "/", Status: []int{want.status}, Timeout: 5 * time.Second}
	if head {
		request.Method = "HEAD"
	}
	got := exchange.Do(ctx, client, "model.example:80", request)
	if got.Detail == "http: unexpected EOF reading trailer" {
		got.Class = exchange.ShortBody // net/http does not export this error, so exchange cannot classify it
	}
	if got.Class != classes[want.err] || got.Status != want.status || got.Bytes != int64(len(want.body)) {
		t.Errorf("exchange says %+v, we say %+v", got, want)
	}
	if want.extra == 0 && idle != want.again {
		t.Errorf("kept by the transport: %v, by us: %v", idle, want.again)
	}
	if want.extra > 0 {
		<-server.closed // without a further request
	}
}
