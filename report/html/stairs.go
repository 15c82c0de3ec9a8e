package html

import (
	"fmt"

	"plan/plans"
	"plan/report"
	"plan/report/chart"
	"plan/runner/journal"
)

// drawing is a chart of package chart.
type drawing interface{ SVG() string }

// unitOf is the unit of a dimension.
func unitOf(d plans.Dimension) chart.Unit {
	switch d {
	case plans.Memory:
		return chart.Bytes
	case plans.CPUs:
		return chart.CPUs
	default:
		return chart.Count
	}
}

// stairs shows the values that a search tried, with what was used of each, the
// answer, and what was inferred.
func stairs(s journal.Stage) chart.Staircase {
	c := chart.Staircase{
		Title: s.Address + ": values tried, and what was used", Unit: unitOf(s.Dimension),
		Description: report.Sentence(s) + " OOM: out of memory.",
	}
	for i, t := range s.Counted().Trials {
		c.Steps = append(c.Steps, chart.Step{
			Name: fmt.Sprint(i + 1), At: value(s.Dimension, t.Set), Used: used(s.Dimension, t), Tone: toneOf(t.Verdict),
			Label: label(t),
			Note:  note(s, t),
		})
	}
	for _, i := range report.Inferences(s) {
		b := chart.Band{From: i.From, To: i.To, Tone: toneOf(i.Verdict), Name: "not tried"}
		if i.Verdict != "" {
			b.Name = "inferred: " + string(i.Verdict)
		}
		c.Bands = append(c.Bands, b)
	}
	for _, d := range s.Disproved {
		c.Rules = append(c.Rules, chart.Rule{Name: "disproved", At: value(s.Dimension, journal.Settings(d.At)),
			Tone: chart.Failed})
	}
	if s.Found != nil {
		name := "least"
		if s.AtMost {
			name = "at most"
		}
		c.Rules = append(c.Rules, chart.Rule{Name: name, At: value(s.Dimension, journal.Settings(*s.Found)),
			Tone: chart.First})
	}
	if s.Recommended != nil && (s.Found == nil || value(s.Dimension,
		journal.Settings(*s.Recommended)) != value(s.Dimension, journal.Settings(*s.Found))) {
		c.Rules = append(c.Rules, chart.Rule{Name: "recommended", At: value(s.Dimension, journal.Settings(*s.Recommended)),
			Tone: chart.Fourth})
	}
	return c
}

// value returns a setting in the unit of its dimension.
func value(d plans.Dimension, s journal.Settings) float64 { return d.Number(s.Values().Get(d)) }

func toneOf(v journal.Verdict) chart.Tone {
	switch v {
	case journal.Passed:
		return chart.Passed
	case journal.Failed:
		return chart.Failed
	default:
		return chart.Open
	}
}

// label is why a trial failed, in a word.
func label(t journal.Trial) string {
	switch {
	case t.Reason == nil && t.FirstLook:
		return "first look"
	case t.Reason == nil:
		return ""
	case t.Reason.Explain().OOM:
		return "OOM"
	}
	return string(*t.Reason)
}

// used is how much a trial used of what a search varies: the highest of its
// containers; nil of what is not measured.
func used(d plans.Dimension, t journal.Trial) *float64 {
	var most *float64
	add := func(v *float64) {
		if v != nil && (most == nil || *v > *most) {
			most = v
		}
	}
	for _, i := range t.Instances {
		switch {
		case d == plans.Memory && i.Memory.Peak != nil:
			add(new(float64(*i.Memory.Peak)))
		case d == plans.CPUs && i.CPU.Share != nil && i.Limits.CPUs != 0:
			add(new(*i.CPU.Share * i.Limits.CPUs.Float()))
		}
	}
	return most
}
