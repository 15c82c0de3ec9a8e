package reach

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestARegistryIsRecognised: with TLS too, whose certificate is not checked; an API is not one.
func TestARegistryIsRecognised(t *testing.T) {
	serve := func(version string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/v2/" && version != "" {
				w.Header().Set("Docker-Distribution-Api-Version", version)
			}
			w.WriteHeader(http.StatusUnauthorized)
		})
	}
	for name, c := range map[string]struct {
		server *httptest.Server
		want   bool
	}{
		"a registry":          {httptest.NewServer(serve("registry/2.0")), true},
		"a registry with TLS": {httptest.NewTLSServer(serve("registry/2.0")), true},
		"an API":              {httptest.NewServer(serve("")), false},
		"an API with TLS":     {httptest.NewTLSServer(serve("")), false},
	} {
		if got := Registry(t.Context(), c.server.Listener.Addr().String()); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
		c.server.Close()
	}
	if Registry(t.Context(), "127.0.0.1:1") {
		t.Error("nothing listens, and it is a registry")
	}
}
