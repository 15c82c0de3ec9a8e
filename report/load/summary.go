package load

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"plan/engine"
	"plan/internal/english"
	"plan/internal/exchange"
	"plan/internal/metrics"
	"plan/internal/tty"
	"plan/internal/units"
)

// Summary is a load on one URL, and its result.
type Summary struct {
	URL         string
	Load        engine.Load // of one request
	Result      engine.Result
	Interrupted bool
}

// summaryWidth is the width of a summary without a terminal, and mostSummaryWidth
// its greatest width, in cells.
const (
	summaryWidth     = 80
	mostSummaryWidth = 100
)

// Print writes the summary.
func (l Summary) Print(w io.Writer, o tty.Options) error {
	o.Width = min(cmp.Or(max(0, o.Width), summaryWidth), mostSummaryWidth)
	list, err := newBuckets(l.Result.Histograms.OK)
	if err != nil {
		return err
	}
	s := &screen{Printer: tty.Printer{Writer: w, Options: o}, Summary: l}
	s.Heading(tty.Cut(s.Load.Requests[0].Method+" "+tty.Clean(s.URL), s.Options.Cells()))
	warmUp := ""
	if l.Load.WarmUp > 0 {
		warmUp = units.Duration(l.Load.WarmUp) + " of it warm-up"
	}
	s.Line("%s\n", tty.Wrap(tty.Join(", ", modelText(s.Load), "for "+units.Duration(s.Load.Runtime), warmUp),
		s.Options.Cells()))

	r, n := s.Result, s.Result.Total
	throughput := ""
	if r.Seconds > 0 {
		bytes := ""
		if n.Bytes > 0 {
			bytes = units.Bytes(float64(n.Bytes)/r.Seconds).Traffic() + "/s"
		}
		throughput = tty.Join(", ", tty.Figure(r.Rate)+"/s", bytes, "in "+tty.Seconds(&r.Seconds))
	}
	s.row("requests", tty.Grouped(n.Requests), throughput)
	s.row("OK", tty.Grouped(n.OK), "")
	s.failed(n)
	classes := slices.SortedFunc(maps.Keys(n.Errors), func(a, b exchange.Class) int { // the most frequent first
		return cmp.Or(cmp.Compare(n.Errors[b], n.Errors[a]), cmp.Compare(a, b))
	})
	for _, class := range classes {
		s.row("  "+string(class), tty.Grouped(n.Errors[class]), r.Examples[class])
	}
	s.rowIfAny("waiting", tty.OrZero(n.InFlight), "in flight when the load ended")
	s.rowIfAny("no response", int64(tty.OrZero(r.UsersNeverAnswered)), "users that never got a response")
	s.rowIfAny("dropped", tty.OrZero(n.Dropped), "arrivals that found no free user")
	s.rowIfAny("retried", tty.OrZero(n.Retried), "because the server had closed an idle connection")

	s.latencies()
	s.histogram(list, l.Result.Total.LatencyOK)
	s.generator()
	s.verdict()
	return s.Err
}

// screen prints the parts of a summary.
type screen struct {
	tty.Printer
	Summary
}

// row prints a figure and a text.
func (s *screen) row(label, figure, text string) { s.Line("%s", s.rowText(label, figure, text)) }

func (s *screen) rowText(label, figure, text string) string {
	return tty.Cut(strings.TrimRight(fmt.Sprintf("  %-10s %11s  %s", label, figure, tty.Clean(text)), " "),
		s.Options.Cells())
}

// rowIfAny prints a row where the count is above 0.
func (s *screen) rowIfAny(label string, n int64, text string) {
	if n > 0 {
		s.row(label, tty.Grouped(n), text)
	}
}

// failed prints the failed requests, also where there are none.
func (s *screen) failed(n engine.Counts) {
	var color tty.Color
	if n.Failed > 0 {
		color = tty.Red
	}
	s.Line("%s", tty.Paint(s.rowText("failed", tty.Grouped(n.Failed), tty.Share(n.Failed, n.OK+n.Failed)), color,
		s.Options.Color))
}

// latencies prints the percentiles of each kind of response that occurred.
func (s *screen) latencies() {
	r := s.Result
	if r.Total.OK+r.Total.Failed == 0 {
		return
	}
	head := fmt.Sprintf("  %-10s", "latency")
	for _, m := range metrics.Percentiles() {
		head += fmt.Sprintf(" %8s", m.Label())
	}
	s.Line("")
	s.Heading(head)
	s.latency("OK", r.Total.LatencyOK)
	s.latency("failed", r.Total.LatencyFailed)
	switch {
	case s.Load.WarmUp > 0:
		s.latency("judged", r.Judged.Latency)
	case r.Waited():
		s.latency("with waits", r.Judged.Latency)
	}
}

func (s *screen) latency(label string, latency engine.Percentiles) {
	if latency.Max == nil {
		return
	}
	line := fmt.Sprintf("  %-10s", label)
	for _, m := range metrics.Percentiles() {
		line += fmt.Sprintf(" %8s", tty.Seconds(latency.Value(m)))
	}
	s.Line("%s", line)
}

// generator prints the CPU use of the load and its lateness.
func (s *screen) generator() {
	r := s.Result
	used := ""
	if r.Seconds > 0 {
		used = fmt.Sprintf("%s of %s used", tty.Figure(r.CPUSeconds/r.Seconds), english.Count(r.Threads, "CPU"))
	}
	s.Line("\n  %-10s %s", "driver", tty.Join(", ", string(r.Transport), strings.Join(r.Protocols, " and "), used,
		tty.Grouped(r.Connections)+" connections opened"))
	if r.Lateness.Max != nil {
		s.Line("  %-10s p99 %s, max %s", "lateness", tty.Seconds(r.Lateness.P99), tty.Seconds(r.Lateness.Max))
	}
}

// verdict prints the conclusions.
func (s *screen) verdict() {
	r, n := s.Result, s.Result.Total
	if s.Interrupted {
		s.conclude(tty.Yellow, "Interrupted after %s of %s.", tty.Seconds(&r.Seconds), units.Duration(s.Load.Runtime))
	}
	if r.Ended != "" {
		s.conclude(tty.Yellow, "Ended after %s: %s.", tty.Seconds(&r.Seconds), tty.Clean(r.Ended))
	}
	if len(r.Saturated) > 0 {
		s.conclude(tty.Red, "INVALID: the driver was the bottleneck, not the service.")
	}
	for _, limit := range r.Saturated {
		s.Line("- %s", strings.ReplaceAll(tty.Wrap(tty.Clean(limit.Text), s.Options.Cells()-2), "\n", "\n  "))
	}
	switch {
	case n.OK == 0:
		s.conclude(tty.Red, "FAILED: no request was OK.")
	case n.Failed > 0:
		s.conclude(tty.Red, "FAILED: %s of %s requests.", tty.Grouped(n.Failed), tty.Grouped(n.Requests))
	case r.Hung:
		s.conclude(tty.Red,
			"FAILED: the service stopped responding. %s were OK; at the end %s still waited, the longest for %s.",
			tty.Grouped(n.OK), tty.Grouped(tty.OrZero(n.InFlight)), tty.Seconds(r.Judged.Latency.Max))
	case len(r.Saturated) == 0:
		s.conclude(tty.Green, "All %s responses were OK.", tty.Grouped(n.OK))
	}
}

// conclude prints a conclusion after an empty line.
func (s *screen) conclude(color tty.Color, format string, args ...any) {
	s.Line("")
	s.Heading(tty.Paint(tty.Wrap(fmt.Sprintf(format, args...), s.Options.Cells()), color, s.Options.Color))
}
