package agent

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestFetch(t *testing.T) {
	client, _ := pair(t)
	address, _ := echo(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/elsewhere" {
			http.Redirect(w, r, "/", http.StatusFound)
			return
		}
		w.WriteHeader(http.StatusMethodNotAllowed)
		io.WriteString(w, r.Method+" "+r.URL.RequestURI()+"\x00")
	})
	got, err := client.Fetch(t.Context(), Page{Method: "POST", URL: "http://" + address + "/stats/reset?now"})
	if err != nil || got.Status != 405 || string(got.Body) != "POST /stats/reset?now\x00" {
		t.Errorf("got %d %q, %v", got.Status, got.Body, err)
	}
	if got, err := client.Fetch(t.Context(), Page{Method: "GET", URL: "http://" + address + "/elsewhere"}); err != nil || got.Status != 302 {
		t.Errorf("a redirect: got %+v, %v", got, err)
	}
}

func TestFetchBringsBackOnlySoMuch(t *testing.T) {
	client, _ := pair(t)
	size := FetchLimit
	address, _ := echo(t, func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, size)) })
	page := Page{Method: "GET", URL: "http://" + address}
	if got, err := client.Fetch(t.Context(), page); err != nil || len(got.Body) != FetchLimit {
		t.Errorf("got %d bytes, %v", len(got.Body), err)
	}
	size++
	if got, err := client.Fetch(t.Context(), page); err == nil || !strings.Contains(err.Error(), "longer than 16 MiB") {
		t.Errorf("got %d bytes, %v", len(got.Body), err)
	}
}

func TestFetchFails(t *testing.T) {
	client, _ := pair(t)
	broken, _ := echo(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "9")
		io.WriteString(w, "short")
	})
	for url, want := range map[string]string{
		"http://" + broken:   "the response was cut off",
		"http://127.0.0.1:1": "connection refused",
		"://":                "missing protocol scheme",
	} {
		if _, err := client.Fetch(t.Context(), Page{Method: "GET", URL: url}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", url, err)
		}
	}
}

func TestFetchStopsAtItsLimit(t *testing.T) {
	client, _ := pair(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	address, _ := echo(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel(enough)
		<-r.Context().Done()
	})
	for _, when := range []string{"given up", "not begun"} {
		if _, err := client.Fetch(ctx, Page{Method: "GET", URL: "http://" + address}); !errors.Is(err, enough) {
			t.Errorf("%s: %v", when, err)
		}
	}
}
