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

	"plan/internal/wait"
)

// HeadLimit is how many bytes of the body of an unexpected response an outcome
// quotes, and of any other text of a service.
const HeadLimit = 200

// HeaderLimit is the limit of the headers of a response in bytes, as in the event
// loops of the engine.
const HeaderLimit = 1 << 20

// HeadBytes returns how many bytes of the body of an unexpected response are read, so that a secret that begins
// among the quoted ones is found.
func (r Request) HeadBytes() int { return HeadLimit + r.Mask.Reach() }

// Sender is a request bound to one API. It is safe for concurrent use. A
// request without placeholders is rendered once, otherwise each time.
type Sender struct {
	pattern  *Pattern
	base     string
	template *http.Request
	timeout  time.Duration
	buffers  sync.Pool // of *[4 << 10]byte, for reading bodies
}

// Prepare binds a request without placeholders to base, which is host:port or
// the scheme and host of a URL.
func Prepare(base string, r Request) (*Sender, error) {
	pattern, err := (&Tables{}).Pattern(r)
	if err != nil {
		return nil, err
	}
	return pattern.Prepare(base)
}

// Prepare binds the request to base, which is host:port or the scheme and host
// of a URL.
func (p *Pattern) Prepare(base string) (*Sender, error) {
	if !strings.Contains(base, "://") {
		base = "http://" + base
	}
	template, err := newTemplate(base, p.Request)
	if err != nil {
		return nil, fmt.Errorf("request %q: %w", p.Request.Name, err)
	}
	return &Sender{pattern: p, base: base, template: template, timeout: p.Request.EffectiveTimeout()}, nil
}

// newTemplate returns the request without its body.
func newTemplate(base string, r Request) (*http.Request, error) {
	target, err := url.Parse(base + r.Path)
	if err != nil {
		return nil, err
	}
	template, err := http.NewRequest(cmp.Or(r.Method, http.MethodGet), target.String(), nil)
	if err != nil {
		return nil, err
	}
	template.Header.Set("User-Agent", "plan")
	for name, value := range r.Header {
		template.Header.Set(name, value)
	}
	template.Host = cmp.Or(template.Header.Get("Host"), template.Host)
	template.Header.Del("Host")
	template.Close = r.Closes()
	return template, nil
}

// EffectiveTimeout returns the timeout for the complete response.
func (r Request) EffectiveTimeout() time.Duration { return cmp.Or(r.Timeout, DefaultTimeout) }

// Do sends a request without placeholders to base once. It combines Prepare and
// Send.
func Do(ctx context.Context, client *http.Client, base string, r Request) Outcome {
	sender, err := Prepare(base, r)
	if err != nil {
		return Outcome{Class: Other, Detail: err.Error()}
	}
	return sender.Send(ctx, client)
}

// Send sends the request with the given row of each feed and reads the complete
// response. Took is the time from the start to the last byte or the failure,
// redirects and a retry included. The timeout of the request covers the same
// time. If ctx ends, the class is Aborted.
//
// If the server had closed an idle connection under the request, Send sends a
// Replayable request once more and sets Retried. net/http also repeats a
// request that an HTTP/2 server refused unprocessed. Nothing else is sent
// twice.
func (s *Sender) Send(ctx context.Context, client *http.Client, rows ...int32) Outcome {
	start := time.Now()
	deadline, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	got := s.attempt(deadline, client, rows)
	took := time.Duration(0)
	if got.Class == Reset && got.undecided != nil && ctx.Err() == nil {
		took = time.Since(start)
		wait.For(ctx, DecideAfter)
		if ctx.Err() == nil && got.undecided.closedIdle() {
			got.Class, took = IdleClosed, 0
		}
	}
	if got.Class == IdleClosed && s.pattern.Request.Replayable() && ctx.Err() == nil {
		got = s.attempt(deadline, client, rows)
		got.Retried = true
	}
	if got.Class == Timeout {
		got.Detail = "no complete response within " + s.timeout.String()
	}
	got.Took = cmp.Or(took, time.Since(start))
	if got.Class == OK && s.pattern.HasChecks() {
		if got.Detail = s.pattern.CheckBody(got.encoding, got.body, got.Bytes); got.Detail != "" {
			got.Class = CheckFailed
		}
	}
	if got.Class != OK && took == 0 && ctx.Err() != nil {
		got.Class = Aborted // a server can answer that the client went away
	}
	return got.Outcome
}

// attemptResult is an outcome with the input of the checks.
type attemptResult struct {
	Outcome
	encoding  string
	body      []byte   // its start
	undecided *connUse // nil if the cause of a break is known
}

// attempt sends the request on one connection, or on several if it follows
// redirects.
func (s *Sender) attempt(ctx context.Context, client *http.Client, rows []int32) attemptResult {
	follower := redirectFollower{request: &s.pattern.Request}
	request, err := s.render(httptrace.WithClientTrace(context.WithValue(ctx, progressKey{}, &follower.progress), follower.trace()), client, rows)
	if err != nil {
		return attemptResult{Outcome: Outcome{Class: Other, Detail: err.Error()}}
	}
	response, err := follower.client(client).Do(request)
	if err != nil {
		err = follower.withStep(err)
		failed := Outcome{Class: Classify(err), Detail: s.pattern.Request.errorText(err), Retried: follower.resent.Load()}
		return attemptResult{Outcome: failed, undecided: follower.undecided}
	}
	defer response.Body.Close()
	wanted := s.pattern.Request.Accepts(response.StatusCode)
	keep := 0 // bytes of the body
	switch {
	case !wanted:
		keep = s.pattern.Request.HeadBytes()
	case s.pattern.HasChecks():
		keep = BodyLimit
	}
	head, n, err := s.drain(response.Body, keep)
	outcome := Outcome{Status: response.StatusCode, Bytes: n, Retried: follower.resent.Load(), Version: 1}
	if response.TLS != nil && response.TLS.NegotiatedProtocol == protocolHTTP2 { // instead of the status line
		outcome.Version = 2
	}
	switch {
	case err != nil:
		err = &stepError{reading, err}
		outcome.Class, outcome.Detail = Classify(err), s.pattern.Request.errorText(err)
		if ctx.Err() != nil { // the response is incomplete
			outcome.Status = 0
		}
	case follower.notFollowed != "":
		outcome.Class, outcome.Detail = HTTPOther, follower.notFollowed
	case !wanted:
		outcome.Class = StatusClass(response.StatusCode)
		location := cmp.Or(follower.location, response.Header.Get("Location"))
		outcome.Detail = s.pattern.Request.UnexpectedStatusText(response.Status, location, head)
	}
	if err == nil {
		follower.finish()
	}
	return attemptResult{Outcome: outcome, encoding: strings.Join(response.Header.Values("Content-Encoding"), ","), body: head}
}

// render returns the request of one attempt. All attempts share the header
// unless the client has cookies, because a client writes these to it.
func (s *Sender) render(ctx context.Context, client *http.Client, rows []int32) (*http.Request, error) {
	template, body := s.template, s.pattern.Request.Body
	if len(s.pattern.Feeds()) > 0 {
		filled := s.pattern.Fill(rows...)
		var err error
		if template, err = newTemplate(s.base, filled); err != nil {
			return nil, err
		}
		body = filled.Body
	}
	r := template.WithContext(ctx)
	if client.Jar != nil {
		r.Header = r.Header.Clone()
	}
	if len(body) > 0 {
		r.ContentLength = int64(len(body))
		r.GetBody = func() (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(body)), nil
		}
		r.Body, _ = r.GetBody()
	}
	return r, nil
}

// drain reads a body to its end and returns its first bytes.
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

// NewClient returns a client for one virtual user. It opens connections with
// dial, keeps at most one idle, uses no proxy, and does not decompress bodies.
// With TLS it uses HTTP/2 if the server supports it. It is for a Sender, which limits
// redirects. It records servers' idle timeouts in known.
func NewClient(dial Dialer, keepAlive bool, known *KeepAlives) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			DialContext:            trackConns(dial, known),
			ForceAttemptHTTP2:      true, // required with a DialContext of its own
			DisableCompression:     true,
			DisableKeepAlives:      !keepAlive,
			MaxIdleConnsPerHost:    1,
			MaxResponseHeaderBytes: HeaderLimit,
			ReadBufferSize:         2 << 10,
			WriteBufferSize:        1 << 10,
		},
	}
}
