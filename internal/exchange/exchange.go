// Package exchange is one HTTP exchange with an API: the request as data, the
// answer as an outcome, and the class of what went wrong.
//
// The load engine and the prediction probe mean the same by a request and by
// a failure because both take them from here. It knows nothing of users,
// plans or containers.
package exchange

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Request is one request of a scenario, ready to send to any address.
type Request struct {
	Name    string            `json:"name"`
	Method  string            `json:"method"`
	Path    string            `json:"path"` // with its query, starting with "/"
	Header  map[string]string `json:"header,omitempty"`
	Body    []byte            `json:"body,omitempty"`
	Weight  float64           `json:"weight"`           // relative; 0 is never sent in a load
	Timeout time.Duration     `json:"timeout"`          // nanoseconds; 0 means DefaultTimeout
	Status  []int             `json:"status,omitempty"` // accepted statuses; none means any 2xx
	// Replay says that the request may be sent once more on a new connection
	// when the server had closed an idle one.
	Replay bool `json:"replay,omitempty"`
	// Redirects is how many redirects are followed; the answer that counts is
	// the last one. 0 follows none: a 3xx is an answer like any other.
	Redirects int     `json:"redirects,omitempty"`
	Checks    []Check `json:"checks,omitempty"` // that a wanted answer's body must meet besides
}

// Closes tells whether the request asks for its connection to be closed after
// the answer: then no other may follow on it, whatever the server does.
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

// Check is something that the body of an answer must hold, or must not: Text,
// or what the JSONPath selects. A body that came with Content-Encoding gzip is
// unpacked first. A path fails a body that is no JSON, with Not too.
type Check struct {
	Text   string          `json:"text,omitempty"`   // must stand in it
	Path   string          `json:"path,omitempty"`   // JSONPath (RFC 9535): must select something
	Equals json.RawMessage `json:"equals,omitempty"` // which must be this; none: whatever it is
	Not    bool            `json:"not,omitempty"`    // the text must not stand in it; the path must select nothing, or nothing that is Equals
}

// Frames tells whether a header follows from the body, so that nobody may write
// it.
func Frames(header string) bool {
	switch http.CanonicalHeaderKey(header) {
	case "Content-Length", "Transfer-Encoding", "Trailer":
		return true
	}
	return false
}

// Protocol is how a major version of HTTP is called.
func Protocol(version int) string {
	if version == 1 {
		return "HTTP/1.1"
	}
	return "HTTP/" + strconv.Itoa(version)
}

// Accepts tells whether a status is one that the request wants.
func (r Request) Accepts(status int) bool {
	if len(r.Status) == 0 {
		return status >= 200 && status < 300
	}
	return slices.Contains(r.Status, status)
}

// Replayable tells whether the request may go out once more when a kept
// connection turns out to have been closed: net/http does so by itself for
// these methods.
func (r Request) Replayable() bool {
	switch cmp.Or(r.Method, http.MethodGet) {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return true
	}
	return r.Replay
}

// DefaultTimeout is how long an answer may take where a plan does not say.
const DefaultTimeout = 10 * time.Second

// Class is why an exchange failed; OK is none of them.
type Class string

// The classes of failure, as every report names them.
const (
	OK             Class = ""
	Refused        Class = "refused"         // nobody listens
	Reset          Class = "reset"           // the connection broke before or inside an answer
	ConnectTimeout Class = "connect_timeout" // no connection in time
	Timeout        Class = "timeout"         // no whole answer in time
	DNS            Class = "dns"             // the name does not resolve
	TLS            Class = "tls"             // no secure connection
	HTTP4xx        Class = "http_4xx"        // an unwanted 4xx status
	HTTP5xx        Class = "http_5xx"        // an unwanted 5xx status
	HTTPOther      Class = "http_other"      // any other unwanted status
	ShortBody      Class = "short_body"      // less body than the header promised
	CheckFailed    Class = "check_failed"    // a wanted status, but a body that does not meet the checks
	IdleClosed     Class = "idle_closed"     // the server closed a kept connection under the request
	Socket         Class = "socket"          // this side could not open a socket: not the service's fault
	Aborted        Class = "aborted"         // this side gave up before an answer, as when a load ends: no failure
	Other          Class = "other"
)

// Outcome is what became of one exchange.
type Outcome struct {
	Class   Class         `json:"class,omitempty"`
	Status  int           `json:"status,omitempty"` // 0 when no answer came
	Bytes   int64         `json:"bytes,omitempty"`  // of the answer's body
	Took    time.Duration `json:"took"`
	Detail  string        `json:"detail,omitempty"` // for people: the error, or the head of an unwanted answer's body
	Retried bool          `json:"retried,omitempty"`
	Version int           `json:"-"` // of HTTP, 1 or 2, in which the answer came; 0 without one
}
