package inference

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"plan/internal/exchange"
	"plan/internal/mask"
)

// Probe defines when an API is ready: when it responds to a GET of URL, or when
// it accepts connections at TCP (host:port).
type Probe struct {
	URL    string            `json:"url,omitempty"`
	Header map[string]string `json:"header,omitempty"` // of the GET; Host replaces the host of URL
	Status int               `json:"status,omitempty"` // expected status; 0 means any 2xx
	// Any accepts any status except 503. A port that closes the connection or
	// does not speak HTTP then counts as one that only accepts connections.
	Any     bool          `json:"any,omitempty"`
	TCP     string        `json:"tcp,omitempty"`
	Timeout time.Duration `json:"timeout,omitempty"` // of one attempt, in nanoseconds; 0 means no timeout
	Mask    *mask.Mask    `json:"-"`                 // hides secrets in the result of the last attempt
}

// noTimeout is longer than any wait.
const noTimeout = 1000 * time.Hour

// newGet returns an attempt that opens a new connection each time, because
// another process may serve the API by then.
func (p Probe) newGet() (func(context.Context) attemptResult, error) {
	target, err := url.Parse(p.URL)
	if err != nil {
		return nil, err
	}
	request := exchange.Request{
		Name: "ready", Method: http.MethodGet, Path: target.RequestURI(), Header: p.Header,
		Timeout: cmp.Or(p.Timeout, noTimeout), Mask: p.Mask,
	}
	if p.Status != 0 {
		request.Status = []int{p.Status}
	}
	sender, err := exchange.Prepare(target.Scheme+"://"+target.Host, request)
	if err != nil {
		return nil, err
	}
	client := exchange.NewClient((&net.Dialer{}).DialContext, false, &exchange.KeepAlives{})
	return func(ctx context.Context) attemptResult {
		defer client.CloseIdleConnections() // it ends a dial that outlives its request, and might connect during a load
		return attemptResult{Outcome: sender.Send(ctx, client)}
	}, nil
}

func (p Probe) connect(ctx context.Context) attemptResult {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(p.Timeout, noTimeout))
	defer cancel()
	connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", p.TCP)
	if err != nil {
		return errorResult(err)
	}
	connection.Close()
	return attemptResult{tcpOnly: true}
}

// newAny returns an attempt that repeats the request if the API did not speak
// HTTP: a connection also ends if the worker that accepted it ends.
func (p Probe) newAny() (func(context.Context) attemptResult, error) {
	request, err := http.NewRequest(http.MethodGet, p.URL, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("User-Agent", "plan")
	for name, value := range p.Header {
		request.Header.Set(name, value)
	}
	request.Host = cmp.Or(request.Header.Get("Host"), request.Host)
	request.Close = true
	return func(ctx context.Context) attemptResult {
		ctx, cancel := context.WithTimeout(ctx, cmp.Or(p.Timeout, noTimeout))
		defer cancel()
		got := p.getOnce(ctx, request)
		if got.tcpOnly {
			got = p.getOnce(ctx, request)
		}
		if got.Class == exchange.Timeout {
			got.Detail = fmt.Sprintf("no response within %s", p.Timeout)
		}
		return got
	}, nil
}

// getOnce sends the request on a connection of its own and detects a service
// that does not speak HTTP.
func (p Probe) getOnce(ctx context.Context, request *http.Request) attemptResult {
	connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", request.URL.Host)
	if err != nil {
		return errorResult(err)
	}
	defer connection.Close()
	hangUp := context.AfterFunc(ctx, func() { connection.Close() })
	defer hangUp()
	err = request.Write(connection)
	answer := bufio.NewReader(io.LimitReader(connection, exchange.HeaderLimit)) // with the quoted part of the body
	if err == nil {
		var begin []byte
		if begin, err = answer.Peek(len("HTTP/")); err == nil && string(begin) != "HTTP/" {
			return attemptResult{tcpOnly: true}
		}
	}
	if ctx.Err() != nil {
		return errorResult(ctx.Err())
	}
	if err != nil { // the service closed the connection
		return attemptResult{tcpOnly: true}
	}
	response, err := http.ReadResponse(answer, request)
	switch {
	case ctx.Err() != nil:
		return errorResult(ctx.Err())
	case err != nil:
		return attemptResult{tcpOnly: true}
	case response.StatusCode != http.StatusServiceUnavailable:
		return attemptResult{Outcome: exchange.Outcome{Status: response.StatusCode}}
	}
	quoting := exchange.Request{Mask: p.Mask}
	head, _ := io.ReadAll(io.LimitReader(response.Body, int64(quoting.HeadBytes()))) // as much as arrived
	return attemptResult{Outcome: exchange.Outcome{
		Class: exchange.StatusClass(response.StatusCode), Status: response.StatusCode,
		Detail: quoting.UnexpectedStatusText(response.Status, "", head),
	}}
}

func errorResult(err error) attemptResult {
	return attemptResult{Outcome: exchange.Outcome{Class: exchange.Classify(err), Detail: err.Error()}}
}
