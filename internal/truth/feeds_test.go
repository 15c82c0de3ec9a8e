package truth

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"plan/engine"
	"plan/internal/exchange"
)

// TestAFeedIsUsedUp finds each row of a feed in the log once. A request with a
// row that was not sent before the load ended is in flight.
func TestAFeedIsUsedUp(t *testing.T) {
	t.Logf("-seed %d", *seed)
	const rows = 3000
	onBoth(t, func(t *testing.T, transport engine.Transport) {
		random := rand.New(rand.NewPCG(*seed, 4000))
		load := engine.Load{
			Users: 40, Runtime: 20 * time.Second, Seed: random.Uint64(),
			Requests: []exchange.Request{{Name: "row", Path: "/row?" + exchange.Placeholder(exchange.FormURL, "rows", "id"), Weight: 1}},
			Feeds:    []exchange.Feed{{Name: "rows", Order: exchange.Once, Columns: []string{"id"}}},
		}
		for i := range rows {
			load.Feeds[0].Rows = append(load.Feeds[0].Rows, []json.RawMessage{json.RawMessage(strconv.Itoa(i))})
		}
		o := orders{
			Seed: random.Uint64(), Listeners: 2, Timeout: exchange.DefaultTimeout, Least: time.Millisecond, Most: 20 * time.Millisecond,
			Deeds: map[deed]float64{answers: 3, waits: 1, chunks: 1, refuses: 1, breaks: 1},
		}
		seen := observe(t, load, o, transport, nil)
		drawn := map[string]int{}
		for _, c := range seen.log {
			for _, a := range c.Asked {
				drawn[a.Row]++
			}
		}
		if n := seen.result.Total.Requests; n != rows || seen.result.Ended == "" {
			t.Errorf("%d requests for %d rows, ended %q", n, rows, seen.result.Ended)
		}
		if unsent := int64(rows - len(drawn)); unsent > *seen.result.Total.InFlight {
			t.Errorf("%d rows are not in the log, with %d requests in flight", unsent, *seen.result.Total.InFlight)
		}
		for i := range rows {
			if n := drawn[fmt.Sprint(i)]; n > 1 {
				t.Errorf("row %d came %d times", i, n)
			}
			delete(drawn, fmt.Sprint(i))
		}
		if len(drawn) > 0 {
			t.Errorf("rows that the feed does not have: %v", drawn)
		}
	})
}
