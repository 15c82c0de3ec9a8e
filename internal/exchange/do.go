package exchange

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync"
	"time"
)

// HeadLimit is how much of an unwanted answer's body is kept, in bytes.
const HeadLimit = 200

// Sender is a request bound to one API, rendered once and sent any number of
// times, from any number of goroutines.
type Sender struct {
	request  Request
	template *http.Request
	timeout  time.Duration
	buffers  sync.Pool // of *[4 << 10]byte, to read bodies into
}

// Prepare binds a request to base, which is host:port or a URL's scheme and
// host.
func Prepare(base string, r Request) (*Sender, error) {
	if !strings.Contains(base, "://") {
		base = "http://" + base
	}
	target, err := url.Parse(base + r.Path)
	if err != nil {
		return nil, fmt.Errorf("request %q: %w", r.Name, err)
	}
	template, err := http.NewRequest(cmp.Or(r.Method, http.MethodGet), target.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("request %q: %w", r.Name, err)
	}
	template.Header.Set("User-Agent", "plan")
	for name, value := range r.Header {
		template.Header.Set(name, value)
	}
	template.Host = cmp.Or(template.Header.Get("Host"), template.Host)
	template.Header.Del("Host")
	return &Sender{request: r, template: template, timeout: r.EffectiveTimeout()}, nil
}

// EffectiveTimeout is how long the whole answer of a request may take.
func (r Request) EffectiveTimeout() time.Duration { return cmp.Or(r.Timeout, DefaultTimeout) }

// Do sends a request to base once, as Prepare and Send do.
func Do(ctx context.Context, client *http.Client, base string, r Request) Outcome {
	sender, err := Prepare(base, r)
	if err != nil {
		return Outcome{Class: Other, Detail: err.Error()}
	}
	return sender.Send(ctx, client)
}

// Send sends the request and reads the whole answer. Took is the time from the
// start to the answer's last byte or to the failure, a retry included; the
// timeout of the request covers both. The end of ctx is Aborted.
//
// When a kept connection turns out to have been closed by the server, a
// request with Replay goes out once more. The transport does the same by
// itself for methods that are idempotent. Both are told as Retried.
func (s *Sender) Send(ctx context.Context, client *http.Client) Outcome {
	start := time.Now()
	deadline, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	outcome := s.attempt(deadline, client)
	if outcome.Class == IdleClosed && s.request.Replay {
		outcome = s.attempt(deadline, client)
		outcome.Retried = true
	}
	if outcome.Class != OK && outcome.Status == 0 && ctx.Err() != nil {
		outcome.Class = Aborted
	}
	if outcome.Class == Timeout {
		outcome.Detail = "no whole answer within " + s.request.EffectiveTimeout().String()
	}
	outcome.Took = time.Since(start)
	return outcome
}

// attempt sends the request on one connection, or on two where the transport
// retries by itself.
func (s *Sender) attempt(ctx context.Context, client *http.Client) Outcome {
	var p progress
	response, err := client.Do(s.render(httptrace.WithClientTrace(ctx, p.trace())))
	if err != nil {
		err = p.explain(err)
		return Outcome{Class: Classify(err), Detail: err.Error(), Retried: p.retried()}
	}
	defer response.Body.Close()
	keep := HeadLimit
	if s.request.Accepts(response.StatusCode) {
		keep = 0
	}
	head, n, err := s.drain(response.Body, keep)
	outcome := Outcome{Status: response.StatusCode, Bytes: n, Retried: p.retried()}
	switch {
	case err != nil:
		err = &stepError{answering, err}
		outcome.Class, outcome.Detail = Classify(err), err.Error()
		if ctx.Err() != nil { // no whole answer came
			outcome.Status = 0
		}
	case keep > 0:
		outcome.Class = StatusClass(response.StatusCode)
		outcome.Detail = strings.TrimSpace(response.Status + " " + string(head))
	}
	return outcome
}

// render copies the template for one attempt; the header is shared, as
// nobody writes to it.
func (s *Sender) render(ctx context.Context) *http.Request {
	r := s.template.WithContext(ctx)
	if len(s.request.Body) > 0 {
		r.ContentLength = int64(len(s.request.Body))
		r.GetBody = func() (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(s.request.Body)), nil
		}
		r.Body, _ = r.GetBody()
	}
	return r
}

// drain reads a body to its end and keeps its first bytes.
func (s *Sender) drain(body io.Reader, keep int) (head []byte, n int64, err error) {
	buffer, ok := s.buffers.Get().(*[4 << 10]byte)
	if !ok {
		buffer = new([4 << 10]byte)
	}
	defer s.buffers.Put(buffer)
	for err == nil {
		var m int
		m, err = body.Read(buffer[:])
		n += int64(m)
		head = append(head, buffer[:min(m, keep-len(head))]...)
	}
	if err == io.EOF {
		err = nil
	}
	return head, n, err
}

// NewClient makes a client that opens its connections with dial, keeps at
// most one, follows no redirect, asks no proxy and leaves bodies as they are.
// One belongs to each virtual user, as a user of its own has a connection of
// its own.
func NewClient(dial Dialer, keepAlive bool) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			DialContext:         dial,
			DisableCompression:  true,
			DisableKeepAlives:   !keepAlive,
			MaxIdleConnsPerHost: 1,
			ReadBufferSize:      2 << 10,
			WriteBufferSize:     1 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
