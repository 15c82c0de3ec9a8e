package locust

import (
	"encoding/json"
	"fmt"

	"plan/engine"
)

// uiState is the current state in /stats/requests. Locust updates it every other
// second at most.
type uiState struct {
	State   string             // ready, spawning, running, cleanup, stopping, stopped
	Users   int                // active
	Latency engine.Percentiles // P50 and P95 of about the last ten seconds, of failed requests too
}

// stopped reports whether all users have ended.
func (p uiState) stopped() bool { return p.State == "stopped" }

// parseUIState parses /stats/requests of any version since 2.2.
func parseUIState(text []byte) (uiState, error) {
	var state struct {
		State   *string  `json:"state"`
		Users   int      `json:"user_count"`
		OldP50  *float64 `json:"current_response_time_percentile_50"`
		OldP95  *float64 `json:"current_response_time_percentile_95"`
		Current struct {
			P50 *float64 `json:"response_time_percentile_0.5"`
			P95 *float64 `json:"response_time_percentile_0.95"`
		} `json:"current_response_time_percentiles"`
	}
	if err := json.Unmarshal(text, &state); err != nil {
		return uiState{}, fmt.Errorf("its state is not JSON: %w", err)
	}
	if state.State == nil {
		return uiState{}, fmt.Errorf("its state is missing")
	}
	return uiState{State: *state.State, Users: state.Users, Latency: engine.Percentiles{
		P50: milliseconds(state.Current.P50, state.OldP50), P95: milliseconds(state.Current.P95, state.OldP95),
	}}, nil
}

// milliseconds returns the first value that is there, in seconds.
func milliseconds(values ...*float64) *float64 {
	for _, ms := range values {
		if ms != nil {
			return new(*ms / 1000)
		}
	}
	return nil
}

// windowSeries makes the windows of a load from figures that are fetched about
// once a second. The zero value is an empty series.
type windowSeries struct {
	windows []engine.Window
	last    statsRow
	erased  bool // something else has reset the counters of Locust
}

// add adds a window: the requests since the one before. Its latencies are Locust's
// of the last ten seconds, and missing once a request has failed.
func (l *windowSeries) add(page uiState, stats requestStats) engine.Window {
	now := stats.Total
	l.checkFall(now)
	w := engine.Window{
		Second: len(l.windows), Users: page.Users,
		Requests: now.Requests - l.last.Requests, OK: now.OK() - l.last.OK(), Failed: now.Failed - l.last.Failed,
	}
	if now.Failed == 0 {
		w.Latency = page.Latency
	}
	l.windows, l.last = append(l.windows, w), now
	return w
}

// reset notes that Locust counts from 0 again, and what it had counted by then.
// Requests since the last window belong to the next one.
func (l *windowSeries) reset(stats requestStats) {
	l.checkFall(stats.Total)
	l.last.Requests -= stats.Total.Requests
	l.last.Failed -= stats.Total.Failed
}

// checkFall notes counters that have fallen, which another reset than that of the
// driver does: what they were is lost.
func (l *windowSeries) checkFall(now statsRow) {
	if now.Requests < l.last.Requests || now.Failed < l.last.Failed {
		l.erased, l.last = true, statsRow{}
	}
}
