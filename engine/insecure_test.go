package engine

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"plan/internal/exchange"
)

func TestAnUntrustedCertificate(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	load := Load{Users: 1, Runtime: 2 * time.Second, Requests: []exchange.Request{{Name: "get", Path: "/", Weight: 1}}}
	refused, err := Run(t.Context(), load, []string{server.URL}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if refused.Total.OK != 0 || refused.Total.Errors[exchange.TLS] == 0 {
		t.Errorf("it was taken unasked: %+v", refused.Total)
	}
	load.Insecure = true
	taken, err := Run(t.Context(), load, []string{server.URL}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if taken.Total.OK == 0 || taken.Total.Failed != 0 {
		t.Errorf("it was not taken: %+v, %v", taken.Total, taken.Examples)
	}
}
