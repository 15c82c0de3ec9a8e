package verify

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"plan/internal/metrics"
)

// ownDriver is the driver whose figures all follow from its histograms. Other drivers
// write figures alone.
const ownDriver = "plan"

// counters returns where the figures of a load contradict each other or its
// histograms.
func (t *trial) counters() []string {
	l := t.Load
	var all []string
	for _, j := range append(slices.Collect(maps.Values(l.JudgedByRequest)), l.Judged) {
		if j.Seconds > 0 && !equal(j.OKRate, float64(j.OK)/j.Seconds) {
			all = append(all, fmt.Sprintf("%d judged OK answers in %g s are not %g a second", j.OK, j.Seconds, j.OKRate))
		}
		if j.OK > l.OK || j.Failed > l.Failed {
			all = append(all, "more requests are judged than were sent")
		}
	}
	if l.Driver != ownDriver {
		if h := t.Evidence.Histograms; h != nil && h.OK+h.Failed+h.Judged+h.Waits != "" {
			all = append(all, "its driver is "+l.Driver+", which writes no histograms, but it has some")
		}
		return all
	}
	differ := func(what string, a, b int64) {
		if a != b {
			all = append(all, fmt.Sprintf("%s: %d and %d", what, a, b))
		}
	}
	total := func(what string, c counts) {
		var errors int64
		for _, n := range c.Errors {
			errors += n
		}
		differ(what+": failed requests, and the sum of their errors", c.Failed, errors)
		if c.InFlight != nil {
			differ(what+": requests, and the sum of OK, failed and in flight", c.Requests, c.OK+c.Failed+*c.InFlight)
		}
	}
	total("all requests", l.counts)
	var sum counts
	for _, name := range slices.Sorted(maps.Keys(l.ByRequest)) {
		c := l.ByRequest[name]
		total(name, c)
		sum.Requests, sum.OK, sum.Failed = sum.Requests+c.Requests, sum.OK+c.OK, sum.Failed+c.Failed
	}
	differ("requests, and their sum by name", l.Requests, sum.Requests)
	differ("OK answers, and their sum by name", l.OK, sum.OK)
	differ("failed requests, and their sum by name", l.Failed, sum.Failed)
	var each judged
	for _, j := range l.JudgedByRequest {
		each.Requests, each.OK, each.Failed = each.Requests+j.Requests, each.OK+j.OK, each.Failed+j.Failed
	}
	if len(l.JudgedByRequest) > 0 {
		differ("judged requests, and their sum by name", l.Judged.Requests, each.Requests)
		differ("judged OK answers, and their sum by name", l.Judged.OK, each.OK)
		differ("judged failed requests, and their sum by name", l.Judged.Failed, each.Failed)
	}
	var series counts
	for _, w := range t.Evidence.Series {
		series.OK, series.Failed = series.OK+w.OK, series.Failed+w.Failed
	}
	differ("OK answers, and their sum by second", l.OK, series.OK)
	differ("failed requests, and their sum by second", l.Failed, series.Failed)
	return append(all, t.histograms()...)
}

// histograms returns where the figures of a load differ from its histograms.
func (t *trial) histograms() []string {
	l, written := t.Load, t.Evidence.Histograms
	if written == nil {
		return []string{"its histograms are missing"}
	}
	var all []string
	open := func(what, text string) histogram {
		h, err := decode(text)
		if err != nil {
			all = append(all, fmt.Sprintf("the histogram of %s cannot be read: %v", what, err))
			h, _ = decode("")
		}
		return h
	}
	holds := func(what string, h histogram, count int64) {
		if h.TotalCount() != count {
			all = append(all, fmt.Sprintf("%s: %d, and their histogram has %d", what, count, h.TotalCount()))
		}
	}
	figures := func(what string, p, read percentiles) {
		for _, m := range metrics.Percentiles() {
			w, written := p[m.Name]
			if r := read[m.Name]; written && ((w == nil) != (r == nil) || w != nil && !equal(*w, *r)) {
				all = append(all, fmt.Sprintf("%s: %s is %s, and its histogram has %s", what, m.Name,
					secondsText(w), secondsText(r)))
				return // the first difference is enough
			}
		}
	}
	whole := func(what string, c counts, ok, failed string) {
		good, bad := open(what, ok), open(what, failed)
		holds("OK answers of "+what, good, c.OK)
		holds("failed requests of "+what, bad, c.Failed)
		figures("latency of "+what, c.LatencyOK, good.all())
		figures("latency of failures of "+what, c.LatencyFailed, bad.all())
	}
	window := func(what string, j judged, ok, waits string) {
		good, wait := open(what, ok), open(what, waits)
		holds("judged OK answers of "+what, good, j.OK)
		holds("judged requests of "+what+" in flight at the end", wait, j.Requests-j.OK-j.Failed)
		figures("judged latency of "+what, j.Latency, withWaits(good, wait, j.Failed))
	}
	whole("all requests", l.counts, written.OK, written.Failed)
	for _, name := range slices.Sorted(maps.Keys(l.ByRequest)) {
		whole(name, l.ByRequest[name], written.ByRequest[name].OK, written.ByRequest[name].Failed)
	}
	window("all requests", l.Judged, written.Judged, written.Waits)
	for _, name := range slices.Sorted(maps.Keys(l.JudgedByRequest)) {
		one := l.judgedHistograms(name, written)
		window(name, l.JudgedByRequest[name], one.Judged, one.Waits)
	}
	late := open("the lateness", written.Lateness)
	for at, p := range map[float64]*float64{0.99: l.Lateness.P99, maximum: l.Lateness.Max} {
		if h := late.seconds(at); (h == nil) != (p == nil) || h != nil && !equal(*h, *p) {
			all = append(all, fmt.Sprintf("lateness is %s, and its histogram has %s", secondsText(p), secondsText(h)))
		}
	}
	if hung := t.hung(open("waits", written.Waits)); hung != l.Hung {
		all = append(all, fmt.Sprintf("hung is %v, but by the waits at the end it is %v", l.Hung, hung))
	}
	return all
}

// hung reports whether half of the requests in flight at the end had waited for more
// than twice as long as the slowest answer took, or, where answers came until the
// end, as the slowest failure.
func (t *trial) hung(waits histogram) bool {
	const factor = 2
	slowest := t.Load.LatencyOK["max"]
	if waits.TotalCount() == 0 || slowest == nil {
		return false
	}
	longest, series := *slowest, t.Evidence.Series
	first := len(series) - 1 - int(math.Ceil(factor*longest))
	for _, w := range series[min(max(0, first), len(series)):] {
		if failure := t.Load.LatencyFailed["max"]; w.OK > 0 && failure != nil {
			longest = max(longest, *failure)
		}
	}
	return *waits.seconds(50) > factor*longest
}
