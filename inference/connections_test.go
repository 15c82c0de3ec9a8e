package inference

import (
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"plan/internal/exchange"
)

// TestConnections: Connect sends nothing. Ask then uses only its connection,
// and any status is a response.
func TestConnections(t *testing.T) {
	seen := make(chan string, 10)
	s := server(t, func(w http.ResponseWriter, r *http.Request) {
		seen <- r.RemoteAddr + r.URL.Path
		w.WriteHeader(500)
	})
	c, err := Connect(t.Context(), s.Listener.Addr().String(), 3)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	from := c.From()
	got := c.Ask(t.Context(), 1, []exchange.Request{{Path: "/a"}, {Path: "/b"}})
	if len(got) != 2 || got[0].Status != 500 || got[1].Status != 500 || len(from) != 3 || len(seen) != 2 {
		t.Fatalf("%+v from %v, %d seen", got, from, len(seen))
	}
	if first, second := <-seen, <-seen; first != from[1]+"/a" || second != from[1]+"/b" {
		t.Errorf("%s, %s; from %v", first, second, from)
	}
	if c.Ask(t.Context(), 3, nil) != nil || c.Ask(t.Context(), -1, nil) != nil {
		t.Error("there is one more")
	}
}

// TestAConnectionThatIsClosed: Ask omits requests after the close, and opens no
// other connection.
func TestAConnectionThatIsClosed(t *testing.T) {
	var taken atomic.Int64
	count := func(serve func(net.Conn, int64)) func(net.Conn, int64) {
		return func(c net.Conn, n int64) { taken.Add(1); serve(c, n) }
	}
	for name, c := range map[string]struct {
		serve func(net.Conn, int64)
		want  string // statuses; - without a response
	}{
		"after an answer":   {answers("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), "2"},
		"without a word":    {answers("HTTP/1.0 204 No Content\r\n\r\n"), "2"},
		"before any answer": {func(c net.Conn, _ int64) { _, _ = c.Read(make([]byte, 1<<10)) }, "-"},
	} {
		taken.Store(0)
		connections, err := Connect(t.Context(), listen(t, count(c.serve)), 1)
		if err != nil {
			t.Fatal(err)
		}
		var statuses []string
		for _, o := range connections.Ask(t.Context(), 0, []exchange.Request{{Path: "/a"}, {Path: "/b"}, {Path: "/c"}}) {
			if statuses = append(statuses, "2"); o.Status/100 != 2 {
				statuses[len(statuses)-1] = "-"
			}
		}
		connections.Close()
		if got := strings.Join(statuses, " "); got != c.want || taken.Load() != 1 {
			t.Errorf("%s: %s over %d connections", name, got, taken.Load())
		}
	}
}

func TestConnectionsWithoutAServer(t *testing.T) {
	begun := time.Now()
	if c, err := Connect(t.Context(), s0(t), 20); err == nil || c != nil || exchange.Classify(err) != exchange.Refused || time.Since(begun) > 5*time.Second {
		t.Errorf("%v after %s", err, time.Since(begun))
	}
}
