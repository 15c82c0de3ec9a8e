package locust

import (
	"cmp"
	"maps"
	"slices"

	"plan/engine"
	"plan/internal/exchange"
)

// counters are what Locust has counted since its start or its last reset.
type counters struct {
	Stats    requestStats
	Failures []failure
}

// figures are those of one load. Locust resets its counters once all users are
// active: Ramp has them before that, Full at the end.
type figures struct {
	Ramp, Full counters
	From       float64 // seconds from the first user to the reset, or to the end where there was none
	Lasted     float64 // seconds from the first user to the end of the run time
	Series     []engine.Window
}

// result returns what engine.Run would, as far as Locust measures it.
func (s figures) result() engine.Result {
	from, seconds := min(s.From, s.Lasted), s.seconds()
	r := engine.Result{
		Seconds:         seconds,
		Total:           counts(s.Ramp.Stats.Total, s.Full.Stats.Total),
		ByRequest:       map[string]engine.Counts{},
		JudgedByRequest: map[string]engine.Judged{},
		Judged:          judged(s.Full.Stats.Total, from, seconds),
		Examples:        map[exchange.Class]string{},
		Series:          s.Series,
	}
	if seconds > 0 {
		r.Rate = float64(r.Total.OK+r.Total.Failed) / seconds
	}
	ramp, full := byName(s.Ramp.Stats.Rows), byName(s.Full.Stats.Rows)
	both := maps.Clone(ramp)
	maps.Copy(both, full)
	for name := range both {
		c := counts(ramp[name], full[name])
		c.Method = cmp.Or(full[name].Method, ramp[name].Method)
		r.ByRequest[name] = c
		r.JudgedByRequest[name] = judged(full[name], from, seconds)
	}
	most := map[exchange.Class]int64{} // the most frequent failure of each class is its example
	for _, f := range slices.Concat(s.Ramp.Failures, s.Full.Failures) {
		class, name := classify(f.Error), title(f.Method, f.Name)
		r.Total.Errors[class] += f.Count
		if c, ok := r.ByRequest[name]; ok {
			c.Errors[class] += f.Count
		}
		if f.Count > most[class] {
			most[class], r.Examples[class] = f.Count, name+": "+f.Error
		}
	}
	return r
}

// seconds returns the time from the first user to the end of the run time, or to
// the last response to a request that was in flight then.
func (s figures) seconds() float64 {
	begun, last := s.From, s.Full.Stats.Total
	if last.Requests == 0 {
		begun, last = 0, s.Ramp.Stats.Total
	}
	if last.Rate == 0 {
		return s.Lasted
	}
	return max(s.Lasted, begun+float64(last.Requests)/last.Rate)
}

// judged returns the figures since all users were active. Locust's latencies
// include failed requests: where all have failed, they would look fast.
func judged(total statsRow, from, seconds float64) engine.Judged {
	j := engine.Judged{From: from, Seconds: seconds - from, Requests: total.Requests, OK: total.OK(), Failed: total.Failed}
	if j.OK > 0 {
		j.Latency = total.Latency
	}
	j.LatencyAll = total.Latency
	if j.Seconds > 0 {
		j.OKRate = float64(j.OK) / j.Seconds
	}
	return j
}

// counts adds up both parts. Percentiles cannot be added, and include failed
// requests: they are known where only one part has requests, and all of them
// passed or all failed.
func counts(ramp, full statsRow) engine.Counts {
	c := engine.Counts{
		Requests: ramp.Requests + full.Requests, OK: ramp.OK() + full.OK(), Failed: ramp.Failed + full.Failed,
		Bytes: ramp.Bytes + full.Bytes, Errors: map[exchange.Class]int64{},
	}
	latency := full.Latency
	switch {
	case ramp.Requests > 0 && full.Requests > 0:
		return c
	case ramp.Requests > 0:
		latency = ramp.Latency
	}
	switch {
	case c.Failed == 0:
		c.LatencyOK = latency
	case c.OK == 0:
		c.LatencyFailed = latency
	}
	return c
}

func byName(rows []statsRow) map[string]statsRow {
	named := map[string]statsRow{}
	for _, row := range rows {
		named[title(row.Method, row.Name)] = row
	}
	return named
}

// title returns the name of a request in Locust's tables.
func title(method, name string) string {
	if method == "" {
		return name
	}
	return method + " " + name
}
