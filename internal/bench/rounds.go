package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"plan/internal/bench/peers"
	"plan/internal/bench/referee"
)

// disturbance is how many CPUs other processes may use during a valid run.
const disturbance = 1.0 / 3

// turn is one planned run.
type turn struct {
	shape shape
	peer  string
	round int
}

// turns returns all runs in order.
func turns(o options) (turns []turn) {
	for _, s := range chosen(o) {
		for round := 1; round <= o.rounds; round++ {
			for _, peer := range s.order(round, o.includes) {
				turns = append(turns, turn{s, peer, round})
			}
		}
	}
	return turns
}

// record returns a record with the fields that identify the turn.
func (t turn) record() record {
	return record{Shape: t.shape.name, Peer: t.peer, Round: t.round, Users: t.shape.users, Rate: t.shape.rate, Seconds: t.shape.seconds}
}

// rest divides turns into those that remain, and the records of the others. A
// round counts only as a whole, because its runs are compared with each other:
// no run may be missing or disturbed.
func rest(turns []turn, records []record) (todo []turn, done []record) {
	found := make([]*record, len(turns))
	for i, t := range turns {
		for _, r := range records { // the last one is the newest
			if r.is(t.record()) {
				found[i] = &r
			}
		}
	}
	for i, t := range turns {
		whole := true
		for j, u := range turns {
			whole = whole && (t.shape.name != u.shape.name || t.round != u.round || found[j] != nil && !found[j].Disturbed)
		}
		if whole {
			done = append(done, *found[i])
		} else {
			todo = append(todo, t)
		}
	}
	return todo, done
}

// estimate returns the approximate duration of the turns on a quiet machine.
func estimate(turns []turn) (sum time.Duration) {
	const around = 2 * time.Second // start, end and pause
	for _, t := range turns {
		sum += t.shape.length() + around
	}
	return sum
}

// measureAll runs everything that the options ask for, and stores each record
// at once. Records of an earlier call are kept to resume it, and else moved aside.
func measureAll(ctx context.Context, o options) ([]record, world, error) {
	var before []record
	var err error
	if o.resume {
		before, err = readRecords(o.results())
	} else if err = os.Rename(o.results(), o.results()+".before"); errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if err != nil {
		return nil, world{}, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, world{}, err
	}
	folder, err := filepath.Abs(o.folder)
	if err != nil {
		return nil, world{}, err
	}
	both, err := twoCores()
	if err != nil {
		return nil, world{}, err
	}
	b := &bench{cores: both, self: self, folder: folder}
	w := describeMachine(ctx, o, both)
	const files = 12_000 // for 10,000 connections
	err = first(ctx.Err(), peers.Unpack(b.scratch(), referee.Body), raiseFiles(files), pinAll(both.referee))
	if err != nil {
		return nil, w, err
	}
	absent := func(t turn) bool { _, here := w.find(t.peer); return !here }
	todo, records := rest(slices.DeleteFunc(turns(o), absent), before)
	logf("%d runs, about %s on a quiet machine", len(todo), estimate(todo).Round(time.Minute/2))
	for i, t := range todo {
		g, _ := w.find(t.peer)
		r, err := b.undisturbed(ctx, t, g, o.repeats)
		if err != nil {
			return nil, w, err
		}
		if err := r.append(o.results()); err != nil {
			return nil, w, err
		}
		records = append(records, r)
		logf("%d/%d %s", i+1, len(todo), r)
	}
	return records, w, nil
}

// undisturbed repeats a run while others use the machine, and returns the least
// disturbed one.
func (b *bench) undisturbed(ctx context.Context, t turn, g generator, repeats int) (best record, err error) {
	for try := 1; try <= 1+repeats; try++ {
		if err := pause(ctx); err != nil {
			return best, err
		}
		r, err := b.measure(ctx, t.shape, g, t.round)
		if err != nil {
			return best, err
		}
		if try == 1 || r.Others < best.Others {
			best = r
		}
		best.Tries, best.Disturbed = try, best.Others > disturbance
		if !best.Disturbed {
			break
		}
		logf("%s %s: others used %.2f CPUs", t.shape.name, t.peer, r.Others)
	}
	return best, nil
}

// pause gives the kernel time to clean up after a run.
func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Second):
		return nil
	}
}

func logf(format string, values ...any) {
	fmt.Fprintf(os.Stderr, "bench: "+format+"\n", values...)
}

// String returns one line of progress.
func (r record) String() string {
	text := fmt.Sprintf("%s, round %d, %s: ", r.Shape, r.Round, r.Peer)
	if r.Failed != "" {
		return text + r.Failed
	}
	return text + fmt.Sprintf("%d requests in %.1f s, %.1f µs of CPU each, %.0f MB, others %.2f CPUs",
		r.Requests, r.Wall, r.CPU/float64(r.Requests)*1e6, float64(r.Peak)/1e6, r.Others)
}
