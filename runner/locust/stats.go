package locust

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	"plan/engine"
	"plan/internal/metrics"
)

// statsRow is the outcome of the requests of one name.
type statsRow struct {
	Method, Name string
	Requests     int64 // answered or failed
	Failed       int64
	Rate         float64 // per second, until the last one
	Bytes        int64   // of response bodies
	// Latency includes failed requests. Locust rounds all but Max to two digits,
	// below 100 ms to whole milliseconds.
	Latency engine.Percentiles
}

// OK returns the number of requests that did not fail.
func (r statsRow) OK() int64 { return r.Requests - r.Failed }

// requestStats are the rows of /stats/requests/csv.
type requestStats struct {
	Columns []string // a locustfile may leave percentiles out
	Rows    []statsRow
	Total   statsRow
}

// aggregated is the name of the last row.
const aggregated = "Aggregated"

// parseStats parses /stats/requests/csv.
func parseStats(text []byte) (requestStats, error) {
	table, err := readTable(text, "Type", "Name", "Request Count", "Failure Count", "Average Content Size", "Requests/s", "Max Response Time")
	if err != nil {
		return requestStats{}, err
	}
	s := requestStats{Columns: slices.Collect(maps.Keys(table.columns))}
	for _, record := range table.records {
		row, err := table.row(record)
		if err != nil {
			return requestStats{}, err
		}
		s.Rows = append(s.Rows, row)
	}
	last := len(s.Rows) - 1
	if last < 0 || s.Rows[last].Name != aggregated {
		return requestStats{}, fmt.Errorf("its statistics end without a row %q", aggregated)
	}
	s.Rows, s.Total = s.Rows[:last], s.Rows[last]
	return s, nil
}

func (t table) row(record []string) (statsRow, error) {
	row := statsRow{Method: t.text(record, "Type"), Name: t.text(record, "Name")}
	var numbers [4]float64
	for i, column := range []string{"Request Count", "Failure Count", "Requests/s", "Average Content Size"} {
		n, err := strconv.ParseFloat(t.text(record, column), 64)
		if err != nil {
			return statsRow{}, fmt.Errorf("its statistics have no number in column %q of %q: %w", column, row.Name, err)
		}
		numbers[i] = n
	}
	row.Requests, row.Failed, row.Rate = int64(numbers[0]), int64(numbers[1]), numbers[2]
	row.Bytes = int64(math.Round(numbers[3] * numbers[0]))
	if row.Requests > 0 {
		row.Latency = t.latency(record)
	}
	return row, nil
}

// latency returns the percentiles of a row.
func (t table) latency(record []string) engine.Percentiles {
	return engine.PercentilesOf(func(m metrics.Metric) *float64 { return t.seconds(record, m.Locust) })
}

// seconds parses milliseconds; nil where there are none.
func (t table) seconds(record []string, column string) *float64 {
	ms, err := strconv.ParseFloat(t.text(record, column), 64)
	if err != nil {
		return nil
	}
	return new(ms / 1000)
}

// table is a CSV file whose columns are found by their names.
type table struct {
	columns map[string]int
	records [][]string
}

func readTable(text []byte, needed ...string) (table, error) {
	records, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		return table{}, fmt.Errorf("its figures are not CSV: %w", err)
	}
	if len(records) == 0 {
		return table{}, fmt.Errorf("its figures are empty")
	}
	t := table{columns: map[string]int{}, records: records[1:]}
	for i, name := range records[0] {
		t.columns[name] = i
	}
	for _, name := range needed {
		if !slices.Contains(records[0], name) {
			return table{}, fmt.Errorf("its figures have no column %q", name)
		}
	}
	return t, nil
}

// text returns the value in a column; "" where there is no such column.
func (t table) text(record []string, column string) string {
	i, ok := t.columns[column]
	if !ok {
		return ""
	}
	return record[i]
}
