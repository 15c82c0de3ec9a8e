package requests

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"plan/containers"
	"plan/engine"
	"plan/internal/exchange"
)

// rows are those of a feed with one column, whose values are numbers from 0.
func rows(n int) [][]json.RawMessage {
	list := make([][]json.RawMessage, n)
	for i := range list {
		list[i] = []json.RawMessage{json.RawMessage(fmt.Sprint(i))}
	}
	return list
}

func fed(order exchange.Order, perUser bool, n int) engine.Load {
	hole := exchange.Placeholder(exchange.FormURL, "items", "id")
	return engine.Load{
		OnStart:  []exchange.Request{{Name: "login", Path: "/login?user=" + hole}},
		Requests: []exchange.Request{{Name: "item", Path: "/items/" + hole}, {Name: "health", Path: "/health"}},
		Feeds:    []exchange.Feed{{Name: "items", Order: order, PerUser: perUser, Columns: []string{"id"}, Rows: rows(n)}},
	}
}

func TestEachReplicaIsAskedAsByOneUser(t *testing.T) {
	for name, c := range map[string]struct {
		load engine.Load
		want string // paths for two replicas
		left int    // rows of the load
	}{
		"in order":     {fed(exchange.InOrder, false, 3), "/login?user=0 /items/1 /health, /login?user=2 /items/0 /health", 3},
		"once":         {fed(exchange.Once, false, 5), "/login?user=0 /items/1 /health, /login?user=2 /items/3 /health", 1},
		"a row a user": {fed(exchange.Once, true, 2), "/login?user=0 /items/0 /health, /login?user=1 /items/1 /health", 2},
		"at random":    {fed(exchange.Random, false, 1), "/login?user=0 /items/0 /health, /login?user=0 /items/0 /health", 1},
	} {
		p, err := NewFirst(c.load)
		if err != nil {
			t.Fatal(err)
		}
		var replicas []string
		for range 2 {
			requests, err := p.Next()
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			var paths []string
			for _, r := range requests {
				paths = append(paths, r.Path)
			}
			replicas = append(replicas, strings.Join(paths, " "))
		}
		rest, err := p.Rest(c.load)
		if got := strings.Join(replicas, ", "); got != c.want || err != nil || len(rest.Feeds[0].Rows) != c.left || len(c.load.Feeds[0].Rows) < c.left {
			t.Errorf("%s: %s; %d rows left, %v", name, got, len(rest.Feeds[0].Rows), err)
		}
	}
}

func TestAFeedThatTheFirstRequestsUseUp(t *testing.T) {
	for n, replicas := range map[int]int{2: 1, 3: 2} {
		load := fed(exchange.Once, false, n)
		p, err := NewFirst(load)
		for range replicas {
			if err == nil {
				_, err = p.Next()
			}
		}
		if err == nil {
			_, err = p.Rest(load)
		}
		fault, is := errors.AsType[*containers.Error](err)
		if !is || !strings.Contains(fault.Summary, fmt.Sprintf(`"items" before the load: it has %d rows`, n)) || fault.Help == "" {
			t.Errorf("%d rows: %v", n, err)
		}
	}
}

// Rows that are sent once are not sent again, unless a user keeps its own.
func TestWhatMayBeSentAgain(t *testing.T) {
	for name, c := range map[string]struct {
		load engine.Load
		want string
	}{
		"in order":     {fed(exchange.InOrder, false, 3), "/items/1 /health"},
		"once":         {fed(exchange.Once, false, 3), "/health"},
		"a row a user": {fed(exchange.Once, true, 3), "/items/0 /health"},
	} {
		p, err := NewFirst(c.load)
		if err != nil {
			t.Fatal(err)
		}
		all, err := p.Next()
		var paths []string
		for _, q := range p.Repeatable(all[1:], 1) {
			paths = append(paths, q.Path)
		}
		if got := strings.Join(paths, " "); err != nil || got != c.want {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
}
