package inference

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"plan/internal/exchange"
)

// Probe says how an API shows that it is ready: by answering a GET of URL, or
// by taking connections at TCP, host:port.
type Probe struct {
	URL    string            `json:"url,omitempty"`
	Header map[string]string `json:"header,omitempty"` // of URL; Host stands in the place of the address
	Status int               `json:"status,omitempty"` // wanted of URL; 0 means any 2xx
	// Any takes any status but 503, and a port that answers URL with no HTTP, or
	// closes, for one that only takes connections.
	Any     bool          `json:"any,omitempty"`
	TCP     string        `json:"tcp,omitempty"`
	Timeout time.Duration `json:"timeout,omitempty"` // of one attempt, nanoseconds; 0: as long as is waited
}

// unbounded is longer than anybody waits.
const unbounded = 1000 * time.Hour

// attempt gives the function that makes one attempt.
func (p Probe) attempt() (func(context.Context) shown, error) {
	switch {
	case p.URL != "" && p.TCP == "" && p.Any:
		return p.anyAnswer()
	case p.URL != "" && p.TCP == "":
		return p.get()
	case p.TCP != "" && p.URL == "":
		return p.connect, nil
	}
	return nil, errors.New("a probe needs a URL or a TCP address, and only one of them")
}

// get asks on a new connection each time, as the API behind it may have
// changed.
func (p Probe) get() (func(context.Context) shown, error) {
	target, err := url.Parse(p.URL)
	if err != nil {
		return nil, err
	}
	request := exchange.Request{Name: "ready", Method: http.MethodGet, Path: target.RequestURI(), Header: p.Header, Timeout: cmp.Or(p.Timeout, unbounded)}
	if p.Status != 0 {
		request.Status = []int{p.Status}
	}
	sender, err := exchange.Prepare(target.Scheme+"://"+target.Host, request)
	if err != nil {
		return nil, err
	}
	client := exchange.NewClient((&net.Dialer{}).DialContext, false, &exchange.KeepAlives{})
	return func(ctx context.Context) shown { return shown{Outcome: sender.Send(ctx, client)} }, nil
}

func (p Probe) connect(ctx context.Context) shown {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(p.Timeout, unbounded))
	defer cancel()
	connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", p.TCP)
	if err != nil {
		return failed(err)
	}
	connection.Close()
	return shown{plain: true}
}

// anyAnswer asks twice where no HTTP was spoken: a connection also ends with
// the worker that had taken it.
func (p Probe) anyAnswer() (func(context.Context) shown, error) {
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
	return func(ctx context.Context) shown {
		ctx, cancel := context.WithTimeout(ctx, cmp.Or(p.Timeout, unbounded))
		defer cancel()
		got := speak(ctx, request)
		if got.plain {
			got = speak(ctx, request)
		}
		if got.Class == exchange.Timeout {
			got.Detail = fmt.Sprintf("no answer within %s", p.Timeout)
		}
		return got
	}, nil
}

// speak sends the request on a connection of its own and tells HTTP from what
// is none.
func speak(ctx context.Context, request *http.Request) shown {
	connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", request.URL.Host)
	if err != nil {
		return failed(err)
	}
	defer connection.Close()
	hangUp := context.AfterFunc(ctx, func() { connection.Close() })
	defer hangUp()
	err = request.Write(connection)
	answer := bufio.NewReader(connection)
	if err == nil {
		var begin []byte
		if begin, err = answer.Peek(len("HTTP/")); err == nil && string(begin) != "HTTP/" {
			return shown{plain: true}
		}
	}
	if ctx.Err() != nil {
		return failed(ctx.Err())
	}
	if err != nil { // it closed
		return shown{plain: true}
	}
	response, err := http.ReadResponse(answer, request)
	switch {
	case ctx.Err() != nil:
		return failed(ctx.Err())
	case err != nil:
		return shown{plain: true}
	case response.StatusCode != http.StatusServiceUnavailable:
		return shown{Outcome: exchange.Outcome{Status: response.StatusCode}}
	}
	head, _ := io.ReadAll(io.LimitReader(response.Body, exchange.HeadLimit)) // what came of it
	return shown{Outcome: exchange.Outcome{
		Class: exchange.StatusClass(response.StatusCode), Status: response.StatusCode,
		Detail: strings.TrimSpace(response.Status + " " + string(head)),
	}}
}

func failed(err error) shown {
	return shown{Outcome: exchange.Outcome{Class: exchange.Classify(err), Detail: err.Error()}}
}
