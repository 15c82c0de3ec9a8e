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

// result computes the result from the sum of all tallies.
func (lr *loadRun) result(s *series, drive driveResult) Result {
	t := s.total
	whole, sums, judged := t.total(), lr.sumByName(t), t.judgedTotal()
	r := Result{
		Seconds:            drive.lasted.Seconds(),
		Total:              lr.newCounts(whole),
		ByRequest:          lr.countsByName(sums),
		Judged:             lr.newJudged(judged, drive.lasted),
		JudgedByRequest:    lr.judgedByRequest(t, drive.lasted),
		UsersNeverAnswered: new(drive.neverAnswered),
		UsersOverdue:       new(drive.overdue),
		Lateness:           t.lateness.percentiles(),
		Connections:        drive.connections,
		PerAddress:         make(map[string]int64, len(lr.endpoints)),
		Examples:           t.examples,
		Histograms:         encodeHistograms(whole, judged, sums, t),
		Series:             s.windows,
	}
	for i, address := range lr.endpoints {
		r.PerAddress[address] += t.sentTo[i]
	}
	r.Hung = hung(&judged.waits, &r)
	if r.Seconds > 0 {
		r.Rate = float64(whole.ok+whole.failed) / r.Seconds
	}
	return r
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

func (lr *loadRun) newCounts(n *counter) Counts {
	counts := Counts{
		Requests: n.ok + n.failed + n.inFlight, OK: n.ok, Failed: n.failed, InFlight: new(n.inFlight),
		Retried: new(n.retried), Bytes: n.bytes, Errors: n.errors,
		LatencyOK: n.okLatency.percentiles(), LatencyFailed: n.failedLatency.percentiles(),
	}
	if lr.load.Open() {
		counts.Dropped = new(n.dropped)
	}
	if counts.Errors == nil {
		counts.Errors = map[exchange.Class]int64{}
	}
	return counts
}

// sumByName adds up the counts of requests with the same name.
func (lr *loadRun) sumByName(t *tally) map[string]*counter {
	sums := map[string]*counter{}
	for i := range t.requests {
		name := lr.requests[i].Name
		if sums[name] == nil {
			sums[name] = &counter{}
		}
		sums[name].merge(&t.requests[i])
	}
	return sums
}

func (lr *loadRun) countsByName(sums map[string]*counter) map[string]Counts {
	counts := make(map[string]Counts, len(sums))
	for name, sum := range sums {
		counts[name] = lr.newCounts(sum)
	}
	for _, r := range lr.load.OnStart {
		of := counts[r.Name]
		of.OnStart = true
		counts[r.Name] = of
	}
	return counts
}

// newJudged returns the figures of the judged window; zeros if the warm-up took
// the whole load.
func (lr *loadRun) newJudged(n *judgedCounter, lasted time.Duration) Judged {
	from := min(lr.judgedFrom(), lasted)
	j := Judged{
		From:       from.Seconds(),
		Seconds:    (lasted - from).Seconds(),
		Requests:   n.ok + n.failed + n.inFlight,
		OK:         n.ok,
		Failed:     n.failed,
		Latency:    n.latency(),
		LatencyAll: n.latencyAll(),
	}
	if j.Seconds > 0 {
		j.OKRate = float64(j.OK) / j.Seconds
	}
	return j
}

// judgedByRequest returns the judged figures by request name, without on_start
// requests.
func (lr *loadRun) judgedByRequest(t *tally, lasted time.Duration) map[string]Judged {
	sums := map[string]*judgedCounter{}
	for i := range t.judged {
		name := lr.requests[i].Name
		if lr.isOnStart(i) {
			continue
		}
		if sums[name] == nil {
			sums[name] = &judgedCounter{}
		}
		sums[name].merge(&t.judged[i])
	}
	each := make(map[string]Judged, len(sums))
	for name, sum := range sums {
		each[name] = lr.newJudged(sum, lasted)
	}
	return each
}

func encodeHistograms(whole *counter, judged *judgedCounter, sums map[string]*counter, t *tally) Histograms {
	h := Histograms{
		OK: whole.okLatency.encode(), Failed: whole.failedLatency.encode(),
		Judged: judged.okLatency.encode(), Waits: judged.waits.encode(), Lateness: t.lateness.encode(),
		ByRequest: make(map[string]Latencies, len(sums)),
	}
	for name, sum := range sums {
		h.ByRequest[name] = Latencies{OK: sum.okLatency.encode(), Failed: sum.failedLatency.encode()}
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
