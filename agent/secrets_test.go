package agent

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"plan/engine"
	"plan/inference"
	"plan/internal/exchange"
)

// TestNoQuotationShowsASecret: a service repeats a secret in the body of an error, in a redirect, in a body that violates
// a check, and in lines that are not HTTP, behind any number of bytes, so that each quotation is cut inside of it. What
// the agent sends has no part of the secret of more than three characters.
//
// Right: "500 Internal Server Error xxx…***", with neither the secret nor its beginning, whatever the number of bytes.
func TestNoQuotationShowsASecret(t *testing.T) {
	const secret = "T0k3nSuperSecretValueAbcdefgh0123456789XYZ"
	written := map[string]string{"raw": secret, "form": url.QueryEscape("&" + secret), "escapes": strings.ReplaceAll(secret, "T0", "%54%30")}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		before, _ := strconv.Atoi(r.URL.Query().Get("before"))
		text := strings.Repeat("x", before) + written[r.URL.Query().Get("as")] + strings.Repeat("y", 400)
		switch r.URL.Path {
		case "/error":
			w.WriteHeader(http.StatusInternalServerError)
			io.WriteString(w, text)
		case "/moved":
			w.Header().Set("Location", "/"+text)
			w.WriteHeader(http.StatusFound)
		case "/busy":
			w.WriteHeader(http.StatusServiceUnavailable)
			io.WriteString(w, text)
		case "/malformed":
			connection, _, _ := w.(http.Hijacker).Hijack()
			io.WriteString(connection, "HTTP/1.1 200 OK\r\n"+text+"\r\n\r\n")
			connection.Close()
		default:
			io.WriteString(w, text)
		}
	}))
	t.Cleanup(server.Close)
	address := strings.TrimPrefix(server.URL, "http://")

	here, there := net.Pipe()
	go func() { _ = Serve(context.Background(), there, there); there.Close() }()
	client, err := Dial(t.Context(), here, []string{"another-secret", secret})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	clean := func(what, text string) {
		t.Helper()
		if strings.Contains(text, "T0k3") || strings.Contains(text, "%54%30k3") {
			t.Errorf("%s: %q", what, text)
		}
	}
	for as := range written {
		for _, before := range []int{74, 115, 190} {
			query := "?as=" + as + "&before=" + strconv.Itoa(before)
			var requests []exchange.Request
			for _, path := range []string{"/error", "/moved", "/malformed", "/checked"} {
				r := exchange.Request{Name: path, Path: path + query, Weight: 1, Timeout: 5 * time.Second, Header: map[string]string{"Connection": "close"}}
				if path == "/checked" {
					r.Checks = []exchange.Check{{Path: "$.x"}}
				}
				requests = append(requests, r)
				outcomes, err := client.Again(t.Context(), address, []exchange.Request{r})
				if err != nil || len(outcomes) != 1 || outcomes[0].Detail == "" {
					t.Fatalf("%s%s: %+v, %v", path, query, outcomes, err)
				}
				clean(path+query, outcomes[0].Detail)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			_, err := client.Ready(ctx, inference.Probe{URL: server.URL + "/busy" + query, Any: before%2 == 0})
			cancel()
			clean("ready"+query, err.Error())
			if before != 190 || as != "raw" {
				continue
			}
			load := engine.Load{Requests: requests, Users: 4, SpawnRate: 100, Runtime: 300 * time.Millisecond}
			got, err := client.Load(t.Context(), load, []string{address}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Examples) < 3 {
				t.Errorf("the load has the examples %v", got.Examples)
			}
			for class, example := range got.Examples {
				clean("load, "+string(class), example)
			}
		}
	}
}
