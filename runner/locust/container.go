package locust

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"path"
	"slices"
	"strconv"
	"time"

	"plan/agent"
	"plan/containers"
	"plan/engine"
	"plan/internal/units"
	"plan/internal/wait"
	"plan/runner/journal"
)

const (
	scriptName = "locustfile.py"
	folderPath = "/locust-files"     // that Locust starts in, where it has files besides the script
	needsPath  = "/requirements.txt" // in the container
	pagePort   = 8089                // of the web page
	pageURL    = "http://127.0.0.1:8089"
	startTime  = time.Minute      // from the start of the container to the first user
	pipTime    = 5 * time.Minute  // of pip, besides startTime
	stopTime   = 10 * time.Second // for requests in flight at the end of the run time
	pageStays  = 30 * time.Second // of the web page after the load
	graceTime  = 15 * time.Second // after the run time, before Locust ends by itself

	cleanupTime = 30 * time.Second
	logLines    = 50
	longestLine = 64 << 20               // of the log
	followAgain = 250 * time.Millisecond // after a log that ended before the container did
)

// Container is the container that Locust runs in.
type Container interface {
	// Address returns host:port of Locust's web page, inside the network.
	Address() string
	Usage() (containers.Usage, bool)
	State(ctx context.Context) (containers.State, error)
	Logs(ctx context.Context, lines int) ([]string, error)
	Follow(ctx context.Context) (io.ReadCloser, error)
	Remove(ctx context.Context) error
}

// File is a file that the locustfile needs.
type File struct {
	Name string // relative to the folder that Locust starts in, with slashes
	Data []byte
}

// Driver makes one load with Locust, in a container of its own.
type Driver struct {
	File    string // locustfile, as the plan names it
	Data    []byte // its contents
	Image   string // with Locust, as the plan names it
	ImageID string // that the container is started from
	Trial   string // id

	Environment  map[string]string
	Args         []string // further arguments
	Tags         []string
	Files        []File
	Folder       string   // of the locustfile, relative to the folder that Locust starts in
	Requirements []byte   // requirements.txt to install at the start; nil: nothing is installed
	Shape        bool     // a LoadTestShape sets the users, and ends the load within its runtime
	Bounds       []string // metrics that thresholds bound

	Load     engine.Load
	Host     string            // host:port of the service, inside the networks
	Hosts    map[string]string // names to IP addresses, where the networks do not resolve them
	Networks []string

	Start  func(context.Context, containers.Spec) (Container, error)
	Fetch  func(context.Context, agent.Page) (agent.Answer, error) // from inside the networks
	Status func(doing string)
	Window func(engine.Window)
	Note   func(string)
}

// Run puts the load on the service, in a container that is removed before it
// returns. When ctx ends the load stops, and the result is what Locust had
// counted; it is nil where no user had begun. An error is the environment's: an
// image without Locust, a locustfile that cannot be run. If the container cannot be
// removed, that error comes beside the result.
func (d Driver) Run(ctx context.Context) (*engine.Result, journal.Source, error) {
	source := journal.Source{Driver: journal.Locust, Way: journal.Network}
	container, err := d.start(ctx)
	if err != nil {
		return nil, source, err
	}
	r := &loadRun{Driver: d, container: container, ends: map[string]string{}}
	err = r.run(ctx)
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTime)
	defer cancel()
	if err != nil {
		// The end of the log explains an error of the locustfile that has no help.
		fault, is := errors.AsType[*containers.Error](err)
		if is && fault.Kind == containers.CannotStart && fault.Help == "" {
			lines, _ := container.Logs(last, logLines)
			explained := *fault
			explained.Help = "its log is empty"
			if words := logTail(lines); words != "" {
				explained.Help = "the end of its log: " + words
			}
			err = &explained
		}
	}
	removed := container.Remove(last)
	if err != nil {
		return nil, source, err
	}
	if r.outcome.result.Seconds <= 0 {
		return nil, source, removed
	}
	source.Version, source.CPUShare, source.Began = r.outcome.version, r.outcome.cpuShare, r.began
	if d.Shape && !r.rose.IsZero() {
		source.RisesUntil = r.rose.Sub(r.began).Seconds()
	}
	return &r.outcome.result, source, removed
}

// start starts Locust, and publishes its web page where the port is free.
func (d Driver) start(ctx context.Context) (Container, error) {
	spec := containers.Spec{
		Service: string(journal.Locust), Role: containers.Generator, Trial: d.Trial, Image: d.ImageID,
		Entrypoint: []string{"locust"}, Command: d.command(), Environment: d.Environment,
		Networks: d.Networks, Hosts: d.Hosts, Expose: []int{pagePort},
		Ports: []containers.Port{{Address: "127.0.0.1", Host: pagePort, Container: pagePort}},
	}
	if len(d.Files) > 0 {
		spec.WorkingDir = folderPath
	}
	spec.Files = []containers.File{{Path: d.scriptPath(), Mode: 0o644, Data: d.Data}}
	for _, f := range d.Files {
		if place := path.Join(folderPath, f.Name); place != d.scriptPath() {
			spec.Files = append(spec.Files, containers.File{Path: place, Mode: 0o644, Data: f.Data})
		}
	}
	if d.Requirements != nil {
		spec.Files = append(spec.Files, containers.File{Path: needsPath, Mode: 0o644, Data: d.Requirements})
		spec.Entrypoint = []string{"sh", "-c", "pip install --quiet --disable-pip-version-check --requirement " +
			needsPath + ` && exec locust "$@"`, "locust"}
	}
	doing := "load by Locust for " + units.Duration(d.Load.Runtime)
	if d.Shape {
		doing = "load by Locust until its LoadTestShape ends"
	}
	d.Status(doing + ", its web page is at " + pageURL)
	container, err := d.Start(ctx, spec)
	if fault, is := errors.AsType[*containers.Error](err); is && fault.Kind == containers.PortInUse {
		d.Status(fmt.Sprintf("%s, without its web page: port %d is in use", doing, pagePort))
		spec.Ports = nil
		container, err = d.Start(ctx, spec)
	}
	if fault, is := errors.AsType[*containers.Error](err); is && fault.Kind == containers.CannotStart {
		return nil, &containers.Error{
			Kind: containers.CannotStart, Err: err,
			Summary: fmt.Sprintf("the image %s of the driver cannot run Locust: %s", d.Image, fault.Summary),
			Help:    "name an image that has the command `locust`",
		}
	}
	return container, err
}

// command returns arguments that all versions since 2.2 know. The driver stops
// Locust at the end of the run time, since Locust's own clock starts too early;
// --run-time ends it a little later where the driver does not. --autoquit keeps
// the figures for the driver to fetch after the end.
func (d Driver) command() []string {
	seconds := func(d time.Duration) string { return strconv.Itoa(int(math.Ceil(d.Seconds()))) }
	// The arguments of the plan stand first: what follows overrides them.
	words := slices.Clone(d.Args)
	if len(d.Tags) > 0 {
		words = append(append(words, "--tags"), d.Tags...)
	}
	if !d.Shape { // of which a LoadTestShape has its own
		words = append(words, "--users", strconv.Itoa(d.Load.Users),
			"--spawn-rate", strconv.FormatFloat(d.Load.SpawnRate, 'f', -1, 64), "--run-time",
			seconds(d.Load.Runtime+graceTime)+"s")
	}
	return append(words,
		"--locustfile", d.scriptPath(), "--host", "http://"+d.Host, "--loglevel", "INFO", "--stop-timeout", seconds(stopTime),
		"--headful", "--autostart", "--autoquit", seconds(pageStays),
		"--only-summary", "--exit-code-on-error", "0",
	)
}

// scriptPath is where the locustfile lies in the container.
func (d Driver) scriptPath() string {
	if len(d.Files) > 0 {
		return path.Join(folderPath, d.Folder, scriptName)
	}
	return "/" + scriptName
}

// untilFirstUser is the time from the start of the container in which the first user
// must start.
func (d Driver) untilFirstUser() time.Duration {
	if d.Requirements != nil {
		return startTime + pipTime
	}
	return startTime
}

// logEvent is an event of Locust's log, with the time at which it was read.
type logEvent struct {
	event event
	text  string // the version that has started, or the error that ended a user
	line  string // of a user that ended: unique
	at    time.Time
}

// follow sends the events of the log until the container or ctx ends. A log that
// breaks off is read again from its start.
func (d *loadRun) follow(ctx context.Context, events chan<- logEvent) {
	defer close(events)
	for ctx.Err() == nil {
		d.read(ctx, events)
		if state, err := d.container.State(ctx); err != nil || !state.Running {
			return
		}
		wait.For(ctx, followAgain)
	}
}

func (d *loadRun) read(ctx context.Context, events chan<- logEvent) {
	log, err := d.container.Follow(ctx)
	if err != nil {
		return
	}
	defer log.Close()
	lines, parser := bufio.NewScanner(log), &logParser{}
	for lines.Buffer(nil, longestLine); lines.Scan(); {
		event, text := parser.parse(lines.Text())
		if event == noEvent {
			continue
		}
		select {
		case events <- logEvent{event, text, lines.Text(), time.Now()}:
		case <-ctx.Done():
			return
		}
	}
}

// scriptError is the error of a locustfile that cannot be run as the plan wants.
// An empty help is replaced by the end of the log.
func (d Driver) scriptError(what, help string) error {
	return &containers.Error{
		Kind: containers.CannotStart, Summary: fmt.Sprintf("Locust cannot run %s: %s", d.File, what), Help: help,
	}
}
