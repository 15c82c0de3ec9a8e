package engine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"plan/internal/exchange"
)

// Run puts the load on the addresses, host:port each or with a scheme before
// it, users spread over them by turns. It ends at the load's runtime, or
// before when ctx does: then the result is what was measured until there. An
// error means that nothing was sent. rec may be nil.
func Run(ctx context.Context, load Load, addresses []string, rec Recorder) (Result, error) {
	dialer := &net.Dialer{Timeout: longestTimeout(load.Requests), KeepAlive: -1}
	return run(ctx, load, addresses, rec, dialer.DialContext)
}

// crew is a load while it runs.
type crew struct {
	load    Load
	choice  choice
	senders [][]*exchange.Sender // by address, then by request
	dial    exchange.Dialer
	start   time.Time
	end     time.Time // at the latest
	shards  []*shard
	users   []*user

	active      atomic.Int64 // users
	waiting     atomic.Int64 // requests
	connections atomic.Int64 // opened
	complete    atomic.Int64 // nanoseconds after the start at which the last user began; negative before
}

func run(ctx context.Context, load Load, addresses []string, rec Recorder, dial exchange.Dialer) (Result, error) {
	c, err := gather(load, addresses)
	if err != nil {
		return Result{}, err
	}
	used := cpuTime()
	c.start = time.Now()
	c.end = c.start.Add(load.Runtime)
	ctx, cancel := context.WithDeadline(ctx, c.end)
	defer cancel()
	c.dial = c.dialer(ctx, dial)

	var users sync.WaitGroup
	users.Go(func() { c.spawn(ctx, &users) })
	s := newSeries(c, rec)
	s.follow(ctx)
	lasted := c.since(time.Now())
	users.Wait()
	s.finish(lasted)

	result := c.result(s.total, lasted)
	result.Series = s.windows
	result.CPUSeconds = (cpuTime() - used).Seconds()
	result.PerAddress = perAddress(addresses, s.total.sent)
	return result, nil
}

// gather checks the load and makes all that its users share.
func gather(load Load, addresses []string) (*crew, error) {
	switch {
	case load.Users < 1:
		return nil, errors.New("a load needs at least one user")
	case load.Runtime <= 0:
		return nil, errors.New("a load needs a runtime above 0")
	case len(addresses) == 0:
		return nil, errors.New("a load needs at least one address")
	}
	if err := load.ThinkTime.check(); err != nil {
		return nil, err
	}
	choice, err := newChoice(load.Requests)
	if err != nil {
		return nil, err
	}
	c := &crew{load: load, choice: choice, users: make([]*user, 0, load.Users)}
	c.complete.Store(-1)
	for _, address := range addresses {
		senders, err := prepare(address, load.Requests)
		if err != nil {
			return nil, err
		}
		c.senders = append(c.senders, senders)
	}
	for range min(load.Users, 2*runtime.GOMAXPROCS(0)) {
		c.shards = append(c.shards, &shard{now: newTally(len(load.Requests), len(addresses))})
	}
	return c, nil
}

func prepare(address string, requests []exchange.Request) ([]*exchange.Sender, error) {
	senders := make([]*exchange.Sender, len(requests))
	for i, request := range requests {
		sender, err := exchange.Prepare(address, request)
		if err != nil {
			return nil, fmt.Errorf("address %s: %w", address, err)
		}
		senders[i] = sender
	}
	return senders, nil
}

// dialer counts connections and gives up those that are not made when the load
// ends: the transport would wait for them.
func (c *crew) dialer(load context.Context, dial exchange.Dialer) exchange.Dialer {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(load, cancel)()
		connection, err := dial(ctx, network, address)
		if err == nil {
			c.connections.Add(1)
		}
		return connection, err
	}
}

// spawn starts the users, each in its slot.
func (c *crew) spawn(ctx context.Context, users *sync.WaitGroup) {
	timer := stoppedTimer()
	for i := range c.load.Users {
		slot := c.start.Add(schedule(i, c.load.SpawnRate))
		if !sleepUntil(ctx, timer, slot) {
			return
		}
		if i == c.load.Users-1 {
			c.complete.Store(int64(time.Since(c.start)))
		}
		u := c.newUser(i, slot)
		c.users = append(c.users, u)
		c.active.Add(1)
		users.Go(func() { u.live(ctx) })
	}
}

// judged tells whether a request that began then is held against thresholds.
func (c *crew) judged(began time.Time) bool {
	complete := c.complete.Load()
	return complete >= 0 && int64(began.Sub(c.start)) >= complete
}

// since is how long the load has lasted, at most its runtime.
func (c *crew) since(now time.Time) time.Duration {
	return min(now.Sub(c.start), c.load.Runtime)
}

func longestTimeout(requests []exchange.Request) time.Duration {
	var longest time.Duration
	for _, request := range requests {
		longest = max(longest, request.EffectiveTimeout())
	}
	return longest
}
