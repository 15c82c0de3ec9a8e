package report

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"plan/engine"
	"plan/internal/exchange"
	"plan/internal/metrics"
	"plan/internal/units"
	"plan/runner/journal"
)

// Loaded is a load on one URL, and what it showed.
type Loaded struct {
	URL         string
	Load        engine.Load // of one request
	Result      engine.Result
	Interrupted bool
}

// loadWidth is how wide the screen of a load is where no terminal says it, and
// mostLoadWidth how wide it gets, in cells.
const (
	loadWidth     = 80
	mostLoadWidth = 100
)

// Load prints the screen that a load on a URL ends in.
func Load(w io.Writer, l Loaded, o Options) error {
	o.Width = min(cmp.Or(max(0, o.Width), loadWidth), mostLoadWidth)
	list, err := buckets(l.Result.Histograms.OK)
	if err != nil {
		return err
	}
	s := &loadScreen{printer: printer{w: w, o: o}, Loaded: l}
	s.asked()
	s.answers()
	s.latencies()
	s.histogram(list, l.Result.Total.LatencyOK)
	s.generator()
	s.verdict()
	return s.err
}

type loadScreen struct {
	printer
	Loaded
}

// asked says what was asked for.
func (s *loadScreen) asked() {
	s.heading(cut(s.Load.Requests[0].Method+" "+clean(s.URL), s.o.width()))
	s.line("%s\n", wrap(joined(", ", modelText(s.Load), "for "+units.Duration(s.Load.Runtime), warmUpText(s.Load)), s.o.width()))
}

// row prints a figure, and what there is to say of it.
func (s *loadScreen) row(label, figure, text string) { s.line("%s", s.rowText(label, figure, text)) }

func (s *loadScreen) rowText(label, figure, text string) string {
	return cut(strings.TrimRight(fmt.Sprintf("  %-10s %11s  %s", label, figure, clean(text)), " "), s.o.width())
}

// rowOfSome is one that stands only where there is something to count.
func (s *loadScreen) rowOfSome(label string, n int64, text string) {
	if n > 0 {
		s.row(label, grouped(n), text)
	}
}

// answers says how many requests there were, and what became of them.
func (s *loadScreen) answers() {
	r, n := s.Result, s.Result.Total
	s.row("requests", grouped(n.Requests), s.pace())
	s.row("OK", grouped(n.OK), "")
	s.failed(n)
	for _, class := range byCount(n.Errors) {
		s.row("  "+string(class), grouped(n.Errors[class]), r.Examples[class])
	}
	s.rowOfSome("waiting", known(n.InFlight), "in flight when the load ended")
	s.rowOfSome("no answer", int64(known(r.UsersNeverAnswered)), "users that never got one")
	s.rowOfSome("dropped", known(n.Dropped), "arrivals that found no free user")
	s.rowOfSome("retried", known(n.Retried), "as the server had closed an idle connection")
}

// failed stands there even where nothing did: it is what people look for.
func (s *loadScreen) failed(n engine.Counts) {
	var verdict journal.Verdict
	if n.Failed > 0 {
		verdict = journal.Failed
	}
	s.line("%s", paint(s.rowText("failed", grouped(n.Failed), shareOf(n.Failed, n.OK+n.Failed)), verdict, s.o.Color))
}

// pace is what came back in a second.
func (s *loadScreen) pace() string {
	if s.Result.Seconds <= 0 {
		return ""
	}
	bytes := ""
	if n := s.Result.Total.Bytes; n > 0 {
		bytes = units.Bytes(float64(n)/s.Result.Seconds).Traffic() + "/s"
	}
	return joined(", ", figure(s.Result.Rate)+"/s", bytes, "in "+secondsText(&s.Result.Seconds))
}

// byCount are the classes of failures, the most frequent first.
func byCount(errors map[exchange.Class]int64) []exchange.Class {
	return slices.SortedFunc(maps.Keys(errors), func(a, b exchange.Class) int {
		return cmp.Or(cmp.Compare(errors[b], errors[a]), cmp.Compare(a, b))
	})
}

// latencies is a table with a line for each kind of answer that there was.
func (s *loadScreen) latencies() {
	r := s.Result
	if r.Total.OK+r.Total.Failed == 0 {
		return
	}
	head := fmt.Sprintf("  %-10s", "latency")
	for _, m := range metrics.Percentiles() {
		head += fmt.Sprintf(" %8s", m.Label())
	}
	s.line("")
	s.heading(head)
	s.latency("OK", r.Total.LatencyOK)
	s.latency("failed", r.Total.LatencyFailed)
	switch {
	case s.Load.WarmUp > 0:
		s.latency("judged", r.Judged.Latency)
	case r.Waited():
		s.latency("with waits", r.Judged.Latency)
	}
}

func (s *loadScreen) latency(label string, latency engine.Percentiles) {
	if latency.Max == nil {
		return
	}
	line := fmt.Sprintf("  %-10s", label)
	for _, m := range metrics.Percentiles() {
		line += fmt.Sprintf(" %8s", secondsText(latency.Value(m)))
	}
	s.line("%s", line)
}

// generator says what the load cost, and how exact it was.
func (s *loadScreen) generator() {
	r := s.Result
	used := ""
	if r.Seconds > 0 {
		used = fmt.Sprintf("%s of %s used", figure(r.CPUSeconds/r.Seconds), count(r.Threads, "CPU"))
	}
	s.line("\n  %-10s %s", "generator", joined(", ", string(r.Transport), strings.Join(r.Protocols, " and "), used, grouped(r.Connections)+" connections opened"))
	if r.Lateness.Max != nil {
		s.line("  %-10s p99 %s, max %s", "lateness", secondsText(r.Lateness.P99), secondsText(r.Lateness.Max))
	}
}

// verdict says what the figures are worth.
func (s *loadScreen) verdict() {
	r, n := s.Result, s.Result.Total
	if s.Interrupted {
		s.told(journal.Aborted, "Interrupted after %s of %s.", secondsText(&r.Seconds), units.Duration(s.Load.Runtime))
	}
	if r.Ended != "" {
		s.told(journal.Aborted, "Ended after %s: %s.", secondsText(&r.Seconds), clean(r.Ended))
	}
	s.invalid()
	switch {
	case n.OK == 0:
		s.told(journal.Failed, "FAILED: no request was OK.")
	case n.Failed > 0:
		s.told(journal.Failed, "FAILED: %s of %s requests.", grouped(n.Failed), grouped(n.Requests))
	case r.Hung:
		s.told(journal.Failed, "FAILED: no more answers. %s were OK; at the end %s still waited, the longest for %s.",
			grouped(n.OK), grouped(known(n.InFlight)), secondsText(r.Judged.Latency.Max))
	case len(r.Saturated) == 0:
		s.told(journal.Passed, "All %s answers were OK.", grouped(n.OK))
	}
}

// invalid says why the figures say little of the service.
func (s *loadScreen) invalid() {
	if len(s.Result.Saturated) == 0 {
		return
	}
	s.told(journal.Failed, "INVALID: the generator was the limit; this says little of the service.")
	for _, limit := range s.Result.Saturated {
		s.line("- %s", strings.ReplaceAll(wrap(clean(limit.Text), s.o.width()-2), "\n", "\n  "))
	}
}

// told prints a verdict after an empty line.
func (s *loadScreen) told(verdict journal.Verdict, format string, args ...any) {
	s.line("")
	s.heading(paint(wrap(fmt.Sprintf(format, args...), s.o.width()), verdict, s.o.Color))
}
