package exchange

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

func TestJar(t *testing.T) {
	var j Jar
	for _, step := range []struct{ set, want string }{
		{"a=1; Path=/; HttpOnly", "a=1"},
		{"b=2; Max-Age=60; Domain=elsewhere.example", "a=1; b=2"},
		{"a=3", "a=3; b=2"},
		{"a=3; Secure", "a=3; b=2"},
		{`c="x y"`, `a=3; b=2; c="x y"`},
		{"no cookie at all", `a=3; b=2; c="x y"`},
		{"c=; Path=/", "a=3; b=2"},
		{"never=", "a=3; b=2"},
		{"a=9; Max-Age=0", "b=2"},
		{"b=2; max-age=-1", ""},
		{"a=4", "a=4"},
	} {
		if j.Set(step.set); string(j.Header()) != step.want {
			t.Errorf("after %q: %q, want %q", step.set, j.Header(), step.want)
		}
	}
}

// A client sends the value of Header and the request's own cookies.
func TestAClientWithAJar(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Set-Cookie", `a="1 2"`)
		w.Header().Add("Set-Cookie", "b=3")
		w.Header().Set("X-Got", r.Header.Get("Cookie"))
		w.WriteHeader(404)
		w.Write([]byte(r.Header.Get("Cookie")))
	}))
	defer server.Close()
	jar, client := &Jar{}, direct(t)
	client.Jar = jar
	sender, err := Prepare(server.URL, Request{Path: "/", Header: map[string]string{"Cookie": "own=0"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"own=0", `own=0; a="1 2"; b=3`, `own=0; a="1 2"; b=3`} {
		if out := sender.Send(t.Context(), client); out.Detail != "404 Not Found "+want {
			t.Errorf("sent %q, want %q", out.Detail, want)
		}
	}
	if string(jar.Header()) != `a="1 2"; b=3` {
		t.Errorf("kept %q", jar.Header())
	}
}

// Cookies belong to the host of the request, whatever its port: another host that a redirect
// reaches gets none, and sets none.
func TestCookiesOfRedirects(t *testing.T) {
	var got []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.Host+" "+r.Header.Get("Cookie"))
		to := map[string]string{"10.0.0.1/": "http://10.0.0.2/", "10.0.0.2/": "http://10.0.0.1:81/end"}[r.Host+r.URL.Path]
		w.Header().Set("Set-Cookie", "of="+r.Host)
		if to != "" {
			http.Redirect(w, r, to, http.StatusFound)
		}
	}))
	defer server.Close()
	client := NewClient(func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, server.Listener.Addr().String())
	}, true, &KeepAlives{})
	defer client.CloseIdleConnections()
	jar := &Jar{}
	client.Jar = jar
	for range 2 {
		if out := Do(t.Context(), client, "10.0.0.1", Request{Path: "/", Redirects: 2}); out.Class != OK {
			t.Fatalf("%+v", out)
		}
	}
	want := []string{
		"10.0.0.1 ", "10.0.0.2 ", "10.0.0.1:81 of=10.0.0.1",
		"10.0.0.1 of=10.0.0.1:81", "10.0.0.2 ", "10.0.0.1:81 of=10.0.0.1",
	}
	if !slices.Equal(got, want) || string(jar.Header()) != "of=10.0.0.1:81" {
		t.Errorf("%q, kept %q", got, jar.Header())
	}
}

// A service that sets a new cookie with each response makes no request longer without end.
func TestAJarIsLimited(t *testing.T) {
	var j Jar
	for i := range 10 * maxCookies {
		j.Set(fmt.Sprintf("n%d=%d", i, i))
	}
	header := string(j.Header())
	if n := strings.Count(header, "="); n != maxCookies {
		t.Errorf("%d cookies, want %d", n, maxCookies)
	}
	first, last := fmt.Sprintf("n%d=", 9*maxCookies), fmt.Sprintf("n%d=", 10*maxCookies-1)
	if !strings.HasPrefix(header, first) || !strings.Contains(header, last) {
		t.Errorf("kept %q", header)
	}
	j.Set("long=" + strings.Repeat("x", maxCookieBytes-len("long")))
	if !strings.Contains(string(j.Header()), "long=x") {
		t.Error("a cookie of the maximum size is gone")
	}
	j.Set("long=" + strings.Repeat("y", maxCookieBytes-len("long")+1))
	if strings.Contains(string(j.Header()), "y") {
		t.Error("a cookie above the maximum size is kept")
	}
}
