package live

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"plan/containers"
	"plan/engine"
	"plan/internal/english"
	"plan/internal/tty"
	"plan/internal/units"
	"plan/plans"
	"plan/report"
	"plan/runner"
	"plan/runner/journal"
)

// state is the present state of a run.
type state struct {
	status   runner.Status
	at       time.Time       // of the status
	window   *engine.Window  // the last second of the load
	samples  []moment        // of the trial, the newest last, over two seconds at most
	done     []journal.Trial // of the stage
	recorded int             // of done: before the run was resumed
	host     journal.Host
	pace     pace
	end      time.Time // that is expected; zero: not known
}

// moment is a sample with its time.
type moment struct {
	at time.Time
	runner.Sample
}

// sampleTime is over how long CPU use is averaged.
const sampleTime = 2 * time.Second

// pace is how much of the longest time left has passed, and in how much time.
type pace struct {
	begun time.Time
	first time.Duration // the longest time left then; 0: not known
}

// expected returns the time left that is expected after some time: as much less than
// the longest as it was until now. It is 0 where too little has passed to say.
func (p pace) expected(left time.Duration, now time.Time) time.Duration {
	passed, covered := now.Sub(p.begun), p.first-left
	if p.first == 0 || covered < p.first/20 || passed <= 0 {
		return 0
	}
	return min(left, time.Duration(float64(left)*float64(passed)/float64(covered)))
}

// barWidth is the width of a bar in cells.
const barWidth = 20

// block returns the state as lines of at most width cells: what runs, the trials of the
// stage so far, the load, the service compared with its limits, and the machine. Lines
// about which nothing is known are left out.
func block(m state, now time.Time, width int, color bool) string {
	lines := []string{tty.Cut(headline(m, now), width)}
	add := func(name, text string) {
		if text != "" {
			lines = append(lines, tty.Cut(fmt.Sprintf("%-7s %s", name, text), width))
		}
	}
	before := ""
	if m.recorded > 0 {
		before = fmt.Sprintf("%d recorded: ", m.recorded)
	}
	if stairs := trialsLine(m.done, width-8-len(before), color); stairs != "" {
		lines = append(lines, "trials  "+before+stairs) // colours have no width, so it is cut already
	}
	if m.window != nil {
		add("load", loadLine(*m.window))
	}
	if len(m.samples) > 0 {
		last := m.samples[len(m.samples)-1].Sample
		add("memory", memoryLine(last))
		add("CPU", cpuLine(m.samples))
		add("machine", machineLine(m.samples, m.host))
	}
	return strings.Join(lines, "\n")
}

// headline is the first line. On a narrow terminal its end is cut.
func headline(m state, now time.Time) string {
	return tty.Join(" · ", trialOrStage(m.status), m.status.Limits, leftText(m, now), m.status.Doing)
}

// leftText is the longest time left, beside the trials and the time that are expected; the
// time once it is shorter, and as long as it has not passed.
func leftText(m state, now time.Time) string {
	left := (m.status.Left - now.Sub(m.at)).Truncate(time.Second)
	if left <= 0 {
		return ""
	}
	longest, trials, expected := "≤ "+units.Duration(left), "", ""
	if m.status.Trials > 0 {
		trials = english.Count(m.status.Trials, "trial")
	}
	if e := m.end.Sub(now).Truncate(time.Second); e > 0 && e < left {
		expected = units.Duration(e)
	}
	if about := tty.Join(", ", trials, expected); about != "" {
		return "about " + about + " left, " + longest
	}
	return longest + " left"
}

// trialsLine returns the trials of a stage in their order: what differs between them,
// and how each ended. The newest stay if the line is too long.
func trialsLine(done []journal.Trial, width int, color bool) string {
	var texts []string
	cells := 0
	for _, t := range slices.Backward(done) {
		text := differing(t, done) + " " + report.Sign(t.Verdict)
		if cells += twwidth.Width(text) + 2; cells > width-2 {
			texts = append(texts, "…")
			break
		}
		texts = append(texts, report.Paint(text, t.Verdict, color))
	}
	slices.Reverse(texts)
	return strings.Join(texts, "  ")
}

// differing returns the settings of a trial that differ between those of a stage, else
// its load; all of them if it is the only one.
func differing(t journal.Trial, all []journal.Trial) string {
	if len(all) == 1 {
		return report.LimitsText(t)
	}
	var own []string
	for _, text := range report.SettingTexts(t) {
		lacks := func(other journal.Trial) bool { return !slices.Contains(report.SettingTexts(other), text) }
		if slices.ContainsFunc(all, lacks) {
			own = append(own, text)
		}
	}
	return cmp.Or(strings.Join(own, ", "), report.SizeWords(t))
}

// loadLine is one second of a load.
func loadLine(w engine.Window) string {
	text := fmt.Sprintf("%ds: %s, %d OK/s", w.Second+1, english.Count(w.Users, "user"), w.OK)
	if w.Failed > 0 {
		text += fmt.Sprintf(", %d failed/s", w.Failed)
	}
	for _, p := range []struct {
		name string
		v    *float64
	}{{"p50", w.Latency.P50}, {"p95", w.Latency.P95}, {"p99", w.Latency.P99}} {
		if p.v != nil {
			text += fmt.Sprintf(", %s %s", p.name, tty.Seconds(p.v))
		}
	}
	if w.Waiting != nil {
		text += fmt.Sprintf(", %d waiting", *w.Waiting)
	}
	return text
}

// memoryLine compares the memory of the fullest replica with its limit.
func memoryLine(s runner.Sample) string {
	var used, peak *int64
	for _, u := range s.Replicas {
		used, peak = tty.Greater(used, (*int64)(u.WorkingSet)), tty.Greater(peak, (*int64)(u.Peak))
	}
	if used == nil {
		return ""
	}
	text := tty.Bytes(used)
	if s.Limits.Memory > 0 {
		text = bar(float64(*used)/float64(s.Limits.Memory)) + " " + text + " of " + s.Limits.Memory.String()
	}
	if peak != nil {
		text += ", peak " + tty.Bytes(peak)
	}
	return text
}

// cpuLine compares the CPU use of all replicas with the sum of their limits.
func cpuLine(samples []moment) string {
	first, last := samples[0], samples[len(samples)-1]
	used, known := 0.0, false
	for i := range min(len(first.Replicas), len(last.Replicas)) {
		if v, is := cpus(first.Replicas[i], last.Replicas[i]); is {
			used, known = used+v, true
		}
	}
	if !known {
		return ""
	}
	text := fmt.Sprintf("%.2f", used)
	if limit := last.Limits.CPUs.Float() * float64(len(last.Replicas)); limit > 0 {
		text = bar(used/limit) + fmt.Sprintf(" %s of %s", text, tty.Figure(limit))
	}
	if a, b := first.Replicas[0], last.Replicas[0]; a.Periods != nil && b.Periods != nil && a.ThrottledPeriods != nil &&
		b.ThrottledPeriods != nil && *b.Periods > *a.Periods {
		share := float64(*b.ThrottledPeriods-*a.ThrottledPeriods) / float64(*b.Periods-*a.Periods)
		text += ", throttled " + tty.Percent(&share)
	}
	return text
}

// machineLine is who uses the machine.
func machineLine(samples []moment, host journal.Host) string {
	first, last := samples[0], samples[len(samples)-1]
	var parts []string
	if !last.Host.At.IsZero() {
		text := fmt.Sprintf("CPU %.1f", last.Host.CPUBusy)
		if host.CPUs > 0 {
			text += " of " + plans.CPUs.Short(plans.CPUs.Value(host.CPUs))
		}
		parts = append(parts, text)
	}
	for _, part := range []struct {
		name string
		role containers.Role
	}{{"driver", containers.Generator}, {"helpers", containers.Helper}, {"neighbours", containers.Neighbour}} {
		used, known := 0.0, false
		for _, b := range last.Others {
			i := slices.IndexFunc(first.Others, func(a containers.Reading) bool { return a.Name == b.Name })
			if b.Role != part.role || i < 0 {
				continue
			}
			if v, is := cpus(first.Others[i].Usage, b.Usage); is {
				used, known = used+v, true
			}
		}
		if known {
			parts = append(parts, fmt.Sprintf("%s %.1f", part.name, used))
		}
	}
	if !last.Host.At.IsZero() {
		parts = append(parts, "memory free "+units.Bytes(last.Host.MemoryAvailable).Machine())
	}
	return strings.Join(parts, ", ")
}

// cpus returns the mean CPU use between two samples; false where it is not known.
func cpus(from, to containers.Usage) (float64, bool) {
	took := to.At.Sub(from.At).Seconds()
	if from.CPUSeconds == nil || to.CPUSeconds == nil || took <= 0 || *to.CPUSeconds < *from.CPUSeconds {
		return 0, false
	}
	return (*to.CPUSeconds - *from.CPUSeconds) / took, true
}

// bar returns a share as a bar.
func bar(share float64) string {
	full := min(barWidth, max(0, int(share*barWidth+0.5)))
	return strings.Repeat("█", full) + strings.Repeat("░", barWidth-full)
}

// trialOrStage returns the trial of a status, else its stage.
func trialOrStage(s runner.Status) string {
	if s.Trial != "" {
		return s.Trial
	}
	return s.Stage
}
