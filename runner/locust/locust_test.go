package locust

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plan/engine"
	"plan/internal/exchange"
)

// versions of Locust that the files of testdata were taken from, each at the
// end of 15 s with users of both kinds against a server that fails in every way.
var versions = []string{"2.12.1", "2.47.0"}

func testdata(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func countersOf(t *testing.T, version string) counters {
	t.Helper()
	stats, err := parseStats(testdata(t, "requests-"+version+".csv"))
	if err != nil {
		t.Fatal(err)
	}
	failures, err := parseFailures(testdata(t, "failures-"+version+".csv"))
	if err != nil {
		t.Fatal(err)
	}
	return counters{stats, failures}
}

func TestStats(t *testing.T) {
	want := map[string]statsRow{
		"2.12.1": {Name: "Aggregated", Requests: 514, Failed: 412, Rate: 34.00882215248879, Bytes: 3156, Latency: engine.Percentiles{
			P50: new(0.043), P90: new(0.051), P95: new(0.1), P99: new(1.0), P999: new(1.1), Max: new(1.070702185999835),
		}},
		"2.47.0": {Name: "Aggregated", Requests: 380, Failed: 330, Rate: 26.13025113631598, Bytes: 1970, Latency: engine.Percentiles{
			P50: new(0.041), P90: new(1.0), P95: new(1.0), P99: new(1.0), P999: new(1.1), Max: new(1.0601561469993612),
		}},
	}
	for _, version := range versions {
		got := countersOf(t, version).Stats
		if diff := cmp.Diff(want[version], got.Total); diff != "" {
			t.Errorf("%s:\n%s", version, diff)
		}
		var sum statsRow
		for _, row := range got.Rows {
			sum.Requests, sum.Failed, sum.Bytes = sum.Requests+row.Requests, sum.Failed+row.Failed, sum.Bytes+row.Bytes
		}
		if sum.Requests != got.Total.Requests || sum.Failed != got.Total.Failed || sum.Bytes != got.Total.Bytes {
			t.Errorf("%s: the rows add up to %+v, not to %+v", version, sum, got.Total)
		}
	}
}

func TestStatsBeforeTheFirstRequestAndOfOtherColumns(t *testing.T) {
	empty := "Type,Name,Request Count,Failure Count,Median Response Time,Max Response Time,Average Content Size,Requests/s,50%,97%\r\n,Aggregated,0,0,0,0,0,0.0,N/A,N/A\r\n"
	got, err := parseStats([]byte(empty))
	if !slices.Contains(got.Columns, "97%") || slices.Contains(got.Columns, "95%") {
		t.Errorf("columns %q", got.Columns)
	}
	got.Columns = nil
	if diff := cmp.Diff(requestStats{Rows: []statsRow{}, Total: statsRow{Name: "Aggregated"}}, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	got, err = parseStats([]byte(strings.ReplaceAll(empty, ",0,0,0,0,0,0.0,N/A,N/A", ",2,0,5,7.5,3,0.5,5,8")))
	if diff := cmp.Diff(statsRow{Name: "Aggregated", Requests: 2, Rate: 0.5, Bytes: 6, Latency: engine.Percentiles{P50: new(0.005), Max: new(0.0075)}}, got.Total); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
}

func TestWhatIsNotLocust(t *testing.T) {
	header := "Type,Name,Request Count,Failure Count,Max Response Time,Average Content Size,Requests/s\n"
	for text, want := range map[string]string{
		"":                                 "are empty",
		"<html>\n":                         `no column "Type"`,
		"a,b\nc\n":                         "not CSV",
		header:                             `without a row "Aggregated"`,
		header + "GET,/,1,0,1,1,1\n":       `without a row "Aggregated"`,
		header + ",Aggregated,x,0,1,1,1\n": `no number in column "Request Count" of "Aggregated"`,
	} {
		if _, err := parseStats([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := parseFailures([]byte("Method,Name,Error,Occurrences\nGET,/,reset,many\n")); err == nil || !strings.Contains(err.Error(), `no count of "reset"`) {
		t.Error(err)
	}
	if _, err := parseFailures([]byte("nothing\n")); err == nil {
		t.Error("no error of what is no list of failures")
	}
	for text, want := range map[string]string{"<html>": "not JSON", "{}": "is missing"} {
		if _, err := parseUIState([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestPage(t *testing.T) {
	for version, want := range map[string]uiState{
		"2.12.1": {State: "stopped", Latency: engine.Percentiles{P50: new(0.042), P95: new(0.18)}},
		"2.47.0": {State: "running", Users: 6, Latency: engine.Percentiles{P50: new(0.004), P95: new(1.0)}},
	} {
		got, err := parseUIState(testdata(t, "page-"+version+".json"))
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", version, err, diff)
		}
		if got.stopped() != (version == "2.12.1") {
			t.Errorf("%s: stopped %v", version, got.stopped())
		}
	}
}

// TestResult holds every figure against what both versions said of the same
// users: how often each class of error came is known from the locustfile.
func TestResult(t *testing.T) {
	for _, version := range versions {
		f := countersOf(t, version)
		got := figures{Full: f, From: 2, Lasted: 18}.result()
		total := f.Stats.Total
		if got.Total.Requests != total.Requests || got.Total.OK != total.OK() || got.Total.Failed != total.Failed || got.Total.InFlight != nil || got.Total.Retried != nil {
			t.Errorf("%s: %+v", version, got.Total)
		}
		var failed int64
		for _, n := range got.Total.Errors {
			failed += n
		}
		if failed != total.Failed {
			t.Errorf("%s: %d failures are in classes, of %d", version, failed, total.Failed)
		}
		for name, c := range got.ByRequest {
			var classes int64
			for _, n := range c.Errors {
				classes += n
			}
			if classes != c.Failed || (c.LatencyOK.P50 != nil) != (c.Failed == 0) || (c.LatencyFailed.P50 != nil) != (c.OK == 0) {
				t.Errorf("%s: %s: %+v", version, name, c)
			}
		}
		if got.Judged.From != 2 || got.Judged.Seconds != 16 || got.Judged.OKRate != float64(total.OK())/16 || *got.Judged.Latency.P50 != *total.Latency.P50 {
			t.Errorf("%s: judged %+v", version, got.Judged)
		}
		if got.Total.LatencyOK.P50 != nil || got.UsersNeverAnswered != nil || got.UsersOverdue != nil || got.Lateness.P99 != nil {
			t.Errorf("%s knows what Locust cannot know: %+v", version, got)
		}
		if want := "GET Plain http://127.0.0.1:9/: ConnectionRefusedError(111, 'Connection refused')"; version == "2.12.1" && got.Examples[exchange.Refused] != want {
			t.Errorf("%s: examples %v, want %s", version, got.Examples, want)
		}
	}
}

func row(requests, failed int64, rate float64, p50 float64) statsRow {
	return statsRow{Method: "GET", Name: "/", Requests: requests, Failed: failed, Rate: rate, Bytes: 10 * requests, Latency: engine.Percentiles{P50: &p50}}
}

func only(r statsRow, failures ...failure) counters {
	return counters{requestStats{Rows: []statsRow{r}, Total: statsRow{Name: aggregated, Requests: r.Requests, Failed: r.Failed, Rate: r.Rate, Bytes: r.Bytes, Latency: r.Latency}}, failures}
}

func TestRampAndFullAddUp(t *testing.T) {
	refused := failure{"GET", "/", "ConnectionRefusedError(111, 'Connection refused')", 1}
	got := figures{
		Ramp: only(row(20, 1, 10, 0.2), refused), Full: only(row(100, 0, 10, 0.1)), From: 2, Lasted: 11.9,
	}.result()
	want := engine.Counts{Requests: 120, OK: 119, Failed: 1, Bytes: 1200, Errors: map[exchange.Class]int64{exchange.Refused: 1}}
	if diff := cmp.Diff(want, got.Total); diff != "" {
		t.Error(diff)
	}
	want.Method = "GET"
	if diff := cmp.Diff(map[string]engine.Counts{"GET /": want}, got.ByRequest); diff != "" {
		t.Error(diff)
	}
	judged := engine.Judged{From: 2, Seconds: 10, Requests: 100, OK: 100, OKRate: 10, Latency: engine.Percentiles{P50: new(0.1)}, LatencyAll: engine.Percentiles{P50: new(0.1)}}
	if diff := cmp.Diff(map[string]engine.Judged{"GET /": judged}, got.JudgedByRequest); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(judged, got.Judged); diff != "" || got.Seconds != 12 || got.Rate != 10 {
		t.Errorf("%v s, %v/s\n%s", got.Seconds, got.Rate, diff)
	}
}

func TestUsersThatWereNeverAllActive(t *testing.T) {
	got := figures{Ramp: only(row(20, 0, 2, 0.2)), From: 10, Lasted: 9.5}.result()
	if got.Seconds != 10 || got.Judged.Requests != 0 || got.Judged.OKRate != 0 || got.Judged.Latency.P50 != nil || *got.Total.LatencyOK.P50 != 0.2 {
		t.Errorf("%+v", got)
	}
}

func TestAServerThatHangsIsNotFast(t *testing.T) {
	// All answers came in the first second of ten.
	got := figures{Full: only(row(100, 0, 100, 0.01)), Lasted: 10}.result()
	if got.Seconds != 10 || got.Judged.OKRate != 10 {
		t.Errorf("%v s, %v/s", got.Seconds, got.Judged.OKRate)
	}
	// All answers were failures.
	got = figures{Full: only(row(100, 100, 10, 0.001)), Lasted: 10}.result()
	if got.Judged.Latency.P50 != nil || got.Judged.OKRate != 0 || *got.Total.LatencyFailed.P50 != 0.001 {
		t.Errorf("%+v", got)
	}
}

func TestLiveWindows(t *testing.T) {
	var live windowSeries
	page := uiState{State: "running", Users: 3, Latency: engine.Percentiles{P95: new(0.2)}}
	stats := func(requests, failed int64) requestStats { return requestStats{Total: row(requests, failed, 1, 0.1)} }
	live.add(page, stats(10, 0))
	live.reset(stats(14, 1))
	live.add(page, stats(5, 1))
	live.add(page, stats(9, 1))
	want := []engine.Window{
		{Second: 0, Users: 3, Requests: 10, OK: 10, Latency: page.Latency},
		{Second: 1, Users: 3, Requests: 9, OK: 7, Failed: 2},
		{Second: 2, Users: 3, Requests: 4, OK: 4},
	}
	if diff := cmp.Diff(want, live.windows); diff != "" {
		t.Error(diff)
	}
}

func TestLog(t *testing.T) {
	for line, want := range map[string][2]string{
		"[2026-11-24 01:20:21,538] vm/INFO/locust.main: Starting Locust ":                                                                                            {"started", ""},
		"[2026-11-24 01:20:22,716] vm/INFO/locust.main: Starting Locust 2.47.0":                                                                                      {"started", "2.47.0"},
		"[2026-11-24 01:20:21,563] vm/INFO/locust.runners: Ramping to 6 users at a rate of 6.00 per second":                                                          {"begun"},
		`[2026-11-24 01:20:21,565] vm/INFO/locust.runners: All users spawned: {"Fast": 2, "Plain": 2, "Raises": 2} (6 total users)`:                                  {"spawned"},
		"[2026-11-24 01:20:36,001] vm/INFO/locust.main: --run-time limit reached, stopping test":                                                                     {},
		"[2026-11-24 01:20:36,001] vm/WARNING/root: CPU usage above 90%! This may constrain your throughput and may even give inconsistent response time":            {"full"},
		"[2026-11-24 01:20:36,001] vm/WARNING/locust.runners: CPU usage was too high at some point during the test! See":                                             {"full"},
		"[2026-11-24 01:20:36,001] vm/WARNING/locust.main: The specified locustfile contains a shape class but a conflicting argument was specified: users":          {"shape"},
		"[2026-11-24 01:20:36,001] vm/WARNING/locust.main: --run-time, --users or --spawn-rate have no impact on LoadShapes unless the shape class explicitly reads": {"shape"},
		"[2026-11-24 01:20:36,001] vm/INFO/locust.runners: Not all users finished their tasks & terminated in 10 seconds. Stopping them...":                          {"killed"},
		"[2026-11-24 01:20:36,001] vm/INFO/locust.runners: Shape test starting.":                                                                                     {"shape"},
		"[2026-11-24 01:20:36,001] vm/INFO/locustfile: All users spawned: CPU usage above 90%!":                                                                      {},
		"All users spawned: 3": {},
	} {
		event, version := parseLine(line)
		if got := [2]string{string(event), version}; got != want {
			t.Errorf("%s\ngot %q, want %q", line, got, want)
		}
	}
}
