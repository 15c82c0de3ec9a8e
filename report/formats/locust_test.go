package formats

import (
	"encoding/csv"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/HdrHistogram/hdrhistogram-go"

	"plan/engine"
	"plan/internal/exchange"
	"plan/report/fixture"
	"plan/runner/journal"
)

// encoded returns a histogram of so many latencies of 1, 2, 3, ... ms.
func encoded(t *testing.T, n int64) string {
	t.Helper()
	h := hdrhistogram.New(1, 3_600_000_000, 3)
	for ms := range n {
		if err := h.RecordValue(1000 * (ms + 1)); err != nil {
			t.Fatal(err)
		}
	}
	text, err := h.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// forLocust is a run with one load: 90 answers of 1 to 90 ms, 10 failures of 1 to 10 ms.
func forLocust(t *testing.T) journal.Run {
	s := fixture.Met()
	one := fixture.Loaded(fixture.Trial("check.steady/1", 1500), 20, 90, 10, 10, 0.03)
	one.Load.Started, one.Load.Bytes = fixture.Begun, 90*32
	counts := one.Load.ByRequest["predict"]
	counts.Method = "POST"
	one.Load.ByRequest = map[string]engine.Counts{"predict": counts}
	one.Load.Examples = map[exchange.Class]string{exchange.Timeout: "no complete response within 10s"}
	latencies := engine.Latencies{OK: encoded(t, 90), Failed: encoded(t, 10)}
	one.Evidence = &journal.Evidence{Histograms: &engine.Histograms{OK: latencies.OK, Failed: latencies.Failed, ByRequest: map[string]engine.Latencies{"predict": latencies}}}
	for second := range 12 {
		w := engine.Window{Second: second, Users: 20, Requests: int64(second), OK: int64(second), Latency: engine.Percentiles{P50: new(0.0104), Max: new(float64(12-second) / 100)}}
		if second == 11 {
			w.Failed = 10
		}
		one.Evidence.Series = append(one.Evidence.Series, w)
	}
	s.Trials = []journal.Trial{one}
	return fixture.RunOf(0, s)
}

// rowsOf reads a file of a report by the names of its columns, as scripts for Locust do.
func rowsOf(t *testing.T, files []File, name string) []map[string]string {
	t.Helper()
	i := slices.IndexFunc(files, func(f File) bool { return f.Name == name })
	if i < 0 {
		t.Fatalf("there is no %s", name)
	}
	lines, err := csv.NewReader(strings.NewReader(files[i].Text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	for _, line := range lines[1:] {
		row := map[string]string{}
		for column, value := range line {
			row[lines[0][column]] = value
		}
		rows = append(rows, row)
	}
	return rows
}

func has(t *testing.T, row map[string]string, want map[string]string) {
	t.Helper()
	for column, value := range want {
		if got, is := row[column]; got != value || !is {
			t.Errorf("%s: %q, want %q", column, got, value)
		}
	}
}

func TestLocustFiles(t *testing.T) {
	files, err := locustReport(forLocust(t))
	if err != nil {
		t.Fatal(err)
	}
	stats := rowsOf(t, files, "-check.steady-1_stats.csv")
	if len(stats) != 2 {
		t.Fatalf("%d rows", len(stats))
	}
	want := map[string]string{
		"Type": "POST", "Name": "predict", "Request Count": "100", "Failure Count": "10", "Median Response Time": "40", "Min Response Time": "1.0", "Average Content Size": "28.8",
		"Requests/s": "10.0", "Failures/s": "1.0", "50%": "40", "66%": "56", "95%": "85", "99%": "89", "99.99%": "90", "100%": "90",
	}
	has(t, stats[0], want)
	want["Type"], want["Name"] = "", "Aggregated"
	has(t, stats[1], want)

	history := rowsOf(t, files, "-check.steady-1_stats_history.csv")
	if len(history) != 12 {
		t.Fatalf("%d seconds", len(history))
	}
	has(t, history[0], map[string]string{"Timestamp": "1772366401", "User Count": "20", "Requests/s": "0.000000", "50%": "10", "66%": "N/A", "100%": "120", "Total Request Count": "0", "Total Max Response Time": "120"})
	has(t, history[11], map[string]string{"Timestamp": "1772366412", "Requests/s": "6.500000", "Failures/s": "1.000000", "100%": "10", "Total Request Count": "66", "Total Failure Count": "10", "Total Max Response Time": "120", "Total Median Response Time": "N/A"})

	failures := rowsOf(t, files, "-check.steady-1_failures.csv")
	if len(failures) != 1 {
		t.Fatalf("%v", failures)
	}
	has(t, failures[0], map[string]string{"Method": "POST", "Name": "predict", "Error": "timeout: no complete response within 10s", "Occurrences": "10", "First Seen": ""})
	if exceptions := rowsOf(t, files, "-check.steady-1_exceptions.csv"); len(exceptions) != 0 {
		t.Error(exceptions)
	}
}

// TestLocustColumns compares the headers with those of files that Locust wrote.
func TestLocustColumns(t *testing.T) {
	files, err := locustReport(forLocust(t))
	if err != nil {
		t.Fatal(err)
	}
	for name, recorded := range map[string]string{"_stats.csv": "requests-2.47.0.csv", "_failures.csv": "failures-2.47.0.csv"} {
		text, err := os.ReadFile("../../runner/locust/testdata/" + recorded)
		if err != nil {
			t.Fatal(err)
		}
		want, _, _ := strings.Cut(string(text), "\n")
		i := slices.IndexFunc(files, func(f File) bool { return strings.HasSuffix(f.Name, "1"+name) })
		if got, _, _ := strings.Cut(files[i].Text, "\n"); got != want {
			t.Errorf("%s\n%q\n%q", name, got, want)
		}
	}
	i := slices.IndexFunc(files, func(f File) bool { return strings.HasSuffix(f.Name, "_stats_history.csv") })
	header, _, _ := strings.Cut(files[i].Text, "\r\n")
	if want := "Timestamp,User Count,Type,Name,Requests/s,Failures/s,50%,66%,75%,80%,90%,95%,98%,99%,99.9%,99.99%,100%,Total Request Count,Total Failure Count,Total Median Response Time,Total Average Response Time,Total Min Response Time,Total Max Response Time,Total Average Content Size"; header != want {
		t.Errorf("%s\n%s", header, want)
	}
}

// TestLocustFilesWithoutEvidence: a load by Locust has no histograms, and an old journal
// no series.
func TestLocustFilesWithoutEvidence(t *testing.T) {
	run := forLocust(t)
	one := &run.Stages[0].Trials[0]
	one.Evidence = nil
	one.Load.ByRequest = map[string]engine.Counts{"GET /": {Method: "GET", OK: 4, LatencyOK: engine.Percentiles{P95: new(0.25)}}, "none": {}}
	files, err := locustReport(run)
	if err != nil {
		t.Fatal(err)
	}
	stats := rowsOf(t, files, "-check.steady-1_stats.csv")
	has(t, stats[0], map[string]string{"Type": "GET", "Name": "/", "Request Count": "4", "95%": "250", "66%": "N/A", "Average Response Time": "N/A"})
	has(t, stats[1], map[string]string{"Name": "none", "Request Count": "0", "Average Content Size": "0.0", "50%": "N/A"})
	has(t, stats[2], map[string]string{"Name": "Aggregated", "Failure Count": "10", "95%": "N/A"})
	if rows := rowsOf(t, files, "-check.steady-1_stats_history.csv"); len(rows) != 0 {
		t.Error(rows)
	}
	if files, err := locustReport(fixture.RunOf(0, fixture.Skipped())); len(files) != 0 || err != nil {
		t.Error(files, err)
	}
}
