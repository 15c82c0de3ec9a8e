package engine

import (
	"math"
	"slices"
	"syscall"
	"time"

	"plan/internal/exchange"
)

// driveResult is what a driver knows at the end besides its tallies.
type driveResult struct {
	lasted                 time.Duration
	users                  int   // active
	connections            int64 // opened
	neverAnswered, overdue int   // users without an answer, and those of them that waited too long
	arrivals               int64 // of the open model: begun, or dropped
	unsent                 int64 // those of them that were dropped since nobody came to them before the end
}

// result tells what all users together saw.
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
		PerAddress:         perAddress(lr.endpoints, t.sentTo),
		Examples:           t.examples,
		Histograms:         encodeHistograms(whole, judged, sums, t),
		Series:             s.windows,
	}
	r.Hung = hung(&judged.waits, &r)
	if r.Seconds > 0 {
		r.Rate = float64(whole.ok+whole.failed) / r.Seconds
	}
	return r
}

// Waited tells whether somebody had waited longer at the end than any answer
// took.
func (r *Result) Waited() bool {
	waited, took := r.Judged.Latency.Max, r.Total.LatencyOK.Max
	return waited != nil && took != nil && *waited > *took
}

// HungAfter is how many times as long as any answer took half of the requests in
// flight at the end have waited, where the service stopped answering.
const HungAfter = 2

// hung tells whether the service stopped answering, so that its requests had no
// time to fail. Where answers came until the end, a request may have waited as
// long as those that failed, such as by a timeout: it would have failed like them.
func hung(waits *histogram, r *Result) bool {
	answer, failure := r.Total.LatencyOK.Max, r.Total.LatencyFailed.Max
	if waits.total == 0 || answer == nil {
		return false
	}
	longest := *answer
	if failure != nil && answering(r.Series, HungAfter**answer) {
		longest = max(longest, *failure)
	}
	return *waits.percentile(50) > HungAfter*longest
}

// answering tells whether an answer came in the last window or within so many
// seconds before it.
func answering(series []Window, seconds float64) bool {
	from := max(0, len(series)-1-int(math.Ceil(seconds)))
	return slices.ContainsFunc(series[from:], func(w Window) bool { return w.OK > 0 })
}

// JudgedOf is what thresholds of one request are held against, by its name; of
// all requests for "". One that the load does not know is all zero.
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

// sumByName are what was counted of requests of the same name.
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

// newJudged tells the part of the load after its warm-up: nothing when that took
// all of it.
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

// judgedByRequest is the same of each request, by its name, but for what users begin
// with, which is not judged.
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
		OK: whole.okLatency.encode(), Failed: whole.failedLatency.encode(), Judged: judged.okLatency.encode(), Waits: judged.waits.encode(), Lateness: t.lateness.encode(),
		ByRequest: make(map[string]Latencies, len(sums)),
	}
	for name, sum := range sums {
		h.ByRequest[name] = Latencies{OK: sum.okLatency.encode(), Failed: sum.failedLatency.encode()}
	}
	return h
}

func perAddress(addresses []string, sent []int64) map[string]int64 {
	per := make(map[string]int64, len(addresses))
	for i, address := range addresses {
		per[address] += sent[i]
	}
	return per
}

// cpuTime is what this process has used so far.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0 // cannot be: the arguments are constant
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
