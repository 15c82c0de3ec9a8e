// Package referee is the server that load generators are measured with. It
// sends the same response to each request and logs them, so that counts do not
// depend on the generators.
//
// It is one thread with one epoll set in a process of its own. It knows nothing
// of generators, rounds or goals.
package referee

import "time"

// Path and Body define the only expected request, a POST of JSON.
const (
	Path = "/predict"
	Body = `{"model":"flowers","version":"7","inputs":[[5.1,3.5,1.4,0.2],[6.2,2.9,4.3,1.3],[7.7,3.8,6.7,2.2],[4.9,3.0,1.4,0.2]],"request":"6f1a2c44-0d3b-4b7e-9a51-2f6f0c8be913","explain":false}`
)

const (
	answerBody = `{"model":"flowers","version":"7","predictions":[0,1,2,0],"scores":[0.98,0.91,0.95,0.97],"ms":0.81}`
	answerHead = "Content-Type: application/json\r\nContent-Length: 98\r\n"
	answer     = "HTTP/1.1 200 OK\r\n" + answerHead + "\r\n" + answerBody
	answer10   = "HTTP/1.0 200 OK\r\n" + answerHead + "Connection: keep-alive\r\n\r\n" + answerBody
)

// Config configures the referee.
type Config struct {
	Address string        `json:"address"` // IPv4 address and port; port 0 means any
	Delay   time.Duration `json:"delay"`   // from a request to its response
	// Once, StallAfter the first request, the referee does nothing for
	// StallFor: it does not accept, read or respond. With a StallFor of 0 there
	// is no stall.
	StallAfter time.Duration `json:"stall_after"`
	StallFor   time.Duration `json:"stall_for"`
	Users      int           `json:"users"` // number of connections for Log.AllActive
	Note       int           `json:"note"`  // maximum number of exchanges to log one by one
}

// Log is what the referee measured. Times are nanoseconds of CLOCK_MONOTONIC,
// which all processes of a machine share; 0 means never.
type Log struct {
	Requests    int64   `json:"requests"`
	Strange     int64   `json:"strange"`     // of them: other than the expected one
	Connections int64   `json:"connections"` // accepted
	Active      int     `json:"active"`      // of them: with at least one request
	First       int64   `json:"first"`       // arrival of the first request
	Last        int64   `json:"last"`
	AllActive   int64   `json:"all_active"` // arrival after which Config.Users connections had sent one
	StallBegan  int64   `json:"stall_began"`
	StallEnded  int64   `json:"stall_ended"`
	Arrivals    []int64 `json:"arrivals,omitempty"` // in order, at most Config.Note
	Answers     []int64 `json:"answers,omitempty"`  // of the same requests, in the same order
}

// Clock reads CLOCK_MONOTONIC without a system call.
type Clock struct {
	base  int64
	start time.Time
}

// Now returns the time in nanoseconds.
func (c Clock) Now() int64 { return c.base + int64(time.Since(c.start)) }
