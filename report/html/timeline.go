package html

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"plan/containers"
	"plan/engine"
	"plan/internal/metrics"
	"plan/internal/units"
	"plan/report"
	"plan/report/chart"
	"plan/runner/journal"
)

// mostReplicas is how many containers of a service a panel shows.
const mostReplicas = 4

// timeline shows a trial's load and resources over the time since its start.
func timeline(s journal.Stage, t journal.Trial) chart.Lines {
	c := chart.Lines{
		Title: t.ID + ": load and resources", Unit: chart.Seconds, Label: "time since the start of the trial",
		Description: fmt.Sprintf("%s: %s: %s", report.TrialName(s, t), t.Verdict, report.Reason(t)),
	}
	if t.Evidence == nil {
		return c
	}
	c.Panels = slices.Concat(loadPanels(s, t), resourcePanels(t))
	c.Marks = marks(t)
	return c
}

// loadPanels are those of the load's series, one value a second.
func loadPanels(s journal.Stage, t journal.Trial) []chart.Panel {
	over := func(name string, tone chart.Tone, value func(engine.Window) float64) chart.Line {
		return overSeconds(t, name, tone, value)
	}
	requests := chart.Panel{Title: "requests", Unit: chart.Rate, Lines: []chart.Line{over("OK", chart.First,
		func(w engine.Window) float64 { return float64(w.OK) })}}
	if t.Load != nil && t.Load.Failed > 0 {
		requests.Lines = append(requests.Lines, over("failed", chart.Failed,
			func(w engine.Window) float64 { return float64(w.Failed) }))
	}
	users := chart.Panel{Title: "users", Unit: chart.Count, Lines: []chart.Line{
		over("active", chart.First, func(w engine.Window) float64 { return float64(w.Users) }),
		over("waiting", chart.Second, func(w engine.Window) float64 { return orGap(w.Waiting) }),
	}}
	latency := chart.Panel{Title: "latency", Unit: chart.Seconds, Log: true, Rules: rules(s, isLatency)}
	for _, m := range metrics.Percentiles() {
		if tone, shown := tones()[m.Name]; shown {
			latency.Lines = append(latency.Lines, over(m.Label(), tone,
				func(w engine.Window) float64 { return orGap(w.Latency.Value(m)) }))
		}
	}
	return []chart.Panel{users, requests, latency}
}

// overSeconds is a line of a load's series, over the time since the start of its
// trial.
func overSeconds(t journal.Trial, name string, tone chart.Tone, value func(engine.Window) float64) chart.Line {
	begun, l := loadBegun(t), chart.Line{Name: name, Tone: tone}
	for _, w := range t.Evidence.Series {
		l.Points = append(l.Points, chart.Point{X: begun + float64(w.Second) + 0.5, Y: value(w)})
	}
	return l
}

// loadBegun is when the load of a trial began, in seconds after its start. If
// the journal has no time of it, or another driver had to come up first, it is
// computed from the last sample, before which the load and, of a trial that came
// to its end, the time after it passed.
func loadBegun(t journal.Trial) float64 {
	switch {
	case t.Load == nil:
		return 0
	case knowsLoad(t):
		return after(t, t.Load.Started)
	}
	lastSample := 0.0
	for _, w := range service(t) {
		if n := len(w.Usage); n > 0 {
			lastSample = max(lastSample, orZero(after(t, w.Usage[n-1].At)))
		}
	}
	at := lastSample - t.Load.Seconds
	if t.Phase == journal.PhaseEnd {
		at -= afterLoad.Seconds()
	}
	return max(at, readyAt(t))
}

// knowsLoad reports whether the journal has the time at which a load began.
func knowsLoad(t journal.Trial) bool {
	return t.Load.Driver == journal.OwnEngine && !t.Load.Started.IsZero()
}

// afterLoad is how long a service is watched after its load, if the load lasts 50 s or an older command ran it.
const afterLoad = 5 * time.Second

// readyAt is when a trial was ready, in seconds after its start; 0 where it
// never was.
func readyAt(t journal.Trial) float64 {
	if t.Seconds.Ready == nil {
		return 0
	}
	begun := 0.0
	for _, e := range t.Evidence.Events {
		if e.Kind == containers.Started {
			begun = max(begun, orZero(after(t, e.At)))
		}
	}
	return begun + *t.Seconds.Ready
}

// after is a time in seconds after the start of a trial; of no time it is none.
func after(t journal.Trial, at time.Time) float64 {
	if at.IsZero() {
		return math.NaN()
	}
	return at.Sub(t.Started).Seconds()
}

// orZero is a number, or 0 of what is none.
func orZero(v float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return v
}

// service are the containers that a trial judges.
func service(t journal.Trial) []journal.Watched { return ofRole(t, containers.Subject) }

func ofRole(t journal.Trial, role containers.Role) []journal.Watched {
	if t.Evidence == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(t.Evidence.Containers), func(w journal.Watched) bool { return w.Role != role })
}

// resourcePanels are those of the service's containers and of the machine.
func resourcePanels(t journal.Trial) []chart.Panel {
	all := service(t)
	memory := chart.Panel{Title: "memory", Unit: chart.Bytes}
	cpu := chart.Panel{Title: "CPU", Unit: chart.CPUs}
	throttled := chart.Panel{Title: "periods throttled", Unit: chart.Share}
	var worst []chart.Panel // of the memory of one of several replicas
	if len(all) == 1 {
		memory = memoryOf(t, all[0], "memory")
		cpu.Lines = []chart.Line{rates(t, all[0], "CPU", chart.First, cpuSeconds)}
		cpu.Lines[0].Area = true
		throttled.Lines = []chart.Line{throttling(t, all[0], "periods throttled", chart.Second)}
	} else {
		shown := fullest(t, all)
		for n, i := range slices.Sorted(slices.Values(shown[:min(len(shown), mostReplicas)])) {
			w, name, tone := all[i], replicaName(i), []chart.Tone{chart.First, chart.Second, chart.Third, chart.Fourth}[n]
			memory.Lines = append(memory.Lines, samples(t, w, name, tone,
				func(u containers.Usage) *units.Bytes { return u.WorkingSet }))
			cpu.Lines = append(cpu.Lines, rates(t, w, name, tone, cpuSeconds))
			throttled.Lines = append(throttled.Lines, throttling(t, w, name, tone))
		}
		memory.Title = "working set"
		if len(all) > 0 {
			memory.Rules = memoryLimit(all[0])
			worst = []chart.Panel{memoryOf(t, all[shown[0]], "memory of "+replicaName(shown[0]))}
		}
	}
	if len(all) > 0 {
		if limit := all[0].Limits.CPUs; limit != 0 {
			cpu.Rules = []chart.Rule{{Name: "limit", At: limit.Float(), Tone: chart.Bound}}
		}
	}
	if len(all) == 0 || all[0].Limits.CPUs == 0 {
		throttled.Lines = nil
	}
	return slices.Concat([]chart.Panel{memory}, worst, []chart.Panel{cpu, throttled, machinePanel(t)})
}

// memoryOf shows what one container used of its memory.
func memoryOf(t journal.Trial, w journal.Watched, title string) chart.Panel {
	p := chart.Panel{Title: title, Unit: chart.Bytes, Rules: memoryLimit(w), Lines: []chart.Line{
		samples(t, w, "anonymous", chart.First, func(u containers.Usage) *units.Bytes { return u.Anonymous }),
		samples(t, w, "page cache", chart.Third, func(u containers.Usage) *units.Bytes { return u.Cache }),
		samples(t, w, "peak so far", chart.Fourth, func(u containers.Usage) *units.Bytes { return u.Peak }),
	}}
	p.Lines[0].Area = true
	return p
}

func memoryLimit(w journal.Watched) []chart.Rule {
	if w.Limits.Memory == 0 {
		return nil
	}
	return []chart.Rule{{Name: "limit", At: float64(w.Limits.Memory), Tone: chart.Bound}}
}

func replicaName(i int) string { return fmt.Sprint("replica ", i+1) }

// fullest returns the indexes of a trial's containers: first those that were killed for
// memory, then those with the highest working set.
func fullest(t journal.Trial, all []journal.Watched) []int {
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		x, y := wasKilled(t, all[a]), wasKilled(t, all[b])
		switch {
		case x && !y:
			return -1
		case y && !x:
			return 1
		}
		return cmp.Compare(highest(all[b]), highest(all[a]))
	})
	return order
}

// wasKilled reports whether the kernel killed a process of a container for memory.
func wasKilled(t journal.Trial, w journal.Watched) bool {
	return slices.ContainsFunc(t.Instances, func(i journal.Instance) bool {
		return i.Name == w.Name && (i.OOMKilled != nil && *i.OOMKilled || i.OOMKills != nil && *i.OOMKills > 0)
	})
}

// highest is the highest working set of a container.
func highest(w journal.Watched) units.Bytes {
	var most units.Bytes
	for _, u := range w.Usage {
		if u.WorkingSet != nil {
			most = max(most, *u.WorkingSet)
		}
	}
	return most
}

// samples is a line of what a container used.
func samples(t journal.Trial, w journal.Watched, name string, tone chart.Tone,
	value func(containers.Usage) *units.Bytes) chart.Line {
	l := chart.Line{Name: name, Tone: tone}
	for _, u := range w.Usage {
		l.Points = append(l.Points, chart.Point{X: after(t, u.At), Y: orGap((*int64)(value(u)))})
	}
	return l
}

func cpuSeconds(u containers.Usage) *float64 { return u.CPUSeconds }

// rates is a line of how fast a counter grew between two samples. A counter that
// fell was counted anew.
func rates(t journal.Trial, w journal.Watched, name string, tone chart.Tone,
	counter func(containers.Usage) *float64) chart.Line {
	l := chart.Line{Name: name, Tone: tone}
	for i := 1; i < len(w.Usage); i++ {
		from, to := w.Usage[i-1], w.Usage[i]
		p := chart.Point{X: after(t, to.At), Y: math.NaN()}
		took := to.At.Sub(from.At).Seconds()
		if a, b := counter(from), counter(to); a != nil && b != nil && *b >= *a && took > 0 {
			p.Y = (*b - *a) / took
		}
		l.Points = append(l.Points, p)
	}
	return l
}

// throttling is a line of the share of periods that were throttled.
func throttling(t journal.Trial, w journal.Watched, name string, tone chart.Tone) chart.Line {
	l := chart.Line{Name: name, Tone: tone}
	for i := 1; i < len(w.Usage); i++ {
		from, to := w.Usage[i-1], w.Usage[i]
		p := chart.Point{X: after(t, to.At), Y: math.NaN()}
		if from.Periods != nil && to.Periods != nil && from.ThrottledPeriods != nil && to.ThrottledPeriods != nil &&
			*to.Periods > *from.Periods {
			p.Y = float64(*to.ThrottledPeriods-*from.ThrottledPeriods) / float64(*to.Periods-*from.Periods)
		}
		l.Points = append(l.Points, p)
	}
	return l
}

// machinePanel shows who used the CPUs of the engine's machine.
func machinePanel(t journal.Trial) chart.Panel {
	p := chart.Panel{Title: "CPUs of the machine", Unit: chart.CPUs}
	busy := chart.Line{Name: "all", Tone: chart.First}
	for _, h := range t.Evidence.Host {
		busy.Points = append(busy.Points, chart.Point{X: after(t, h.At), Y: h.CPUBusy})
	}
	p.Lines = append(p.Lines, busy)
	for _, part := range []struct {
		name string
		role containers.Role
		tone chart.Tone
	}{
		{"service", containers.Subject, chart.Second},
		{"load", containers.Generator, chart.Third},
		{"neighbours", containers.Neighbour, chart.Fourth},
		{"helpers", containers.Helper, chart.Fifth},
	} {
		if all := ofRole(t, part.role); len(all) > 0 {
			p.Lines = append(p.Lines, sum(t, all, part.name, part.tone))
		}
	}
	if t.Host != nil && t.Host.CPUs > 0 {
		p.Rules = []chart.Rule{{Name: "has", At: t.Host.CPUs, Tone: chart.Bound}}
	}
	return p
}

// sum is a line of the CPUs that several containers used together, for each
// second.
func sum(t journal.Trial, all []journal.Watched, name string, tone chart.Tone) chart.Line {
	used := map[int]float64{}
	for _, w := range all {
		for _, p := range rates(t, w, "", "", cpuSeconds).Points {
			if !math.IsNaN(p.Y) {
				used[int(p.X)] += p.Y
			}
		}
	}
	l := chart.Line{Name: name, Tone: tone}
	for second := range int(t.Seconds.Total) + 1 {
		if v, is := used[second]; is {
			l.Points = append(l.Points, chart.Point{X: float64(second) + 0.5, Y: v})
		}
	}
	return l
}

// marks are the moments of a trial: ready, load, kills and ends.
func marks(t journal.Trial) []chart.Mark {
	var all []chart.Mark
	if t.Seconds.Ready != nil {
		all = append(all, chart.Mark{Name: "ready", At: readyAt(t), Tone: chart.Passed})
	}
	if t.Load != nil {
		begun := loadBegun(t)
		all = append(all, chart.Mark{Name: "load", At: begun, Tone: chart.Quiet})
		if t.Load.Judged.From > 0.5 && t.Load.Judged.Seconds > 0 {
			all = append(all, chart.Mark{Name: "judged", At: begun + t.Load.Judged.From, Tone: chart.Quiet})
		}
		all = append(all, chart.Mark{Name: "end of load", At: begun + t.Load.Seconds, Tone: chart.Quiet})
	}
	for _, e := range t.Evidence.Events {
		name, shown := map[containers.EventKind]string{
			containers.OOM: "OOM", containers.Died: "ended", containers.Lost: "engine lost", containers.Paused: "paused",
			containers.Updated: "limits changed", containers.Disconnected: "disconnected",
		}[e.Kind]
		at := after(t, e.At)
		same := func(m chart.Mark) bool { return m.Name == name && math.Abs(m.At-at) < 1 }
		if shown && !math.IsNaN(at) && !slices.ContainsFunc(all, same) {
			all = append(all, chart.Mark{Name: name, At: at, Tone: chart.Failed})
		}
	}
	slices.SortStableFunc(all, func(a, b chart.Mark) int { return int(math.Copysign(1, a.At-b.At)) })
	return all
}

// latencies shows how the latencies of OK answers are spread; false where none
// were measured.
func latencies(t journal.Trial) (chart.Histogram, bool) {
	c := chart.Histogram{Title: t.ID + ": latency of OK responses", Unit: chart.Seconds, Label: "latency"}
	if t.Load == nil || t.Evidence == nil || t.Evidence.Histograms == nil || t.Evidence.Histograms.Judged == "" {
		return c, false
	}
	h, err := hdrhistogram.Decode([]byte(t.Evidence.Histograms.Judged))
	if err != nil {
		return c, false
	}
	for _, bar := range h.Distribution() {
		if bar.Count > 0 {
			c.Bars = append(c.Bars, chart.Bar{From: float64(bar.From) / 1e6, To: float64(bar.To) / 1e6, Count: bar.Count})
		}
	}
	c.Description = fmt.Sprintf("%d answers", h.TotalCount())
	for _, m := range metrics.Percentiles() {
		if tone, shown := tones()[m.Name]; shown && t.Value(m) != nil {
			c.Marks = append(c.Marks, chart.Mark{Name: m.Label() + " " + chart.Seconds.Text(*t.Value(m)), At: *t.Value(m),
				Tone: tone})
			c.Description += fmt.Sprintf(", %s %s", m.Label(), chart.Seconds.Text(*t.Value(m)))
		}
	}
	return c, len(c.Bars) > 0
}
