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

// measured tells whether a turn is among the records.
func (t turn) measured(records []record) bool {
	wanted := record{Shape: t.shape.name, Peer: t.peer, Round: t.round, Users: t.shape.users, Rate: t.shape.rate, Seconds: t.shape.seconds}
	return slices.ContainsFunc(records, wanted.is)
}

// estimate is about how long turns take on a quiet machine.
func estimate(turns []turn) (sum time.Duration) {
	const around = 1500 * time.Millisecond // start, end, pause
	for _, t := range turns {
		sum += t.shape.length() + around
	}
	return sum
}

// measureAll carries out what the options want. What was measured is kept in
// a file as it comes.
func measureAll(ctx context.Context, o options) ([]record, world, error) {
	b, w, records, err := prepare(ctx, o)
	if err != nil {
		return nil, w, err
	}
	todo := slices.DeleteFunc(turns(o), func(t turn) bool {
		_, here := w.find(t.peer)
		return !here || t.measured(records)
	})
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
	return wanted(records, turns(o)), w, nil
}

// wanted leaves out records that other options made.
func wanted(records []record, turns []turn) []record {
	return slices.DeleteFunc(records, func(r record) bool {
		return !slices.ContainsFunc(turns, func(t turn) bool { return t.measured([]record{r}) })
	})
}

// prepare sees to all that runs need, and measures what needs no run.
func prepare(ctx context.Context, o options) (b *bench, w world, records []record, err error) {
	if o.resume {
		records, err = readRecords(o.results())
	} else if err = os.Remove(o.results()); errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if err != nil {
		return nil, w, nil, err
	}
	b = &bench{}
	if b.self, err = os.Executable(); err != nil {
		return nil, w, nil, err
	}
	if b.folder, err = filepath.Abs(o.folder); err != nil {
		return nil, w, nil, err
	}
	if b.cores, err = twoCores(); err != nil {
		return nil, w, nil, err
	}
	w = survey(ctx, o, b.cores)
	if err = peers.Unpack(b.scratch(), referee.Body); err != nil {
		return nil, w, nil, err
	}
	const files = 12_000 // for 10,000 connections
	if err = raiseFiles(files); err != nil {
		return nil, w, nil, err
	}
	return b, w, records, pinAll(b.referee)
}

// undisturbed measures, again while others use the machine, and keeps the run
// that was disturbed least.
func (b *bench) undisturbed(ctx context.Context, t turn, g generator, repeats int) (best record, err error) {
	for try := 1; try <= 1+repeats; try++ {
		if err := rest(ctx); err != nil {
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

// rest lets the kernel end what the run before left.
func rest(ctx context.Context) error {
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
