package exchange

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// hops is a server that redirects from /n to /n-1 with a status, and describes
// the request in its response at /0.
func hops(t *testing.T, status int) (address string, asked *atomic.Int64) {
	asked = &atomic.Int64{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		var n int
		fmt.Sscanf(r.URL.Path, "/%d", &n)
		if n > 0 {
			http.Redirect(w, r, fmt.Sprintf("/%d", n-1), status)
			return
		}
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s", r.Method, body)
	}))
	t.Cleanup(server.Close)
	return server.URL, asked
}

func TestRedirects(t *testing.T) {
	for _, c := range []struct {
		status, way, limit int
		method             string
		want               Class
		answer             string
		asked              int64
	}{
		{302, 2, 2, "POST", CheckFailed, "GET ", 3},
		{303, 1, 5, "POST", CheckFailed, "GET ", 2},
		{307, 2, 2, "POST", CheckFailed, "POST data", 3},
		{308, 1, 1, "PUT", CheckFailed, "PUT data", 2},
		{301, 0, 1, "POST", CheckFailed, "POST data", 1},
		{302, 3, 2, "GET", HTTPOther, "", 3},
		{302, 1, 0, "GET", HTTPOther, "", 1},
	} {
		address, asked := hops(t, c.status)
		r := Request{Method: c.method, Path: fmt.Sprintf("/%d", c.way), Body: []byte("data"), Redirects: c.limit, Checks: []Check{{Text: "nothing"}}}
		if c.method == "GET" {
			r.Body = nil
		}
		out := Do(t.Context(), direct(t), address, r)
		if out.Class != c.want || asked.Load() != c.asked || out.Retried {
			t.Errorf("%+v: %+v, asked %d times", c, out, asked.Load())
		}
		if c.want == CheckFailed && !strings.HasSuffix(out.Detail, `contain "nothing": `+c.answer) {
			t.Errorf("%+v: %q", c, out.Detail)
		}
		if c.limit == 0 && !strings.HasPrefix(out.Detail, "302 Found to /0") {
			t.Errorf("%+v: %q", c, out.Detail)
		}
		if c.limit > 0 && c.want == HTTPOther && (out.Detail != fmt.Sprintf("more than %d redirects", c.limit) || out.Status != c.status) {
			t.Errorf("%+v: %+v", c, out)
		}
	}
}

// Without redirects to follow, a 3xx is a response like any other, wherever it leads.
func TestAnyTargetIsAResponse(t *testing.T) {
	for _, to := range []string{"http://[bad", "/x", "", "%zz"} {
		address := script(t, answers("HTTP/1.1 302 Found\r\nLocation: "+to+"\r\nContent-Length: 0\r\n\r\n"))
		for _, status := range [][]int{{302}, nil} {
			want := Outcome{Status: 302, Version: 1}
			if status == nil {
				want.Class, want.Detail = HTTPOther, "302 Found to "+to
			}
			if to == "" {
				want.Detail = strings.TrimSuffix(want.Detail, " to ")
			}
			out := Do(t.Context(), direct(t), address, Request{Path: "/", Status: status})
			if out.Took = 0; out != want {
				t.Errorf("to %q, expecting %v: %+v, want %+v", to, status, out, want)
			}
		}
	}
}

// The limit applies even if the status of the last redirect is expected.
func TestTooManyRedirectsAreNeverWanted(t *testing.T) {
	address, _ := hops(t, 302)
	out := Do(t.Context(), direct(t), address, Request{Path: "/9", Redirects: 1, Status: []int{302}})
	if out.Class != HTTPOther || out.Detail != "more than 1 redirects" {
		t.Errorf("%+v", out)
	}
}

func TestRedirectsAreOneExchange(t *testing.T) {
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(30 * time.Millisecond):
		case <-r.Context().Done():
		}
		http.Redirect(w, r, "/", http.StatusFound)
	}))
	defer slow.Close()
	out := Do(t.Context(), direct(t), slow.URL, Request{Path: "/", Redirects: 1000, Timeout: 200 * time.Millisecond})
	if out.Class != Timeout || out.Took < 200*time.Millisecond || out.Detail != "no complete response within 200ms" || out.Retried {
		t.Errorf("%+v", out)
	}
}

// A failure after a redirect has the class of that failure.
func TestRedirectsElsewhere(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	there, asked := hops(t, 302)
	for to, want := range map[string]Class{
		there + "/1":                         OK,
		"http://" + listener.Addr().String(): Refused,
		"http://nobody.invalid/":             DNS,
	} {
		here := script(t, answers("HTTP/1.1 302 Found\r\nLocation: "+to+"\r\nContent-Length: 0\r\n\r\n"))
		if out := Do(t.Context(), direct(t), here, Request{Path: "/", Redirects: 3}); out.Class != want {
			t.Errorf("to %s: %+v", to, out)
		}
	}
	if asked.Load() != 2 {
		t.Errorf("asked %d times elsewhere", asked.Load())
	}
}

// A redirect is followed to the host of the request, and to loopback and private
// addresses. Nothing is sent to another host, even if the status is expected.
func TestRedirectsToPublicHosts(t *testing.T) {
	for _, c := range []struct{ from, to, host string }{
		{"127.0.0.1:1", "http://192.0.2.1/x", "192.0.2.1"},
		{"127.0.0.1:1", "https://[2001:db8::1]:8443/", "2001:db8::1"},
		{"192.0.2.1:1", "http://192.0.2.2/", "192.0.2.2"},
		{"192.0.2.1:1", "http://192.0.2.1:2/end", ""},
		{"192.0.2.1:1", "/end", ""},
		{"192.0.2.1:1", "http://10.0.0.1/end", ""},
		{"127.0.0.1:1", "http://localhost/end", ""},
	} {
		address := script(t, func(_ int, tcp *net.TCPConn) {
			answer := "HTTP/1.1 302 Found\r\nLocation: " + c.to + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
			if r := request(tcp); r != nil && r.URL.Path == "/end" {
				answer = okAnswer
			}
			io.WriteString(tcp, answer)
		})
		var dialled []string
		client := NewClient(func(ctx context.Context, network, to string) (net.Conn, error) {
			dialled = append(dialled, to)
			return (&net.Dialer{}).DialContext(ctx, network, address)
		}, true, &KeepAlives{})
		out := Do(t.Context(), client, c.from, Request{Path: "/", Redirects: 2, Status: []int{200, 302}})
		want := Outcome{Status: 200, Bytes: 2, Version: 1}
		if c.host != "" {
			want = Outcome{Class: HTTPOther, Status: 302, Version: 1, Detail: "a redirect to " + c.host +
				" is not followed: it is " + c.host + ", which is neither loopback nor private"}
		}
		if out.Took = 0; out != want || c.host != "" && len(dialled) != 1 {
			t.Errorf("from %s to %s: %+v, dialled %v", c.from, c.to, out, dialled)
		}
		client.CloseIdleConnections()
	}
}

// A connection that is reused after a redirect and breaks under the next
// request is a failure of the server, as any other.
func TestAKeptConnectionThatBreaksAfterARedirect(t *testing.T) {
	var asked atomic.Int32
	address := script(t, func(_ int, c *net.TCPConn) {
		request(c)
		io.WriteString(c, "HTTP/1.1 307 Temporary Redirect\r\nLocation: /end\r\nContent-Length: 0\r\n\r\n")
		request(c)
		asked.Add(2)
		reset(c)
	})
	out := Do(t.Context(), direct(t), address, Request{Method: "POST", Path: "/", Body: []byte("x"), Replay: true, Redirects: 2})
	if out.Class != Reset || out.Retried || asked.Load() != 2 {
		t.Errorf("%+v, asked %d times", out, asked.Load())
	}
}
