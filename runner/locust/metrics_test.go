package locust

import (
	"math"
	"strconv"
	"testing"

	"plan/internal/metrics"
)

// TestEveryMetricOfLocustIsRead: what the table of metrics says that Locust
// measures stands in what both versions wrote.
func TestEveryMetricOfLocustIsRead(t *testing.T) {
	for _, version := range versions {
		table, err := readTable(testdata(t, "requests-"+version+".csv"))
		if err != nil {
			t.Fatal(err)
		}
		total := countersOf(t, version).Stats.Total
		for _, m := range metrics.All() {
			if m.Locust == "" {
				continue
			}
			if _, there := table.columns[m.Locust]; !there {
				t.Errorf("Locust %s has no column %q, which %s is read from", version, m.Locust, m.Name)
			}
			if m.Quantile > 0 && total.Latency.Value(m) == nil {
				t.Errorf("Locust %s: %s is not read", version, m.Name)
			}
		}
	}
}

// TestEveryPercentileOfLocustIsMapped: a percentile that Locust writes a column
// for names that column.
func TestEveryPercentileOfLocustIsMapped(t *testing.T) {
	for _, version := range versions {
		table, err := readTable(testdata(t, "requests-"+version+".csv"))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range metrics.Percentiles() {
			column := strconv.FormatFloat(math.Round(1e5*m.Quantile)/1e3, 'f', -1, 64) + "%"
			if _, there := table.columns[column]; there && m.Locust == "" {
				t.Errorf("Locust %s writes %s as column %q: name it in internal/metrics", version, m.Name, column)
			}
		}
	}
}
