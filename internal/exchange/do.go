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
// times, from any number of goroutines. One with holes is rendered each time.
type Sender struct {
	pattern  *Pattern
	base     string
	template *http.Request
	timeout  time.Duration
	buffers  sync.Pool // of *[4 << 10]byte, to read bodies into
}

// Prepare binds a request without holes to base, which is host:port or a URL's
// scheme and host.
func Prepare(base string, r Request) (*Sender, error) {
	pattern, err := (&Tables{}).Pattern(r)
	if err != nil {
		return nil, err
	}
	return pattern.Prepare(base)
}

// Prepare binds the request to base, which is host:port or a URL's scheme and
// host.
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

// newTemplate is a request without its body.
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

// EffectiveTimeout is how long the whole answer of a request may take.
func (r Request) EffectiveTimeout() time.Duration { return cmp.Or(r.Timeout, DefaultTimeout) }

// Do sends a request without holes to base once, as Prepare and Send do.
func Do(ctx context.Context, client *http.Client, base string, r Request) Outcome {
	sender, err := Prepare(base, r)
	if err != nil {
		return Outcome{Class: Other, Detail: err.Error()}
	}
	return sender.Send(ctx, client)
}

// Send sends the request, with the values of a row of each feed, and reads the
// whole answer. Took is the time from the start to the answer's last byte or
// to the failure, redirects and a retry included; the timeout of the request
// covers all of it. The end of ctx is Aborted.
//
// When a kept connection turns out to have been closed by the server for being
// idle, a request that is Replayable goes out once more, and is told as
// Retried. So is what a server of HTTP/2 says that it has not taken. Nothing
// else is sent twice.
func (s *Sender) Send(ctx context.Context, client *http.Client, rows ...int32) Outcome {
	start := time.Now()
	deadline, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	got := s.attempt(deadline, client, rows)
	took := time.Duration(0)
	if got.Class == Reset && got.doubted != nil {
		took = time.Since(start)
		if pause(ctx, Doubt) && got.doubted.wasIdle() {
			got.Class, took = IdleClosed, 0
		}
	}
	if got.Class == IdleClosed && s.pattern.Request.Replayable() && ctx.Err() == nil {
		got = s.attempt(deadline, client, rows)
		got.Retried = true
	}
	if got.Class != OK && got.Status == 0 && took == 0 && ctx.Err() != nil {
		got.Class = Aborted
	}
	if got.Class == Timeout {
		got.Detail = "no whole answer within " + s.timeout.String()
	}
	got.Took = cmp.Or(took, time.Since(start))
	if got.Class == OK && s.pattern.Checked() {
		if got.Detail = s.pattern.Judge(got.encoding, got.body, got.Bytes); got.Detail != "" {
			got.Class = CheckFailed
		}
	}
	return got.Outcome
}

// pause waits; false says that ctx ended before.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// answer is an outcome with what checks look at.
type answer struct {
	Outcome
	encoding string
	body     []byte // its start
	doubted  *turn  // nil: there is no doubt
}

// attempt sends the request on one connection, or on more where redirects are
// followed.
func (s *Sender) attempt(ctx context.Context, client *http.Client, rows []int32) answer {
	way := journey{limit: s.pattern.Request.Redirects}
	request, err := s.render(httptrace.WithClientTrace(context.WithValue(ctx, wayKey{}, &way.progress), way.trace()), client, rows)
	if err != nil {
		return answer{Outcome: Outcome{Class: Other, Detail: err.Error()}}
	}
	response, err := way.client(client).Do(request)
	if err != nil {
		err = way.explain(err)
		return answer{Outcome: Outcome{Class: Classify(err), Detail: err.Error(), Retried: way.again.Load()}, doubted: way.doubted}
	}
	defer response.Body.Close()
	wanted := s.pattern.Request.Accepts(response.StatusCode)
	head, n, err := s.drain(response.Body, s.keep(wanted))
	outcome := Outcome{Status: response.StatusCode, Bytes: n, Retried: way.again.Load(), Version: spoken(response)}
	switch {
	case err != nil:
		err = &stepError{answering, err}
		outcome.Class, outcome.Detail = Classify(err), err.Error()
		if ctx.Err() != nil { // no whole answer came
			outcome.Status = 0
		}
	case way.tooLong:
		outcome.Class, outcome.Detail = HTTPOther, fmt.Sprintf("more than %d redirects", way.limit)
	case !wanted:
		outcome.Class = StatusClass(response.StatusCode)
		outcome.Detail = UnwantedText(response.Status, response.Header.Get("Location"), head)
	}
	if err == nil {
		way.rest()
	}
	return answer{Outcome: outcome, encoding: strings.Join(response.Header.Values("Content-Encoding"), ","), body: head}
}

// spoken is the version of HTTP of an answer, whatever the server calls it.
func spoken(r *http.Response) int {
	if r.TLS != nil && r.TLS.NegotiatedProtocol == secondProtocol {
		return 2
	}
	return 1
}

// keep is how much of a body is kept, in bytes.
func (s *Sender) keep(wanted bool) int {
	switch {
	case !wanted:
		return HeadLimit
	case s.pattern.Checked():
		return BodyLimit
	}
	return 0
}

// render makes the request of one attempt. Its header is shared as long as
// nobody writes to it; a client does that where it keeps cookies.
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
// most one, asks no proxy and leaves bodies as they are. With TLS it speaks
// HTTP/2 where the server does. Senders tell it which redirects to follow. One
// belongs to each virtual user, as a user of its own has a connection of its
// own. What it learns of servers' idle times goes to known.
func NewClient(dial Dialer, keepAlive bool, known *KeepAlives) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			DialContext:         lines(dial, known),
			ForceAttemptHTTP2:   true, // else not, with a dial of its own
			DisableCompression:  true,
			DisableKeepAlives:   !keepAlive,
			MaxIdleConnsPerHost: 1,
			ReadBufferSize:      2 << 10,
			WriteBufferSize:     1 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
