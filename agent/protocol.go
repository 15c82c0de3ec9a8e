// Package agent implements the protocol between the runner and the agent, a
// process on the network of a service. The agent executes jobs: readiness
// probes, single requests, connections, loads, and fetches of pages. Serve is
// the agent's side, Client the runner's.
//
// It knows nothing of plans or Docker; it needs only a stream.
// docs/agent-protocol.md describes the lines.
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

// Version is the version of the protocol. Both sides must have the same one.
const Version = 5

// The client sends a line at least once per heartbeat. The agent ends if it
// reads nothing for clientTimeout.
const (
	heartbeat     = 500 * time.Millisecond
	clientTimeout = 5 * time.Second
	agentTimeout  = 30 * time.Second // the client gives up after this time without a line from the agent
)

// lineLimit is the maximum length of a line, in bytes.
const lineLimit = 64 << 20

// Types of lines.
const (
	typeHello     = "hello"     // agent: the first line
	typeHost      = "host"      // agent: once a second
	typePrepared  = "prepared"  // agent: a load that is held can start
	typeWindow    = "window"    // agent: one second of a load
	typeDone      = "done"      // agent: the end of a job
	typeError     = "error"     // agent: an invalid line
	typeReady     = "ready"     // client: a job
	typeFirst     = "first"     // client: a job
	typeAgain     = "again"     // client: a job
	typeConnect   = "connect"   // client: a job
	typeOver      = "over"      // client: a job
	typeLoad      = "load"      // client: a job
	typeStart     = "start"     // client: start a load that is held
	typeFetch     = "fetch"     // client: a job
	typeCancel    = "cancel"    // client: cancel a job
	typeSecrets   = "secrets"   // client: texts that no outcome may quote; before the first job
	typeHeartbeat = "heartbeat" // client
)

// message is a line of any type.
type message struct {
	Type string `json:"type"`
	ID   int64  `json:"id,omitempty"` // of the job

	Version int    `json:"version,omitempty"` // hello
	BootID  string `json:"boot_id,omitempty"` // hello
	Files   int64  `json:"files,omitempty"`   // hello
	CPUs    int    `json:"cpus,omitempty"`    // hello

	Host *host.Figures `json:"host,omitempty"` // host

	Probe    *inference.Probe   `json:"probe,omitempty"`    // ready
	Address  string             `json:"address,omitempty"`  // first, again, connect
	Within   time.Duration      `json:"within,omitempty"`   // first
	Requests []exchange.Request `json:"requests,omitempty"` // first, again, over
	// Connect: number of connections; over: index of a connection, from 0.
	Number    int          `json:"number,omitempty"`
	Job       int64        `json:"job,omitempty"`       // over: the connect job
	Load      *engine.Load `json:"load,omitempty"`      // load
	Addresses []string     `json:"addresses,omitempty"` // load
	Held      bool         `json:"held,omitempty"`      // load: it waits for a start
	Page      *Page        `json:"page,omitempty"`      // fetch
	Secrets   []string     `json:"secrets,omitempty"`   // secrets

	Window   *engine.Window     `json:"window,omitempty"`    // window
	Plain    bool               `json:"plain,omitempty"`     // done of ready: it only accepts connections
	NotReady bool               `json:"not_ready,omitempty"` // done of ready: cancelled before the API was ready
	Last     string             `json:"last,omitempty"`      // done of ready: result of the last attempt
	Outcomes []exchange.Outcome `json:"outcomes,omitempty"`  // done of first, again and over
	Cookies  string             `json:"cookies,omitempty"`   // done of first
	From     []string           `json:"from,omitempty"`      // done of connect: local address of each connection
	// Done of load, without the series: the client has the windows.
	Result *engine.Result `json:"result,omitempty"`
	Answer *Answer        `json:"answer,omitempty"` // done of fetch
	Error  string         `json:"error,omitempty"`  // error, or done of a job that failed
}

// line returns the message as it is written. A message longer than lineLimit is
// an error.
func (m message) line() ([]byte, error) {
	var line bytes.Buffer
	lines := json.NewEncoder(&line)
	lines.SetEscapeHTML(false)
	if err := lines.Encode(m); err != nil {
		return nil, err
	}
	if line.Len() > lineLimit {
		return nil, fmt.Errorf("the requests and feeds of the load have %d MiB, above the limit of %d MiB: "+
			"make their bodies smaller or use fewer rows", line.Len()>>20, lineLimit>>20)
	}
	return line.Bytes(), nil
}

// Hello is the greeting of an agent.
type Hello struct {
	Version int
	BootID  string // of the agent's kernel
	Files   int64  // limit of open files
	CPUs    int    // CPUs that it can use at the same time
}

// NotReady is inference.NotReady: an API was not ready in time.
type NotReady = inference.NotReady

// Lost is the error after the stream to the agent ended.
type Lost struct {
	Text string // output that was not part of the protocol, such as an error of the system
	Err  error  // read error; nil for a regular end
}

func (e *Lost) Error() string {
	text := "the agent has ended"
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	if e.Text != "" {
		text += fmt.Sprintf(" (it printed %q)", e.Text)
	}
	return text
}

// Unwrap returns the read error.
func (e *Lost) Unwrap() error { return e.Err }

func newLines(r io.Reader) *bufio.Scanner {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 64<<10), lineLimit)
	return lines
}
