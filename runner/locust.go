package runner

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"plan/containers"
	"plan/engine/locust"
	"plan/internal/units"
	"plan/plans"
)

const (
	locustFile  = "/locustfile.py" // inside its container
	locustPort  = 8089             // of its page
	locustPage  = "http://127.0.0.1:8089"
	locustStart = time.Minute      // from its start to its first user
	locustStop  = 10 * time.Second // what is under way at the end of the run time may take this long
	locustStays = 30 * time.Second // its page, after the load
	locustGrace = 15 * time.Second // over its run time, after which it ends by itself
)

// driveLocust puts the load of an order on a target inside the networks with
// Locust, in a container that is gone when it returns. When ctx
// ends the load stops, and its result is what it had counted. An error is the
// environment's: an image that is no Locust, a locustfile that cannot be run.
func (r *run) driveLocust(ctx context.Context, o order, to target, networks []string) (locustRun, error) {
	instance, err := r.startLocust(ctx, o, to, networks)
	if err != nil {
		return locustRun{}, err
	}
	d := &drive{run: r, order: o, instance: instance}
	err = d.load(ctx)
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTime)
	defer cancel()
	if err != nil {
		err = d.inItsWords(last, err)
	}
	return d.shown, firstError(err, instance.Remove(last))
}

// startLocust publishes the page of Locust where that is free.
func (r *run) startLocust(ctx context.Context, o order, to target, networks []string) (Instance, error) {
	driver := *o.stage.Load.Driver
	spec := containers.Spec{
		Service: driver.Kind, Role: containers.Generator, Trial: o.id, Image: r.pinned(driver.Image),
		Entrypoint: []string{"locust"}, Command: locustCommand(o, to.host),
		Files:    []containers.File{{Path: locustFile, Mode: 0o644, Data: driver.Data}},
		Networks: networks, Hosts: to.names, Expose: []int{locustPort},
		Ports: []containers.Port{{Address: "127.0.0.1", Host: locustPort, Container: locustPort}},
	}
	doing := "load by Locust for " + units.Duration(o.load.Runtime)
	r.status(o, doing+", its page is at "+locustPage)
	instance, err := r.Runtime.Start(ctx, spec)
	if fault, is := errors.AsType[*containers.Error](err); is && fault.Kind == containers.PortInUse {
		r.status(o, fmt.Sprintf("%s, without its page: port %d is taken", doing, locustPort))
		spec.Ports = nil
		instance, err = r.Runtime.Start(ctx, spec)
	}
	if fault, is := errors.AsType[*containers.Error](err); is && fault.Kind == containers.CannotStart {
		return nil, &containers.Error{
			Kind: containers.CannotStart, Err: err,
			Summary: fmt.Sprintf("the image %s of the driver cannot run Locust: %s", driver.Image, fault.Summary),
			Help:    "name an image that has the command `locust`",
		}
	}
	return instance, err
}

// locustCommand has only what all versions since 2.2 know. It is told to stop
// at the end of the run time, which its own clock begins too early; should
// nobody tell it, it ends a little later by itself. The figures are fetched
// after the end: --autoquit keeps them there.
func locustCommand(o order, host string) []string {
	seconds := func(d time.Duration) string { return strconv.Itoa(int(math.Ceil(d.Seconds()))) }
	return []string{
		"--locustfile", locustFile, "--host", "http://" + host,
		"--users", strconv.Itoa(o.load.Users), "--spawn-rate", strconv.FormatFloat(o.load.SpawnRate, 'f', -1, 64),
		"--run-time", seconds(o.load.Runtime+locustGrace) + "s", "--stop-timeout", seconds(locustStop),
		"--headful", "--autostart", "--autoquit", seconds(locustStays),
		"--only-summary", "--exit-code-on-error", "0",
	}
}

// milestone is an event of Locust's log.
type milestone struct {
	event   locust.Event
	version string
	at      time.Time // when it was read
}

// follow hands on what the log tells, until the container or ctx ends. A log
// that breaks off is read again from its start.
func (d *drive) follow(ctx context.Context, milestones chan<- milestone) {
	defer close(milestones)
	for ctx.Err() == nil {
		d.read(ctx, milestones)
		if state, err := d.instance.State(ctx); err != nil || !state.Running {
			return
		}
		pause(ctx, followAgain)
	}
}

func (d *drive) read(ctx context.Context, milestones chan<- milestone) {
	log, err := d.instance.Follow(ctx)
	if err != nil {
		return
	}
	defer log.Close()
	lines := bufio.NewScanner(log)
	for lines.Buffer(nil, longestLine); lines.Scan(); {
		event, version := locust.Read(lines.Text())
		if event == locust.None {
			continue
		}
		select {
		case milestones <- milestone{event, version, time.Now()}:
		case <-ctx.Done():
			return
		}
	}
}

// locustFault is a locustfile that cannot be run as the plan wants it.
func locustFault(driver plans.Driver, what, help string) error {
	return &containers.Error{
		Kind: containers.CannotStart, Summary: fmt.Sprintf("Locust cannot run %s: %s", driver.File, what), Help: help,
	}
}

// inItsWords adds the last lines of the log to a fault of the locustfile.
func (d *drive) inItsWords(ctx context.Context, err error) error {
	fault, is := errors.AsType[*containers.Error](err)
	if !is || fault.Kind != containers.CannotStart || fault.Help != "" {
		return err
	}
	lines, _ := d.instance.Logs(ctx, logLines)
	explained := *fault
	explained.Help = "it printed nothing"
	if words := locust.LastWords(lines); words != "" {
		explained.Help = "it printed last: " + words
	}
	return &explained
}
