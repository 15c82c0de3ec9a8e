package engine

import (
	"context"
	"time"
)

// series makes one window a second out of the shards, and their total.
type series struct {
	crew    *crew
	rec     Recorder
	total   *tally
	window  *tally // being made
	spare   *tally
	windows []Window
}

func newSeries(c *crew, rec Recorder) *series {
	empty := func() *tally { return newTally(len(c.load.Requests), len(c.senders)) }
	return &series{crew: c, rec: rec, total: empty(), window: empty(), spare: empty()}
}

// follow closes a window at the end of each whole second until ctx ends. The
// last window is left to finish.
func (s *series) follow(ctx context.Context) {
	timer := stoppedTimer()
	for end := time.Second; end < s.crew.load.Runtime; end += time.Second {
		if !sleepUntil(ctx, timer, s.crew.start.Add(end)) {
			return
		}
		s.close(int(s.crew.active.Load()), int(s.crew.waiting.Load()))
	}
	<-ctx.Done()
}

// finish closes the last window once all users have gone. A load that was
// stopped just at the end of a second has none, unless something was counted.
func (s *series) finish(lasted time.Duration) {
	s.collect()
	whole := s.window.whole()
	if lasted > time.Duration(len(s.windows))*time.Second || whole.ok+whole.failed > 0 {
		s.record(whole, int(s.crew.active.Load()), s.inFlight())
		return
	}
	s.drain()
}

func (s *series) close(users, waiting int) {
	s.collect()
	s.record(s.window.whole(), users, waiting)
}

// collect empties the shards into the window.
func (s *series) collect() {
	for _, shard := range s.crew.shards {
		full := shard.swap(s.spare)
		s.window.merge(full)
		full.reset()
		s.spare = full
	}
}

func (s *series) record(whole *counter, users, waiting int) {
	w := Window{
		Second: len(s.windows), Users: users, Waiting: &waiting,
		Requests: whole.ok + whole.failed, OK: whole.ok, Failed: whole.failed,
		Latency: whole.okTook.percentiles(),
	}
	s.drain()
	s.windows = append(s.windows, w)
	if s.rec != nil {
		s.rec.Record(w)
	}
}

// drain moves the window into the total.
func (s *series) drain() {
	s.total.merge(s.window)
	s.window.reset()
}

// inFlight is how many requests were cut at the end.
func (s *series) inFlight() int { return int(s.window.whole().inFlight) }
