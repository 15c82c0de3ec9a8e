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

// disturbance is how many CPUs other processes may use during a run that
// counts.
const disturbance = 1.0 / 3

// turn is one run that is to take place.
type turn struct {
	shape shape
	peer  string
	round int
}

// turns are all runs in their order.
func turns(o options) (turns []turn) {
	for _, s := range chosen(o) {
		for round := 1; round <= o.rounds; round++ {
			for _, peer := range s.order(round, o.wants) {
				turns = append(turns, turn{s, peer, round})
			}
		}
	}
	return turns
}

// record is what a turn's record has in any case.
func (t turn) record() record {
	return record{Shape: t.shape.name, Peer: t.peer, Round: t.round, Users: t.shape.users, Rate: t.shape.rate, Seconds: t.shape.seconds}
}

// sameRound tells whether two turns are of one round.
func (t turn) sameRound(u turn) bool { return t.shape.name == u.shape.name && t.round == u.round }

// rest divides turns into those that are still to take place, and the records
// of the others. A round is measured as a whole, as its runs are held against
// each other: it counts where nothing of it is missing or was disturbed.
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
			whole = whole && (!t.sameRound(u) || found[j] != nil && !found[j].Disturbed)
		}
		if whole {
			done = append(done, *found[i])
		} else {
			todo = append(todo, t)
		}
	}
	return todo, done
}

// estimate is about how long turns take on a quiet machine.
func estimate(turns []turn) (sum time.Duration) {
	const around = 2 * time.Second // start, end, pause
	for _, t := range turns {
		sum += t.shape.length() + around
	}
	return sum
}

// measureAll carries out what the options want. What was measured is kept in
// a file as it comes.
func measureAll(ctx context.Context, o options) ([]record, world, error) {
	before, err := earlier(o)
	if err != nil {
		return nil, world{}, err
	}
	b, w, err := prepare(ctx, o)
	if err != nil {
		return nil, w, err
	}
	absent := func(t turn) bool { _, here := w.find(t.peer); return !here }
	todo, records := rest(slices.DeleteFunc(turns(o), absent), before)
	tell("%d runs, about %s on a quiet machine", len(todo), estimate(todo).Round(time.Minute/2))
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
		tell("%d/%d %s", i+1, len(todo), r)
	}
	return records, w, nil
}

// prepare sees to all that runs need, and looks around.
func prepare(ctx context.Context, o options) (*bench, world, error) {
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
	w := survey(ctx, o, both)
	const files = 12_000 // for 10,000 connections
	return b, w, first(ctx.Err(), peers.Unpack(b.scratch(), referee.Body), raiseFiles(files), pinAll(both.referee))
}

// earlier gives what was measured before, where the options want it, and puts
// it aside otherwise.
func earlier(o options) ([]record, error) {
	if o.resume {
		return readRecords(o.results())
	}
	err := os.Rename(o.results(), o.results()+".before")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return nil, err
}

// undisturbed measures, again while others use the machine, and keeps the run
// that was disturbed least.
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
		tell("%s %s: others used %.2f CPUs", t.shape.name, t.peer, r.Others)
	}
	return best, nil
}

// pause lets the kernel end what the run before left.
func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Second):
		return nil
	}
}

func tell(format string, values ...any) {
	fmt.Fprintf(os.Stderr, "bench: "+format+"\n", values...)
}

// String is a line for people who watch.
func (r record) String() string {
	text := fmt.Sprintf("%s, round %d, %s: ", r.Shape, r.Round, r.Peer)
	if r.Failed != "" {
		return text + r.Failed
	}
	return text + fmt.Sprintf("%d requests in %.1f s, %.1f µs of CPU each, %.0f MB, others %.2f CPUs",
		r.Requests, r.Wall, r.CPU/float64(r.Requests)*1e6, float64(r.Peak)/1e6, r.Others)
}
