package locust

import (
	"encoding/json"
	"fmt"

	"plan/engine"
)

// uiState is what /stats/requests says of the moment. Locust makes it anew every
// other second at most.
type uiState struct {
	State   string             // ready, spawning, running, cleanup, stopping, stopped
	Users   int                // active
	Latency engine.Percentiles // P50 and P95 of about the last ten seconds, of failed requests too
}

// stopped says whether all users have ended.
func (p uiState) stopped() bool { return p.State == "stopped" }

// parseUIState reads what /stats/requests answers, of any version since 2.2.
func parseUIState(text []byte) (uiState, error) {
	var said struct {
		State   *string  `json:"state"`
		Users   int      `json:"user_count"`
		OldP50  *float64 `json:"current_response_time_percentile_50"`
		OldP95  *float64 `json:"current_response_time_percentile_95"`
		Current struct {
			P50 *float64 `json:"response_time_percentile_0.5"`
			P95 *float64 `json:"response_time_percentile_0.95"`
		} `json:"current_response_time_percentiles"`
	}
	if err := json.Unmarshal(text, &said); err != nil {
		return uiState{}, fmt.Errorf("what it says of the moment is no JSON: %w", err)
	}
	if said.State == nil {
		return uiState{}, fmt.Errorf("what it says of the moment has no state")
	}
	return uiState{State: *said.State, Users: said.Users, Latency: engine.Percentiles{
		P50: milliseconds(said.Current.P50, said.OldP50), P95: milliseconds(said.Current.P95, said.OldP95),
	}}, nil
}

// milliseconds gives the first that is there, in seconds.
func milliseconds(values ...*float64) *float64 {
	for _, ms := range values {
		if ms != nil {
			return new(*ms / 1000)
		}
	}
	return nil
}

// windowSeries makes the windows of a load out of what is read of it about once a
// second. Its zero value has begun nothing.
type windowSeries struct {
	windows []engine.Window
	last    statsRow
}

// add adds a window: what has come since the one before. Its latencies are
// Locust's of the last ten seconds, and only there when nothing has failed.
func (l *windowSeries) add(page uiState, stats requestStats) engine.Window {
	now := stats.Total
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

// reset tells that Locust counts from 0 again, and what it had counted by then.
// What has come since the last window belongs to the next one.
func (l *windowSeries) reset(stats requestStats) {
	l.last.Requests -= stats.Total.Requests
	l.last.Failed -= stats.Total.Failed
}

// series are all windows so far.
func (l *windowSeries) series() []engine.Window { return l.windows }
