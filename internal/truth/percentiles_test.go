package truth

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"plan/engine"
	"plan/internal/exchange"
)

// percentiles lists the percentiles of a result, with their fields.
var percentiles = map[float64]func(engine.Percentiles) *float64{
	50:   func(p engine.Percentiles) *float64 { return p.P50 },
	90:   func(p engine.Percentiles) *float64 { return p.P90 },
	95:   func(p engine.Percentiles) *float64 { return p.P95 },
	99:   func(p engine.Percentiles) *float64 { return p.P99 },
	99.9: func(p engine.Percentiles) *float64 { return p.P999 },
	100:  func(p engine.Percentiles) *float64 { return p.Max },
}

// undisturbed is the maximum p99 of the probe's oversleep with which times are
// compared.
const undisturbed = 3 * time.Millisecond

// slack is the permitted difference between a percentile of the load and of the
// log: 1 ms for the kernel and both schedulers, 3 %, and the probe's oversleep:
// its median for the median, its maximum above that, because one delay of the
// probe may correspond to a hundred requests that wait for the same moment.
func slack(want time.Duration, p *probe, percentile float64) time.Duration {
	if percentile > 50 {
		percentile = 100
	}
	return time.Millisecond + want*3/100 + p.at(percentile)
}

// TestPercentilesAreTheLogs compares latencies with the times that the referee
// had the requests, 5 to 200 ms each: from the arrival of a request's last
// byte, by the kernel's clock, until its response was written.
func TestPercentilesAreTheLogs(t *testing.T) {
	t.Logf("-seed %d", *seed)
	onBoth(t, func(t *testing.T, transport engine.Transport) {
		random := rand.New(rand.NewPCG(*seed, 1000))
		mostly(t, func() [2]observed {
			return [2]observed{
				observe(t, slowly(random, 30), unhurried(random), transport, nil),
				observe(t, slowly(random, 50), unhurried(random), transport, nil),
			}
		}, func(t testing.TB, halves [2]observed, p *probe) {
			for i, seen := range halves {
				near(t, fmt.Sprint("load ", i), told(seen.result.Total.LatencyOK), services(seen.log), p, 0)
				inHistogram(t, seen.result)
			}
			near(t, "both merged", merged(t, halves), services(slices.Concat(halves[0].log, halves[1].log)), p, 0)
		})
	})
}

func slowly(random *rand.Rand, users int) engine.Load {
	return engine.Load{
		Users: users, Runtime: 2 * time.Second, Seed: random.Uint64(),
		Requests: []exchange.Request{{Name: "slow", Path: "/slow", Weight: 1}},
	}
}

// unhurried orders a referee to wait before each response.
func unhurried(random *rand.Rand) orders {
	return orders{
		Seed: random.Uint64(), Listeners: 1, Timeout: exchange.DefaultTimeout, Withholds: true,
		Deeds: map[deed]float64{waits: 1}, Least: 5 * time.Millisecond, Most: 200 * time.Millisecond,
	}
}

// services returns how long received responses took, sorted.
func services(log []connection) []time.Duration {
	var all []time.Duration
	for _, c := range log {
		for _, a := range c.Asked {
			if a.Taken {
				all = append(all, a.service())
			}
		}
	}
	slices.Sort(all)
	return all
}

// near compares percentiles, sorted, with those of the log's times. They may
// differ by slack and delay.
func near(t testing.TB, what string, got map[float64]time.Duration, log []time.Duration, p *probe, delay time.Duration) {
	t.Helper()
	for percentile := range percentiles {
		want := quantile(log, percentile)
		off := got[percentile] - want
		t.Logf("%s: p%v %v, the log has %v (%+v)", what, percentile, got[percentile], want, off)
		if off.Abs() > slack(want, p, percentile)+delay {
			t.Errorf("%s: p%v is %v off, with %v allowed for the catch-up; the probe overslept %v", what, percentile, off, delay, p.at(percentile))
		}
	}
}

func told(p engine.Percentiles) map[float64]time.Duration {
	all := map[float64]time.Duration{}
	for percentile, of := range percentiles {
		if value := of(p); value != nil {
			all[percentile] = time.Duration(*value * float64(time.Second))
		}
	}
	return all
}

// inHistogram decodes a result's histograms and finds each percentile in them.
func inHistogram(t testing.TB, r engine.Result) {
	t.Helper()
	for name, h := range map[string]struct {
		text  string
		told  engine.Percentiles
		count int64
	}{
		"ok":       {r.Histograms.OK, r.Total.LatencyOK, r.Total.OK},
		"judged":   {r.Histograms.Judged, r.Judged.Latency, r.Judged.OK},
		"lateness": {r.Histograms.Lateness, r.Lateness, -1},
	} {
		if h.text == "" && h.told.P50 == nil {
			continue
		}
		read := decoded(t, h.text)
		if h.count >= 0 && read.TotalCount() != h.count {
			t.Errorf("%s: %d values in the histogram, %d counted", name, read.TotalCount(), h.count)
		}
		for percentile, of := range percentiles {
			in := float64(read.ValueAtPercentile(percentile)) / 1e6
			if waits := name == "judged" && *of(h.told) > in; in != *of(h.told) && !waits { // those that the end cut short make nothing look faster
				t.Errorf("%s: p%v is told as %v s, and is %v s in the histogram", name, percentile, *of(h.told), in)
			}
		}
	}
}

func decoded(t testing.TB, text string) *hdrhistogram.Histogram {
	t.Helper()
	h, err := hdrhistogram.Decode([]byte(text))
	if err != nil {
		t.Fatalf("%v: %q", err, text)
	}
	return h
}

// merged adds up the histograms of several loads, as for two agents.
func merged(t testing.TB, halves [2]observed) map[float64]time.Duration {
	t.Helper()
	whole, n := decoded(t, halves[0].result.Histograms.OK), halves[0].result.Total.OK+halves[1].result.Total.OK
	if dropped := whole.Merge(decoded(t, halves[1].result.Histograms.OK)); dropped != 0 || whole.TotalCount() != n {
		t.Errorf("%d values of %d, %d dropped", whole.TotalCount(), n, dropped)
	}
	all := map[float64]time.Duration{}
	for percentile := range percentiles {
		all[percentile] = time.Duration(whole.ValueAtPercentile(percentile)) * time.Microsecond
	}
	return all
}
