package live

import (
	"strings"
	"testing"
	"time"

	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"plan/containers"
	"plan/engine"
	"plan/internal/tty"
	"plan/internal/units"
	"plan/plans"
	"plan/report/fixture"
	"plan/runner"
	"plan/runner/journal"
)

// sampled is a state in a load of a ramp: two samples, a second apart.
func sampled() state {
	use := func(cpu float64, periods, throttled int64) containers.Usage {
		return containers.Usage{WorkingSet: new(300 * units.MiB), Peak: new(320 * units.MiB), CPUSeconds: &cpu, Periods: &periods, ThrottledPeriods: &throttled}
	}
	at := func(second int, cpu float64, periods, throttled int64) moment {
		now := fixture.Begun.Add(time.Duration(second) * time.Second)
		own, other := use(cpu, periods, throttled), use(2*cpu, 0, 0)
		own.At, other.At = now, now
		return moment{now, runner.Sample{
			Replicas: []containers.Usage{own}, Limits: plans.Limits{Memory: 400 * units.MiB, CPUs: 500},
			Others: []containers.Reading{{Name: "agent", Role: containers.Generator, Usage: other}, {Name: "minio", Role: containers.Helper, Usage: other}, {Name: "new", Role: containers.Neighbour, Usage: other}},
			Host:   journal.HostSample{At: now, CPUBusy: 1.44, MemoryAvailable: 12 << 30},
		}}
	}
	m := state{
		status: runner.Status{Stage: "ramp.users", Trial: "ramp.users/4", Limits: "400M, 0.5 CPU", Users: 250, Doing: "load of 250 users for 20s", Left: 10 * time.Minute}, at: fixture.Begun,
		window:  &engine.Window{Second: 7, Users: 250, OK: 58, Failed: 3, Waiting: new(12), Latency: engine.Percentiles{P50: new(0.0104), P95: new(0.2234), P99: new(1.25)}},
		samples: []moment{at(0, 1, 10, 2), at(1, 1.4, 20, 7)}, done: fixture.Held().Trials[:3], host: journal.Host{CPUs: 2},
	}
	m.samples[0].Others = m.samples[0].Others[:2]
	return m
}

func TestBlock(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*state)
		width  int
		want   string
	}{
		"80 columns": {nil, 79, `
ramp.users/4 · 400M, 0.5 CPU · ≤ 9m55s left · load of 250 users for 20s
trials  10 users ✓  50 users ✓  100 users ✓
load    8s: 250 users, 58 OK/s, 3 failed/s, p50 10ms, p95 223ms, p99 1.2s, 12 …
memory  ███████████████░░░░░ 300M of 400M, peak 320M
CPU     ████████████████░░░░ 0.40 of 0.5, throttled 50 %
machine CPU 1.4 of 2, driver 0.8, helpers 0.8, memory free 12.0G`},
		"an expected time": {func(m *state) { m.end, m.status.Trials = fixture.Begun.Add(68*time.Second), 2 }, 79, `
ramp.users/4 · 400M, 0.5 CPU · about 2 trials, 1m3s left, ≤ 9m55s · load of 25…
trials  10 users ✓  50 users ✓  100 users ✓
load    8s: 250 users, 58 OK/s, 3 failed/s, p50 10ms, p95 223ms, p99 1.2s, 12 …
memory  ███████████████░░░░░ 300M of 400M, peak 320M
CPU     ████████████████░░░░ 0.40 of 0.5, throttled 50 %
machine CPU 1.4 of 2, driver 0.8, helpers 0.8, memory free 12.0G`},
		"without limits and load": {func(m *state) {
			m.window, m.done = nil, nil
			for i := range m.samples {
				m.samples[i].Limits = plans.Limits{}
				m.samples[i].Replicas[0].Periods, m.samples[i].Replicas[0].Peak = nil, nil
				m.samples[i].Others, m.samples[i].Host = nil, journal.HostSample{}
			}
		}, 79, `
ramp.users/4 · 400M, 0.5 CPU · ≤ 9m55s left · load of 250 users for 20s
memory  300M
CPU     0.40`},
		"nothing known": {func(m *state) {
			m.window, m.done, m.samples = nil, nil, []moment{{fixture.Begun, runner.Sample{}}}
		}, 79, `
ramp.users/4 · 400M, 0.5 CPU · ≤ 9m55s left · load of 250 users for 20s`},
		"one sample": {func(m *state) { m.window, m.done, m.samples = nil, nil, m.samples[:1] }, 79, `
ramp.users/4 · 400M, 0.5 CPU · ≤ 9m55s left · load of 250 users for 20s
memory  ███████████████░░░░░ 300M of 400M, peak 320M
machine CPU 1.4 of 2, memory free 12.0G`},
		"trials that do not fit": {func(m *state) { m.window, m.samples, m.status.Doing = nil, nil, "" }, 40, `
ramp.users/4 · 400M, 0.5 CPU · ≤ 9m55s …
trials  …  50 users ✓  100 users ✓`},
		"a search": {func(m *state) {
			m.window, m.samples, m.status = nil, nil, runner.Status{Stage: "search.memory", Doing: "between trials"}
			m.done = fixture.Found().Trials
		}, 79, `
search.memory · between trials
trials  4G ✓  1300M ✓  1200M ✗  1500M ✓`},
	} {
		m := sampled()
		if c.change != nil {
			c.change(&m)
		}
		got := block(m, fixture.Begun.Add(5*time.Second), c.width, false)
		if got != c.want[1:] {
			t.Errorf("%s:\n%s\nwant%s", name, got, c.want)
		}
		for line := range strings.SplitSeq(got, "\n") {
			if n := twwidth.Width(line); n > c.width {
				t.Errorf("%s: %d cells: %s", name, n, line)
			}
		}
	}
}

// The first line has the trials and the time that are expected beside the longest time.
func TestWhatIsLeft(t *testing.T) {
	for name, c := range map[string]struct {
		trials   int
		expected time.Duration // 0: not known
		left     time.Duration
		want     string
	}{
		"all":                        {4, 2 * time.Minute, 10 * time.Minute, "about 4 trials, 2m left, ≤ 10m"},
		"one trial":                  {1, 20 * time.Second, 30 * time.Second, "about 1 trial, 20s left, ≤ 30s"},
		"no trial":                   {0, 20 * time.Second, 30 * time.Second, "about 20s left, ≤ 30s"},
		"the trials alone":           {4, 0, 10 * time.Minute, "about 4 trials left, ≤ 10m"},
		"a second of what is left":   {2, time.Second, 10 * time.Minute, "about 2 trials, 1s left, ≤ 10m"},
		"longer than expected":       {2, 999 * time.Millisecond, 10 * time.Minute, "about 2 trials left, ≤ 10m"},
		"a second below the longest": {2, 9 * time.Second, 10 * time.Second, "about 2 trials, 9s left, ≤ 10s"},
		"as long as the longest":     {2, 10 * time.Second, 10 * time.Second, "about 2 trials left, ≤ 10s"},
		"only the longest":           {0, 0, 10 * time.Minute, "≤ 10m left"},
		"not known":                  {3, time.Minute, 0, ""},
	} {
		m := state{at: fixture.Begun, status: runner.Status{Doing: "x", Left: c.left, Trials: c.trials}}
		if c.expected > 0 {
			m.end = fixture.Begun.Add(c.expected)
		}
		if got, want := headline(m, fixture.Begun), tty.Join(" · ", c.want, "x"); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestNoLineOfTheBlockIsTooWide(t *testing.T) {
	for width := 10; width < 200; width++ {
		for _, color := range []bool{false, true} {
			for line := range strings.SplitSeq(block(sampled(), fixture.Begun, width, color), "\n") {
				if n := twwidth.Width(line); n > width {
					t.Errorf("%d of %d cells: %q", n, width, line)
				}
			}
		}
	}
}

func TestTheExpectedTimeLeft(t *testing.T) {
	at := fixture.Begun.Add(time.Minute)
	for name, c := range map[string]struct {
		pace pace
		left time.Duration
		want time.Duration
	}{
		"half as long as at most": {pace{fixture.Begun, 4 * time.Minute}, 2 * time.Minute, time.Minute},
		"as long as at most":      {pace{fixture.Begun, 3 * time.Minute}, 2 * time.Minute, 2 * time.Minute},
		"never longer":            {pace{fixture.Begun, 150 * time.Second}, 2 * time.Minute, 2 * time.Minute},
		"too little has passed":   {pace{fixture.Begun, 100 * time.Minute}, 96 * time.Minute, 0},
		"just enough":             {pace{fixture.Begun, 100 * time.Minute}, 95 * time.Minute, 19 * time.Minute},
		"nothing is known":        {pace{}, time.Minute, 0},
	} {
		if got := c.pace.expected(c.left, at); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestBars(t *testing.T) {
	for share, want := range map[float64]int{-1: 0, 0: 0, 0.024: 0, 0.025: 1, 0.5: 10, 0.97: 19, 0.98: 20, 1: 20, 7: 20} {
		if got := strings.Count(bar(share), "█"); got != want || len([]rune(bar(share))) != barWidth {
			t.Errorf("%v: %q", share, bar(share))
		}
	}
}
