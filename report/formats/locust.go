package formats

import (
	"encoding/csv"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/HdrHistogram/hdrhistogram-go"

	"plan/engine"
	"plan/internal/metrics"
	"plan/internal/tty"
	"plan/runner/journal"
)

// Names, columns and line ends of the files of `locust --csv PREFIX`, version 2.46:
// PREFIX_stats.csv, PREFIX_stats_history.csv, PREFIX_failures.csv,
// PREFIX_exceptions.csv. Latencies are in milliseconds, percentiles in whole ones.
var (
	locustPercentiles = []float64{50, 66, 75, 80, 90, 95, 98, 99, 99.9, 99.99, 100}
	locustStats       = append([]string{"Type", "Name", "Request Count", "Failure Count", "Median Response Time",
		"Average Response Time", "Min Response Time", "Max Response Time", "Average Content Size", "Requests/s",
		"Failures/s"}, percentileNames()...)
	locustHistory = slices.Concat([]string{"Timestamp", "User Count", "Type", "Name", "Requests/s", "Failures/s"},
		percentileNames(), []string{"Total Request Count", "Total Failure Count", "Total Median Response Time",
			"Total Average Response Time", "Total Min Response Time", "Total Max Response Time", "Total Average Content Size"})
	locustFailures   = []string{"Method", "Name", "Error", "Occurrences", "First Seen", "Last Seen"}
	locustExceptions = []string{"Count", "Message", "Traceback", "Nodes"}
)

// notAvailable is what Locust writes for a figure that does not exist.
const notAvailable = "N/A"

// aggregated is the name of Locust's last row.
const aggregated = "Aggregated"

func percentileNames() []string {
	var names []string
	for _, p := range locustPercentiles {
		names = append(names, strconv.FormatFloat(p, 'f', -1, 64)+"%")
	}
	return names
}

// locustReport returns the files that Locust writes, for each trial with a load. The ID
// of the trial follows the prefix.
func locustReport(run journal.Run) ([]File, error) {
	var files []File
	for _, s := range run.Stages {
		for _, t := range s.Trials {
			if t.Load == nil {
				continue
			}
			for _, table := range []struct {
				name   string
				header []string
				rows   [][]string
			}{
				{"stats", locustStats, locustRows(t)},
				{"stats_history", locustHistory, locustSeconds(t)},
				{"failures", locustFailures, locustErrors(t)},
				{"exceptions", locustExceptions, nil},
			} {
				var text strings.Builder
				out := csv.NewWriter(&text)
				out.UseCRLF = true
				if err := out.WriteAll(append([][]string{table.header}, table.rows...)); err != nil {
					return nil, err
				}
				files = append(files, File{Name: "-" + FileName(t.ID) + "_" + table.name + ".csv", Text: text.String()})
			}
		}
	}
	return files, nil
}

// locustRows returns a row for each request, and the row of all of them.
func locustRows(t journal.Trial) [][]string {
	var h engine.Histograms
	if t.Evidence != nil && t.Evidence.Histograms != nil {
		h = *t.Evidence.Histograms
	}
	var rows [][]string
	for _, name := range slices.Sorted(maps.Keys(t.Load.ByRequest)) {
		c := t.Load.ByRequest[name]
		rows = append(rows, locustRow(c.Method, locustName(c, name), c, t.Load.Seconds, h.ByRequest[name]))
	}
	all := engine.Counts{OK: t.Load.OK, Failed: t.Load.Failed, Bytes: t.Load.Bytes, LatencyOK: t.Load.LatencyOK}
	return append(rows, locustRow("", aggregated, all, t.Load.Seconds, engine.Latencies{OK: h.OK, Failed: h.Failed}))
}

// locustName returns the name of a request without its method, which is a column.
func locustName(c engine.Counts, name string) string { return strings.TrimPrefix(name, c.Method+" ") }

// locustRow returns a row of PREFIX_stats.csv. Locust counts requests that ended, and
// its latencies include failed ones.
func locustRow(method, name string, c engine.Counts, seconds float64, encoded engine.Latencies) []string {
	ended := c.OK + c.Failed
	row := []string{method, textCell(name), fmt.Sprint(ended), fmt.Sprint(c.Failed)}
	h, known := latenciesOf(encoded, ended)
	if known && ended > 0 {
		row = append(row, milliseconds(float64(h.ValueAtQuantile(50))), fraction(h.Mean()/1e3),
			fraction(float64(h.Min())/1e3), fraction(float64(h.Max())/1e3))
	} else {
		row = append(row, notAvailable, notAvailable, notAvailable, notAvailable)
	}
	row = append(row, fraction(per(float64(c.Bytes), float64(ended))), fraction(per(float64(ended), seconds)),
		fraction(per(float64(c.Failed), seconds)))
	for _, p := range locustPercentiles {
		switch v := percentile(c.LatencyOK, p); {
		case known && ended > 0:
			row = append(row, milliseconds(float64(h.ValueAtQuantile(p))))
		case v != nil && c.Failed == 0:
			row = append(row, milliseconds(*v*1e6))
		default:
			row = append(row, notAvailable)
		}
	}
	return row
}

// latenciesOf returns the latencies of all requests, OK and failed, in microseconds; it
// is false where the journal does not have those of so many requests.
func latenciesOf(encoded engine.Latencies, ended int64) (*hdrhistogram.Histogram, bool) {
	var sum *hdrhistogram.Histogram
	for _, text := range []string{encoded.OK, encoded.Failed} {
		if text == "" {
			continue
		}
		h, err := hdrhistogram.Decode([]byte(text))
		switch {
		case err != nil:
			return nil, false
		case sum == nil:
			sum = h
		default:
			sum.Merge(h)
		}
	}
	return sum, sum != nil && sum.TotalCount() == ended
}

// percentile returns a percentile of those that a load always has, in seconds; nil of
// another one.
func percentile(p engine.Percentiles, percent float64) *float64 {
	for _, m := range metrics.Percentiles() {
		if math.Abs(100*m.Quantile-percent) < 1e-9 {
			return p.Value(m)
		}
	}
	return nil
}

// rateSeconds is over how many seconds Locust computes a current rate.
const rateSeconds = 10

// locustSeconds returns a row for each second of the load. What the journal does not
// have for each second is not available.
func locustSeconds(t journal.Trial) [][]string {
	if t.Evidence == nil {
		return nil
	}
	var rows [][]string
	var ended, failed int64
	var longest *float64
	series := t.Evidence.Series
	for i, w := range series {
		ended, failed = ended+w.Requests, failed+w.Failed
		if w.Latency.Max != nil && (longest == nil || *w.Latency.Max > *longest) {
			longest = w.Latency.Max
		}
		var requests, failures float64
		last := series[max(0, i+1-rateSeconds) : i+1]
		for _, w := range last {
			requests, failures = requests+float64(w.Requests), failures+float64(w.Failed)
		}
		at := t.Load.Started
		if at.IsZero() {
			at = t.Started
		}
		row := []string{fmt.Sprint(at.Unix() + int64(w.Second) + 1), fmt.Sprint(w.Users), "", aggregated,
			fmt.Sprintf("%.6f", requests/float64(len(last))), fmt.Sprintf("%.6f", failures/float64(len(last)))}
		for _, p := range locustPercentiles {
			row = append(row, orNotAvailable(percentile(w.Latency, p)))
		}
		rows = append(rows, append(row, fmt.Sprint(ended), fmt.Sprint(failed), notAvailable, notAvailable, notAvailable,
			orNotAvailable(longest), notAvailable))
	}
	return rows
}

// locustErrors returns a row for each class of failure of each request.
func locustErrors(t journal.Trial) [][]string {
	var rows [][]string
	for _, name := range slices.Sorted(maps.Keys(t.Load.ByRequest)) {
		c := t.Load.ByRequest[name]
		for _, class := range slices.Sorted(maps.Keys(c.Errors)) {
			if c.Errors[class] == 0 {
				continue
			}
			rows = append(rows, []string{c.Method, textCell(locustName(c, name)),
				textCell(tty.Join(": ", string(class), t.Load.Examples[class])), fmt.Sprint(c.Errors[class]), "", ""})
		}
	}
	return rows
}

// milliseconds returns microseconds as whole milliseconds.
func milliseconds(microseconds float64) string {
	return fmt.Sprint(int64(math.Round(microseconds / 1e3)))
}

// orNotAvailable returns seconds as whole milliseconds.
func orNotAvailable(seconds *float64) string {
	if seconds == nil {
		return notAvailable
	}
	return milliseconds(*seconds * 1e6)
}

// fraction returns a number as Python prints it: with a decimal at least.
func fraction(v float64) string {
	text := strconv.FormatFloat(v, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}

// per returns a ratio; 0 of nothing.
func per(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}
