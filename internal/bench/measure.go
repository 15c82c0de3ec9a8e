package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"plan/internal/bench/figures"
	"plan/internal/bench/peers"
	"plan/internal/bench/referee"
	"plan/internal/host"
)

// bench is where all runs take place.
type bench struct {
	cores
	self   string // this program, which is the referee too
	folder string
	runs   int // so far: each gets an address of its own
}

// scratch is where the generators find what they need.
func (b *bench) scratch() string { return filepath.Join(b.folder, "scratch") }

// address is one of its own for each run: connections of an earlier one that
// the kernel has not forgotten yet take no ports from it.
func (b *bench) address() string {
	b.runs++
	return fmt.Sprintf("127.0.0.%d:0", 2+b.runs%250)
}

// measure lets one generator carry a shape out once, against a referee of its
// own. A generator that fails is a result; an error is one of this program's.
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
	r.Failed = r.failure(failed, done, log)
	if r.Failed == "" {
		r.Said, r.Failed = said(ctx, g, done, call.Then)
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

// used takes over what the process used.
func (r *record) used(c child) {
	r.Wall, r.CPU, r.Peak = c.wall.Seconds(), c.cpu.Seconds(), c.peak
}

// logged takes over what the referee saw, of a process that began at a time of the same clock.
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
		r.Logged = waited(l, s.rate, s.seconds)
	case s.noted:
		r.Fit = newFit(figures.FitTo(l.Arrivals, float64(s.rate), 1, float64(s.seconds)-0.5))
	}
}

// missing is how many requests of a schedule may be missing for the log to be
// held against it: it does not tell which ones.
const missing = 5

// waited is how long requests of a schedule waited by the referee's log; nil
// where not all of them came.
func waited(l referee.Log, rate, seconds int) *peers.Said {
	if difference := len(l.Arrivals) - rate*seconds; difference < -missing || difference > missing || len(l.Answers) == 0 {
		return nil
	}
	waits := figures.Waits(l.Arrivals, l.Answers, float64(rate))
	at := func(share float64) *float64 { return new(figures.Percentile(waits, share)) }
	return &peers.Said{P50: at(0.5), P99: at(0.99), P999: at(0.999), Max: at(1)}
}

// failure says why a run tells nothing; "" where it does.
func (r *record) failure(err error, c child, l referee.Log) string {
	switch {
	case err != nil:
		return err.Error()
	case c.late:
		return fmt.Sprintf("killed: it did not end within %.0f s", c.wall.Seconds())
	case l.Requests == 0:
		return fmt.Sprintf("it sent nothing, and ended with exit code %d", c.exit)
	case l.Strange > 0:
		return fmt.Sprintf("%d of %d requests were not the one that was asked for", l.Strange, l.Requests)
	case r.Peak == 0:
		return "its memory was not seen"
	}
	return ""
}

// said reads what the generator says of its load, and why that is not to be
// read.
func said(ctx context.Context, g generator, c child, then []string) (peers.Said, string) {
	text, err := c.words(ctx, then)
	if err == nil {
		var said peers.Said
		if said, err = g.Read(text); err == nil {
			return said, ""
		}
	}
	return peers.Said{}, fmt.Sprintf("exit code %d: %v", c.exit, err)
}

// ownCPU is what this process used so far.
func ownCPU() time.Duration {
	var usage unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
