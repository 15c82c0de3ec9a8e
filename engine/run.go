package engine

import (
	"context"
	"errors"
	"net"
	"net/url"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"plan/internal/exchange"
)

// Run puts the load on the addresses, host:port each or with a scheme before
// it, users spread over them by turns. It ends at the load's runtime, or
// before when ctx does: then the result is what was measured until there. An
// error means that nothing was sent. rec may be nil.
//
// Where all addresses speak plain HTTP, no request follows redirects and the
// system has epoll, one event loop for each of GOMAXPROCS carries the load, or
// fewer where it says so; otherwise net/http does all of it.
func Run(ctx context.Context, load Load, addresses []string, rec Recorder) (Result, error) {
	c, err := gather(load, addresses)
	if err != nil {
		return Result{}, err
	}
	d, err := c.driver(ctx)
	if err != nil {
		return Result{}, err
	}
	return c.run(ctx, d, rec), nil
}

// driver carries a load: one for each transport.
type driver interface {
	transport() Transport
	protocols() []string // that answers came in
	threads() int        // CPUs that it can use at the same time
	// drive runs until ctx or the runtime ends, and hands what it counts to
	// the series.
	drive(ctx context.Context, s *series) ending
}

// crew is a load while it runs.
type crew struct {
	load      Load
	addresses []string
	choice    choice
	requests  []exchange.Request  // those that are drawn, then those of a user's start
	patterns  []*exchange.Pattern // of them
	feeds     *feeds
	start     time.Time
	end       time.Time // at the latest
	// complete is when all users were active, in nanoseconds after the start, -1
	// before: from then on the warm-up lasts. With stages or arrivals it is 0.
	complete atomic.Int64
}

// driver chooses the transport.
func (c *crew) driver(ctx context.Context) (driver, error) {
	if allPlain(c.addresses) && !c.redirects() {
		loops, err := newLoops(ctx, c, lookUp, newPoller)
		if !errors.Is(err, errors.ErrUnsupported) {
			return loops, err
		}
	}
	dialer := &net.Dialer{Timeout: longestTimeout(c.requests), KeepAlive: -1}
	return newClients(c, dialer.DialContext)
}

func (c *crew) run(ctx context.Context, d driver, rec Recorder) Result {
	used := cpuTime()
	s := newSeries(c, rec)
	c.start = time.Now()
	c.end = c.start.Add(c.load.Runtime)
	end := d.drive(ctx, s)
	s.finish(end.lasted, end.users)

	result := c.result(s, end)
	result.Transport, result.Protocols, result.Threads = d.transport(), d.protocols(), d.threads()
	result.Ended = c.feeds.why()
	result.CPUSeconds = (cpuTime() - used).Seconds()
	result.Invalid = limits(&result, room{
		late: s.total.judgedLate, arrivals: end.arrivals, unsent: end.unsent, unbegun: s.total.unbegun,
		users: c.load.Users, cpus: runtime.GOMAXPROCS(0),
	})
	return result
}

// gather checks the load and makes all that its users share.
func gather(load Load, addresses []string) (*crew, error) {
	if err := load.Check(); err != nil {
		return nil, err
	}
	if len(addresses) == 0 {
		return nil, errors.New("a load needs at least one address")
	}
	choice, err := newChoice(load.Requests)
	if err != nil {
		return nil, err
	}
	c := &crew{load: load, choice: choice, addresses: addresses}
	if err := c.understand(); err != nil {
		return nil, err
	}
	if load.Spawns() {
		c.complete.Store(-1)
	}
	return c, nil
}

// begun notes that a user begins. The last one makes the load complete, where
// it has to become so.
func (c *crew) begun(user int, at time.Duration) {
	if user == c.load.Users-1 {
		c.complete.CompareAndSwap(-1, int64(at))
	}
}

// judgedFrom is when the part of the load begins that is held against
// thresholds, never as long as nobody knows.
func (c *crew) judgedFrom() time.Duration {
	complete := time.Duration(c.complete.Load())
	if complete < 0 {
		return never
	}
	return complete + min(c.load.WarmUp, never-complete)
}

// judges tells whether a request that began then is held against thresholds.
func (c *crew) judges(request int, began time.Duration) bool {
	return began >= c.judgedFrom() && !c.starting(request)
}

// since is how long the load has lasted, at most its runtime.
func (c *crew) since(now time.Time) time.Duration {
	return min(now.Sub(c.start), c.load.Runtime)
}

// over tells whether the runtime has passed. Where the process was stopped, a
// context may come to know it later.
func (c *crew) over() bool { return !time.Now().Before(c.end) }

func (c *crew) newTally() *tally { return newTally(len(c.requests), len(c.addresses)) }

// allPlain tells whether all addresses are plain HTTP, and no more than a host
// and a port.
func allPlain(addresses []string) bool {
	for _, address := range addresses {
		if base, err := parseBase(address); err != nil || base.Scheme != "http" || base.User != nil || base.Path != "" {
			return false
		}
	}
	return true
}

func parseBase(address string) (*url.URL, error) {
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	return url.Parse(address)
}

// backOff is how long a user without a think time waits after a request that
// nobody answered: at a closed port it would ask without end.
const backOff = 10 * time.Millisecond

// pauseAfter is how long a user waits after an exchange, and whether the load
// says so.
func pauseAfter(o exchange.Outcome, think time.Duration) (pause time.Duration, scheduled bool) {
	if think == 0 && o.Class != exchange.OK && o.Status == 0 {
		return backOff, false
	}
	return think, think > 0
}

func longestTimeout(requests []exchange.Request) time.Duration {
	var longest time.Duration
	for _, request := range requests {
		longest = max(longest, request.EffectiveTimeout())
	}
	return longest
}
