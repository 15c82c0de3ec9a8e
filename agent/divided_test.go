package agent

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"plan/engine"
)

// TestDividedLoad: what three agents measured together is what the service was
// asked.
func TestDividedLoad(t *testing.T) {
	address, asked := echo(t, ok)
	var agents []Loader
	for range 3 {
		client, _ := pair(t)
		agents = append(agents, client)
	}
	var rec recorder
	got, err := DividedLoad(t.Context(), agents, short(7, 1200*time.Millisecond), []string{address}, &rec)
	if err != nil || len(rec.windows) != 2 || len(got.Series) != 2 || rec.windows[0].Users != 7 {
		t.Fatalf("%+v, %+v, %v", rec.windows, got.Series, err)
	}
	if n := asked.Load(); n < got.Total.OK || n > got.Total.Requests || got.Total.OK < 7 || got.Judged.Latency.P95 == nil {
		t.Errorf("the service was asked %d times: %+v", n, got.Total)
	}
}

// TestALostShare: one agent that ends stops the others, and the error names it.
func TestALostShare(t *testing.T) {
	first, _ := pair(t)
	second, _ := pair(t)
	address, _ := echo(t, atThe20th(func() { go second.Close() }))
	begun := time.Now()
	_, err := DividedLoad(t.Context(), []Loader{first, second}, short(8, time.Hour), []string{address}, nil)
	share, is := errors.AsType[*LostShare](err)
	if !is || share.Agent != 2 || share.Of != 2 || !strings.HasPrefix(share.Error(), "agent 2 of 2: the agent has ended") {
		t.Errorf("%v", err)
	}
	if _, lost := errors.AsType[*Lost](err); !lost || time.Since(begun) > time.Minute {
		t.Errorf("%v after %v", err, time.Since(begun))
	}
	if first.Lost() {
		t.Error("the other agent ended too")
	}
}

func TestADividedLoadThatIsStoppedHasWhatItMeasured(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	address, _ := echo(t, atThe20th(cancel))
	first, _ := pair(t)
	second, _ := pair(t)
	got, err := DividedLoad(ctx, []Loader{first, second}, short(8, time.Hour), []string{address}, nil)
	if err != nil || got.Total.Requests < 20 {
		t.Errorf("%+v, %v", got.Total, err)
	}
}

// preparing is an agent that prepares its share, or cannot.
type preparing struct {
	takes   time.Duration
	err     error
	shares  chan engine.Load
	started *atomic.Int64
	ready   *atomic.Int64
	early   *atomic.Bool // it started before all were ready
	of      int64
}

func (p preparing) Hello() Hello { return Hello{} }

func (p preparing) HeldLoad(
	ctx context.Context, load engine.Load, _ []string, prepared func(context.Context), _ engine.Recorder,
) (engine.Result, error) {
	p.shares <- load
	time.Sleep(p.takes)
	if p.err != nil {
		return engine.Result{}, p.err
	}
	p.ready.Add(1)
	if prepared(ctx); ctx.Err() != nil {
		return engine.Result{}, context.Cause(ctx)
	}
	p.early.Store(p.early.Load() || p.ready.Load() < p.of)
	p.started.Add(1)
	return engine.Result{}, nil
}

// TestSharesStartTogether: no share starts before all are prepared, and none at
// all if one cannot be.
func TestSharesStartTogether(t *testing.T) {
	for name, failure := range map[string]error{"all": nil, "all but one": errors.New("no such host")} {
		p := preparing{
			shares: make(chan engine.Load, 3), started: new(atomic.Int64), ready: new(atomic.Int64), early: new(atomic.Bool), of: 3,
		}
		slow, last := p, p
		slow.takes, last.err = 20*time.Millisecond, failure
		_, err := DividedLoad(t.Context(), []Loader{p, slow, last}, engine.Load{Users: 9, Runtime: time.Second}, nil, nil)
		if failure == nil && (err != nil || p.started.Load() != 3 || p.early.Load()) {
			t.Errorf("%s: %v, %d started, early: %v", name, err, p.started.Load(), p.early.Load())
		}
		if failure != nil && (p.started.Load() != 0 || err == nil || err.Error() != "agent 3 of 3: no such host") {
			t.Errorf("%s: %v, %d started", name, err, p.started.Load())
		}
		seen := map[int]bool{}
		for range 3 {
			share := <-p.shares
			seen[share.Agent] = share.Agents == 3 && share.Users == 9
		}
		if !seen[0] || !seen[1] || !seen[2] {
			t.Errorf("%s: shares %v", name, seen)
		}
	}
}
