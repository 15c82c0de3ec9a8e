package engine

import (
	"math"
	"slices"
	"syscall"
	"time"

	"plan/internal/exchange"
)

// driveResult is what a transport returns at the end besides its tallies.
type driveResult struct {
	lasted                 time.Duration
	users                  int   // number of active users
	connections            int64 // number of connections opened
	neverAnswered, overdue int   // users without any response, and how many of them waited longer than the timeout
	arrivals               int64 // open model: number of arrivals that started or were dropped
	unsent                 int64 // of them: dropped because they were not handled before the end
}

// sums holds the counts of a load that its figures are computed from.
type sums struct {
	whole           counter
	judged          judgedCounter
	byRequest       map[string]*counter // by name, as requests may share one
	judgedByRequest map[string]*judgedCounter
	lateness        histogram
	open            bool
	judgedFrom      time.Duration // start of the judged window
	lasted          time.Duration
}

func newSums() *sums {
	return &sums{byRequest: map[string]*counter{}, judgedByRequest: map[string]*judgedCounter{}}
}

func (s *sums) of(request string) *counter {
	if s.byRequest[request] == nil {
		s.byRequest[request] = &counter{}
	}
	return s.byRequest[request]
}

func (s *sums) judgedOf(request string) *judgedCounter {
	if s.judgedByRequest[request] == nil {
		s.judgedByRequest[request] = &judgedCounter{}
	}
	return s.judgedByRequest[request]
}

// result computes the result from the sum of all tallies.
func (lr *loadRun) result(s *series, drive driveResult) Result {
	t := s.total
	sum := newSums()
	sum.whole, sum.lateness, sum.open = *t.total(), t.lateness, lr.load.Open()
	sum.judgedFrom, sum.lasted = min(lr.judgedFrom(), drive.lasted), drive.lasted
	for i, request := range lr.requests {
		sum.of(request.Name).merge(&t.requests[i])
		sum.judged.merge(&t.judged[i])
		if !lr.isOnStart(i) {
			sum.judgedOf(request.Name).merge(&t.judged[i])
		}
	}
	r := Result{
		UsersNeverAnswered: new(drive.neverAnswered),
		UsersOverdue:       new(drive.overdue),
		Connections:        drive.connections,
		PerAddress:         make(map[string]int64, len(lr.endpoints)),
		Examples:           t.examples,
		Series:             s.windows,
	}
	sum.fill(&r)
	for i, request := range lr.requests {
		of := r.ByRequest[request.Name]
		of.Method, of.OnStart = request.Method, of.OnStart || lr.isOnStart(i)
		r.ByRequest[request.Name] = of
	}
	for i, address := range lr.endpoints {
		r.PerAddress[address] += t.sentTo[i]
	}
	return r
}

// fill computes the figures of a result whose other fields are set.
func (s *sums) fill(r *Result) {
	r.Seconds, r.Total, r.Judged = s.lasted.Seconds(), s.newCounts(&s.whole), s.newJudged(&s.judged)
	r.Lateness, r.Histograms = s.lateness.percentiles(), s.encodeHistograms()
	r.ByRequest = make(map[string]Counts, len(s.byRequest))
	for name, of := range s.byRequest {
		r.ByRequest[name] = s.newCounts(of)
	}
	r.JudgedByRequest = make(map[string]Judged, len(s.judgedByRequest))
	for name, of := range s.judgedByRequest {
		r.JudgedByRequest[name] = s.newJudged(of)
	}
	r.Hung = hung(&s.judged.waits, r)
	if r.Seconds > 0 {
		r.Rate = float64(s.whole.ok+s.whole.failed) / r.Seconds
	}
}

// Waited reports whether a request in flight at the end had waited longer than
// the slowest OK response took.
func (r *Result) Waited() bool {
	waited, took := r.Judged.Latency.Max, r.Total.LatencyOK.Max
	return waited != nil && took != nil && *waited > *took
}

// HungAfter is the factor of Result.Hung: half of the requests in flight at the
// end have waited for more than this many times the slowest response.
const HungAfter = 2

// hung reports whether the service stopped responding, so that its requests had
// no time to fail. Where responses came until the end, a request may also wait
// as long as the slowest failure, for example a timeout: it would have failed
// in the same way.
func hung(waits *histogram, r *Result) bool {
	answer, failure := r.Total.LatencyOK.Max, r.Total.LatencyFailed.Max
	if waits.total == 0 || answer == nil {
		return false
	}
	longest := *answer
	late := r.Series[max(0, len(r.Series)-1-int(math.Ceil(HungAfter**answer))):]
	if failure != nil && slices.ContainsFunc(late, func(w Window) bool { return w.OK > 0 }) {
		longest = max(longest, *failure)
	}
	return *waits.percentile(50) > HungAfter*longest
}

// JudgedOf returns the judged figures of a request by its name, or of all
// requests for "". It returns zeros for an unknown name.
func (r *Result) JudgedOf(request string) Judged {
	if request == "" {
		return r.Judged
	}
	return r.JudgedByRequest[request]
}

func (s *sums) newCounts(n *counter) Counts {
	counts := Counts{
		Requests: n.ok + n.failed + n.inFlight, OK: n.ok, Failed: n.failed, InFlight: new(n.inFlight),
		Retried: new(n.retried), Bytes: n.bytes, Errors: n.errors,
		LatencyOK: n.okLatency.percentiles(), LatencyFailed: n.failedLatency.percentiles(),
	}
	if s.open {
		counts.Dropped = new(n.dropped)
	}
	if counts.Errors == nil {
		counts.Errors = map[exchange.Class]int64{}
	}
	return counts
}

// newJudged returns the figures of the judged window; zeros if the warm-up took
// the whole load.
func (s *sums) newJudged(n *judgedCounter) Judged {
	var ended histogram // of OK responses and failed requests
	ended.merge(n.okLatency)
	ended.merge(n.failedLatency)
	j := Judged{
		From:       s.judgedFrom.Seconds(),
		Seconds:    (s.lasted - s.judgedFrom).Seconds(),
		Requests:   n.ok + n.failed + n.inFlight,
		OK:         n.ok,
		Failed:     n.failed,
		Latency:    n.latency(),
		LatencyAll: withWaits(&ended, &n.waits),
	}
	if j.Seconds > 0 {
		j.OKRate = float64(j.OK) / j.Seconds
	}
	return j
}

func (s *sums) encodeHistograms() Histograms {
	h := Histograms{
		OK: s.whole.okLatency.encode(), Failed: s.whole.failedLatency.encode(),
		Judged: s.judged.okLatency.encode(), JudgedFailed: s.judged.failedLatency.encode(), Waits: s.judged.waits.encode(),
		Lateness: s.lateness.encode(), ByRequest: make(map[string]Latencies, len(s.byRequest)),
	}
	for name, of := range s.byRequest {
		h.ByRequest[name] = Latencies{OK: of.okLatency.encode(), Failed: of.failedLatency.encode()}
	}
	if len(s.judgedByRequest) > 1 {
		h.JudgedByRequest = make(map[string]JudgedLatencies, len(s.judgedByRequest))
		for name, of := range s.judgedByRequest {
			h.JudgedByRequest[name] = JudgedLatencies{
				Judged: of.okLatency.encode(), Failed: of.failedLatency.encode(), Waits: of.waits.encode(),
			}
		}
	}
	return h
}

// cpuTime returns the CPU time that this process has used.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0 // impossible: the arguments are constant
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
