package requests

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"net"
	"slices"
	"strconv"
	"time"

	"plan/agent"
	"plan/containers"
	"plan/internal/exchange"
	"plan/internal/wait"
	"plan/runner/journal"
	"plan/runner/judge"
)

// One user has one connection, and one connection reaches one process of a service
// that has several. So further connections are opened until minStreak in a row
// reach no new process. While a listening process has not been reached, they are
// opened until longStreak in a row do, and longWait has passed.
const (
	minStreak  = 20
	longStreak = 100
	longWait   = 3 * time.Second
)

// processes are the processes of a container, with the port that it serves.
type processes struct {
	all  []containers.Process
	port int
}

// holders returns the processes with such a socket of the port, without parents of
// another one: they only opened it for their children.
func (p processes) holders(holds func(containers.Socket) bool) (ids []int) {
	parents := map[int]bool{}
	for _, one := range p.all {
		if slices.ContainsFunc(one.Sockets, func(s containers.Socket) bool { return s.Port == p.port && holds(s) }) {
			ids, parents[one.Parent] = append(ids, one.ID), true
		}
	}
	return slices.DeleteFunc(ids, func(id int) bool { return parents[id] })
}

func (p processes) listeners() []int {
	return p.holders(func(s containers.Socket) bool { return s.Remote == "" })
}

// acceptor returns the process that has accepted a connection; 0 where none has.
func (p processes) acceptor(from string) int {
	if ids := p.holders(func(s containers.Socket) bool { return s.Remote == from }); len(ids) > 0 {
		return ids[0]
	}
	return 0
}

// sockets returns the number of sockets of a process that listen on the port:
// threads may have one each.
func (p processes) sockets(id int) (n int) {
	for _, one := range p.all {
		for _, s := range one.Sockets {
			if one.ID == id && s.Port == p.port && s.Remote == "" {
				n++
			}
		}
	}
	return n
}

// single reports whether only one process can answer: it has no children, and no
// threads with listening sockets of their own.
func (p processes) single() bool {
	ids := p.listeners()
	return len(ids) == 1 && p.sockets(ids[0]) == 1 && !slices.ContainsFunc(p.all, func(one containers.Process) bool { return one.Parent == ids[0] })
}

// acceptorsKnown reports whether the process that accepts a connection is the one
// that answers: no process has several listening sockets.
func (p processes) acceptorsKnown() bool {
	ids := p.listeners()
	return len(ids) > 0 && !slices.ContainsFunc(ids, func(id int) bool { return p.sockets(id) > 1 })
}

// connectionsNeeded returns how many random connections reach every listener with a
// probability of 99 %, at least minStreak.
func (p processes) connectionsNeeded() int {
	n := 0.0
	for _, id := range p.listeners() {
		n += float64(p.sockets(id))
	}
	if n == 0 {
		return minStreak
	}
	return max(minStreak, int(math.Ceil(n*(math.Log(n)+math.Log(100)))))
}

// spreading is how many of the requests each process of a service has got.
type spreading struct {
	kinds    []exchange.Request
	sent     map[int]int // how many of kinds, by process
	streak   int         // connections since the last one that reached a new process
	lastNew  time.Time   // when that was; the start before the first one
	accepted bool        // a process has accepted one
}

// unsent returns the requests that a process has not got.
func (s *spreading) unsent(id int) []exchange.Request { return s.kinds[s.sent[id]:] }

// pick returns the first of the connections to each process that lacks a request,
// and these processes; none where there is only one process.
func (s *spreading) pick(p processes, from []string) (picked []int, takers []int) {
	serving := s.serving(p)
	for i, address := range from {
		id := p.acceptor(address)
		if id == 0 {
			continue
		}
		s.accepted = true
		if !slices.Contains(serving, id) {
			serving = append(serving, id)
		}
		if len(s.unsent(id)) > 0 && !slices.Contains(takers, id) {
			picked, takers = append(picked, i), append(takers, id)
		}
	}
	if len(serving) < 2 {
		return nil, nil
	}
	return picked, takers
}

// serving returns the processes that answered, and those that listen, without
// parents that pass connections on to their children.
func (s *spreading) serving(p processes) []int {
	ids := slices.Sorted(maps.Keys(s.sent))
	parents := map[int]bool{}
	for _, one := range p.all {
		if s.sent[one.ID] > 0 {
			parents[one.Parent] = true
		}
	}
	for _, id := range p.listeners() {
		if s.sent[id] == 0 && !parents[id] {
			ids = append(ids, id)
		}
	}
	return ids
}

// complete reports whether a process has got all requests.
func (s *spreading) complete(id int) bool { return len(s.unsent(id)) == 0 }

// done reports whether enough connections were opened.
func (s *spreading) done(p processes, now time.Time) bool {
	serving := s.serving(p)
	if len(serving) > 1 && slices.ContainsFunc(serving, func(id int) bool { return !s.complete(id) }) {
		return s.streak >= longStreak && now.Sub(s.lastNew) >= longWait
	}
	return s.streak >= minStreak
}

// Agent opens connections and sends requests over them, from inside the
// networks.
type Agent interface {
	Connect(ctx context.Context, address string, number int) (agent.Connections, error)
	Over(ctx context.Context, connections agent.Connections, number int, requests []exchange.Request) ([]exchange.Outcome, error)
	HangUp(connections agent.Connections)
}

// Container is one whose processes are asked.
type Container interface {
	Address() string // host:port
	Processes(ctx context.Context) []containers.Process
}

// Spread sends one of each request to every process of a container, and returns
// how many answered, and a note for people. What the requests come to decides
// nothing.
func Spread(ctx context.Context, a Agent, c Container, kinds []exchange.Request) (*journal.Processes, string, error) {
	p := processesOf(ctx, c)
	switch {
	case p.single():
		return nil, "", nil
	case len(kinds) == 0:
		return nil, "only one of its processes got requests before the load, " +
			"because every request takes a row that is sent only once", nil
	case !p.acceptorsKnown():
		return spreadUnseen(ctx, a, c, p, kinds)
	}
	s := &spreading{kinds: kinds, sent: map[int]int{}, lastNew: time.Now()}
	for !s.done(p, time.Now()) && ctx.Err() == nil {
		seen, err := openAndSend(ctx, a, c, s)
		if err != nil {
			return nil, "", err
		}
		if ctx.Err() != nil {
			break
		}
		if seen.all == nil || !s.accepted { // some accept only once they are sent something
			return spreadUnseen(ctx, a, c, p, kinds)
		}
		p = seen
	}
	serving := s.serving(p)
	if len(serving) < 2 {
		return nil, "", nil
	}
	found := &journal.Processes{Of: len(serving)}
	for _, id := range serving {
		if s.complete(id) {
			found.Answered++
		}
	}
	return found, fmt.Sprintf("%d of %d processes responded to one request of each kind", found.Answered, found.Of), nil
}

// Settle is how long the engine may take to report the end of a container after
// its process was killed.
const Settle = 700 * time.Millisecond

// acceptTime is how long processes have to accept connections, acceptEvery the
// interval of looking.
const (
	acceptTime  = 200 * time.Millisecond
	acceptEvery = 20 * time.Millisecond
)

// openAndSend opens connections, finds the processes that accepted them, and sends
// to those that lack a request.
func openAndSend(ctx context.Context, a Agent, c Container, s *spreading) (processes, error) {
	connections, err := a.Connect(ctx, c.Address(), minStreak)
	if err != nil {
		return processes{}, lostAgent(err)
	}
	defer a.HangUp(connections)
	p := processesOf(ctx, c)
	picked, takers := s.pick(p, connections.From)
	for begun := time.Now(); !s.accepted && time.Since(begun) < acceptTime && ctx.Err() == nil; picked, takers = s.pick(p, connections.From) {
		wait.For(ctx, acceptEvery)
		p = processesOf(ctx, c)
	}
	s.streak += len(connections.From)
	for n, i := range picked {
		got, err := a.Over(ctx, connections, i, s.unsent(takers[n]))
		if err != nil {
			return p, lostAgent(err)
		}
		if at := judge.Unanswered(got); at >= 0 { // a dying process breaks the connection before the engine reports its end
			wait.For(ctx, Settle)
			got = got[:at]
		}
		if len(got) > 0 {
			s.sent[takers[n]] += len(got)
			s.streak, s.lastNew = len(connections.From)-1-i, time.Now()
		}
	}
	return p, nil
}

// spreadUnseen sends one of each request over new connections, where it is not
// known which process accepts them.
func spreadUnseen(ctx context.Context, a Agent, c Container, p processes, kinds []exchange.Request) (*journal.Processes, string, error) {
	answered, wanted := 0, p.connectionsNeeded()
	for n := 0; n < wanted && ctx.Err() == nil; n++ {
		connections, err := a.Connect(ctx, c.Address(), 1)
		if lost := lostAgent(err); lost != nil {
			return nil, "", lost
		}
		if err != nil {
			break
		}
		first := n % len(kinds) // another one first each time, as the service may close a connection after one response
		got, err := a.Over(ctx, connections, 0, slices.Concat(kinds[first:], kinds[:first]))
		a.HangUp(connections)
		if lost := lostAgent(err); lost != nil {
			return nil, "", lost
		}
		if judge.Unanswered(got) >= 0 {
			wait.For(ctx, Settle)
		} else if len(got) > 0 {
			answered++
		}
	}
	return nil, fmt.Sprintf("%d of %d new connections got a response before the load; "+
		"the processes or threads that accepted them are not known", answered, wanted), nil
}

// processesOf returns the processes of a container, with the port of its address.
func processesOf(ctx context.Context, c Container) processes {
	_, port, _ := net.SplitHostPort(c.Address())
	number, _ := strconv.Atoi(port)
	return processes{c.Processes(ctx), number}
}

// lostAgent returns err where the agent is gone, and nil otherwise.
func lostAgent(err error) error {
	if _, lost := errors.AsType[*agent.Lost](err); lost {
		return err
	}
	return nil
}
