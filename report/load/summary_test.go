package load

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"github.com/HdrHistogram/hdrhistogram-go"

	"plan/engine"
	"plan/internal/exchange"
	"plan/internal/golden"
	"plan/internal/tty"
)

func to[T any](v T) *T { return &v }

// recorded is a histogram as the engine writes it, with so many answers of
// each latency.
func recorded(t *testing.T, counts map[time.Duration]int64) string {
	t.Helper()
	h := hdrhistogram.New(1, (10 * time.Minute).Microseconds(), 3)
	for took, n := range counts {
		if err := h.RecordValues(took.Microseconds(), n); err != nil {
			t.Fatal(err)
		}
	}
	text, err := h.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func latency(seconds ...float64) engine.Percentiles {
	return engine.Percentiles{P50: &seconds[0], P90: &seconds[1], P95: &seconds[2], P99: &seconds[3], P999: &seconds[4], Max: &seconds[5]}
}

// onURL is a load that went well, for tests to change.
func onURL(t *testing.T) Summary {
	return Summary{
		URL: "http://127.0.0.1:8000/predict",
		Load: engine.Load{
			Users: 100, SpawnRate: 50, Runtime: 30 * time.Second, ThinkTime: engine.ThinkTime{Kind: "between", Min: time.Second, Max: 3 * time.Second},
			Requests: []exchange.Request{{Method: "POST"}},
		},
		Result: engine.Result{
			Transport: "epoll", Seconds: 30, Rate: 47.3, CPUSeconds: 0.42, Threads: 2, Connections: 100,
			Total: engine.Counts{
				Requests: 1420, OK: 1419, InFlight: to[int64](1), Retried: to[int64](0), Bytes: 38313,
				LatencyOK: latency(0.008, 0.011, 0.011, 0.015, 0.021, 0.031),
			},
			UsersNeverAnswered: to(0), Lateness: latency(0, 0, 0, 0.00012, 0, 0.0011),
			Histograms: engine.Histograms{OK: recorded(t, map[time.Duration]int64{
				4100 * time.Microsecond: 31, 7 * time.Millisecond: 402, 8 * time.Millisecond: 702, 11 * time.Millisecond: 230, 15 * time.Millisecond: 40, 21 * time.Millisecond: 13, 31 * time.Millisecond: 1,
			})},
		},
	}
}

// screens are those that people see.
func screens(t *testing.T) map[string]Summary {
	failing := onURL(t)
	failing.Result.Total.Failed, failing.Result.Total.OK = 120, 1299
	failing.Result.Total.Errors = map[exchange.Class]int64{exchange.HTTP5xx: 100, exchange.Timeout: 19, exchange.Reset: 1}
	failing.Result.Total.LatencyFailed = latency(0.0021, 10, 10, 10, 10, 10)
	failing.Result.Total.Retried = to[int64](3)
	failing.Result.Examples = map[exchange.Class]string{
		exchange.HTTP5xx: "503 Service Unavailable {\"detail\":\n\"the model is busy, \x1b[31mask somebody else\"}",
		exchange.Timeout: "no complete response within 10s", exchange.Reset: "read: connection reset by peer",
	}

	dead := onURL(t)
	dead.Load.ThinkTime, dead.Load.SpawnRate, dead.Load.Users = engine.ThinkTime{}, 0, 1
	dead.Result.Total = engine.Counts{Requests: 990, Failed: 990, Errors: map[exchange.Class]int64{exchange.Refused: 990}, LatencyFailed: latency(0.00006, 0.0001, 0.0001, 0.0003, 0.0009, 0.001)}
	dead.Result.Examples = map[exchange.Class]string{exchange.Refused: "connect: connection refused"}
	dead.Result.Histograms.OK, dead.Result.Connections, dead.Result.UsersNeverAnswered = "", 0, to(1)
	dead.Result.Lateness = engine.Percentiles{}

	arrivals := onURL(t)
	arrivals.Load.ArrivalRate, arrivals.Load.Poisson, arrivals.Load.Users, arrivals.Load.WarmUp = 1000, true, 10000, 5*time.Second
	arrivals.Result.Total.Dropped = to[int64](4120)
	arrivals.Result.Judged.Latency = latency(0.008, 0.01, 0.012, 0.02, 0.025, 0.027)
	arrivals.Result.Saturated = []engine.Saturation{
		{Kind: engine.SaturationRate, Text: "1420 of 5540 arrivals were sent, under 98 %; 4120 were dropped because none of the 10000 users was free: raise users or lower the rate"},
		{Kind: engine.SaturationCPU, Text: "the load driver used 1.90 of 2 CPUs, above the limit of 80 %: give it more CPUs or reduce the load"},
	}

	interrupted := onURL(t)
	interrupted.Interrupted, interrupted.Result.Seconds = true, 12.4
	interrupted.Load.Stages = []engine.Stage{{Users: 100, Over: 20 * time.Second}, {Users: 50, Over: 10 * time.Second}}
	interrupted.Load.ThinkTime = engine.ThinkTime{Kind: "exponential", Min: 2 * time.Second}

	ended := onURL(t)
	ended.Result.Ended, ended.Result.Seconds = "the feed rows was used up", 3.2
	ended.Load.Stages = []engine.Stage{{Rate: 50, Over: 20 * time.Second}, {Over: 10 * time.Second}}

	hung := onURL(t)
	hung.Load.ThinkTime, hung.Load.SpawnRate, hung.Load.ArrivalRate, hung.Load.Users = engine.ThinkTime{}, 0, 100, 1000
	hung.Result.Total.Requests, hung.Result.Total.InFlight = 2319, to[int64](900)
	hung.Result.Judged.Latency = latency(0.012, 5.1, 7.2, 8.8, 8.9, 9)
	hung.Result.Hung = true
	hung.Result.Protocols = []string{"HTTP/1.1"}

	nothing := onURL(t)
	nothing.Result = engine.Result{Transport: "net/http", Threads: 1}
	return map[string]Summary{"well": onURL(t), "failing": failing, "dead": dead, "arrivals": arrivals, "interrupted": interrupted, "ended": ended, "hung": hung, "nothing": nothing}
}

func TestTheScreenOfALoad(t *testing.T) {
	for name, l := range screens(t) {
		var b bytes.Buffer
		if err := l.Print(&b, tty.Options{}); err != nil {
			t.Fatal(err)
		}
		golden.Compare(t, "testdata/"+name+".txt", b.Bytes())
		for line := range strings.SplitSeq(b.String(), "\n") {
			if cells := twwidth.Width(line); cells > summaryWidth {
				t.Errorf("%s: %d cells: %s", name, cells, line)
			}
		}
	}
}

func TestColourOnlyPaintsTheScreenOfALoad(t *testing.T) {
	l := screens(t)["failing"]
	var plain, painted bytes.Buffer
	if err := l.Print(&plain, tty.Options{Width: 70}); err != nil {
		t.Fatal(err)
	}
	if err := l.Print(&painted, tty.Options{Width: 70, Color: true}); err != nil {
		t.Fatal(err)
	}
	golden.Compare(t, "testdata/color.txt", painted.Bytes())
	if got := twwidth.Filter().ReplaceAllString(painted.String(), ""); got != plain.String() {
		t.Errorf("colour changes more than the colour:\n%s", got)
	}
}

func TestANarrowTerminalLosesNoFigure(t *testing.T) {
	well := onURL(t)
	for width := range 130 {
		var b bytes.Buffer
		if err := well.Print(&b, tty.Options{Width: width}); err != nil {
			t.Fatal(err)
		}
		for _, figure := range []string{"1,419\n", "15ms", "230  16.2 %", "0.01 of 2 CPUs"} {
			if (width == 0 || width >= 30) && !strings.Contains(b.String(), figure) {
				t.Fatalf("no %q at %d cells:\n%s", figure, width, b.String())
			}
		}
	}
}

func TestAHistogramThatCannotBeReadIsReported(t *testing.T) {
	l := onURL(t)
	l.Result.Histograms.OK = "nonsense"
	if err := l.Print(&bytes.Buffer{}, tty.Options{}); err == nil {
		t.Error("it is printed all the same")
	}
}
