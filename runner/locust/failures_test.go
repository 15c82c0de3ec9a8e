package locust

import (
	"strings"
	"testing"

	"plan/internal/exchange"
)

// served says which class each path of the server behind testdata deserves, as
// far as a client can know: FastHttpUser tells a broken connection and a time
// that ran out apart from other faults, but not at which step.
func served(name string) exchange.Class {
	for path, class := range map[string]exchange.Class{
		"/status/4": exchange.HTTP4xx, "/status/5": exchange.HTTP5xx, "caught500": exchange.HTTP5xx,
		"/reset": exchange.Reset, "/close": exchange.Reset, "/slow": exchange.Timeout, "/drip": exchange.Timeout,
		"/short": exchange.ShortBody, "/chunk": exchange.ShortBody, ":9/": exchange.Refused, "invalid": exchange.DNS, "https:": exchange.TLS,
	} {
		if strings.Contains(name, path) {
			return class
		}
	}
	return exchange.Other // what the locustfile finds wrong, and answers that are no HTTP
}

func TestClassesOfWhatWasSeen(t *testing.T) {
	for _, version := range versions {
		classes := map[exchange.Class]bool{}
		for _, f := range countersOf(t, version).Failures {
			got := classify(f.Error)
			classes[got] = true
			if want := served(f.Name); got != want {
				t.Errorf("%s: %s failed with %s: %q, want %q", version, f.Name, f.Error, got, want)
			}
		}
		if len(classes) < 8 {
			t.Errorf("%s: only the classes %v were seen", version, classes)
		}
	}
}

func TestClassesOfOtherTexts(t *testing.T) {
	for text, want := range map[string]exchange.Class{
		"LocustBadStatusCode(code=0)":                                           exchange.Other,
		"BadStatusCode('http://api:8000/predict', code=0)":                      exchange.Other,
		"LocustBadStatusCode(code=302)":                                         exchange.HTTPOther,
		"HTTPError('418 Client Error: I'm a teapot for url: http://api:8000/')": exchange.HTTP4xx,
		`HTTPError("418 Client Error: I'm a teapot for url: http://api:8000/")`: exchange.HTTP4xx,
		"CatchResponseError('Connection refused by the model, timed out')":      exchange.Other,
		"OSError(24, 'Too many open files')":                                    exchange.Socket,
		"NewConnectionError('<urllib3.connection.HTTPConnection object at 0x....>: Failed to establish a new connection: [Errno 99] Cannot assign requested address')":           exchange.Socket,
		"ConnectionError(MaxRetryError(\"HTTPConnectionPool(host='api', port=8000): Max retries exceeded with url: / (Caused by NewConnectionError(...Connection refused'))\"))": exchange.Refused,
		"ConnectTimeoutError(<urllib3.connection.HTTPConnection object at 0x....>, 'Connection to 10.0.0.9 timed out. (connect timeout=1)')":                                     exchange.ConnectTimeout,
		"NameResolutionError(\"<urllib3.connection.HTTPConnection object at 0x....>: Failed to resolve 'api' ([Errno -3] Temporary failure in name resolution)\")":               exchange.DNS,
		"SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self signed certificate (_ssl.c:1129)'))":                             exchange.TLS,
		"timeout('timed out')": exchange.Timeout,
		"ConnectionError(ProtocolError('Connection aborted.', ConnectionResetError(104, 'Connection reset by peer')))": exchange.Reset,
		"BrokenPipeError(32, 'Broken pipe')": exchange.Reset,
		"KeyError('predictions')":            exchange.Other,
		"":                                   exchange.Other,
	} {
		if got := classify(text); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}
