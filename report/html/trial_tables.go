package html

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"plan/containers"
	"plan/internal/tty"
	"plan/internal/units"
	"plan/plans"
	"plan/report/chart"
	"plan/runner/journal"
)

// lifeCycle is what happened to the containers of a trial, and when.
func lifeCycle(t journal.Trial) table {
	type moment struct {
		at           float64 // seconds after the start
		what, detail string
	}
	var all []moment
	if t.Evidence != nil {
		for _, e := range t.Evidence.Events {
			all = append(all, moment{after(t, e.At), eventText(e.Kind), strings.TrimSpace(e.Container + " " + e.Detail)})
		}
		for _, w := range t.Evidence.Witnesses {
			all = append(all, moment{after(t, w.At), "witness of an out-of-memory kill: " + w.Source, w.Detail})
		}
		if t.Seconds.Ready != nil {
			all = append(all, moment{readyAt(t), "ready", "after " + tty.Seconds(t.Seconds.Ready)})
		}
		if t.Load != nil {
			begun, how := loadBegun(t), ""
			if !knowsLoad(t) {
				how = "computed from the end of the samples"
			}
			all = append(all, moment{begun, "load began", how}, moment{begun + t.Load.Seconds, "load ended", t.Load.Ended})
		}
	}
	slices.SortStableFunc(all, func(a, b moment) int { return cmp.Compare(a.at, b.at) })
	end := "phase " + string(t.Phase)
	if t.ExitCode != nil {
		end += fmt.Sprintf(", exit code %d", *t.ExitCode)
	}
	if t.OOMKills != nil && *t.OOMKills > 0 {
		end += fmt.Sprintf(", %d killed for memory", *t.OOMKills)
	}
	all = append(all, moment{t.Seconds.Total, "end of the trial", end})
	g := table{Name: "Life cycle", Header: []string{"after", "what", "detail"}}
	for _, m := range all {
		g.Rows = append(g.Rows, []string{tty.Seconds(known(m.at)), m.what, m.detail})
	}
	return g
}

// known is a number, or nil of what is none.
func known(v float64) *float64 {
	if math.IsNaN(v) {
		return nil
	}
	return &v
}

func eventText(k containers.EventKind) string {
	switch k {
	case containers.Started:
		return "started"
	case containers.OOM:
		return "the kernel killed a process for memory"
	case containers.Died:
		return "its main process ended"
	case containers.Lost:
		return "the engine no longer responded"
	default:
		return string(k)
	}
}

// limits are those that were asked for, and those that the engine read back.
func limits(t journal.Trial) table {
	g := table{Name: "Limits of each container", Header: []string{"limit", "asked for"}}
	for _, i := range t.Instances {
		g.Header = append(g.Header, "read back from "+i.Name)
	}
	for _, d := range plans.Dimensions() {
		if !d.OfContainer() {
			continue
		}
		text := func(s plans.Settings) string {
			if value := s.Get(d); value != 0 {
				return d.Short(value)
			}
			return tty.Unknown
		}
		row := []string{d.Noun(), text(t.Set.Values())}
		for _, i := range t.Instances {
			row = append(row, text(plans.Settings{Limits: plans.Limits(i.Limits)}))
		}
		g.Rows = append(g.Rows, row)
	}
	return g
}

// figures are what a trial used.
func figures(t journal.Trial) table {
	g := table{Name: "Use", Header: []string{"figure", "value"}}
	add := func(name, text string) {
		if text != tty.Unknown {
			g.Rows = append(g.Rows, []string{name, text})
		}
	}
	add("memory, highest, page cache included", tty.Bytes(t.Memory.Peak))
	add("memory, highest anonymous", tty.Bytes(t.Memory.Anonymous))
	add("memory, highest working set", tty.Bytes(t.Memory.WorkingSet))
	add("memory when ready, before the load", tty.Bytes(t.Memory.Rest))
	add("CPU time since ready", tty.Seconds(t.CPU.Seconds))
	add("CPU, of its limit", tty.Percent(t.CPU.Share))
	add("CPU periods throttled", tty.Percent(t.CPU.ThrottledShare()))
	if t.Load != nil && t.Load.Agents > 0 {
		add("agents that sent the load", fmt.Sprint(t.Load.Agents))
	}
	if f := t.Files; f != nil {
		add("files mapped and charged to it", tty.Bytes(f.Mapped))
		add("files mapped", tty.Bytes(f.Resident))
		add("pages waited for from disk", numberText(f.MajorFaults))
		add("file pages read again", numberText(f.Refaults))
	}
	return g
}

func errorsOf(t journal.Trial) table {
	g := table{Name: "Errors", Header: []string{"kind", "requests", "an example"}}
	if t.Load == nil {
		return g
	}
	for _, class := range slices.Sorted(maps.Keys(t.Load.Errors)) {
		example := t.Load.Examples[class]
		if example == "" && t.Evidence != nil {
			example = t.Evidence.Examples[class]
		}
		g.Rows = append(g.Rows, []string{string(class), fmt.Sprint(t.Load.Errors[class]), example})
	}
	return g
}

func firstRequests(t journal.Trial) table {
	g := table{Name: "First requests, before the load", Header: []string{"request", "status", "took", "detail"}}
	if t.Evidence == nil {
		return g
	}
	for _, name := range slices.Sorted(maps.Keys(t.Evidence.First)) {
		o := t.Evidence.First[name]
		status := tty.Unknown
		if o.Status != 0 {
			status = fmt.Sprint(o.Status)
		}
		g.Rows = append(g.Rows, []string{name, status, units.Duration(o.Took), strings.TrimSpace(string(o.Class) + " " +
			o.Detail)})
	}
	return g
}

// mostContainers is how many containers of a trial the page lists.
const mostContainers = 12

// processes are the containers that ran during a trial, the busiest first.
func processes(t journal.Trial) table {
	g := table{Name: "Containers on the machine", Header: []string{"container", "role", "CPUs, mean",
		"working set, highest"}}
	if t.Evidence == nil {
		return g
	}
	all := slices.Clone(t.Evidence.Containers)
	cpus := func(w journal.Watched) float64 { return w.MeanCPUs(time.Time{}, time.Time{}) }
	slices.SortStableFunc(all, func(a, b journal.Watched) int { return cmp.Compare(cpus(b), cpus(a)) })
	for _, w := range all[:min(len(all), mostContainers)] {
		peak := tty.Unknown
		if n := len(w.Usage); n > 0 && w.Usage[n-1].WorkingSetPeak != nil {
			peak = w.Usage[n-1].WorkingSetPeak.String()
		}
		g.Rows = append(g.Rows, []string{w.Name, string(w.Role), fmt.Sprintf("%.2f", cpus(w)), peak})
	}
	if more := len(all) - mostContainers; more > 0 {
		g.Rows = append(g.Rows, []string{fmt.Sprintf("%d more", more), "", "", ""})
	}
	return g
}

func numberText[T int | int64 | float64](n *T) string {
	if n == nil {
		return tty.Unknown
	}
	return chart.Count.Text(float64(*n))
}
