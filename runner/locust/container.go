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
	scriptPath  = "/locustfile.py" // inside its container
	pagePort  = 8089             // of its page
	pageURL  = "http://127.0.0.1:8089"
	startTime = time.Minute      // from its start to its first user
	stopTime  = 10 * time.Second // what is under way at the end of the run time may take this long
	pageStays = 30 * time.Second // its page, after the load
	graceTime = 15 * time.Second // over its run time, after which it ends by itself

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
func (l Driver) Run(ctx context.Context) (*engine.Result, journal.Source, error) {
	source := journal.Source{Driver: journal.Locust, Way: journal.Network}
	container, err := l.start(ctx)
	if err != nil {
		return nil, source, err
	}
	d := &loadRun{Driver: l, container: container}
	err = d.run(ctx)
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTime)
	defer cancel()
	if err != nil {
		err = d.withLogTail(last, err)
	}
	if removed := container.Remove(last); err == nil {
		err = removed
	}
	if err != nil || d.result.result.Seconds <= 0 {
		return nil, source, err
	}
	source.Version, source.CPUShare = d.result.version, d.result.cpuShare
	return &d.result.result, source, nil
}

// start publishes the page of Locust where that is free.
func (l Driver) start(ctx context.Context) (Container, error) {
	spec := containers.Spec{
		Service: string(journal.Locust), Role: containers.Generator, Trial: l.Trial, Image: l.ImageID,
		Entrypoint: []string{"locust"}, Command: l.command(),
		Files:    []containers.File{{Path: scriptPath, Mode: 0o644, Data: l.Data}},
		Networks: l.Networks, Hosts: l.Hosts, Expose: []int{pagePort},
		Ports: []containers.Port{{Address: "127.0.0.1", Host: pagePort, Container: pagePort}},
	}
	doing := "load by Locust for " + units.Duration(l.Load.Runtime)
	l.Status(doing + ", its page is at " + pageURL)
	container, err := l.Start(ctx, spec)
	if fault, is := errors.AsType[*containers.Error](err); is && fault.Kind == containers.PortInUse {
		l.Status(fmt.Sprintf("%s, without its page: port %d is taken", doing, pagePort))
		spec.Ports = nil
		container, err = l.Start(ctx, spec)
	}
	if fault, is := errors.AsType[*containers.Error](err); is && fault.Kind == containers.CannotStart {
		return nil, &containers.Error{
			Kind: containers.CannotStart, Err: err,
			Summary: fmt.Sprintf("the image %s of the driver cannot run Locust: %s", l.Image, fault.Summary),
			Help:    "name an image that has the command `locust`",
		}
	}
	return container, err
}

// command has only what all versions since 2.2 know. It is told to stop
// at the end of the run time, which its own clock begins too early; should
// nobody tell it, it ends a little later by itself. The figures are fetched
// after the end: --autoquit keeps them there.
func (l Driver) command() []string {
	seconds := func(d time.Duration) string { return strconv.Itoa(int(math.Ceil(d.Seconds()))) }
	return []string{
		"--locustfile", scriptPath, "--host", "http://" + l.Host,
		"--users", strconv.Itoa(l.Load.Users), "--spawn-rate", strconv.FormatFloat(l.Load.SpawnRate, 'f', -1, 64),
		"--run-time", seconds(l.Load.Runtime+graceTime) + "s", "--stop-timeout", seconds(stopTime),
		"--headful", "--autostart", "--autoquit", seconds(pageStays),
		"--only-summary", "--exit-code-on-error", "0",
	}
}

// logEvent is an event of Locust's log.
type logEvent struct {
	event   event
	version string
	at      time.Time // when it was read
}

// follow hands on what the log tells, until the container or ctx ends. A log
// that breaks off is read again from its start.
func (d *loadRun) follow(ctx context.Context, milestones chan<- logEvent) {
	defer close(milestones)
	for ctx.Err() == nil {
		d.read(ctx, milestones)
		if state, err := d.container.State(ctx); err != nil || !state.Running {
			return
		}
		wait.For(ctx, followAgain)
	}
}

func (d *loadRun) read(ctx context.Context, milestones chan<- logEvent) {
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
		case milestones <- logEvent{event, version, time.Now()}:
		case <-ctx.Done():
			return
		}
	}
}

// scriptError is a locustfile that cannot be run as the plan wants it.
func (l Driver) scriptError(what, help string) error {
	return &containers.Error{
		Kind: containers.CannotStart, Summary: fmt.Sprintf("Locust cannot run %s: %s", l.File, what), Help: help,
	}
}

// withLogTail adds the last lines of the log to a fault of the locustfile.
func (d *loadRun) withLogTail(ctx context.Context, err error) error {
	fault, is := errors.AsType[*containers.Error](err)
	if !is || fault.Kind != containers.CannotStart || fault.Help != "" {
		return err
	}
	lines, _ := d.container.Logs(ctx, logLines)
	explained := *fault
	explained.Help = "it printed nothing"
	if words := logTail(lines); words != "" {
		explained.Help = "it printed last: " + words
	}
	return &explained
}
