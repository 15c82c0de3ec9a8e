package docker

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/docker/docker/api/types/volume"
)

// queueRole is the role of the volume that keeps the place of a run in the queue.
const queueRole = "queue"

// A place in the queue is older than others that were taken in a later second, which
// is the resolution of the engine: the queue is read once that second is over.
const (
	queueSettles = 1100 * time.Millisecond
	queueEvery   = time.Second
)

// Others returns the other runs that use the engine now: those of this machine that
// are alive, and those of other machines with a container that runs. Runs that wait
// are left out.
func (d *Docker) Others(ctx context.Context) ([]Leftover, error) {
	all, err := d.Leftovers(ctx)
	return slices.DeleteFunc(all, func(l Leftover) bool { return l.Run == d.options.Run || !uses(l) }), err
}

// uses reports whether a run uses the engine.
func uses(l Leftover) bool {
	return l.Waits == "" && (l.Life == Alive || l.Life == Unknown && l.Running)
}

// Queue waits until no other run uses the engine and none has waited for longer. It
// calls behind with the runs that it waits for, each time that they change. Runs of
// other machines that wait are not seen. After it has returned without an error, runs
// that wait are behind this one; the label of the run is on its place, so that Clean
// removes it.
func (d *Docker) Queue(ctx context.Context, behind func([]Leftover)) error {
	place := volume.CreateOptions{Name: "plan-" + d.options.Run + "-queue", Labels: labels(d.owner, queueRole)}
	if _, err := d.engine.VolumeCreate(ctx, place); err != nil {
		return d.errs.Wrap("the volume that keeps the place of the run in the queue cannot be created", err)
	}
	err := d.waitInQueue(ctx, behind)
	if err != nil {
		lasting, done := withGrace(ctx)
		defer done()
		err = errors.Join(err, d.engine.VolumeRemove(lasting, place.Name, false))
	}
	return err
}

func (d *Docker) waitInQueue(ctx context.Context, behind func([]Leftover)) error {
	var before []string
	for pause := queueSettles; ; pause = queueEvery {
		if !sleep(ctx, pause) {
			return context.Cause(ctx)
		}
		all, err := d.Leftovers(ctx)
		if err != nil {
			return err
		}
		ahead := aheadOf(all, d.options.Run)
		if len(ahead) == 0 {
			return nil
		}
		var names []string
		for _, l := range ahead {
			names = append(names, l.Run)
		}
		if !slices.Equal(names, before) {
			behind(ahead)
		}
		before = names
	}
}

// aheadOf returns the runs that a run which waits has to wait for.
func aheadOf(all []Leftover, run string) []Leftover {
	var own Leftover
	if i := slices.IndexFunc(all, func(l Leftover) bool { return l.Run == run }); i >= 0 {
		own = all[i]
	}
	return slices.DeleteFunc(slices.Clone(all), func(l Leftover) bool {
		earlier := l.Waits < own.Waits || l.Waits == own.Waits && l.Run < run
		waitsLonger := l.Life == Alive && l.Waits != "" && earlier
		return l.Run == run || !uses(l) && !waitsLonger
	})
}
