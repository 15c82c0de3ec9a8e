package html

import (
	"fmt"
	"slices"

	"plan/containers"
	"plan/engine"
	"plan/internal/metrics"
	"plan/internal/units"
	"plan/plans"
	"plan/report"
	"plan/report/chart"
	"plan/runner/compare"
	"plan/runner/journal"
)

// comparisonView is what the template of a comparison prints.
type comparisonView struct {
	report.Compared
	Class    string // of its answer
	Pictures []bothView
	Footer   string
}

// bothView has the pictures of a stage of two runs.
type bothView struct {
	Anchor, Address string
	Pictures        []string
}

func comparisonOf(c compare.Comparison) comparisonView {
	v := comparisonView{Compared: report.ComparedOf(c), Footer: "Written by plan from the journals of both runs. First: " +
		c.A.Run.ID + ". Second: " + c.B.Run.ID + "."}
	switch c.Change() {
	case compare.Worse:
		v.Class = string(journal.Failed)
	case compare.Unclear:
		v.Class = string(journal.Inconclusive)
	default:
		v.Class = string(journal.Passed)
	}
	for _, s := range c.Stages {
		if s.A == nil || s.B == nil {
			continue
		}
		both := bothView{Anchor: "stage-" + s.Address, Address: s.Address}
		for _, picture := range []chart.Lines{overLimits(s), overLoads(s), overTime(s)} {
			if !picture.Empty() {
				both.Pictures = append(both.Pictures, picture.SVG())
			}
		}
		v.Pictures = append(v.Pictures, both)
	}
	return v
}

// run is one of two that share a picture.
type run struct {
	name  string
	tone  chart.Tone
	stage journal.Stage
}

func runs(s compare.Stage) []run {
	return []run{{"first", chart.First, s.A.Counted()}, {"second", chart.Second, s.B.Counted()}}
}

// overLimits shows what the trials of two searches used over their limits.
func overLimits(s compare.Stage) chart.Lines {
	d := s.B.Dimension // "" where the answers are combinations
	c := chart.Lines{Title: s.Address + ": highest use over the limit", Unit: unitOf(d), Label: "limit",
		Description: s.Why}
	if s.A.Kind != plans.Search || s.B.Kind != plans.Search || d == "" || s.A.Dimension != d {
		return c
	}
	use := chart.Panel{Title: "highest use", Unit: unitOf(d)}
	for _, r := range runs(s) {
		line := chart.Line{Name: r.name, Tone: r.tone, Dots: true}
		for _, t := range r.stage.Trials {
			line.Points = append(line.Points, chart.Point{X: value(d, t.Set), Y: orGap(used(d, t))})
		}
		slices.SortStableFunc(line.Points, func(a, b chart.Point) int {
			switch {
			case a.X < b.X:
				return -1
			case a.X > b.X:
				return 1
			}
			return 0
		})
		use.Lines = append(use.Lines, line)
		if r.stage.Found != nil {
			at := value(d, journal.Settings(*r.stage.Found))
			c.Marks = append(c.Marks, chart.Mark{Name: r.name + ": least " + c.Unit.Text(at), At: at, Tone: r.tone})
		}
	}
	c.Panels = []chart.Panel{use}
	return c
}

// overLoads shows latency, rate and errors of two ramps over the size of the load.
func overLoads(s compare.Stage) chart.Lines {
	c := rampChart(*s.B)
	c.Title, c.Description, c.Marks = s.Address+": both runs over the load", s.Why, nil
	if s.A.Kind != plans.Ramp || s.B.Kind != plans.Ramp {
		c.Panels = nil
		return c
	}
	panel := func(title string, unit chart.Unit, log bool, m metrics.Metric) chart.Panel {
		same := func(other metrics.Metric) bool { return other.Name == m.Name }
		p := chart.Panel{Title: title, Unit: unit, Log: log, Rules: rules(*s.B, same)}
		for _, r := range runs(s) {
			p.Lines = append(p.Lines, overSize(r.stage, r.name, r.tone,
				func(t journal.Trial) *float64 { return t.Value(m) }))
		}
		return p
	}
	c.Panels = []chart.Panel{
		panel("p95", chart.Seconds, true, metrics.Named("p95")),
		panel("OK responses", chart.Rate, false, metrics.Named("throughput")),
		panel("failed requests", chart.Share, false, metrics.Named("error_rate")),
		panel("CPU, of its limit", chart.Share, false, metrics.Named("cpu_share")),
	}
	for _, b := range requestBounds(*s.B) {
		var lines []chart.Line
		for _, r := range runs(s) {
			lines = append(lines, overSize(r.stage, r.name, r.tone, b.value))
		}
		c.Panels = append(c.Panels, b.panel(lines...))
	}
	for _, r := range runs(s) {
		if r.stage.Held != nil {
			c.Marks = append(c.Marks, chart.Mark{Name: fmt.Sprintf("%s: %d users held", r.name, *r.stage.Held),
				At: float64(*r.stage.Held), Tone: r.tone})
		}
	}
	return c
}

// overTime shows the trials that prove the answers over the time since their start.
func overTime(s compare.Stage) chart.Lines {
	c := chart.Lines{Title: s.Address + ": the trials that passed", Unit: chart.Seconds,
		Label: "time since the start of the trial", Description: s.Why}
	p95 := metrics.Named("p95")
	rate := chart.Panel{Title: "OK responses", Unit: chart.Rate}
	latency := chart.Panel{Title: "p95", Unit: chart.Seconds, Log: true, Rules: rules(*s.B, isLatency)}
	memory, cpu := chart.Panel{Title: "memory", Unit: chart.Bytes}, chart.Panel{Title: "CPU", Unit: chart.CPUs}
	for _, r := range runs(s) {
		if r.stage.Certificate == nil {
			continue
		}
		i := r.stage.Find(r.stage.Certificate.Passed)
		if i < 0 || r.stage.Trials[i].Evidence == nil {
			continue
		}
		t := r.stage.Trials[i]
		rate.Lines = append(rate.Lines, overSeconds(t, r.name, r.tone,
			func(w engine.Window) float64 { return float64(w.OK) }))
		latency.Lines = append(latency.Lines, overSeconds(t, r.name, r.tone,
			func(w engine.Window) float64 { return orGap(w.Latency.Value(p95)) }))
		for _, w := range service(t)[:min(1, len(service(t)))] {
			memory.Lines = append(memory.Lines, samples(t, w, r.name, r.tone,
				func(u containers.Usage) *units.Bytes { return u.WorkingSet }))
			cpu.Lines = append(cpu.Lines, rates(t, w, r.name, r.tone, cpuSeconds))
		}
	}
	c.Panels = []chart.Panel{rate, latency, memory, cpu}
	return c
}
