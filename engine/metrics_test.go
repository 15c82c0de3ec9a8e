package engine

import (
	"reflect"
	"testing"
	"time"

	"plan/internal/metrics"
)

// TestEveryPercentileIsARow: Percentiles and the table of metrics must agree.
func TestEveryPercentileIsARow(t *testing.T) {
	fields := reflect.TypeFor[Percentiles]()
	if rows := len(metrics.Percentiles()); fields.NumField() != rows {
		t.Errorf("Percentiles has %d fields, and the table of metrics %d percentiles", fields.NumField(), rows)
	}
	for i, m := range metrics.Percentiles() {
		if name := fields.Field(i).Tag.Get("json"); name != m.Name {
			t.Errorf("field %d of Percentiles is %q, and row %d of the percentiles %q", i, name, i, m.Name)
		}
		var p Percentiles
		if field := p.field(m); field != reflect.ValueOf(&p).Elem().Field(i).Addr().Interface() {
			t.Errorf("the value of %s is kept in another field", m.Name)
		}
	}
}

// TestEveryPercentileSurvives: copying loses no percentile.
func TestEveryPercentileSurvives(t *testing.T) {
	var h histogram
	for i := range 10_000 {
		h.record(time.Duration(i) * time.Millisecond)
	}
	measured := h.percentiles()
	judged := Judged{OK: 1, Latency: measured}
	for name, p := range map[string]Percentiles{
		"histogram.percentiles": measured, "atLeast": Percentiles{}.atLeast(measured), "atLeast of less": measured.atLeast(Percentiles{}),
		"PercentilesOf": PercentilesOf(measured.Value), "Judged.Value": PercentilesOf(judged.Value),
	} {
		for _, m := range metrics.Percentiles() {
			if got, want := p.Value(m), 10*m.Quantile; got == nil || *got < want*0.99 || *got > want*1.01 {
				t.Errorf("%s: %s is %v, want about %v s", name, m.Name, got, want)
			}
		}
	}
}

func TestAtLeastTakesTheGreater(t *testing.T) {
	low, high := 1.0, 2.0
	if got := (Percentiles{P50: &low, P99: &high}).atLeast(Percentiles{P50: &high, P99: &low}); *got.P50 != high || *got.P99 != high {
		t.Errorf("p50 %v, p99 %v", *got.P50, *got.P99)
	}
}

// TestEveryBoundIsRead: every metric that a threshold can bound has a value.
func TestEveryBoundIsRead(t *testing.T) {
	one := 1.0
	j := Judged{OK: 3, Failed: 1, OKRate: 7, Latency: PercentilesOf(func(metrics.Metric) *float64 { return &one })}
	for _, m := range metrics.Bounded() {
		want := 1.0
		switch m.Name {
		case "error_rate":
			want = 0.25
		case "throughput":
			want = 7
		}
		if got := j.Value(m); got == nil || *got != want {
			t.Errorf("%s is %v, want %v", m.Name, got, want)
		}
	}
	if got := (Judged{}).Value(metrics.Named("error_rate")); *got != 0 {
		t.Errorf("the error rate of nothing is %v", *got)
	}
}
