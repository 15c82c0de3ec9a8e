// Package peers defines the load generators that are compared: the command line
// for a load, and the parser of the output.
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

// Model is the load model.
type Model string

// Closed: users send again after each response. Thinking: users pause for a
// second in between; a generator that cannot do so sends as many requests over
// as many connections. Open: a constant rate.
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
	Rate    int // per second; not for Closed
	Seconds int
	Folder  string // where Unpack wrote its files
}

// Call is a command line.
type Call struct {
	Arguments []string // the first is the program
	Environ   []string // in addition to the current environment
	Input     string   // standard input
	// Then prints the results, if the program does not. It runs after the
	// measurement.
	Then []string
}

// Reported holds a generator's own figures. Times are in seconds.
type Reported struct {
	P50     *float64 `json:"p50,omitempty"`
	P99     *float64 `json:"p99,omitempty"`
	P999    *float64 `json:"p999,omitempty"`
	Max     *float64 `json:"max,omitempty"`
	Errors  *int64   `json:"errors,omitempty"`
	Dropped *int64   `json:"dropped,omitempty"` // requests of an open model that were not sent
}

// Peer is a load generator with one way to call it.
type Peer struct {
	Name    string
	Program string // name on the PATH, or a path
	Package string // Debian package, for the version; "" if the program prints it
	Get     string // how to install it
	Call    func(program string, j Job) Call
	Read    func(stdout string) (Reported, error)
}

// Ours is the name of the peer that the others are compared with.
const Ours = "plan"

// All returns the peers in the order of tables. ours is the path of our
// program.
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

// contentType is the content type of the body.
const contentType = "application/json"

//go:embed files
var files embed.FS

// Unpack writes the files that calls refer to into a folder: scripts, and the
// body.
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

// words splits a command line. Each %s is a part of one argument, whatever it
// contains.
func words(format string, values ...any) []string {
	fields := strings.Fields(format)
	for i, field := range fields {
		n := strings.Count(field, "%")
		fields[i] = fmt.Sprintf(field, values[:n]...)
		values = values[n:]
	}
	return fields
}

// fewUsers is the number of users for generators whose open model needs one, if
// responses take milliseconds.
const fewUsers = 100

// patience is the timeout of a request, in seconds.
const patience = 10

func number(text string, unit float64) *float64 {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil
	}
	v *= unit
	return &v
}
