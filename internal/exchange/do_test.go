package exchange

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"plan/internal/mask"
)

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// A server that notices the end of a load may send an error while the client
// closes its connections. That error is no failure of the service.
func TestAResponseAfterTheEnd(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		over   bool
		want   Class
	}{
		{200, "complete", true, OK},
		{200, "", true, Aborted},
		{200, "", false, CheckFailed},
		{500, "complete", true, Aborted},
		{500, "complete", false, HTTP5xx},
		{404, "", true, Aborted},
	} {
		ctx, end := context.WithCancel(t.Context())
		client := &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			if c.over {
				end()
			}
			return &http.Response{StatusCode: c.status, Body: io.NopCloser(strings.NewReader(c.body)), Request: r}, nil
		})}
		sender, err := Prepare("http://service", Request{Path: "/", Checks: []Check{{Text: "complete"}}})
		if err != nil {
			t.Fatal(err)
		}
		if got := sender.Send(ctx, client); got.Class != c.want || got.Status != c.status {
			t.Errorf("%d %q, over %v: %s with status %d, want %s", c.status, c.body, c.over, got.Class, got.Status, c.want)
		}
		end()
	}
}

// A detail quotes only the start of what a service sent, and no secret.
func TestDetailsAreShort(t *testing.T) {
	const secret = "do-not-tell"
	long := secret + strings.Repeat("x", 100<<10)
	for name, c := range map[string]struct {
		answer string
		want   Class
		begins string
	}{
		"a header of 2 MiB": {"HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 2<<20) + "\r\nContent-Length: 2\r\n\r\nok", Other,
			`Get "http://ADDRESS/": net/http: HTTP/1.x transport connection broken: net/http: server response headers exceeded 1048576 bytes; aborted`},
		"a status line":      {"HTTP/1.1 500 " + long + "\r\nContent-Length: 0\r\n\r\n", HTTP5xx, "500 ***xxx"},
		"a malformed status": {"HTTP/1.1 " + long + "\r\n\r\n", Other, `Get "http://ADDRESS/": net/http: HTTP/1.x transport connection broken: malformed HTTP status code "***xxx`},
		"a malformed target": {"HTTP/1.1 302 Found\r\nLocation: http://[" + long + "\r\nContent-Length: 0\r\n\r\n", Other,
			`Get "http://ADDRESS/": failed to parse Location header "http://[***xxx`},
		"a target that fails": {"HTTP/1.1 302 Found\r\nLocation: gopher://localhost/" + long + "\r\nContent-Length: 0\r\n\r\n", Other,
			`Get "gopher://localhost/***xxx`},
	} {
		address := script(t, answers(c.answer))
		out := Do(t.Context(), direct(t), address, Request{Path: "/", Redirects: 1, Mask: mask.New([]string{secret})})
		if got := strings.ReplaceAll(out.Detail, address, "ADDRESS"); out.Class != c.want || !strings.HasPrefix(got, c.begins) || len(got) > 3*HeadLimit {
			t.Errorf("%s: %s, %d bytes: %.300s", name, out.Class, len(got), got)
		}
	}
}

// A broken connection is a failure only if it broke before the end.
func TestABreakAfterTheEnd(t *testing.T) {
	for over, want := range map[bool]Class{true: Aborted, false: Reset} {
		ctx, end := context.WithCancel(t.Context())
		client := &http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) {
			if over {
				end()
			}
			return nil, io.ErrUnexpectedEOF
		})}
		if got := Do(ctx, client, "http://service", Request{Path: "/"}); got.Class != want {
			t.Errorf("over %v: %s, want %s", over, got.Class, want)
		}
		end()
	}
}
