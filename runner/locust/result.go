package locust

import (
	"maps"
	"slices"

	"plan/engine"
	"plan/internal/exchange"
)

// counters are all that Locust has counted since its start or its last reset.
type counters struct {
	Stats    requestStats
	Failures []failure
}

// figures is what Locust told of one load. Its figures are reset once all users
// are active: what they are then is Ramp, what they are at the end is Full.
type figures struct {
	Ramp, Full counters
	From       float64 // the reset, seconds after the first user; the end where it never came
	Lasted     float64 // seconds from the first user to the end of the run time
	Series     []engine.Window
}

// result says the same as engine.Run would, as far as Locust knows it.
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
		r.ByRequest[name] = counts(ramp[name], full[name])
		r.JudgedByRequest[name] = judged(full[name], from, seconds)
	}
	s.explain(&r)
	return r
}

// seconds from the first user to the end of the run time, or to the last
// answer to a request that was under way then.
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

// judged covers the figures since all users were active. Locust's latencies
// hold failed requests too: where all have failed they would look fast.
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

// counts adds up both parts. Percentiles do not add up, and hold failed
// requests: they are known where only one part has requests, and just one
// outcome.
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

// title is how Locust itself names a request in its tables.
func title(method, name string) string {
	if method == "" {
		return name
	}
	return method + " " + name
}

// explain sorts the failures into classes, with the most frequent one of each
// as its example.
func (s figures) explain(r *engine.Result) {
	failures := slices.Concat(s.Ramp.Failures, s.Full.Failures)
	most := map[exchange.Class]int64{}
	for _, f := range failures {
		class, name := classify(f.Error), title(f.Method, f.Name)
		r.Total.Errors[class] += f.Count
		if c, ok := r.ByRequest[name]; ok {
			c.Errors[class] += f.Count
		}
		if f.Count > most[class] {
			most[class], r.Examples[class] = f.Count, name+": "+f.Error
		}
	}
}
