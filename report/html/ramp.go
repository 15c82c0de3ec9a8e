package html

import (
	"math"
	"slices"

	"plan/internal/metrics"
	"plan/plans"
	"plan/report"
	"plan/report/chart"
	"plan/runner/journal"
)

// tones of the percentiles that charts have lines for.
func tones() map[string]chart.Tone {
	return map[string]chart.Tone{"p50": chart.First, "p95": chart.Second, "p99": chart.Third}
}

// rampChart shows latencies, OK answers, errors and CPU over the size of the
// load, with what held and what failed.
func rampChart(s journal.Stage) chart.Lines {
	c := chart.Lines{Title: s.Address + ": latency and rate over users", Unit: chart.Count, Label: "users",
		Description: report.Sentence(s)}
	var sizes []float64
	for _, t := range s.Counted().Trials {
		if size(t) > 0 && t.Load != nil {
			sizes = append(sizes, size(t))
		}
		if t.Arrivals != nil {
			c.Title, c.Unit, c.Label = s.Address+": latency and rate over arrivals", chart.Rate, "arrivals per second"
		}
	}
	c.Log = spread(sizes) > 8
	latency := chart.Panel{Title: "latency", Unit: chart.Seconds, Log: true}
	for _, m := range metrics.Percentiles() {
		if tone, shown := tones()[m.Name]; shown {
			latency.Lines = append(latency.Lines, overSize(s, m.Label(), tone,
				func(t journal.Trial) *float64 { return t.Value(m) }))
		}
	}
	latency.Rules = rules(s, isLatency)
	rate := chart.Panel{Title: "OK answers", Unit: chart.Rate, Lines: []chart.Line{overSize(s, "OK answers", chart.First,
		func(t journal.Trial) *float64 { return &t.Load.Judged.OKRate })}}
	failed := chart.Panel{Title: "failed requests", Unit: chart.Share, Lines: []chart.Line{overSize(s, "failed requests",
		chart.Failed, func(t journal.Trial) *float64 { return t.Value(metrics.Named("error_rate")) })}}
	cpu := chart.Panel{Title: "CPU, of its limit", Unit: chart.Share, Lines: []chart.Line{overSize(s, "used", chart.First,
		func(t journal.Trial) *float64 { return t.CPU.Share }), overSize(s, "periods throttled", chart.Second,
		func(t journal.Trial) *float64 { return t.CPU.ThrottledShare() })}}
	rate.Rules = rules(s, func(m metrics.Metric) bool { return m.Name == "throughput" })
	failed.Rules = rules(s, func(m metrics.Metric) bool { return m.Name == "error_rate" })
	c.Panels = []chart.Panel{latency, rate, failed, cpu}
	for _, t := range s.Counted().Trials {
		switch {
		case s.Certificate == nil || t.Load == nil:
		case t.ID == s.Certificate.Passed:
			c.Marks = append(c.Marks, chart.Mark{Name: report.TrialName(s, t) + " passed", At: size(t), Tone: chart.Passed})
		case len(s.Certificate.Failed) > 0 && t.ID == s.Certificate.Failed[0]:
			c.Marks = append(c.Marks, chart.Mark{Name: report.TrialName(s, t) + " failed", At: size(t), Tone: chart.Failed})
		}
	}
	if at, is := knee(rate.Lines[0].Points); is {
		c.Marks = append(c.Marks, chart.Mark{Name: "knee", At: at, Tone: chart.Quiet})
		c.Description += " The knee is at " + c.Unit.Text(at) +
			": beyond it the rate of OK answers grows by less than half as much as the load."
	}
	return c
}

func isLatency(m metrics.Metric) bool { return m.Quantile > 0 }

// rules are the thresholds of a stage for all requests together, of some
// metrics.
func rules(s journal.Stage, is func(metrics.Metric) bool) []chart.Rule {
	var all []chart.Rule
	for _, t := range s.Thresholds {
		i := slices.IndexFunc(metrics.Bounded(), func(m metrics.Metric) bool { return m.Name == t.Metric && is(m) })
		if i < 0 || t.Request != "" {
			continue
		}
		name := "most"
		if m := metrics.Bounded()[i]; m.Quantile > 0 {
			name = m.Label() + " at most"
		} else if m.Better == metrics.Higher {
			name = "least"
		}
		all = append(all, chart.Rule{Name: name, At: t.Limit, Tone: chart.Bound})
	}
	return all
}

// size is how much load a trial had: users, or arrivals per second; 0 of none.
func size(t journal.Trial) float64 {
	switch {
	case t.Arrivals != nil:
		return *t.Arrivals
	case t.Users != nil:
		return float64(*t.Users)
	}
	return 0
}

// spread is the greatest value over the least.
func spread(values []float64) float64 {
	low, high := math.Inf(1), 0.0
	for _, v := range values {
		low, high = min(low, v), max(high, v)
	}
	if len(values) == 0 {
		return 1
	}
	return high / low
}

// overSize is a line over the sizes of loads. Of trials of one size it has the
// last.
func overSize(s journal.Stage, name string, tone chart.Tone, value func(journal.Trial) *float64) chart.Line {
	l := chart.Line{Name: name, Tone: tone, Dots: true}
	for _, t := range s.Counted().Trials {
		if t.Load == nil || size(t) == 0 {
			continue
		}
		p := chart.Point{X: size(t), Y: orGap(value(t))}
		if n := len(l.Points); n > 0 && l.Points[n-1].X == p.X {
			l.Points = l.Points[:n-1]
		}
		l.Points = append(l.Points, p)
	}
	return l
}

// orGap is a value, or what interrupts a line.
func orGap[T int | int64 | float64](v *T) float64 {
	if v == nil {
		return math.NaN()
	}
	return float64(*v)
}

// knee is the size beyond which the rate grows by less than half of what the
// growth of the load would bring.
func knee(rates []chart.Point) (float64, bool) {
	for i := 1; i < len(rates); i++ {
		before, after := rates[i-1], rates[i]
		if !(before.X > 0 && after.X > before.X && before.Y > 0) {
			continue
		}
		if after.Y/before.Y-1 < (after.X/before.X-1)/2 {
			return before.X, true
		}
	}
	return 0, false
}

// stageChart is the picture of a stage; nil of one that has none.
func stageChart(s journal.Stage) drawing {
	if len(s.Counted().Trials) == 0 {
		return nil
	}
	switch s.Kind {
	case plans.Search:
		return stairs(s)
	case plans.Ramp:
		if c := rampChart(s); !c.Empty() {
			return c
		}
		return nil
	default:
		return nil
	}
}
