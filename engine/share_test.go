package engine

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"plan/internal/exchange"
)

// runDivided runs a load on so many agents at once, and merges their results.
func runDivided(t *testing.T, run way, load Load, agents int, addresses []string, s *service) Result {
	t.Helper()
	load.Agents = agents
	parts, windows := make([]Part, agents), NewWindows(agents, nil)
	errs := make([]error, agents)
	var running sync.WaitGroup
	for i := range parts {
		running.Go(func() {
			defer windows.End(i)
			parts[i].Machine = fmt.Sprint(i)
			parts[i].Result, errs[i] = run(t.Context(), load.Share(i), addresses, windows.Of(i), s.pipes.dial)
		})
	}
	running.Wait()
	series, err := windows.Series()
	for _, e := range append(errs, err) {
		if e != nil {
			t.Fatal(e)
		}
	}
	merged, err := Merge(parts, series)
	if err != nil {
		t.Fatal(err)
	}
	return merged
}

func asJSON(t *testing.T, r Result) string {
	t.Helper()
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// requestLog records when a service got which requests.
type requestLog struct {
	mu    sync.Mutex
	begun time.Time
	lines []string
}

func (l *requestLog) add(r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, fmt.Sprintf("%s %s", time.Since(l.begun), r.URL.Path))
}

// begin forgets what was recorded, and restarts the clock.
func (l *requestLog) begin() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.begun, l.lines = time.Now(), nil
}

// sorted returns the lines once nothing arrives any more, in simulated time.
func (l *requestLog) sorted() []string {
	synctest.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Sorted(slices.Values(l.lines))
}

// TestADividedLoadIsTheSameLoad: in simulated time, agents together send exactly
// what one sends, at the same times, and their merged result is the same.
func TestADividedLoadIsTheSameLoad(t *testing.T) {
	requests := []exchange.Request{get("/often"), get("/seldom")}
	requests[0].Weight, requests[1].Weight = 3, 1
	odd := ThinkTime{Kind: "between", Min: 31 * time.Millisecond, Max: 97 * time.Millisecond}
	for name, load := range map[string]Load{
		"users at once":    {Users: 7, ThinkTime: odd},
		"users one by one": {Users: 11, SpawnRate: 8.7, ThinkTime: odd},
		"a warm-up":        {Users: 7, SpawnRate: 8.7, ThinkTime: odd, WarmUp: 300 * time.Millisecond},
		"stages":           {Users: 9, ThinkTime: odd, Stages: []Stage{{Users: 9, Over: 700 * time.Millisecond}, {Users: 2, Over: 900 * time.Millisecond}, {Users: 5}}},
		"arrivals":         {Users: 40, ArrivalRate: 83.1},
		"random arrivals":  {Users: 40, ArrivalRate: 83.1, Poisson: true},
		"rising arrivals":  {Users: 40, Stages: []Stage{{Rate: 91, Over: 930 * time.Millisecond}, {Rate: 11, Over: 1130 * time.Millisecond}}},
	} {
		load.Requests, load.Seed, load.Runtime = requests, 5, 2345*time.Millisecond
		t.Run(name, func(t *testing.T) {
			eachWay(t, func(t *testing.T, run way) {
				addresses := []string{"a:80", "b:80"}
				var log requestLog
				s := newService(func(_ http.ResponseWriter, r *http.Request) {
					log.add(r)
					stall(r, time.Duration(7+len(r.URL.Path))*time.Millisecond)
				})
				defer s.server.Close()
				log.begin()
				whole, err := run(t.Context(), load, addresses, nil, s.pipes.dial)
				if err != nil || whole.Total.Requests < 40 {
					t.Fatalf("%v: %+v", err, whole.Total)
				}
				want := log.sorted()
				for _, agents := range []int{3} {
					log.begin()
					merged := runDivided(t, run, load, agents, addresses, s)
					if got := log.sorted(); !slices.Equal(got, want) {
						t.Errorf("%d agents sent\n%v, want\n%v", agents, got, want)
					}
					holds(t, load, merged)
					if load.Open() { // which of the free users sends an arrival depends on the agent
						merged.Connections, merged.PerAddress = whole.Connections, whole.PerAddress
						for i := range min(len(whole.Series), len(merged.Series)) {
							merged.Series[i].Users = whole.Series[i].Users
						}
					}
					if merged.Agents != agents {
						t.Errorf("the result is of %d agents, want %d", merged.Agents, agents)
					}
					merged.CPUSeconds, merged.Threads, merged.Agents = whole.CPUSeconds, whole.Threads, whole.Agents
					if got, want := asJSON(t, merged), asJSON(t, whole); got != want {
						t.Errorf("%d agents measured\n%s, want\n%s", agents, got, want)
					}
				}
			})
		})
	}
}

// TestRowsOfADividedFeed: agents together draw each row of a feed that is used
// once exactly once, and of one in order each as often as any other.
func TestRowsOfADividedFeed(t *testing.T) {
	rows := func(n int) (all [][]json.RawMessage) {
		for i := range n {
			all = append(all, []json.RawMessage{json.RawMessage(fmt.Sprint(i))})
		}
		return all
	}
	for _, c := range []struct {
		order         exchange.Order
		rows, agents  int
		users, expect int
	}{
		{exchange.Once, 60, 2, 8, 1}, {exchange.Once, 61, 4, 8, 1}, {exchange.Once, 3, 4, 8, 1},
		{exchange.InOrder, 5, 2, 10, 4}, {exchange.InOrder, 4, 4, 8, 4}, {exchange.InOrder, 3, 6, 6, 4},
	} {
		request := get("/" + exchange.Placeholder(exchange.FormURL, "items", "id"))
		load := Load{
			Users: c.users, ThinkTime: fixed(50 * time.Millisecond), Runtime: time.Minute, Requests: []exchange.Request{request},
			Feeds: []exchange.Feed{{Name: "items", Order: c.order, Columns: []string{"id"}, Rows: rows(c.rows)}},
		}
		if c.order == exchange.InOrder { // each user sends so many that all rows have their turn
			load.Runtime = time.Duration(c.expect*c.rows/c.users)*60*time.Millisecond - 30*time.Millisecond
		}
		t.Run(fmt.Sprintf("%s, %d rows, %d agents", c.order, c.rows, c.agents), func(t *testing.T) {
			eachWay(t, func(t *testing.T, run way) {
				var log requestLog
				s := newService(func(_ http.ResponseWriter, r *http.Request) {
					log.add(r)
					stall(r, 10*time.Millisecond)
				})
				defer s.server.Close()
				r := runDivided(t, run, load, c.agents, []string{"service:80"}, s)
				times := map[string]int{}
				for _, line := range log.sorted() {
					_, path, _ := strings.Cut(line, " ")
					times[path]++
				}
				for i := range c.rows {
					if n := times[fmt.Sprintf("/%d", i)]; n != c.expect {
						t.Errorf("row %d was sent %d times, want %d: %v", i, n, c.expect, times)
					}
				}
				if ended := r.Ended != ""; ended != (c.order == exchange.Once) {
					t.Errorf("ended %q", r.Ended)
				}
			})
		})
	}
}

// TestSharesOfUsers: shares differ by at most one user, and that of agent 0 has
// the most.
func TestSharesOfUsers(t *testing.T) {
	for _, c := range []struct {
		users, agents int
		want          []int
	}{
		{10, 0, []int{10}}, {10, 1, []int{10}}, {10, 2, []int{5, 5}}, {10, 4, []int{3, 3, 2, 2}}, {4, 4, []int{1, 1, 1, 1}}, {20_000, 3, []int{6667, 6667, 6666}},
	} {
		load := Load{Users: c.users, Agents: c.agents, Runtime: time.Second}
		var got []int
		for agent := range max(1, c.agents) {
			share := load.Share(agent)
			if err := share.Check(); err != nil {
				t.Error(err)
			}
			got = append(got, share.OwnUsers())
			if files := share.NeededFiles(); files != share.OwnUsers()+SpareFiles {
				t.Errorf("%d files for %d users", files, share.OwnUsers())
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%d users on %d agents: %v, want %v", c.users, c.agents, got, c.want)
		}
	}
}
