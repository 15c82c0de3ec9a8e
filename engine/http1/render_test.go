package http1

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"plan/internal/exchange"
)

// address is the endpoint of the requests in these tests.
const address = "10.0.0.7:8000"

var requests = []struct {
	name    string
	request exchange.Request
}{
	{"the least", exchange.Request{Path: "/"}},
	{"GET", exchange.Request{Method: "GET", Path: "/health"}},
	{"HEAD", exchange.Request{Method: "HEAD", Path: "/health"}},
	{"POST", exchange.Request{Method: "POST", Path: "/predict", Body: []byte(`{"text":"hello"}`)}},
	{"POST without a body", exchange.Request{Method: "POST", Path: "/predict"}},
	{"PUT without a body", exchange.Request{Method: "PUT", Path: "/predict"}},
	{"DELETE without a body", exchange.Request{Method: "DELETE", Path: "/predict"}},
	{"GET with a body", exchange.Request{Method: "GET", Path: "/search", Body: []byte("query")}},
	{"a method of its own", exchange.Request{Method: "predict", Path: "/", Body: []byte("x")}},
	{"a body that fills many segments", exchange.Request{Method: "POST", Path: "/predict", Body: bytes.Repeat([]byte("0123456789"), 20_000)}},
	{"a query", exchange.Request{Path: "/a?b=c&d=%20e+f&g"}},
	{"an empty query", exchange.Request{Path: "/a?"}},
	{"an escaped path", exchange.Request{Path: "/a%2Fb/%7Ec/ä d/*'()"}},
	{"two slashes", exchange.Request{Path: "//a//b"}},
	{"a fragment", exchange.Request{Path: "/a#b"}},
	{"headers", exchange.Request{Path: "/", Header: map[string]string{
		"x-key": "1", "Content-Type": "application/json", "ACCEPT": " text/html ", "X-Empty": "", "a": "ä\tb",
	}}},
	{"a host of its own", exchange.Request{Path: "/", Header: map[string]string{"host": "model.example"}}},
	{"an empty host", exchange.Request{Path: "/", Header: map[string]string{"Host": ""}}},
	{"a host that is none", exchange.Request{Path: "/", Header: map[string]string{"Host": "a b"}}},
	{"a user agent of its own", exchange.Request{Path: "/", Header: map[string]string{"User-Agent": "curl/8"}}},
	{"no user agent", exchange.Request{Path: "/", Header: map[string]string{"User-Agent": ""}}},
	{"compressed answers", exchange.Request{Path: "/", Header: map[string]string{"Accept-Encoding": "gzip"}}},
	{"one request for each connection", exchange.Request{Path: "/", Header: map[string]string{"Connection": "close"}}},
	{"framing that is not the caller's to choose", exchange.Request{Method: "POST", Path: "/", Body: []byte("x"), Header: map[string]string{
		"Content-Length": "7", "Transfer-Encoding": "chunked", "Trailer": "A",
	}}},
	{"Expect", exchange.Request{Method: "POST", Path: "/", Body: []byte("x"), Header: map[string]string{"Expect": "100-continue"}}},

	{"no method", exchange.Request{Method: "A B", Path: "/"}},
	{"no path", exchange.Request{Path: "/%zz"}},
	{"no header name", exchange.Request{Path: "/", Header: map[string]string{"A B": "x"}}},
	{"an empty header name", exchange.Request{Path: "/", Header: map[string]string{"": "x"}}},
	{"a line in a header", exchange.Request{Path: "/", Header: map[string]string{"A": "x\r\nB: y"}}},
	{"a DEL in a header", exchange.Request{Path: "/", Header: map[string]string{"A": "x\x7f"}}},
	{"a control character in a path", exchange.Request{Path: "/\x01"}},
}

// TestRenderIsWhatExchangeSends compares with the bytes that a server receives.
func TestRenderIsWhatExchangeSends(t *testing.T) {
	for _, c := range requests {
		t.Run(c.name, func(t *testing.T) {
			r := c.request
			want := received(t, r)
			got, err := Render(r.Method, address, r.Path, r.Header, r.Body)
			if string(got) != want || (err == nil) != (want != "") {
				t.Errorf("rendered %.400q, %v\n    sent %.400q", got, err, want)
			}
		})
	}
}

// received returns the bytes of a request that exchange sends, "" if it sends
// none.
func received(t *testing.T, r exchange.Request) string {
	client, server := net.Pipe()
	var got strings.Builder
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		defer server.Close()
		request, err := http.ReadRequest(bufio.NewReader(io.TeeReader(server, &got)))
		if err == nil {
			io.Copy(io.Discard, request.Body)
			io.WriteString(server, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
		}
	}()
	dial := func(context.Context, string, string) (net.Conn, error) { return client, nil }
	r.Timeout = 5 * time.Second
	out := exchange.Do(t.Context(), exchange.NewClient(dial, true, &exchange.KeepAlives{}), address, r)
	client.Close()
	<-answered
	if (out.Status == 204) != (got.Len() > 0) {
		t.Fatalf("%+v, but the server got %q", out, &got)
	}
	return got.String()
}
