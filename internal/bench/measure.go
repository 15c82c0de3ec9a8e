package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"plan/internal/bench/figures"
	"plan/internal/bench/peers"
	"plan/internal/bench/referee"
	"plan/internal/host"
)

// bench holds the state of a series of runs.
type bench struct {
	cores
	self   string // path of this program, which is also the referee
	folder string
	runs   int // number of runs so far; each gets its own address
}

// scratch returns the folder with the generators' input files.
func (b *bench) scratch() string { return filepath.Join(b.folder, "scratch") }

// address returns a new address for each run, so that connections of earlier
// runs that the kernel still remembers occupy no ports.
func (b *bench) address() string {
	b.runs++
	return fmt.Sprintf("127.0.0.%d:0", 2+b.runs%250)
}

// measure runs one generator with a shape once, against a new referee. A
// failure of the generator is part of the record; an error is one of this
// program.
func (b *bench) measure(ctx context.Context, s shape, g generator, round int) (record, error) {
	r := record{Shape: s.name, Peer: g.Name, Round: round, Users: s.users, Rate: s.rate, Seconds: s.seconds, Tries: 1}
	machine, err := host.NewReader()
	if err != nil {
		return r, err
	}
	began, own := time.Now(), ownCPU()
	against, err := referee.Start(ctx, s.config(b.address()), b.self, refereeWord)
	if err != nil {
		return r, err
	}
	job := peers.Job{Model: s.model, URL: "http://" + against.Address + referee.Path, Users: s.users, Rate: s.rate, Seconds: s.seconds, Folder: b.scratch()}
	call := g.Call(g.path, job)
	r.Command = call.Arguments
	done, failed := b.run(ctx, call, b.prefix(s, g, round), s.length()+grace)
	log, refereeCPU, err := against.End()
	if err != nil || ctx.Err() != nil {
		return r, first(ctx.Err(), err)
	}
	now, err := machine.Read()
	if err != nil {
		return r, err
	}
	all := time.Duration(now.CPUBusy * float64(time.Since(began)))
	r.Others = max(0, (all-done.cpu-refereeCPU-(ownCPU()-own)).Seconds()/time.Since(began).Seconds())
	r.used(done)
	r.logged(s, log, done.started)
	switch {
	case failed != nil:
		r.Failed = failed.Error()
	case done.late:
		r.Failed = fmt.Sprintf("killed: it did not end within %.0f s", done.wall.Seconds())
	case log.Requests == 0:
		r.Failed = fmt.Sprintf("it sent nothing, and ended with exit code %d", done.exit)
	case log.Strange > 0:
		r.Failed = fmt.Sprintf("%d of %d requests were not the one that was asked for", log.Strange, log.Requests)
	case r.Peak == 0:
		r.Failed = "its memory was not seen"
	default:
		r.Reported, r.Failed = reported(ctx, g, done, call.Then)
	}
	return r, nil
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) prefix(s shape, g generator, round int) string {
	return filepath.Join(b.folder, "printed", fmt.Sprintf("%s-%s-%d", s.name, g.Name, round))
}

// used adds what the process used.
func (r *record) used(c child) {
	r.Wall, r.CPU, r.Peak = c.wall.Seconds(), c.cpu.Seconds(), c.peak
}

// logged adds what the referee measured. The process started at a time of the
// same clock.
func (r *record) logged(s shape, l referee.Log, began int64) {
	since := func(at int64) *float64 {
		if at == 0 {
			return nil
		}
		return new(time.Duration(at - began).Seconds())
	}
	r.Requests, r.Connections, r.Active = l.Requests, l.Connections, l.Active
	r.First, r.AllActive, r.Last = since(l.First), since(l.AllActive), since(l.Last)
	switch {
	case s.stall:
		r.Stall = float64(l.StallEnded-l.StallBegan) / 1e9
		difference := len(l.Arrivals) - s.rate*s.seconds
		if difference < -missing || difference > missing || len(l.Answers) == 0 {
			break // it is not known how long the requests of the schedule waited
		}
		waits := figures.Waits(l.Arrivals, l.Answers, float64(s.rate))
		at := func(share float64) *float64 { return new(figures.Percentile(waits, share)) }
		r.Logged = &peers.Reported{P50: at(0.5), P99: at(0.99), P999: at(0.999), Max: at(1)}
	case s.noted:
		if f := figures.FitTo(l.Arrivals, float64(s.rate), 1, float64(s.seconds)-0.5); f.N > 0 {
			r.Fit = &fit{Rate: f.Rate, SD: f.SD, P99: f.P99}
		}
	}
}

// missing is the maximum number of missing requests with which the log can be
// compared with the schedule, because the log does not show which are missing.
const missing = 5

// reported parses the generator's own figures, from its output or from what its Then
// command makes of it, and returns why they cannot be used.
func reported(ctx context.Context, g generator, c child, then []string) (peers.Reported, string) {
	text, err := c.stdout, error(nil)
	if len(then) > 0 {
		ctx, cancel := context.WithTimeout(ctx, grace)
		defer cancel()
		out, failed := exec.CommandContext(ctx, then[0], then[1:]...).Output()
		if text = string(out); failed != nil {
			err = fmt.Errorf("%s: %w", strings.Join(then, " "), failed)
		}
	}
	if err == nil {
		var reported peers.Reported
		if reported, err = g.Read(text); err == nil {
			return reported, ""
		}
	}
	return peers.Reported{}, fmt.Sprintf("exit code %d: %v", c.exit, err)
}

// ownCPU returns the CPU time that this process has used.
func ownCPU() time.Duration {
	var usage unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
