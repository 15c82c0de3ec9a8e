package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plan/internal/bench/peers"
)

// sample returns runs of a peer in a shape, one per round, with CPU seconds for
// ten requests.
func sample(shape, peer string, cpu ...float64) (records []record) {
	for i, c := range cpu {
		records = append(records, record{Shape: shape, Peer: peer, Round: i + 1, Requests: 10, CPU: c, Rate: 10, Seconds: 1, Peak: 30e6})
	}
	return records
}

func goalOf(t *testing.T, what, against string) goal {
	t.Helper()
	for _, g := range goals(shapes()) {
		if strings.Contains(g.what, what) && g.reference() == against {
			return g
		}
	}
	t.Fatalf("no goal %q against %q", what, against)
	return goal{}
}

func TestAGoalAgainstAPeerIsComparedWithTheMedianOfRatios(t *testing.T) {
	g := goalOf(t, "CPU a request, 64", "wrk")
	for _, c := range []struct {
		name         string
		ours, theirs []float64
		want         string
	}{
		{"better", []float64{8e-5, 9e-5, 20e-5}, []float64{10e-5, 10e-5, 18e-5}, "yes"},
		{"as good", []float64{8e-5}, []float64{8e-5}, "yes"},
		{"worse", []float64{12e-5, 10e-5, 12e-5}, []float64{10e-5, 10e-5, 10e-5}, "**no**: 1.2"},
		{"no peer", []float64{12e-5}, nil, "no figure of wrk"},
		{"not ours", nil, []float64{12e-5}, "not measured"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := g.find(append(sample("sat", peers.Ours, c.ours...), sample("sat", "wrk", c.theirs...)...))
			if got := f.verdict(); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestAPartOfAPeerIsMarked(t *testing.T) {
	g := goalOf(t, "CPU a request", "k6")
	f := g.find(append(sample("users", peers.Ours, 10e-5), sample("users", "k6", 50e-5)...))
	want := "| … CPU a request | 10 µs | k6 | 50 µs | 1/5 | ≤ 1/8 | **no**: 1/5 |\n"
	if diff := cmp.Diff(want, f.row()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAFigureThatARunLacksIsAGoalMissed(t *testing.T) {
	g := goalOf(t, "until all were active", "")
	records := sample("users", peers.Ours, 1, 1)
	records[0].AllActive = new(1.2)
	if got, want := g.find(records).verdict(), "**no**: not at all in 1 of 2 runs"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	records[1].AllActive = new(2.5)
	if got, want := g.find(records).verdict(), "**no**: 2.5 s"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	records[1].AllActive = new(1.5)
	if got, want := g.find(records).verdict(), "yes"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestRunsOfOursThatFailedAreNoSuccess(t *testing.T) {
	g := goalOf(t, "errors", "")
	records := sample("users", peers.Ours, 1, 1)
	records[0].Failed, records[1].Reported.Errors = "killed", new(int64(0))
	if got, want := g.find(records).verdict(), "**no**: not at all in 1 of 2 runs"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	records[1].Failed = "killed"
	if got, want := g.find(records).verdict(), "every run failed"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestReportedFiguresAreComparedWithArithmeticAndTheLog(t *testing.T) {
	records := sample("honest", peers.Ours, 1)
	r := &records[0]
	r.Seconds, r.Stall = 20, 2
	r.Reported = peers.Reported{P99: new(1.81), P999: new(1.9), Max: new(2.001)}
	r.Logged = &peers.Reported{P99: new(1.7), P999: new(1.9), Max: new(2.001)}
	got := map[string]string{}
	for _, g := range goals(shapes()) {
		if g.shape == "honest" {
			got[g.what+" by "+g.reference()] = g.find(records).verdict()
		}
	}
	want := map[string]string{
		"1,000/s with one stall: p99 by arithmetic": "yes", "… p99 by the referee's log": "**no**: 1.06",
		"1,000/s with one stall: p99.9 by arithmetic": "**no**: 0.959", "… p99.9 by the referee's log": "yes",
		"1,000/s with one stall: max by arithmetic": "yes", "… max by the referee's log": "yes",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestNumbers(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", 0.0123: "0.0123", 0.5: "0.5", 1: "1", 9.876: "9.88", 99.94: "99.9", 99.96: "100", 1234.5: "1234", 12345.6: "12,346", 1234567: "1,234,567", -12345: "-12,345",
	} {
		if got := plain.number(v); got != want {
			t.Errorf("%v: %q, want %q", v, got, want)
		}
	}
	for v, want := range map[float64]string{0.125: "1/8", 0.815: "0.815", 0.5: "0.5", 2: "2", 0: "0"} {
		if got := ratio(v); got != want {
			t.Errorf("%v times: %q, want %q", v, got, want)
		}
	}
}
