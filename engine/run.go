package engine

import (
	"context"
	"errors"
	"net"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"plan/internal/exchange"
)

// Run sends the load to addresses, each host:port with or without a scheme;
// users are assigned to them round-robin. It returns at the end of the load's
// runtime, or when ctx ends, with what was measured until then. An error means
// that nothing was sent. rec may be nil.
//
// If all addresses are plain HTTP, no request follows redirects and the system
// has epoll, event loops send the load: one per CPU, or fewer (see
// Load.Threads). Otherwise net/http sends all of it.
func Run(ctx context.Context, load Load, addresses []string, rec Recorder) (Result, error) {
	return RunAfter(ctx, load, addresses, rec, func(context.Context) {})
}

// RunAfter is Run with a pause: when all is prepared, it calls wait, and the
// load starts when wait returns, so that several agents can start together.
func RunAfter(
	ctx context.Context, load Load, addresses []string, rec Recorder, wait func(context.Context),
) (Result, error) {
	lr, err := newLoadRun(load, addresses)
	if err != nil {
		return Result{}, err
	}
	tr, err := lr.newTransport(ctx)
	if err != nil {
		return Result{}, err
	}
	wait(ctx)
	return lr.measure(ctx, tr, rec), nil
}

// transport sends a load. There is one for epoll and one for net/http.
type transport interface {
	name() Transport
	protocols() []string // HTTP versions of the responses
	threads() int        // CPUs that it can use at the same time
	// drive runs until ctx or the runtime ends, and adds its tallies to the
	// series.
	drive(ctx context.Context, s *series) driveResult
}

// loadRun is a load that is being run.
type loadRun struct {
	load      Load
	endpoints []string
	choice    choice
	requests  []exchange.Request  // drawn by weight first, then those of on_start
	patterns  []*exchange.Pattern // by request
	feeds     *feeds
	start     time.Time
	deadline  time.Time // latest end
	// allActive is when all users were active, in nanoseconds after the start;
	// -1 before that. The warm-up starts then. With stages or arrivals it is 0.
	allActive atomic.Int64
}

// newTransport selects the transport.
func (lr *loadRun) newTransport(ctx context.Context) (transport, error) {
	follows := func(r exchange.Request) bool { return r.Redirects > 0 }
	special := func(address string) bool { // not plain HTTP, or more than host and port
		base, err := parseAddress(address)
		return err != nil || base.Scheme != "http" || base.User != nil || base.Path != ""
	}
	if !slices.ContainsFunc(lr.endpoints, special) && !slices.ContainsFunc(lr.requests, follows) {
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
		users: lr.load.OwnUsers(), cpus: runtime.GOMAXPROCS(0),
	})
	return result
}

// newLoadRun checks the load and creates the values that its users share.
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
	switch {
	case load.Spawns() && load.Divided(): // another agent has the last user: what is planned counts for all of them
		lr.allActive.Store(int64(load.Rise()))
	case load.Spawns():
		lr.allActive.Store(-1)
	}
	return lr, nil
}

// userStarted records the start of a user. When the last user starts, the
// warm-up starts.
func (lr *loadRun) userStarted(user int, at time.Duration) {
	if user == lr.load.Users-1 {
		lr.allActive.CompareAndSwap(-1, int64(at))
	}
}

// judgedFrom returns the start of the judged window; never while it is not
// known.
func (lr *loadRun) judgedFrom() time.Duration {
	complete := time.Duration(lr.allActive.Load())
	if complete < 0 {
		return never
	}
	return complete + min(lr.load.WarmUp, never-complete)
}

// isJudged reports whether thresholds apply to a request that started at a
// given time.
func (lr *loadRun) isJudged(request int, began time.Duration) bool {
	return began >= lr.judgedFrom() && !lr.isOnStart(request)
}

// since returns how long the load has lasted, at most its runtime.
func (lr *loadRun) since(now time.Time) time.Duration {
	return min(now.Sub(lr.start), lr.load.Runtime)
}

// over reports whether the runtime has passed. After a stop of the process, a
// context may notice it later.
func (lr *loadRun) over() bool { return !time.Now().Before(lr.deadline) }

func (lr *loadRun) newTally() *tally {
	t := newTally(len(lr.requests), len(lr.endpoints))
	t.keeps = lr.load.Exchanges
	return t
}

func parseAddress(address string) (*url.URL, error) {
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	return url.Parse(address)
}

// backOff is the pause of a user without a think time after a request without a
// response. Without it, users would busy-loop on a closed port.
const backOff = 10 * time.Millisecond

// pauseAfter returns the pause of a user after an exchange. The next request is
// scheduled if the load defines the pause.
func pauseAfter(o exchange.Outcome, think time.Duration) (time.Duration, intent) {
	if think == 0 && o.Class != exchange.OK && o.Status == 0 {
		return backOff, unscheduled
	}
	if think > 0 {
		return think, scheduled
	}
	return 0, unscheduled
}

func longestTimeout(requests []exchange.Request) time.Duration {
	var longest time.Duration
	for _, request := range requests {
		longest = max(longest, request.EffectiveTimeout())
	}
	return longest
}
