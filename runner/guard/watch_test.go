package guard

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"plan/internal/host"
	"plan/internal/units"
	"plan/runner/journal"
	"plan/runner/judge"
)

// The guard looks at the host each second, and ends what runs at the first look that
// finds less than its floor.
func TestTheGuardWatches(t *testing.T) {
	const enough, little = units.GiB, units.GiB - 1
	for _, c := range []struct {
		name  string
		looks []units.Bytes // what is left at each look; -1: not known
		end   time.Duration // of what runs, by itself
		want  time.Duration // when it ended
		stops bool
	}{
		{"enough is left", []units.Bytes{enough, enough, enough}, 3500 * time.Millisecond, 3500 * time.Millisecond, false},
		{"too little is left at once", []units.Bytes{little}, time.Minute, time.Second, true},
		{"too little is left later", []units.Bytes{enough, enough, little}, time.Minute, 3 * time.Second, true},
		{"it is not known", []units.Bytes{-1, -1, -1}, 3500 * time.Millisecond, 3500 * time.Millisecond, false},
		{"it is not known at first", []units.Bytes{-1, little}, time.Minute, 2 * time.Second, true},
		{"it ended before", nil, 500 * time.Millisecond, 500 * time.Millisecond, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				looks := 0
				g := &Guard{Floor: units.GiB, Figures: func() (host.Figures, bool) {
					free := c.looks[looks]
					looks++
					return host.Figures{MemoryAvailable: int64(max(0, free))}, free >= 0
				}}
				ended, stop := context.WithTimeout(t.Context(), c.end)
				defer stop()
				ctx, cancel := context.WithCancelCause(ended)
				defer cancel(nil)
				begun := time.Now()
				g.Watch(ctx, cancel)
				if took := time.Since(begun); took != c.want || looks != len(c.looks) || ctx.Err() == nil {
					t.Errorf("it ended after %s and %d looks, want %s and %d", took, looks, c.want, len(c.looks))
				}
				var why judge.Stop
				if stops := errors.As(context.Cause(ctx), &why); stops != c.stops || stops && why.Reason != journal.GuardStop {
					t.Errorf("the cause is %v", context.Cause(ctx))
				}
			})
		})
	}
}
