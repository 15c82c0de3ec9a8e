package engine

import "time"

// series builds one window per second from the counts of a transport, and their
// total.
type series struct {
	run     *loadRun
	rec     Recorder
	total   *tally
	window  *tally // the current one
	windows []Window
}

func newSeries(lr *loadRun, rec Recorder) *series {
	s := &series{run: lr, rec: rec, total: lr.newTally(), window: lr.newTally()}
	s.total.keeps = false // a long load has many
	return s
}

// add adds counts to the current window and empties the tally.
func (s *series) add(full *tally) {
	s.window.merge(full)
	full.reset()
}

// finish closes the last window after all users have stopped. If the load
// stopped exactly at the end of a second, there is no further window, unless
// something was counted.
func (s *series) finish(lasted time.Duration, users int) {
	whole := s.window.total()
	if lasted > time.Duration(len(s.windows))*time.Second || whole.ok+whole.failed > 0 || len(s.window.exchanges) > 0 {
		s.record(whole, users, int(whole.inFlight))
		return
	}
	s.drain()
}

// close closes the current window.
func (s *series) close(users, waiting int) { s.record(s.window.total(), users, waiting) }

func (s *series) record(whole *counter, users, waiting int) {
	w := Window{
		Second: len(s.windows), Users: users, Waiting: &waiting,
		Requests: whole.ok + whole.failed, OK: whole.ok, Failed: whole.failed,
		Latency: whole.okLatency.percentiles(),
	}
	if s.run.load.Divided() {
		w.Histogram = whole.okLatency.encode()
	}
	s.windows = append(s.windows, w)
	w.Exchanges, s.window.exchanges = s.window.exchanges, nil // the recorder may keep them
	for i := range w.Exchanges {
		w.Exchanges[i].Began += s.run.start.UnixNano()
	}
	s.drain()
	if s.rec != nil {
		s.rec.Record(w)
	}
}

// drain moves the current window into the total.
func (s *series) drain() {
	s.total.merge(s.window)
	s.window.reset()
}
