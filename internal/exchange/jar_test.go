package exchange

import (
	"net/http"
	"net/http/httptest"
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
