// Package exchange defines one HTTP exchange with an API: the request and the
// outcome as data, and the classes of failures.
//
// The load engine and the readiness probes share these definitions. The package
// knows nothing of users, plans or containers.
package exchange

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"plan/internal/mask"
)

// Request is one request of a scenario. It can be sent to any endpoint.
type Request struct {
	Name    string            `json:"name"`
	Method  string            `json:"method"`
	Path    string            `json:"path"` // includes the query; starts with "/"
	Header  map[string]string `json:"header,omitempty"`
	Body    []byte            `json:"body,omitempty"`
	Weight  float64           `json:"weight"`           // relative; 0 means never in a load
	Timeout time.Duration     `json:"timeout"`          // nanoseconds; 0 means DefaultTimeout
	Status  []int             `json:"status,omitempty"` // expected statuses; empty means any 2xx
	// Replay permits to send the request again on a new connection, if the
	// server closed an idle connection under it.
	Replay bool `json:"replay,omitempty"`
	// Redirects is the maximum number of redirects to follow; the last response
	// counts. With 0 a 3xx is a response like any other. A redirect to another
	// host with a public address is not followed, and is a failure.
	Redirects int     `json:"redirects,omitempty"`
	Checks    []Check `json:"checks,omitempty"` // of the body of a response with an expected status
	// Mask hides secrets in what outcomes quote of a response, before it is cut.
	Mask *mask.Mask `json:"-"`
}

// Closes reports whether the request has "Connection: close". No other request
// may follow on its connection.
func (r Request) Closes() bool {
	for name, list := range r.Header {
		for token := range strings.SplitSeq(list, ",") {
			if strings.EqualFold(name, "Connection") && strings.EqualFold(strings.TrimSpace(token), "close") {
				return true
			}
		}
	}
	return false
}

// Check is a condition on the body of a response: it must contain Text, or the
// JSONPath must select a value. Bodies with the Content-Encoding gzip or
// deflate are decompressed first. If the body is not JSON, a check with a path
// fails, also with Not.
type Check struct {
	Text   string          `json:"text,omitempty"`   // the body must contain it
	Path   string          `json:"path,omitempty"`   // JSONPath (RFC 9535); must select a value
	Equals json.RawMessage `json:"equals,omitempty"` // the selected value must equal it; empty: any value
	// The body must not contain Text; Path must select nothing, or nothing that
	// equals Equals.
	Not bool `json:"not,omitempty"`
}

// IsFramingHeader reports whether a header follows from the body, so that users
// must not set it.
func IsFramingHeader(header string) bool {
	switch http.CanonicalHeaderKey(header) {
	case "Content-Length", "Transfer-Encoding", "Trailer":
		return true
	}
	return false
}

// Protocol returns the name of a major HTTP version, such as "HTTP/1.1".
func Protocol(version int) string {
	if version == 1 {
		return "HTTP/1.1"
	}
	return "HTTP/" + strconv.Itoa(version)
}

// Accepts reports whether the request expects a status.
func (r Request) Accepts(status int) bool {
	if len(r.Status) == 0 {
		return status >= 200 && status < 300
	}
	return slices.Contains(r.Status, status)
}

// Replayable reports whether the request may be sent again if the server closed
// an idle connection under it. net/http repeats requests with these methods by
// itself.
func (r Request) Replayable() bool {
	switch cmp.Or(r.Method, http.MethodGet) {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return true
	}
	return r.Replay
}

// DefaultTimeout is the default timeout for a complete response.
const DefaultTimeout = 10 * time.Second

// Class is the class of a failure; OK is the zero value.
type Class string

// Values of Class, as in all reports.
const (
	OK             Class = ""
	Refused        Class = "refused"         // no server listens
	Reset          Class = "reset"           // the connection broke before the end of the response
	ConnectTimeout Class = "connect_timeout" // no connection within the timeout
	Timeout        Class = "timeout"         // no complete response within the timeout
	DNS            Class = "dns"             // the name does not resolve
	TLS            Class = "tls"             // no secure connection
	HTTP4xx        Class = "http_4xx"        // an unexpected 4xx status
	HTTP5xx        Class = "http_5xx"        // an unexpected 5xx status
	HTTPOther      Class = "http_other"      // any other unexpected status
	ShortBody      Class = "short_body"      // the body is shorter than the header promised
	CheckFailed    Class = "check_failed"    // an expected status, but the body violates a check
	IdleClosed     Class = "idle_closed"     // the server closed an idle connection under the request
	Socket         Class = "socket"          // this side could not open a socket; the service is not the cause
	Aborted        Class = "aborted"         // this side gave up, for example at the end of a load; not a failure
	Other          Class = "other"
)

// Outcome is the result of one exchange.
type Outcome struct {
	Class   Class         `json:"class,omitempty"`
	Status  int           `json:"status,omitempty"` // 0 without a response
	Bytes   int64         `json:"bytes,omitempty"`  // of the response body
	Took    time.Duration `json:"took"`
	Detail  string        `json:"detail,omitempty"` // for people: the error, or the start of an unexpected response's body
	Retried bool          `json:"retried,omitempty"`
	Version int           `json:"-"` // major HTTP version of the response, 1 or 2; 0 without a response
}
