package exchange

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
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
