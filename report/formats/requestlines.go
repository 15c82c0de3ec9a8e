package formats

import (
	"encoding/json"
	"io"
	"net"
	"strconv"
	"strings"
	"time"

	"plan/engine"
	"plan/runner"
)

// requestLine is one request of a load: docs/requests.schema.json. Names with dots
// that do not begin with plan are attributes and metrics of OpenTelemetry's semantic
// conventions for HTTP clients.
type requestLine struct {
	Timestamp time.Time `json:"timestamp"`
	Trial     string    `json:"plan.trial"`
	Request   string    `json:"plan.request"`
	Method    string    `json:"http.request.method"`
	Address   string    `json:"server.address"`
	Port      int       `json:"server.port,omitempty"`
	Duration  float64   `json:"http.client.request.duration"` // seconds
	Status    int       `json:"http.response.status_code,omitempty"`
	Bytes     int64     `json:"http.response.body.size"`
	Error     string    `json:"error.type,omitempty"`
	Resent    int       `json:"http.request.resend_count,omitempty"`
	Lateness  float64   `json:"plan.lateness"` // seconds
	Judged    bool      `json:"plan.judged"`
}

// RequestLine writes a request of a load as one line of JSON.
func RequestLine(w io.Writer, load runner.ExchangeLoad, e engine.Exchange) error {
	request := load.Requests[e.Request]
	line := requestLine{
		Timestamp: time.Unix(0, e.Began).UTC(), Trial: load.Trial, Request: request.Name, Method: request.Method,
		Duration: e.Took.Seconds(), Status: e.Status, Bytes: e.Bytes, Error: string(e.Class), Lateness: e.Lateness.Seconds(),
		Judged: e.Judged,
	}
	address := load.Addresses[e.Endpoint]
	if _, rest, schemed := strings.Cut(address, "://"); schemed {
		address = rest
	}
	line.Address = address
	if host, port, err := net.SplitHostPort(address); err == nil {
		line.Address = host
		line.Port, _ = strconv.Atoi(port) // 0 of one that is no number
	}
	if e.Retried {
		line.Resent = 1
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(line)
}

// TrialOfRequest returns the trial of a line that RequestLine wrote; false of one that is
// not whole.
func TrialOfRequest(line []byte) (trial string, is bool) {
	var r requestLine
	err := json.Unmarshal(line, &r)
	return r.Trial, err == nil && r.Trial != ""
}
