package judge

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"plan/containers"
	"plan/engine"
	"plan/internal/units"
	"plan/runner/journal"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// sampled is a replica with a limit of 500M whose anonymous memory in mebibytes
// is a function of the seconds since noon, sampled each second of a minute.
func sampled(memory func(second float64) float64) Replica { return sampledFor(60, memory) }

func sampledFor(seconds int, memory func(second float64) float64) Replica {
	limits := containers.Limits{Memory: 500 * units.MiB}
	r := Replica{Limits: limits, State: containers.State{Limits: limits}}
	for second := range seconds {
		b := units.Bytes(memory(float64(second)) * float64(units.MiB))
		r.Usage = append(r.Usage, containers.Usage{At: noon.Add(time.Duration(second) * time.Second), Anonymous: &b})
	}
	return r
}

func TestGrowth(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct { // in order: the noise is the same each time
		name   string
		memory func(float64) float64
		grows  bool
		least  float64 // mebibytes a second
		most   float64
	}{
		{"flat", func(float64) float64 { return 100 }, false, 0, 0},
		{"noise", func(float64) float64 { return 100 + random.NormFloat64() }, false, 0, 0},
		{"a megabyte a second", func(s float64) float64 { return 100 + s }, true, 0.99, 1},
		{"a megabyte a second with noise", func(s float64) float64 { return 100 + s + random.NormFloat64() }, true, 0.9, 1.05},
		{"a warm-up in the first third", func(s float64) float64 { return 100 + 5*math.Min(s, 18) }, false, 0, 0},
		{"a warm-up that flattens out", func(s float64) float64 { return 100 + 50*(1-math.Exp(-s/5)) + 0.5*random.NormFloat64() }, false, 0, 0},
		{"one step in the last third", func(s float64) float64 { return 100 + 20*math.Floor(s/50) }, false, 0, 0},
		{"a saw", func(s float64) float64 { return 100 + 10*math.Mod(s, 7) }, false, 0, 0},
		{"it slows down", func(s float64) float64 { return 100 + math.Min(s, 40) + 0.1*math.Max(0, s-40) }, true, 0.099, 0.101},
		{"it begins late", func(s float64) float64 { return 100 + 0.1*math.Min(s, 40) + math.Max(0, s-40) }, true, 0.4, 0.6},
		{"it ends in the second third", func(s float64) float64 { return 100 + math.Min(s, 35) }, false, 0, 0},
		{"it shrinks", func(s float64) float64 { return 200 - s }, false, 0, 0},
	} {
		g, grows := growthOf(sampled(c.memory), noon, noon.Add(time.Minute))
		if slope := g.PerSecond / float64(units.MiB); grows != c.grows || slope < c.least || slope > c.most {
			t.Errorf("%s: %v, %v M a second", c.name, grows, slope)
		}
	}
}

func TestTimeToTheLimit(t *testing.T) {
	r := sampled(func(s float64) float64 { return 141 + s }) // 200M at the end
	g, grows := growthOf(r, noon, noon.Add(time.Minute))
	if !grows || g.Left.Round(time.Second) != 300*time.Second {
		t.Errorf("%v, %v", grows, g)
	}
	if want := "anonymous memory grows by at least 60M a minute: the limit is reached in 5m"; g.text() != want || want != journal.Leak.Explain().Example {
		t.Errorf("%q", g.text())
	}
	if missing := 39*units.MiB - g.Seen; missing < 0 || missing > 1 { // of the last 40 samples
		t.Errorf("seen: %v", g.Seen)
	}
	for _, c := range []struct {
		horizon, judged time.Duration
		want            bool
	}{{24 * time.Hour, time.Minute, true}, {g.Left, g.Left / 100, true}, {g.Left - 1, time.Minute, false}, {24 * time.Hour, g.Left/100 - time.Millisecond, false}} {
		if got := g.leak(c.horizon, c.judged); got != c.want {
			t.Errorf("within %v, judged for %v: %v", c.horizon, c.judged, got)
		}
	}
	for seen, want := range map[units.Bytes]bool{units.MiB - 1: false, units.MiB: true} {
		if got := (Growth{Seen: seen}).leak(time.Hour, time.Minute); got != want {
			t.Errorf("%s seen: %v", seen, got)
		}
	}
	for g, want := range map[Growth]bool{
		{Left: time.Hour}: true, {Left: time.Hour + 1}: false, {Left: time.Hour + 1, Seen: units.MiB - 1}: false, {Left: time.Hour + 1, Seen: units.MiB}: true,
	} {
		if got := g.noted(time.Hour); got != want {
			t.Errorf("%+v within an hour: %v", g, got)
		}
	}
	over := sampled(func(s float64) float64 { return 600 + s })
	if g, grows := growthOf(over, noon, noon.Add(time.Minute)); !grows || g.Left != 0 {
		t.Errorf("above its limit already: %v, %v", grows, g)
	}
}

func TestWhatSaysNothingAboutGrowth(t *testing.T) {
	rising := func(s float64) float64 { return 100 + s }
	unlimited := sampled(rising)
	unlimited.State.Limits.Memory = 0
	unknown := sampled(rising)
	for i := range unknown.Usage {
		unknown.Usage[i].Anonymous = nil
	}
	for name, c := range map[string]struct {
		r  Replica
		to time.Duration
	}{"no limit": {unlimited, time.Minute}, "no samples": {unknown, time.Minute}, "none at all": {Replica{State: sampled(rising).State}, time.Minute}, "two samples a third": {sampled(rising), 6 * time.Second}} {
		if g, grows := growthOf(c.r, noon, noon.Add(c.to)); grows {
			t.Errorf("%s: %v", name, g)
		}
	}
	if _, grows := growthOf(sampled(rising), noon, noon.Add(9*time.Second)); !grows {
		t.Error("three samples a third are enough")
	}
}

// TestStudentsQuantile holds the series to its own values, computed elsewhere,
// and those to tables of the quantile.
func TestStudentsQuantile(t *testing.T) {
	for freedom, want := range map[int]struct{ series, table float64 }{
		2: {6.460643721107983, 6.965}, 4: {3.72107833519133, 3.747}, 10: {2.7631713355048455, 2.764},
	} {
		got := student99(freedom)
		if math.Abs(got-want.series) > 1e-9 || math.Abs(got/want.table-1) > 0.08 || freedom >= 4 && math.Abs(got/want.table-1) > 0.01 {
			t.Errorf("%d degrees of freedom: %v, want %v, %v by the tables", freedom, got, want.series, want.table)
		}
	}
}

// The lower bound of a slope, computed elsewhere: 1,049,855 less 2.426 times
// 12,099 bytes a second.
func TestTheLowerBoundOfASlope(t *testing.T) {
	r := sampled(func(s float64) float64 { return 100 + s + math.Mod(s, 3) })
	if g, grows := growthOf(r, noon, noon.Add(time.Minute)); !grows || math.Abs(g.PerSecond-1020470.7367350217) > 1e-3 {
		t.Errorf("%v, %v", grows, g.PerSecond)
	}
}

func TestHalfAByteASecondIsGrowth(t *testing.T) {
	r := sampled(func(s float64) float64 { return 100 + math.Floor(s/2)/float64(units.MiB) })
	if g, grows := growthOf(r, noon, noon.Add(time.Minute)); !grows || g.PerSecond < 0.45 || g.PerSecond > 0.5 {
		t.Errorf("%v, %v bytes a second", grows, g.PerSecond)
	}
}

// Each third grows by itself, but what one gains the next has lost again.
func TestADropBetweenThirdsIsNoGrowth(t *testing.T) {
	r := sampled(func(s float64) float64 { return 200 + math.Mod(s, 20) - 30*math.Floor(s/20) })
	if g, grows := growthOf(r, noon, noon.Add(time.Minute)); grows {
		t.Errorf("%v", g)
	}
}

func TestSamplesOfOneThirdAlone(t *testing.T) {
	for name, third := range map[string]int{"the second": 20, "the last": 40} {
		r := sampled(func(s float64) float64 { return 100 + s })
		for i := third; i < third+20; i++ {
			r.Usage[i].Anonymous = nil
		}
		if g, grows := growthOf(r, noon, noon.Add(time.Minute)); grows {
			t.Errorf("without samples of %s: %v", name, g)
		}
	}
}

// leaking is a trial of two replicas under a load that was judged for 60 s from
// noon on; the memory of the second is a function of the seconds since then.
func leaking(memory func(float64) float64) Observation { return leakingFor(60, memory) }

func leakingFor(seconds int, memory func(float64) float64) Observation {
	o := loaded(good(func(r *engine.Result) { r.Judged.Seconds = float64(seconds) }))
	o.Source.Began = noon
	second := sampledFor(seconds, memory)
	second.Starts, second.State.Running = 1, true
	first := sampledFor(seconds, func(float64) float64 { return 100 })
	first.Starts, first.State.Running = 1, true
	o.Replicas = []Replica{first, second}
	return o
}

// tight is a leaking trial with a limit of 102M.
func tight(memory func(float64) float64) Observation {
	o := leaking(memory)
	for i := range o.Replicas {
		o.Replicas[i].Limits.Memory, o.Replicas[i].State.Limits.Memory = 102*units.MiB, 102*units.MiB
	}
	return o
}

// The anonymous memory of a FastAPI with scikit-learn, at its least limit: what
// is left of its warm-up would reach the limit within a quarter of an hour.
func TestAWarmUpIsNoLeak(t *testing.T) {
	o := loaded(good(func(r *engine.Result) { r.Judged.Seconds = 15 }))
	o.Source.Began = noon
	limits := containers.Limits{Memory: 140 * units.MiB}
	r := Replica{Starts: 1, Limits: limits, State: containers.State{Running: true, Limits: limits}}
	for second, kib := range []int{139364, 139364, 139364, 139416, 139468, 139468, 139468, 139468, 139476, 139476, 139512, 139512, 139512, 139540, 139540, 139540, 139540} {
		r.Usage = append(r.Usage, containers.Usage{At: noon.Add(time.Duration(second) * time.Second), Anonymous: new(units.Bytes(kib) * units.KiB)})
	}
	o.Replicas = []Replica{r}
	if v := Judge(o, Criteria{Horizon: 24 * time.Hour}); v.Verdict != journal.Passed {
		t.Errorf("%s: %s", v.Verdict, v.Why)
	}
}

func TestALeakFails(t *testing.T) {
	fast := func(s float64) float64 { return 141 + s } // 5 minutes to 500M
	slow := func(s float64) float64 { return 141 + s/60 }
	day := Criteria{Horizon: 24 * time.Hour}
	with := func(c Criteria, change func(*Criteria)) Criteria { change(&c); return c }
	steady := func(s float64) float64 { return 200 + s/2 } // 5 minutes to 500M, after 5 minutes
	const text, all = "anonymous memory grows by at least 60M a minute: the limit is reached in 5m", "1000 of 1000 requests OK"
	const heap = ", unless a heap is filled for the first time: a longer load shows it"
	for name, c := range map[string]struct {
		o       Observation
		c       Criteria
		verdict journal.Verdict
		reason  journal.Reason
		why     string
		note    string // "": none
	}{
		"it leaks": {leakingFor(300, steady), day, journal.Failed, journal.Leak,
			"anonymous memory grows by at least 30M a minute: the limit is reached in 5m1s", ""},
		"a second too short": {leakingFor(299, steady), day, journal.Inconclusive, journal.Leak,
			"anonymous memory grows by at least 30M a minute: the limit is reached in 5m2s" + heap, ""},
		"a heap that is filled after 2 minutes": {leakingFor(300, func(s float64) float64 { return 100 + math.Min(s, 120) }), day, journal.Passed, "", all, ""},
		"too short to know it":                  {leaking(fast), day, journal.Inconclusive, journal.Leak, text + heap, ""},
		"beyond the horizon":                    {leaking(fast), Criteria{Horizon: time.Minute}, journal.Passed, "", all, text},
		"beyond it, and little":                 {tight(func(s float64) float64 { return 100 + 0.02*s }), Criteria{Horizon: 40 * time.Second}, journal.Passed, "", all, ""},
		"a first look":                          {leaking(fast), with(day, func(c *Criteria) { c.FirstLook = true }), journal.Passed, "", all, ""},
		"slower than can be told":               {leaking(slow), day, journal.Passed, "", all, "anonymous memory grows by at least 1024K a minute: the limit is reached in 5h58m"},
		"beside a bound that broke":             {leakingFor(300, steady), with(day, func(c *Criteria) { c.Threshold = bound("p95", 0.05).Threshold }), journal.Failed, journal.Latency, "p95 100ms over 50ms", ""},
		"less than a warm-up": {tight(func(s float64) float64 { return 100 + 0.02*s }), day, journal.Passed, "", all,
			"anonymous memory grows by at least 1M a minute: the limit is reached in 41s"},
		"a little more": {tight(func(s float64) float64 { return 100 + 0.03*s }), day, journal.Inconclusive, journal.Leak,
			"anonymous memory grows by at least 2M a minute: the limit is reached in 7.7s" + heap, ""},
		"beside another bound, too short": {leaking(fast), with(day, func(c *Criteria) { c.Threshold = bound("p95", 0.05).Threshold }), journal.Failed, journal.Latency, "p95 100ms over 50ms", ""},
		"no growth":                       {leaking(func(float64) float64 { return 100 }), day, journal.Passed, "", all, ""},
		"the start is not known":          {func() Observation { o := leaking(fast); o.Source.Began = time.Time{}; return o }(), day, journal.Passed, "", all, ""},
		"what is judged comes later":      {func() Observation { o := leaking(fast); o.Load.Judged.From = 60; return o }(), day, journal.Passed, "", all, ""},
	} {
		v := Judge(c.o, c.c)
		if v.Verdict != c.verdict || v.Reason != c.reason || v.Why != c.why || strings.Join(v.Notes, "; ") != c.note {
			t.Errorf("%s: %s, %q: %q, %q", name, v.Verdict, v.Reason, v.Why, v.Notes)
		}
	}
}

// Users are added until some second: the memory that each needs is no leak.
func TestMemoryThatRisesWithItsUsersIsNoLeak(t *testing.T) {
	rising := func(until float64) func(float64) float64 { // 1M for each of one user a second
		return func(s float64) float64 { return 100 + math.Min(s, until) }
	}
	for name, c := range map[string]struct {
		memory func(float64) float64
		until  float64 // the users rise
		leaks  bool
	}{
		"users and memory rise to the end":     {rising(60), 60, false},
		"users and memory rise for most of it": {rising(50), 50, false},
		"memory rises on":                      {rising(60), 30, true},
		"fewer than three samples a third":     {rising(60), 52, false},
		"three samples a third":                {rising(60), 51, true},
		"users rise beyond the judged window":  {rising(60), 90, false},
		"users rise before the judged window":  {rising(60), -5, true},
	} {
		o := leaking(c.memory)
		o.Load.Judged.From, o.Source.Began, o.Source.RisesUntil = 10, noon.Add(-10*time.Second), 10+c.until
		v := Judge(o, Criteria{Horizon: 24 * time.Hour})
		if leaks := v.Reason == journal.Leak; leaks != c.leaks {
			t.Errorf("%s: %s, %q", name, v.Verdict, v.Why)
		}
	}
}

// The time that growth may be foretold for counts from the time in which the users
// no longer rose.
func TestTheSteadyTimePredicts(t *testing.T) {
	for until, leaks := range map[float64]bool{0: true, 20: true, 30: false} {
		o := leaking(func(s float64) float64 { return 144 + s/10 }) // 3,500 s to 500M
		o.Source.RisesUntil = until
		if v := Judge(o, Criteria{Horizon: 24 * time.Hour}); (v.Reason == journal.Leak) != leaks {
			t.Errorf("%v s: %s, %q", until, v.Verdict, v.Why)
		}
	}
}

func TestTheReplicaWhoseLimitIsReachedFirst(t *testing.T) {
	o := leaking(func(s float64) float64 { return 141 + s })
	o.Replicas[0].Usage = sampled(func(s float64) float64 { return 141 + 2*s }).Usage
	g, grows := o.growth(Criteria{})
	o.Replicas[0], o.Replicas[1] = o.Replicas[1], o.Replicas[0]
	if again, _ := o.growth(Criteria{}); !grows || again != g || g.Left > 3*time.Minute {
		t.Errorf("%v and %v", g, again)
	}
	for i := range o.Replicas {
		o.Replicas[i].Usage = sampled(func(s float64) float64 { return 600 + float64(i+1)*s }).Usage
	}
	if g, _ := o.growth(Criteria{}); g.Left != 0 || g.PerSecond > 1.5*float64(units.MiB) {
		t.Errorf("of two that are over it, not the first: %v", g)
	}
}
