// Package agent carries jobs (is it ready? one of each request, before a load or
// after it; connections; a load; a page to fetch) into the network of a service
// and their results back: the protocol and both ends of it. Serve is the end in
// the container, Client the other one.
//
// It knows nothing of plans or Docker: a stream goes in, a stream comes out.
// The lines are described in docs/agent-protocol.md.
package agent

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"plan/engine"
	"plan/inference"
	"plan/internal/exchange"
	"plan/internal/host"
)

// Version of the protocol. Both ends must be of the same one.
const Version = 3

// Heartbeats: the client sends a line at least this often, and an agent that
// has read none for silence ends.
const (
	heartbeat = 500 * time.Millisecond
	silence   = 5 * time.Second
	deaf      = 30 * time.Second // without a line from the agent its client gives up
)

// lineLimit is the longest line that either end takes, in bytes.
const lineLimit = 64 << 20

// Types of lines.
const (
	typeHello     = "hello"     // agent: first of all
	typeHost      = "host"      // agent: once a second
	typeWindow    = "window"    // agent: one second of a load
	typeDone      = "done"      // agent: a job's end
	typeError     = "error"     // agent: a line that it could not read
	typeReady     = "ready"     // client: a job
	typeFirst     = "first"     // client: a job
	typeAgain     = "again"     // client: a job
	typeConnect   = "connect"   // client: a job
	typeOver      = "over"      // client: a job
	typeLoad      = "load"      // client: a job
	typeFetch     = "fetch"     // client: a job
	typeCancel    = "cancel"    // client: end a job
	typeHeartbeat = "heartbeat" // client
)

// message is one line, of whatever type.
type message struct {
	Type string `json:"type"`
	ID   int64  `json:"id,omitempty"` // of the job

	Version int    `json:"version,omitempty"` // hello
	BootID  string `json:"boot_id,omitempty"` // hello
	Files   int64  `json:"files,omitempty"`   // hello
	CPUs    int    `json:"cpus,omitempty"`    // hello

	Host *host.Figures `json:"host,omitempty"` // host

	Probe     *inference.Probe   `json:"probe,omitempty"`     // ready
	Address   string             `json:"address,omitempty"`   // first, again, connect
	Within    time.Duration      `json:"within,omitempty"`    // first
	Requests  []exchange.Request `json:"requests,omitempty"`  // first, again, over
	Number    int                `json:"number,omitempty"`    // connect: of connections; over: of the one that is used, from 0
	Job       int64              `json:"job,omitempty"`       // over: the one that connected
	Load      *engine.Load       `json:"load,omitempty"`      // load
	Addresses []string           `json:"addresses,omitempty"` // load
	Page      *Page              `json:"page,omitempty"`      // fetch

	Window   *engine.Window     `json:"window,omitempty"`    // window
	Plain    bool               `json:"plain,omitempty"`     // done of ready: it only takes connections
	NotReady bool               `json:"not_ready,omitempty"` // done of ready: cancelled before it was
	Last     string             `json:"last,omitempty"`      // and what the last attempt came to
	Outcomes []exchange.Outcome `json:"outcomes,omitempty"`  // done of first, again and over
	Cookies  string             `json:"cookies,omitempty"`   // done of first
	From     []string           `json:"from,omitempty"`      // done of connect: this side of each connection
	Result   *engine.Result     `json:"result,omitempty"`    // done of load, without its series: the windows are that
	Answer   *Answer            `json:"answer,omitempty"`    // done of fetch
	Error    string             `json:"error,omitempty"`     // error, or done of a job that could not be done
}

// line is the message as it is written. One that the other end would not take
// is an error.
func (m message) line() ([]byte, error) {
	var line bytes.Buffer
	lines := json.NewEncoder(&line)
	lines.SetEscapeHTML(false)
	if err := lines.Encode(m); err != nil {
		return nil, err
	}
	if line.Len() > lineLimit {
		return nil, fmt.Errorf("the requests and feeds of one load are %d MiB for the agent, which takes %d: make their bodies smaller, or take fewer rows", line.Len()>>20, lineLimit>>20)
	}
	return line.Bytes(), nil
}

// Hello is what an agent says of itself.
type Hello struct {
	Version int
	BootID  string // of the kernel that it runs on
	Files   int64  // that it may open at the same time
	CPUs    int    // that it may use at the same time
}

// NotReady is inference.NotReady: an API was not ready before the wait ended.
type NotReady = inference.NotReady

// Lost says that the stream to the agent ended.
type Lost struct {
	Text string // what came that was not of the protocol, such as the system's words
	Err  error  // how reading ended; nil for a plain end
}

func (e *Lost) Error() string {
	text := "the agent has gone"
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	if e.Text != "" {
		text += fmt.Sprintf(" (it printed %q)", e.Text)
	}
	return text
}

// Unwrap gives how reading ended.
func (e *Lost) Unwrap() error { return e.Err }

func newLines(r io.Reader) *bufio.Scanner {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 64<<10), lineLimit)
	return lines
}
