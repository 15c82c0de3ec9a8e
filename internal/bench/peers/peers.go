// Package peers is the load generators that are measured side by side: how
// each is called for a load, and what it says of it.
//
// It starts nothing and knows nothing of rounds, goals or the referee.
package peers

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Model is how a load comes about.
type Model string

// Closed: users that ask again as soon as they have an answer. Thinking: users
// that pause for a second in between; who cannot do so sends as many requests
// over as many connections. Open: requests at a constant rate.
const (
	Closed   Model = "closed"
	Thinking Model = "thinking"
	Open     Model = "open"
)

// Job is one load.
type Job struct {
	Model   Model
	URL     string
	Users   int
	Rate    int // per second; where the model is not Closed
	Seconds int
	Folder  string // with what Unpack put there
}

// Call is what carries a job out.
type Call struct {
	Arguments []string // the first is the program
	Environ   []string // besides the one at hand
	Input     string   // standard input
	// Then makes words of what the program left, where it does not print them:
	// it costs nothing that is measured.
	Then []string
}

// Said is what a generator says of its load, as far as it says it. Times in
// seconds.
type Said struct {
	P50     *float64 `json:"p50,omitempty"`
	P99     *float64 `json:"p99,omitempty"`
	P999    *float64 `json:"p999,omitempty"`
	Max     *float64 `json:"max,omitempty"`
	Errors  *int64   `json:"errors,omitempty"`
	Dropped *int64   `json:"dropped,omitempty"` // requests of an open model never sent
}

// Peer is a load generator, in one way of calling it.
type Peer struct {
	Name    string
	Program string // on the PATH, or a path
	Package string // of Debian, for its version; "" where the program tells it
	Get     string // how it is got
	Call    func(program string, j Job) Call
	Read    func(stdout string) (Said, error)
}

// Ours is the name of the peer that the others are held against.
const Ours = "plan"

// All are the peers in the order of tables. Ours is the program at a path.
func All(ours string) []Peer {
	debian := func(name string) string { return "apt-get install " + name }
	module := func(path string) string { return "go install " + path }
	return []Peer{
		{Ours, ours, "", "make build", plan, readPlan},
		{"wrk", "wrk", "wrk", debian("wrk"), wrk, readJSON},
		{"ab", "ab", "apache2-utils", debian("apache2-utils"), ab, readAB},
		{"hey", "hey", "hey", debian("hey"), hey, readHey},
		{"vegeta", "vegeta", "", module("github.com/tsenart/vegeta/v12@v12.13.0"), vegeta, readVegeta},
		{"fortio", "fortio", "", module("fortio.org/fortio@v1.63.0"), fortio(), readFortio},
		{"fortio-uniform", "fortio", "", module("fortio.org/fortio@v1.63.0"), fortio("-uniform", "-nocatchup"), readFortio},
		{"k6", "k6", "", module("go.k6.io/k6@v1.8.1"), k6(3000), readJSON},
		{"k6-100", "k6", "", module("go.k6.io/k6@v1.8.1"), k6(100), readJSON},
		{"locust-fast", "locust", "python3-locust", debian("python3-locust"), locust("fast"), readJSON},
		{"locust-http", "locust", "python3-locust", debian("python3-locust"), locust("http"), readJSON},
	}
}

// contentType of the body that is sent.
const contentType = "application/json"

//go:embed files
var files embed.FS

// Unpack puts into a folder what calls refer to: scripts, and the body.
func Unpack(folder, body string) error {
	inside, err := fs.Sub(files, "files")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	names, err := fs.ReadDir(inside, ".")
	if err != nil {
		return err
	}
	for _, name := range names {
		text, err := fs.ReadFile(inside, name.Name())
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, name.Name()), text, 0o644)
		}
		if err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(folder, bodyFile), []byte(body), 0o644)
}

const bodyFile = "body.json"

func (j Job) file(name string) string { return filepath.Join(j.Folder, name) }
func (j Job) body() string            { return j.file(bodyFile) }
func (j Job) runtime() string         { return fmt.Sprintf("%ds", j.Seconds) }

// words are arguments written as one text, in which each %s is a part of one
// argument whatever it holds.
func words(format string, values ...any) []string {
	fields := strings.Fields(format)
	for i, field := range fields {
		n := strings.Count(field, "%")
		fields[i] = fmt.Sprintf(field, values[:n]...)
		values = values[n:]
	}
	return fields
}

// few is how many users an open model of a generator gets that needs to know,
// where all are answered in milliseconds.
const few = 100

// patience is how long a request may wait, in seconds.
const patience = 10

func number(text string, unit float64) *float64 {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil
	}
	v *= unit
	return &v
}
