package engine

import "time"

// series makes one window a second out of what a driver counts, and the total.
type series struct {
	rec     Recorder
	total   *tally
	window  *tally // being made
	windows []Window
}

func newSeries(lr *loadRun, rec Recorder) *series {
	return &series{rec: rec, total: lr.newTally(), window: lr.newTally()}
}

// add takes what was counted and leaves an empty tally.
func (s *series) add(full *tally) {
	s.window.merge(full)
	full.reset()
}

// finish closes the last window once all users have gone. A load that was
// stopped just at the end of a second has none, unless something was counted.
func (s *series) finish(lasted time.Duration, users int) {
	whole := s.window.total()
	if lasted > time.Duration(len(s.windows))*time.Second || whole.ok+whole.failed > 0 {
		s.record(whole, users, int(whole.inFlight))
		return
	}
	s.drain()
}

// close ends a window with as many users active and requests in flight.
func (s *series) close(users, waiting int) { s.record(s.window.total(), users, waiting) }

func (s *series) record(whole *counter, users, waiting int) {
	w := Window{
		Second: len(s.windows), Users: users, Waiting: &waiting,
		Requests: whole.ok + whole.failed, OK: whole.ok, Failed: whole.failed,
		Latency: whole.okLatency.percentiles(),
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
