package main

import (
	"fmt"
	"strings"

	"plan/internal/bench/figures"
	"plan/internal/bench/peers"
)

// column is a column of a table.
type column struct {
	title string
	value metric
	unit  unit
	// compared adds a column with ours divided by the row's value.
	compared bool
}

// section is a shape with its table.
type section struct {
	shape   string
	title   string
	text    string
	columns []column
}

func sections() []section {
	reported := func(title string, pick func(peers.Reported) *float64) column {
		return column{title: title + " ms", value: reportedBy(pick), unit: milliseconds}
	}
	logged := func(title string, pick func(peers.Reported) *float64) column {
		return column{title: title + " ms by the log", value: loggedBy(pick), unit: milliseconds}
	}
	errors := column{title: "errors", value: failures, unit: plain}
	cost := column{title: "CPU µs a request", value: perRequest, unit: microseconds, compared: true}
	memory := column{title: "peak MB", value: peakMemory, unit: megabytes}
	return []section{
		{"sat", "Saturation", "64 connections that are kept, each asking again as soon as it has its answer.", []column{
			{title: "requests/s", value: rateSent, unit: plain}, cost, memory,
			reported("p50", p50), reported("p99", p99), errors,
		}},
		{"users", "10,000 users", "Each asks, waits for its answer, and pauses for 1 s. fortio, vegeta and hey have no pause: they send 10,000/s over as many connections (hey: 1/s from each of its workers). wrk and ab can do neither.", []column{
			{title: "sent, of 10,000/s, %", value: share, unit: percent}, cost,
			{title: "peak MB", value: peakMemory, unit: megabytes, compared: true},
			{title: "all active after s", value: allActive, unit: seconds},
			{title: "connections that sent", value: connections, unit: plain},
			reported("p50", p50), reported("p99", p99), errors,
		}},
		{"honest", "Honesty", "1,000 requests/s. The service answers after 1 ms, and once it stands still for a tenth of the load. wrk and ab know no rate and run with one connection.", []column{
			{title: "requests", value: requests, unit: plain},
			reported("p50", p50), reported("p99", p99), reported("p99.9", p999), reported("max", maximum),
			logged("p99", p99), logged("p99.9", p999), logged("max", maximum),
			{title: "dropped", value: dropped, unit: plain}, errors,
		}},
		{"jitter", "Arrivals", "1,000 requests/s: how far they arrive off the schedule of that rate which suits them best.", []column{
			{title: "arrivals/s", value: arrivals(func(f fit) float64 { return f.Rate }), unit: plain},
			{title: "standard deviation µs", value: arrivals(arrivalSD), unit: microseconds, compared: true},
			{title: "p99 µs", value: arrivals(arrivalP99), unit: microseconds, compared: true}, cost,
		}},
		{"startup", "Start", "From the start of the process to its first request, with one user.", []column{
			{title: "first request after ms", value: firstRequest, unit: milliseconds, compared: true}, memory,
		}},
	}
}

// table returns the table of the shape, with one row per peer.
func (s section) table(shape shape, w world, records []record, includes func(string) bool) string {
	var b strings.Builder
	header := []string{"generator", "runs"}
	for _, c := range s.columns {
		header = append(header, c.title)
		if c.compared {
			header = append(header, "ours / it")
		}
	}
	b.WriteString(row(header...) + strings.Repeat("|---", len(header)) + "|\n")
	if shape.stall {
		b.WriteString(s.truth(shape, records))
	}
	for _, peer := range shape.order(1, includes) {
		b.WriteString(s.row(w, peer, records))
	}
	return b.String()
}

// row returns the row of one peer.
func (s section) row(w world, peer string, records []record) string {
	if _, here := w.find(peer); !here {
		return row(peer, "not installed: "+w.get(peer)) // the other cells stay empty
	}
	theirs, ours := pick(records, s.shape, peer), pick(records, s.shape, peers.Ours)
	if failed(theirs) {
		reason := strings.ReplaceAll(strings.Join(strings.Fields(theirs[0].Failed), " "), "|", "/") // one line, in a cell
		return row(peer, "failed: "+reason)
	}
	if len(theirs) == 0 {
		return row(peer, "not measured")
	}
	cells := []string{peer, runs(theirs)}
	for _, c := range s.columns {
		value := byRound(theirs, c.value)
		cells = append(cells, c.unit.spread(figures.Of(values(value))))
		if c.compared {
			cells = append(cells, ratios(figures.Ratios(byRound(ours, c.value), value)))
		}
	}
	return row(cells...)
}

// truth returns the row with the expected values.
func (s section) truth(shape shape, records []record) string {
	at := func(share float64) string {
		return milliseconds.spread(figures.Of(values(byRound(pick(records, s.shape, peers.Ours), stalled(shape, share)))))
	}
	return row("*arithmetic*", "", plain.number(float64(shape.rate*shape.seconds)), at(0.5), at(0.99), at(0.999), at(1))
}

// runs returns the number of runs and their irregularities.
func runs(records []record) string {
	good, disturbed := 0, 0
	for _, r := range records {
		if r.Failed == "" {
			good++
		}
		if r.Disturbed {
			disturbed++
		}
	}
	text := fmt.Sprint(good)
	if good < len(records) {
		text += fmt.Sprintf(" of %d, the others failed", len(records))
	}
	if disturbed > 0 {
		text += fmt.Sprintf(", %d disturbed\\*", disturbed)
	}
	return text
}

func row(cells ...string) string { return "| " + strings.Join(cells, " | ") + " |\n" }
