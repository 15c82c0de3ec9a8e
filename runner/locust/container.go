package locust

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
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
	scriptPath = "/locustfile.py" // in the container
	pagePort   = 8089             // of the web page
	pageURL    = "http://127.0.0.1:8089"
	startTime  = time.Minute      // from the start of the container to the first user
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

// Driver makes one load with Locust, in a container of its own.
type Driver struct {
	File     string // locustfile, as the plan names it
	Data     []byte // its contents
	Image    string // with Locust, as the plan names it
	ImageID  string // that the container is started from
	Trial    string // id
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
// image without Locust, a locustfile that cannot be run.
func (d Driver) Run(ctx context.Context) (*engine.Result, journal.Source, error) {
	source := journal.Source{Driver: journal.Locust, Way: journal.Network}
	container, err := d.start(ctx)
	if err != nil {
		return nil, source, err
	}
	r := &loadRun{Driver: d, container: container}
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
	if removed := container.Remove(last); err == nil {
		err = removed
	}
	if err != nil || r.outcome.result.Seconds <= 0 {
		return nil, source, err
	}
	source.Version, source.CPUShare = r.outcome.version, r.outcome.cpuShare
	return &r.outcome.result, source, nil
}

// start starts Locust, and publishes its web page where the port is free.
func (d Driver) start(ctx context.Context) (Container, error) {
	spec := containers.Spec{
		Service: string(journal.Locust), Role: containers.Generator, Trial: d.Trial, Image: d.ImageID,
		Entrypoint: []string{"locust"}, Command: d.command(),
		Files:    []containers.File{{Path: scriptPath, Mode: 0o644, Data: d.Data}},
		Networks: d.Networks, Hosts: d.Hosts, Expose: []int{pagePort},
		Ports: []containers.Port{{Address: "127.0.0.1", Host: pagePort, Container: pagePort}},
	}
	doing := "load by Locust for " + units.Duration(d.Load.Runtime)
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
	return []string{
		"--locustfile", scriptPath, "--host", "http://" + d.Host,
		"--users", strconv.Itoa(d.Load.Users), "--spawn-rate", strconv.FormatFloat(d.Load.SpawnRate, 'f', -1, 64),
		"--run-time", seconds(d.Load.Runtime+graceTime) + "s", "--stop-timeout", seconds(stopTime),
		"--headful", "--autostart", "--autoquit", seconds(pageStays),
		"--only-summary", "--exit-code-on-error", "0",
	}
}

// logEvent is an event of Locust's log, with the time at which it was read.
type logEvent struct {
	event   event
	version string
	at      time.Time
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
	lines := bufio.NewScanner(log)
	for lines.Buffer(nil, longestLine); lines.Scan(); {
		event, version := parseLine(lines.Text())
		if event == noEvent {
			continue
		}
		select {
		case events <- logEvent{event, version, time.Now()}:
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
