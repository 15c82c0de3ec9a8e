package html

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

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
	for _, t := range steps(s) {
		if size(t) > 0 && t.Load != nil {
			sizes = append(sizes, size(t))
		}
		if t.Arrivals != nil {
			c.Title, c.Unit, c.Label = s.Address+": latency and rate over arrivals", chart.Rate, "arrivals per second"
		}
	}
	c.Log = len(sizes) > 0 && slices.Max(sizes) > 8*slices.Min(sizes)
	latency := chart.Panel{Title: "latency", Unit: chart.Seconds, Log: true}
	for _, m := range metrics.Percentiles() {
		if tone, shown := tones()[m.Name]; shown {
			latency.Lines = append(latency.Lines, overSize(s, m.Label(), tone,
				func(t journal.Trial) *float64 { return t.Value(m) }))
		}
	}
	latency.Rules = rules(s, isLatency)
	rate := chart.Panel{Title: "OK responses", Unit: chart.Rate, Lines: []chart.Line{overSize(s, "OK responses",
		chart.First, func(t journal.Trial) *float64 { return &t.Load.Judged.OKRate })}}
	failed := chart.Panel{Title: "failed requests", Unit: chart.Share, Lines: []chart.Line{overSize(s, "failed requests",
		chart.Failed, func(t journal.Trial) *float64 { return t.Value(metrics.Named("error_rate")) })}}
	cpu := chart.Panel{Title: "CPU, of its limit", Unit: chart.Share, Lines: []chart.Line{overSize(s, "used", chart.First,
		func(t journal.Trial) *float64 { return t.CPU.Share }), overSize(s, "periods throttled", chart.Second,
		func(t journal.Trial) *float64 { return t.CPU.ThrottledShare() })}}
	rate.Rules = rules(s, func(m metrics.Metric) bool { return m.Name == "throughput" })
	failed.Rules = rules(s, func(m metrics.Metric) bool { return m.Name == "error_rate" })
	c.Panels = []chart.Panel{latency, rate, failed, cpu}
	for _, b := range requestBounds(s) {
		c.Panels = append(c.Panels, b.panel(overSize(s, b.name(), chart.First, b.value)))
	}
	for _, t := range steps(s) {
		switch {
		case s.Certificate == nil || t.Load == nil:
		case t.ID == s.Certificate.Passed:
			c.Marks = append(c.Marks, chart.Mark{Name: report.TrialName(s, t) + " passed", At: size(t), Tone: chart.Passed})
		case len(s.Certificate.Failed) > 0 && t.ID == s.Certificate.Failed[0]:
			c.Marks = append(c.Marks, chart.Mark{Name: report.TrialName(s, t) + " failed", At: size(t), Tone: chart.Failed})
		}
	}
	if s.Knee != nil {
		c.Marks = append(c.Marks, chart.Mark{Name: "knee", At: float64(*s.Knee), Tone: chart.Quiet})
		c.Description += fmt.Sprintf(
			" The knee is at %d users: at most half as many users had over 95 %% of its OK responses per second.", *s.Knee)
	}
	return c
}

// steps returns the trials of a ramp in the order of their load, without those whose
// load grew.
func steps(s journal.Stage) []journal.Trial {
	all := slices.DeleteFunc(slices.Clone(s.Counted().Trials), func(t journal.Trial) bool { return len(t.Windows) > 0 })
	slices.SortStableFunc(all, func(a, b journal.Trial) int { return cmp.Compare(size(a), size(b)) })
	return all
}

func isLatency(m metrics.Metric) bool { return m.Quantile > 0 }

// requestBound is a threshold of one request.
type requestBound struct {
	journal.Threshold
	metric metrics.Metric
}

// requestBounds are the thresholds of a stage for single requests.
func requestBounds(s journal.Stage) []requestBound {
	var all []requestBound
	for _, t := range s.Thresholds {
		i := slices.IndexFunc(metrics.Bounded(), func(m metrics.Metric) bool { return m.Name == t.Metric })
		if t.Request != "" && i >= 0 {
			all = append(all, requestBound{t, metrics.Bounded()[i]})
		}
	}
	return all
}

func (b requestBound) name() string {
	switch b.metric.Unit {
	case metrics.PerSecond:
		return b.Request + " OK responses"
	case metrics.Share:
		return b.Request + " failed requests"
	default:
		return b.Request + " " + b.metric.Label()
	}
}

// value is what a trial measured of the request; nil where it was not sent.
func (b requestBound) value(t journal.Trial) *float64 {
	if t.Load == nil {
		return nil
	}
	judged, sent := t.Load.JudgedByRequest[b.Request]
	if !sent {
		return nil
	}
	return judged.Value(b.metric)
}

// panel has lines of the request, and its threshold.
func (b requestBound) panel(lines ...chart.Line) chart.Panel {
	p := chart.Panel{Title: b.name(), Unit: unitOfMetric(b.metric), Lines: lines, Log: b.metric.Unit == metrics.Seconds}
	p.Rules = []chart.Rule{{Name: ruleName(b.metric), At: b.Limit, Tone: chart.Bound}}
	return p
}

func unitOfMetric(m metrics.Metric) chart.Unit {
	switch m.Unit {
	case metrics.Seconds:
		return chart.Seconds
	case metrics.PerSecond:
		return chart.Rate
	case metrics.Share:
		return chart.Share
	default:
		return chart.Count
	}
}

// rules are the thresholds of a stage for all requests together, of some
// metrics.
func rules(s journal.Stage, is func(metrics.Metric) bool) []chart.Rule {
	var all []chart.Rule
	for _, t := range s.Thresholds {
		i := slices.IndexFunc(metrics.Bounded(), func(m metrics.Metric) bool { return m.Name == t.Metric && is(m) })
		if i < 0 || t.Request != "" {
			continue
		}
		all = append(all, chart.Rule{Name: ruleName(metrics.Bounded()[i]), At: t.Limit, Tone: chart.Bound})
	}
	return all
}

// ruleName is what a threshold is called in a panel.
func ruleName(m metrics.Metric) string {
	switch {
	case m.Quantile > 0:
		return m.Label() + " at most"
	case m.Better == metrics.Higher:
		return "least"
	}
	return "most"
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

// overSize is a line over the sizes of loads. Of trials of one size it has the
// last.
func overSize(s journal.Stage, name string, tone chart.Tone, value func(journal.Trial) *float64) chart.Line {
	l := chart.Line{Name: name, Tone: tone, Dots: true}
	for _, t := range steps(s) {
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

// stageChart is a picture of a stage.
type stageChart struct {
	name string // of its file
	drawing
}

// stageCharts are the pictures of a stage: one, or of a search of several dimensions
// one for each combination of all but two.
func stageCharts(s journal.Stage) []stageChart {
	if len(s.Counted().Trials) == 0 {
		return nil
	}
	switch c := rampChart(s); {
	case s.Several():
		var all []stageChart
		for _, f := range report.Frontiers(s) {
			all = append(all, stageChart{strings.TrimSuffix(s.Address+"-"+f.Others, "-"), frontier(s, f)})
		}
		return all
	case s.Kind == plans.Search:
		return []stageChart{{s.Address, stairs(s)}}
	case s.Kind == plans.Ramp && !c.Empty():
		return []stageChart{{s.Address, c}}
	}
	return nil
}
