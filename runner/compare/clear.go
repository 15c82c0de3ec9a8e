package compare

import (
	"fmt"
	"math"
	"slices"

	"plan/internal/english"
	"plan/internal/metrics"
	"plan/internal/tty"
	"plan/plans"
	"plan/runner/answer"
	"plan/runner/journal"
)

// What two runs of one service may differ by, at most. TestIdenticalRuns draws runs
// with more noise than recorded ones have.
const (
	memoryNoise     = 0.03 // of the memory needed
	latencyNoise    = 3.0  // a factor
	throughputNoise = 1.25 // a factor
	errorNoise      = 2.0  // a factor of the threshold
	leastErrors     = 0.01 // a share of failed requests below this is chance
	readyNoise      = 2.0  // a factor
	half            = 0.5  // of a step: nearer to the next one than to this one
)

// contradiction reports whether the worse run failed where the better one passed, by
// more than chance explains. It returns the reason for people in either case.
func contradiction(better, worse side) (proven bool, why string) {
	for _, s := range []side{better, worse} {
		switch low, high, is := outOfOrder(s); {
		case s.stage.Corrected > 0:
			return false, s.name + ": the answer is corrected for cached files, so it may be too high"
		case is:
			easier := "more"
			if s.stage.Kind == plans.Ramp {
				easier = "fewer users"
			}
			return false, fmt.Sprintf("%s: %s passed although %s failed with %s", s.name, low.ID, high.ID, easier)
		}
	}
	pass, failures := better.passed(), slices.DeleteFunc(worse.failures(), func(t journal.Trial) bool {
		return t.Verdict != journal.Failed || t.Reason == nil
	})
	if pass == nil || len(failures) == 0 {
		return false, "no trial of this stage proves the difference"
	}
	failures = slices.DeleteFunc(failures, func(t journal.Trial) bool { return !asEasy(worse.stage, t, *pass) })
	fail := easiest(worse.stage, failures)
	if fail == nil {
		return false, fmt.Sprintf("%s passed, and in the other run no trial that was as easy failed", name(better, *pass))
	}
	pass = nearest(better, *fail)
	what := fmt.Sprintf("%s passed, and %s failed: %s", name(better, *pass), name(worse, *fail), *fail.Reason)
	proven, margin := beyondChance(better, worse, *pass, *fail)
	return proven, tty.Join("; ", what, margin)
}

// name is a trial with its run and the value that its stage varies.
func name(s side, t journal.Trial) string {
	at := english.Count(tty.OrZero(t.Users), "user")
	switch {
	case s.stage.Several():
		at = s.stage.Combination(t)
	case s.stage.Kind == plans.Search:
		at = s.stage.Dimension.Text(t.Set.Values().Get(s.stage.Dimension))
	case t.Arrivals != nil:
		at = fmt.Sprintf("%g/s", *t.Arrivals)
	}
	return fmt.Sprintf("%s of %s at %s", t.ID, s.name, at)
}

// outOfOrder returns a trial that passed although an easier one failed, if there is one:
// the hardest that passed and the easiest that failed.
func outOfOrder(s side) (low, high journal.Trial, is bool) {
	counted := s.trials()
	for i := range counted {
		pass := &counted[i]
		if pass.Verdict != journal.Passed || is && !easier(s.stage, low, *pass) {
			continue
		}
		failed := easiest(s.stage, slices.DeleteFunc(slices.Clone(counted), func(t journal.Trial) bool {
			return t.Verdict != journal.Failed || !easier(s.stage, t, *pass)
		}))
		if failed != nil {
			low, high, is = *pass, *failed, true
		}
	}
	return low, high, is
}

// beyondChance reports whether the figures of a trial that passed and of one that
// failed differ by more than those of equal services may, and says by how much.
func beyondChance(better, worse side, pass, fail journal.Trial) (bool, string) {
	x, y := better.run.Run.Host, worse.run.Run.Host
	switch reason := *fail.Reason; {
	case x.CPUs != y.CPUs:
		return false, "the machines have different numbers of CPUs"
	case reason.Explain().OOM && x.CgroupVersion != y.CgroupVersion && x.CgroupVersion != "" && y.CgroupVersion != "":
		return false, "the machines have different versions of control groups"
	case reason.Explain().OOM && worse.stage.Kind == plans.Search && worse.stage.Dimension == plans.Memory:
		return memoryShift(better, worse, fail)
	case reason.Explain().OOM:
		return memoryRoom(pass, fail)
	case reason == journal.Latency, reason == journal.Throughput, reason == journal.Errors:
		if fail.Load != nil { // else its first requests failed
			return figures(better, worse, pass, fail)
		}
	case reason == journal.NotReady:
		if pass.Seconds.Ready == nil {
			return false, "the time until the other trial was ready is not known"
		}
		return fail.Seconds.Total >= readyNoise**pass.Seconds.Ready, fmt.Sprintf("not ready after %s, ready after %s",
			tty.Seconds(&fail.Seconds.Total), tty.Seconds(pass.Seconds.Ready))
	}
	// A reason without a figure: one failure may be chance.
	failures := 0
	for _, t := range worse.trials() {
		if t.Verdict == journal.Failed && asEasy(worse.stage, t, pass) {
			failures++
		}
	}
	if failures < 2 {
		return false, "one failure that has no figure to compare may be chance"
	}
	return true, fmt.Sprintf("%d trials failed where the other run passed", failures)
}

// needs are the least and the most memory that the trials of a search needed which
// passed, shortened loads and whole loads apart. It is false where none passed with a
// known need.
func needs(s side, firstLook bool) (low, high float64, known bool) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, t := range s.stage.Counted().Trials {
		if n := need(t); t.Verdict == journal.Passed && t.FirstLook == firstLook && n != nil {
			low, high, known = min(low, *n), max(high, *n), true
		}
	}
	return low, high, known
}

// need is the memory that the neediest container of a trial needed; nil where it is
// not known.
func need(t journal.Trial) *float64 {
	var most *float64
	for _, i := range t.Instances {
		if n := answer.MostNeeded(i); n != nil && (most == nil || float64(*n) > *most) {
			most = new(float64(*n))
		}
	}
	return most
}

// memoryShift reports whether every trial of the worse search that passed needed more
// memory than every one of the better search: by more than half a step, and by more
// than the noise. Where none passed, the limit that was too little stands for the
// need.
func memoryShift(better, worse side, fail journal.Trial) (bool, string) {
	shift, most, compared := math.Inf(1), 0.0, false
	for _, firstLook := range []bool{false, true} {
		_, high, known := needs(better, firstLook)
		low, _, passed := needs(worse, firstLook)
		if !worse.answered() {
			low, passed = value(worse.stage.Dimension, fail.Set), true
		}
		if known && passed {
			shift, most, compared = min(shift, low-high), max(most, high), true
		}
	}
	if !compared {
		return false, "how much memory they needed is not known"
	}
	needed := max(half*stepAfter(worse.stage, value(worse.stage.Dimension, fail.Set)), memoryNoise*most)
	return shift >= needed, fmt.Sprintf("it needs %s more memory (a difference under %s may be chance)",
		bytes(max(0, shift)),
		bytes(needed))
}

// stepAfter is the distance from a value of the grid to the next one; at the end that from
// the one before; 0 where the grid has one value.
func stepAfter(s *journal.Stage, at float64) float64 {
	i := slices.IndexFunc(s.Grid, func(v float64) bool { return v > at })
	switch {
	case i > 0:
		return s.Grid[i] - s.Grid[i-1]
	case i < 0 && len(s.Grid) > 1:
		return s.Grid[len(s.Grid)-1] - s.Grid[len(s.Grid)-2]
	}
	return 0
}

// memoryRoom reports whether the trial that passed had more memory left than the
// noise, below the limit at which the other one was killed.
func memoryRoom(pass, fail journal.Trial) (bool, string) {
	limit, needed := fail.Settings().Memory, need(pass)
	if limit == 0 || needed == nil {
		return false, "how much memory was left is not known"
	}
	room := float64(limit) - *needed
	return room >= memoryNoise*float64(limit), fmt.Sprintf("at the limit of %[2]s, the trial that passed has %[1]s left",
		bytes(max(0, room)), limit)
}

func bytes(b float64) string { return tty.Bytes(new(int64(b))) }

// figures reports whether a metric broke its threshold by more than the noise, and is
// nearer to what failed in the better run than to what passed there.
func figures(better, worse side, pass, fail journal.Trial) (bool, string) {
	best := "its figures are not known"
	for _, t := range broken(worse.stage, fail) {
		m := metrics.Named(t.Metric)
		x, y := judged(pass, t.Request, m), judged(fail, t.Request, m)
		if x == nil || y == nil {
			continue
		}
		best = fmt.Sprintf("%s %s, before %s", tty.Join(" ", t.Request, m.Label()), text(m, *y), text(m, *x))
		if !far(m, *x, *y, t.Limit) {
			best += ": this difference may be chance"
			continue
		}
		nearPass := slices.ContainsFunc(better.failures(), func(next journal.Trial) bool {
			z := judged(next, t.Request, m)
			return z != nil && !nearer(*x, *y, *z)
		})
		if nearPass {
			best += ", which is nearer to what passed in the other run than to what failed there"
			continue
		}
		return true, best
	}
	return false, best
}

// far reports whether y is worse than x by more than the noise.
func far(m metrics.Metric, x, y, limit float64) bool {
	switch {
	case m.Name == "error_rate":
		return y >= max(errorNoise*x, errorNoise*limit, leastErrors)
	case m.Better == metrics.Higher:
		return x >= throughputNoise*y
	}
	return y >= latencyNoise*x
}

// nearer reports whether y is at least as near to z as to x, by their ratios: beyond
// the geometric mean. It is true where z lies on the other side of x, or one is 0.
func nearer(x, y, z float64) bool {
	if x <= 0 || z <= 0 || (z > x) != (y > x) {
		return true
	}
	return math.Abs(math.Log(y/x)) >= half*math.Abs(math.Log(z/x))
}

// broken lists the thresholds that a trial broke. Without an error rate among them any
// failed request breaks one.
func broken(s *journal.Stage, t journal.Trial) []journal.Threshold {
	all := s.Thresholds
	bounded := slices.ContainsFunc(all, func(t journal.Threshold) bool { return t.Metric == "error_rate" })
	if *t.Reason == journal.Errors && !bounded {
		all = []journal.Threshold{{Metric: "error_rate"}}
	}
	return slices.DeleteFunc(slices.Clone(all), func(limit journal.Threshold) bool {
		m := metrics.Named(limit.Metric)
		v := judged(t, limit.Request, m)
		if v == nil {
			return true
		}
		if m.Better == metrics.Higher {
			return *v >= limit.Limit
		}
		return *v <= limit.Limit
	})
}

// judged returns a metric of one request, by its name, or of all for ""; nil where it
// is not known.
func judged(t journal.Trial, request string, m metrics.Metric) *float64 {
	if t.Load == nil {
		return nil
	}
	return t.Load.JudgedOf(request).Value(m)
}

// text prints a value of a metric.
func text(m metrics.Metric, v float64) string {
	switch m.Unit {
	case metrics.Seconds:
		return tty.Seconds(&v)
	case metrics.Share:
		return tty.Percent(&v)
	case metrics.Bytes:
		return bytes(v)
	default:
		return tty.Figure(v)
	}
}
