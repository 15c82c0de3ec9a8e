package engine

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"plan/internal/exchange"
)

// TestMergedHistogramsAreExact: random exchanges are counted once by one agent
// and once by several. The merged result equals that of the one agent bit by
// bit, its histograms and windows included.
func TestMergedHistogramsAreExact(t *testing.T) {
	requests := []exchange.Request{get("/a"), get("/b"), get("/a")}
	requests[1].Weight = 2
	for seed := range uint64(6) {
		random := rand.New(rand.NewPCG(seed, 8))
		load := Load{
			Users: 100, Runtime: time.Minute, WarmUp: time.Second, Requests: requests[:1+random.IntN(3)],
			OnStart: []exchange.Request{get("/login")}[:random.IntN(2)],
		}
		if random.IntN(2) == 0 {
			load.ArrivalRate = 10
		}
		seconds := 1 + random.IntN(4)
		counted := func(load Load, rec Recorder) (*loadRun, *series) {
			lr, err := newLoadRun(load, []string{"a:80", "b:80"})
			if err != nil {
				t.Fatal(err)
			}
			lr.allActive.Store(0)
			return lr, newSeries(lr, rec)
		}
		whole, wholeSeries := counted(load, nil)
		load.Agents = 2 + random.IntN(4)
		windows, parts := NewWindows(load.Agents, nil), make([]Part, load.Agents)
		var runs []*loadRun
		var all []*series
		for i := range load.Agents {
			lr, s := counted(load.Share(i), windows.Of(i))
			runs, all = append(runs, lr), append(all, s)
		}
		for range seconds {
			for range random.IntN(500) {
				e := randomEvent(random, len(whole.requests))
				e.judged = e.judged && !whole.isOnStart(e.request)
				wholeSeries.window.add(e)
				all[random.IntN(load.Agents)].window.add(e)
			}
			wholeSeries.close(3*load.Agents, 2*load.Agents)
			for _, s := range all {
				s.close(3, 2)
			}
		}
		end := driveResult{lasted: time.Duration(seconds) * time.Second, connections: 7, neverAnswered: 2, overdue: 1}
		for i, s := range all {
			parts[i].Result = runs[i].result(s, end)
		}
		end.connections, end.neverAnswered, end.overdue = end.connections*int64(load.Agents), 2*load.Agents, load.Agents
		series, err := windows.Series()
		if err != nil {
			t.Fatal(err)
		}
		merged, err := Merge(parts, series)
		if err != nil {
			t.Fatal(err)
		}
		one := whole.result(wholeSeries, end)
		one.Agents = len(parts)
		if got, want := asJSON(t, merged), asJSON(t, one); got != want {
			t.Fatalf("seed %d, %d agents: merged\n%s, want\n%s", seed, load.Agents, got, want)
		}
	}
}

func randomEvent(random *rand.Rand, requests int) event {
	e := event{
		request: random.IntN(requests), endpoint: random.IntN(2), judged: random.IntN(3) > 0,
		intent: intent(random.IntN(3)), lateness: time.Duration(random.Int64N(1 << 30)),
		outcome: exchange.Outcome{
			Took: time.Duration(random.Int64N(1 << (1 + random.IntN(39)))), Bytes: random.Int64N(99), Retried: random.IntN(9) == 0,
		},
	}
	switch random.IntN(9) {
	case 0:
		e.outcome.Class = exchange.Aborted
	case 1:
		e.outcome.Class, e.outcome.Detail = exchange.Timeout, "no complete response"
	case 2:
		e.outcome.Class, e.outcome.Detail = exchange.HTTP5xx, "503"
	}
	return e
}

// TestLimitsOfEachAgentCount: a merged result is invalid if one of its parts is,
// or if the agents of one machine together are at its limit.
func TestLimitsOfEachAgentCount(t *testing.T) {
	late := Saturation{SaturationLateness, "requests started late"}
	busy := Saturation{SaturationCPU, "the load driver used 1.90 of 2 CPUs"}
	part := func(machine string, cpus float64, saturated ...Saturation) Part {
		return Part{machine, 2, Result{Seconds: 10, CPUSeconds: 10 * cpus, Threads: 2, Saturated: saturated}}
	}
	for name, c := range map[string]struct {
		parts   []Part
		threads int
		want    []Saturation
	}{
		"none":                {[]Part{part("a", 1), part("b", 1)}, 4, nil},
		"one of them is late": {[]Part{part("a", 1), part("b", 0, late)}, 4, []Saturation{{SaturationLateness, "agent 2 of 2: requests started late"}}},
		"both": {[]Part{part("a", 1.9, busy), part("b", 0, late)}, 4, []Saturation{
			{SaturationCPU, "agent 1 of 2: the load driver used 1.90 of 2 CPUs"}, {SaturationLateness, "agent 2 of 2: requests started late"},
		}},
		"one machine":                   {[]Part{part("a", 0.8), part("a", 0.8)}, 2, nil},
		"too much of one machine":       {[]Part{part("a", 0.8), part("a", 0.9)}, 2, []Saturation{{SaturationCPU, "all agents of one machine: the load driver used 1.70 of 2 CPUs, above the limit of 80 %: give it more CPUs or reduce the load"}}},
		"too much of one of them alone": {[]Part{part("a", 0.1), part("a", 1.9, busy)}, 2, []Saturation{{SaturationCPU, "agent 2 of 2: the load driver used 1.90 of 2 CPUs"}}},
	} {
		r, err := Merge(c.parts, nil)
		if err != nil || !slices.Equal(r.Saturated, c.want) || r.Threads != c.threads {
			t.Errorf("%s: %v, %d threads, %+v, want %+v", name, err, r.Threads, r.Saturated, c.want)
		}
	}
}

// TestDroppedArrivalsOfAllAgents: each agent dropped too few arrivals to tell, all of them
// together did not reach the rate. Those that on_start kept from being sent do not count.
func TestDroppedArrivalsOfAllAgents(t *testing.T) {
	part := func(sent, dropped, notBegun int64, saturated ...Saturation) Result {
		return Result{
			Seconds: 10, Saturated: saturated, Total: Counts{Dropped: &dropped},
			ByRequest:       map[string]Counts{"a": {OK: sent, Dropped: &dropped}, "login": {OnStart: true, OK: 9, Failed: notBegun, InFlight: new(int64), Dropped: new(int64)}},
			JudgedByRequest: map[string]Judged{"a": {}},
		}
	}
	const said = "rate: all agents together: 480 of 500 arrivals were sent, under 98 %: raise users or lower the rate, or give the agents more CPUs"
	for name, c := range map[string]struct {
		part Result
		want string
	}{
		"4 %":            {part(48, 2, 0), said},
		"2 %":            {part(49, 1, 0), ""},
		"not begun":      {part(49, 2, 1), ""},
		"told by agents": {part(48, 2, 0, Saturation{SaturationRate, "too few"}), "rate: agent 1 of 10: too few"},
		"closed":         {Result{Seconds: 10, ByRequest: map[string]Counts{"a": {OK: 1}}, JudgedByRequest: map[string]Judged{"a": {}}}, ""},
	} {
		parts := make([]Part, 10)
		for i := range parts {
			parts[i] = Part{Machine: strconv.Itoa(i), CPUs: 2, Result: c.part}
		}
		r, err := Merge(parts, nil)
		got := ""
		if len(r.Saturated) > 0 {
			got = string(r.Saturated[0].Kind) + ": " + r.Saturated[0].Text
		}
		if err != nil || got != c.want || len(r.Saturated) > max(1, len(c.part.Saturated)*len(parts)) {
			t.Errorf("%s: %v, %+v, want %s", name, err, r.Saturated, c.want)
		}
	}
}

// TestMergeTakesEveryFigure: counts add up, texts are kept, and the longest
// share says how long the load was.
func TestMergeTakesEveryFigure(t *testing.T) {
	one := Result{
		Transport: Epoll, Protocols: []string{"HTTP/1.1"}, Seconds: 3, UsersNeverAnswered: new(2), UsersOverdue: new(1), CPUSeconds: 0.5,
		Connections: 5, PerAddress: map[string]int64{"a": 3}, Examples: map[exchange.Class]string{exchange.Timeout: "10s"},
	}
	other := Result{
		Transport: Epoll, Protocols: []string{"HTTP/2", "HTTP/1.1"}, Seconds: 2.5, UsersNeverAnswered: new(4), UsersOverdue: new(3), CPUSeconds: 0.25,
		Connections: 6, PerAddress: map[string]int64{"a": 1, "b": 9}, Ended: `feed "items" was used up`,
		Examples: map[exchange.Class]string{exchange.Timeout: "20s", exchange.Reset: "broken"},
	}
	r, err := Merge([]Part{{Result: one}, {Result: other}}, []Window{{OK: 9}})
	if err != nil || r.Transport != Epoll || !slices.Equal(r.Protocols, []string{"HTTP/1.1", "HTTP/2"}) || r.Seconds != 3 ||
		*r.UsersNeverAnswered != 6 || *r.UsersOverdue != 4 || r.CPUSeconds != 0.75 || r.Connections != 11 || r.PerAddress["a"] != 4 ||
		r.PerAddress["b"] != 9 || r.Ended != other.Ended || r.Examples[exchange.Timeout] != "10s" || r.Examples[exchange.Reset] != "broken" ||
		len(r.Series) != 1 {
		t.Errorf("%v, %+v", err, r)
	}
	if r.Total.Dropped != nil || r.Lateness != (Percentiles{}) {
		t.Errorf("figures of nothing: %+v", r)
	}
}

func TestAHistogramThatCannotBeRead(t *testing.T) {
	good := Result{}
	for _, text := range []string{"x", "AAAA"} {
		bad := Result{Histograms: Histograms{Judged: text}}
		if _, err := Merge([]Part{{Result: good}, {Result: bad}}, nil); err == nil || !strings.HasPrefix(err.Error(), "the result of agent 2 of 2: ") {
			t.Errorf("%q: %v", text, err)
		}
		windows := NewWindows(1, nil)
		windows.Of(0).Record(Window{Histogram: text})
		if _, err := windows.Series(); err == nil || !strings.HasPrefix(err.Error(), "second 0 of agent 1 of 1: ") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestWindowsWaitForAllAgents: a window is complete when each agent has sent it
// or has ended.
func TestWindowsWaitForAllAgents(t *testing.T) {
	var rec records
	w := NewWindows(2, &rec)
	sends := func(agent, second, users int) {
		w.Of(agent).Record(Window{Second: second, Users: users, OK: 1, Requests: 2, Failed: 1, Waiting: new(1), Exchanges: []Exchange{{Status: agent}}})
	}
	recorded := func(want ...int) {
		t.Helper()
		var got []int
		for _, window := range rec.windows {
			got = append(got, window.Users)
		}
		if !slices.Equal(got, want) {
			t.Errorf("windows with %v users, want %v", got, want)
		}
	}
	sends(0, 0, 1)
	sends(0, 1, 2)
	recorded()
	sends(1, 0, 10)
	recorded(11)
	sends(1, 1, 20)
	sends(1, 2, 30)
	recorded(11, 22)
	w.End(0)
	recorded(11, 22, 30)
	sends(1, 3, 40)
	w.End(1)
	recorded(11, 22, 30, 40)
	first, last := rec.windows[0], rec.windows[3]
	if first.OK != 2 || first.Failed != 2 || first.Requests != 4 || *first.Waiting != 2 || len(first.Exchanges) != 2 || last.Second != 3 {
		t.Errorf("%+v, %+v", first, last)
	}
	if series, err := w.Series(); err != nil || len(series) != 4 || series[0].Exchanges != nil {
		t.Errorf("%v, %+v", err, series)
	}
}
