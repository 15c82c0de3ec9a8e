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
	lr, err := newLoadRun(load, addresses)
	if err != nil {
		return Result{}, err
	}
	tr, err := lr.newTransport(ctx)
	if err != nil {
		return Result{}, err
	}
	return lr.measure(ctx, tr, rec), nil
}

// transport carries a load: one for each transport.
type transport interface {
	name() Transport
	protocols() []string // that answers came in
	threads() int        // CPUs that it can use at the same time
	// drive runs until ctx or the runtime ends, and hands what it counts to
	// the series.
	drive(ctx context.Context, s *series) driveResult
}

// loadRun is a load while it runs.
type loadRun struct {
	load      Load
	endpoints []string
	choice    choice
	requests  []exchange.Request  // those that are drawn, then those of a user's start
	patterns  []*exchange.Pattern // of them
	feeds     *feeds
	start     time.Time
	deadline  time.Time // at the latest
	// allActive is when all users were active, in nanoseconds after the start, -1
	// before: from then on the warm-up lasts. With stages or arrivals it is 0.
	allActive atomic.Int64
}

// newTransport chooses the transport.
func (lr *loadRun) newTransport(ctx context.Context) (transport, error) {
	if allPlain(lr.endpoints) && !lr.followRedirects() {
		loops, err := newEpollTransport(ctx, lr, lookUp, newPoller)
		if !errors.Is(err, errors.ErrUnsupported) {
			return loops, err
		}
	}
	dialer := &net.Dialer{Timeout: longestTimeout(lr.requests), KeepAlive: -1}
	return newHTTPTransport(lr, dialer.DialContext)
}

func (lr *loadRun) measure(ctx context.Context, tr transport, rec Recorder) Result {
	used := cpuTime()
	s := newSeries(lr, rec)
	lr.start = time.Now()
	lr.deadline = lr.start.Add(lr.load.Runtime)
	drive := tr.drive(ctx, s)
	s.finish(drive.lasted, drive.users)

	result := lr.result(s, drive)
	result.Transport, result.Protocols, result.Threads = tr.name(), tr.protocols(), tr.threads()
	result.Ended = lr.feeds.endReason()
	result.CPUSeconds = (cpuTime() - used).Seconds()
	result.Saturated = saturations(&result, driverLoad{
		lateness: s.total.judgedLate, arrivals: drive.arrivals, unsent: drive.unsent, blocked: s.total.blocked,
		users: lr.load.Users, cpus: runtime.GOMAXPROCS(0),
	})
	return result
}

// newLoadRun checks the load and makes all that its users share.
func newLoadRun(load Load, addresses []string) (*loadRun, error) {
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
	lr := &loadRun{load: load, choice: choice, endpoints: addresses}
	if err := lr.compileRequests(); err != nil {
		return nil, err
	}
	if load.Spawns() {
		lr.allActive.Store(-1)
	}
	return lr, nil
}

// userStarted notes that a user begins. The last one makes the load complete, where
// it has to become so.
func (lr *loadRun) userStarted(user int, at time.Duration) {
	if user == lr.load.Users-1 {
		lr.allActive.CompareAndSwap(-1, int64(at))
	}
}

// judgedFrom is when the part of the load begins that is held against
// thresholds, never as long as nobody knows.
func (lr *loadRun) judgedFrom() time.Duration {
	complete := time.Duration(lr.allActive.Load())
	if complete < 0 {
		return never
	}
	return complete + min(lr.load.WarmUp, never-complete)
}

// isJudged tells whether a request that began then is held against thresholds.
func (lr *loadRun) isJudged(request int, began time.Duration) bool {
	return began >= lr.judgedFrom() && !lr.isOnStart(request)
}

// since is how long the load has lasted, at most its runtime.
func (lr *loadRun) since(now time.Time) time.Duration {
	return min(now.Sub(lr.start), lr.load.Runtime)
}

// over tells whether the runtime has passed. Where the process was stopped, a
// context may come to know it later.
func (lr *loadRun) over() bool { return !time.Now().Before(lr.deadline) }

func (lr *loadRun) newTally() *tally { return newTally(len(lr.requests), len(lr.endpoints)) }

// allPlain tells whether all addresses are plain HTTP, and no more than a host
// and a port.
func allPlain(addresses []string) bool {
	for _, address := range addresses {
		if base, err := parseAddress(address); err != nil || base.Scheme != "http" || base.User != nil || base.Path != "" {
			return false
		}
	}
	return true
}

func parseAddress(address string) (*url.URL, error) {
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
