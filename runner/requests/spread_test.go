package requests

import (
	"slices"
	"strings"
	"testing"
	"time"

	"plan/containers"
	"plan/internal/exchange"
)

// process is one with sockets: "" listens on port 8000, "x" on another one, all
// else is the other side of a connection.
func process(id, parent int, sockets ...string) containers.Process {
	p := containers.Process{ID: id, Parent: parent}
	for _, s := range sockets {
		switch s {
		case "x":
			p.Sockets = append(p.Sockets, containers.Socket{Port: 9000})
		default:
			p.Sockets = append(p.Sockets, containers.Socket{Port: 8000, Remote: s})
		}
	}
	return p
}

func TestWhoServesAPort(t *testing.T) {
	for name, c := range map[string]struct {
		all       []containers.Process
		listeners []int
		taker     int // of connection "a"
		alone     bool
		told      bool
		blind     int
	}{
		"one":                            {[]containers.Process{process(1, 0, "", "a")}, []int{1}, 1, true, true, 20},
		"one below a shell":              {[]containers.Process{process(1, 0), process(2, 1, "")}, []int{2}, 0, true, true, 20},
		"one with a child":               {[]containers.Process{process(1, 0, "", "a"), process(2, 1)}, []int{1}, 1, false, true, 20},
		"two workers below a master":     {[]containers.Process{process(1, 0, ""), process(2, 1, "", "a"), process(3, 1, "")}, []int{2, 3}, 2, false, true, 20},
		"two with a socket of their own": {[]containers.Process{process(1, 0), process(2, 1, ""), process(3, 1, "", "a")}, []int{2, 3}, 3, false, true, 20},
		"a primary that passes it on":    {[]containers.Process{process(1, 0, ""), process(2, 1, "a"), process(3, 1)}, []int{1}, 2, false, true, 20},
		"held by parent and child":       {[]containers.Process{process(1, 0, "", "a"), process(2, 1, "a")}, []int{1}, 2, false, true, 20},
		"threads with a socket each":     {[]containers.Process{process(1, 0, "", "", "", "", "a")}, []int{1}, 1, false, false, 24},
		"two threads with a socket each": {[]containers.Process{process(1, 0, "", "")}, []int{1}, 0, false, false, 20},
		"another port":                   {[]containers.Process{process(1, 0, "x")}, nil, 0, false, false, 20},
		"not known":                      {nil, nil, 0, false, false, 20},
	} {
		p := processes{c.all, 8000}
		if got := p.listeners(); !slices.Equal(got, c.listeners) || p.acceptor("a") != c.taker || p.single() != c.alone || p.acceptorsKnown() != c.told || p.connectionsNeeded() != c.blind {
			t.Errorf("%s: listeners %v, taker %d, alone %t, told %t, blind %d", name, got, p.acceptor("a"), p.single(), p.acceptorsKnown(), p.connectionsNeeded())
		}
	}
}

func TestWhichConnectionsAreUsed(t *testing.T) {
	two := processes{[]containers.Process{process(1, 0, ""), process(2, 1, "", "a", "c"), process(3, 1, "", "b", "d")}, 8000}
	kinds := []exchange.Request{{Name: "x"}, {Name: "y"}}
	for name, c := range map[string]struct {
		p      processes
		from   string
		sent   map[int]int
		picked []int
		takers []int
	}{
		"the first to each":               {two, "abcd", nil, []int{0, 1}, []int{2, 3}},
		"what is lacking":                 {two, "abcd", map[int]int{2: 2, 3: 1}, []int{1}, []int{3}},
		"nothing lacks":                   {two, "abcd", map[int]int{2: 2, 3: 2}, nil, nil},
		"one that nobody took":            {two, "zc", nil, []int{1}, []int{2}},
		"the only process has been asked": {processes{[]containers.Process{process(1, 0, "", "a"), process(2, 1)}, 8000}, "a", nil, nil, nil},
		"workers that do not listen":      {processes{[]containers.Process{process(1, 0, ""), process(2, 1, "a"), process(3, 1, "b")}, 8000}, "ab", nil, []int{0, 1}, []int{2, 3}},
	} {
		s := &spreading{kinds: kinds, sent: c.sent}
		if picked, takers := s.pick(c.p, strings.Split(c.from, "")); !slices.Equal(picked, c.picked) || !slices.Equal(takers, c.takers) || !s.accepted {
			t.Errorf("%s: %v to %v, accepted %t", name, picked, takers, s.accepted)
		}
	}
}

func TestHowManyConnectionsAreEnough(t *testing.T) {
	master := []containers.Process{process(1, 0, ""), process(2, 1, ""), process(3, 1, "")}
	passing := []containers.Process{process(1, 0, ""), process(2, 1), process(3, 1)}
	for name, c := range map[string]struct {
		all  []containers.Process
		sent map[int]int
		row  int
		wait time.Duration
		want bool
	}{
		"both, and 20 in a row":         {master, map[int]int{2: 1, 3: 1}, 20, 0, true},
		"both, and 19 in a row":         {master, map[int]int{2: 1, 3: 1}, 19, time.Hour, false},
		"one of two":                    {master, map[int]int{2: 1}, 99, time.Hour, false},
		"one of two, after long":        {master, map[int]int{2: 1}, 100, 3 * time.Second, true},
		"one of two, soon":              {master, map[int]int{2: 1}, 100, 2 * time.Second, false},
		"one that has a child, not":     {[]containers.Process{process(1, 0, ""), process(2, 1), process(3, 0, "")}, map[int]int{3: 1}, 20, time.Hour, false},
		"the only one":                  {master[:1], nil, 20, 0, true},
		"one that passes to its childs": {passing, map[int]int{2: 1, 3: 1}, 20, 0, true},
	} {
		s := &spreading{kinds: []exchange.Request{{}}, sent: c.sent, streak: c.row}
		if got := s.done(processes{c.all, 8000}, s.lastNew.Add(c.wait)); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
