package main

import (
	"math"
	"strconv"
	"strings"

	"plan/internal/bench/figures"
	"plan/internal/bench/peers"
)

// metric returns one figure of a run; false if the run lacks it.
type metric func(record) (float64, bool)

// perRequest returns CPU seconds per request that the referee counted.
func perRequest(r record) (float64, bool) { return r.CPU / float64(r.Requests), true }

func peakMemory(r record) (float64, bool) { return float64(r.Peak), true }

// rateSent returns requests per second between the first and the last one.
func rateSent(r record) (float64, bool) {
	if r.First == nil || r.Last == nil || *r.Last <= *r.First {
		return 0, false
	}
	return float64(r.Requests-1) / (*r.Last - *r.First), true
}

// share returns the share of the intended requests that were sent.
func share(r record) (float64, bool) {
	return float64(r.Requests) / float64(r.Rate*r.Seconds), r.Rate > 0
}

func requests(r record) (float64, bool)    { return float64(r.Requests), true }
func connections(r record) (float64, bool) { return float64(r.Active), true }
func firstRequest(r record) (float64, bool) {
	return known(r.First)
}
func allActive(r record) (float64, bool) { return known(r.AllActive) }

func arrivals(pick func(fit) float64) metric {
	return func(r record) (float64, bool) {
		if r.Fit == nil {
			return 0, false
		}
		return pick(*r.Fit), true
	}
}

func arrivalSD(f fit) float64  { return f.SD }
func arrivalP99(f fit) float64 { return f.P99 }

// reportedBy returns a latency that the generator reported.
func reportedBy(pick func(peers.Reported) *float64) metric {
	return func(r record) (float64, bool) { return known(pick(r.Reported)) }
}

// loggedBy returns a latency from the referee's log.
func loggedBy(pick func(peers.Reported) *float64) metric {
	return func(r record) (float64, bool) {
		if r.Logged == nil {
			return 0, false
		}
		return known(pick(*r.Logged))
	}
}

func p50(s peers.Reported) *float64     { return s.P50 }
func p99(s peers.Reported) *float64     { return s.P99 }
func p999(s peers.Reported) *float64    { return s.P999 }
func maximum(s peers.Reported) *float64 { return s.Max }

func failures(r record) (float64, bool) { return count(r.Reported.Errors) }
func dropped(r record) (float64, bool)  { return count(r.Reported.Dropped) }

func known(v *float64) (float64, bool) {
	if v == nil {
		return 0, false
	}
	return *v, true
}

func count(v *int64) (float64, bool) {
	if v == nil {
		return 0, false
	}
	return float64(*v), true
}

// stalled returns the expected latency percentile, computed from the actual
// length of the stall.
func stalled(s shape, share float64) metric {
	return func(r record) (float64, bool) {
		return figures.Stalled(share, float64(r.Seconds), r.Stall) + s.delay.Seconds(), r.Stall > 0
	}
}

// unit defines how a figure is printed.
type unit struct {
	scale float64
	name  string
}

var (
	plain        = unit{1, ""}
	percent      = unit{100, " %"}
	seconds      = unit{1, " s"}
	milliseconds = unit{1e3, " ms"}
	microseconds = unit{1e6, " µs"}
	megabytes    = unit{1e-6, " MB"}
)

// number prints a value without the name of the unit, with three significant
// figures.
func (u unit) number(v float64) string {
	v *= u.scale
	digits := 0
	for limit := 99.95; math.Abs(v) < limit && digits < 6 && v != 0; limit /= 10 {
		digits++
	}
	text := strconv.FormatFloat(v, 'f', digits, 64)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	// Commas in a number of more than four digits.
	whole, part, dot := strings.Cut(text, ".")
	whole, negative := strings.CutPrefix(whole, "-")
	if len(whole) > 4 {
		for at := len(whole) - 3; at > 0; at -= 3 {
			whole = whole[:at] + "," + whole[at:]
		}
	}
	if negative {
		whole = "-" + whole
	}
	if dot {
		whole += "." + part
	}
	return whole
}

// spread prints a median with its range.
func (u unit) spread(s figures.Spread) string {
	if s.N == 0 {
		return "-"
	}
	text, low, high := u.number(s.Median), u.number(s.Min), u.number(s.Max)
	if low == high {
		return text
	}
	return text + " (" + low + " to " + high + ")"
}

// ratio prints a factor; below one half as a fraction.
func ratio(v float64) string {
	if v > 0 && v < 0.5 {
		return "1/" + plain.number(1/v)
	}
	return plain.number(v)
}

// ratios prints a median factor with its range.
func ratios(s figures.Spread) string {
	if s.N == 0 {
		return "-"
	}
	text, low, high := ratio(s.Median), ratio(s.Min), ratio(s.Max)
	if low == high {
		return text
	}
	return text + " (" + low + " to " + high + ")"
}
