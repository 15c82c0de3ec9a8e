// Package referee is the server that load generators are held against. It
// gives every request the same answer and keeps a log of its own, so that of
// what was sent no generator's word is needed.
//
// It is one thread with one epoll set in a process of its own. It knows
// nothing of generators, rounds or goals.
package referee

import "time"

// Path and Body are the one request that is expected, a POST of JSON.
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

// Config is how the referee behaves.
type Config struct {
	Address string        `json:"address"` // IPv4 address and port; port 0 is any
	Delay   time.Duration `json:"delay"`   // from a request to its answer
	// Once, StallAfter the first request, nothing is done for StallFor: nothing
	// accepted, read or answered. A StallFor of 0 is no stall.
	StallAfter time.Duration `json:"stall_after"`
	StallFor   time.Duration `json:"stall_for"`
	Users      int           `json:"users"` // connections after which Log.AllActive is noted
	Note       int           `json:"note"`  // exchanges at most that are noted one by one
}

// Log is what the referee saw. Times are nanoseconds of CLOCK_MONOTONIC, which
// all processes of a machine share; 0 is never.
type Log struct {
	Requests    int64   `json:"requests"`
	Strange     int64   `json:"strange"`     // of these, other than the one expected
	Connections int64   `json:"connections"` // accepted
	Active      int     `json:"active"`      // of these, that sent a request
	First       int64   `json:"first"`       // arrival of the first request
	Last        int64   `json:"last"`
	AllActive   int64   `json:"all_active"` // arrival after which Config.Users connections had sent one
	StallBegan  int64   `json:"stall_began"`
	StallEnded  int64   `json:"stall_ended"`
	Arrivals    []int64 `json:"arrivals,omitempty"` // in order, Config.Note at most
	Answers     []int64 `json:"answers,omitempty"`  // of the same requests, in the same order
}

// Clock reads CLOCK_MONOTONIC without a system call.
type Clock struct {
	base  int64
	start time.Time
}

// Now is the time in nanoseconds.
func (c Clock) Now() int64 { return c.base + int64(time.Since(c.start)) }
