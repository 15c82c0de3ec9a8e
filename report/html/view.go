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
	"plan/report"
	"plan/report/chart"
	"plan/runner/journal"
)

// view is what the template prints.
type view struct {
	Title, Subtitle, Footer string
	Problem                 []string
	Summary, Outputs        table
	Stages                  []stageView
	Machine                 table
	Environment             []table
	Doubts                  []string
}

type stageView struct {
	Anchor, Address, Title, Sentence, Disproof string
	Verdict                                    journal.Verdict
	Proof                                      []link
	Picture                                    string
	Tables                                     []table
	Reasons                                    []string
	Trials                                     []trialView
}

// link is a trial that proves an answer.
type link struct {
	ID, Anchor string
	Verdict    journal.Verdict
}

type trialView struct {
	ID, Anchor, Name, Why string
	Verdict               journal.Verdict
	Proves                bool
	Failures, Notes       []string
	Pictures              []string
	Tables                []table
	Log                   []string
}

func viewOf(run journal.Run) view {
	h := run.Run
	v := view{
		Title: run.Plan.Name,
		Subtitle: fmt.Sprintf("Run %s, %s, %s", h.ID, h.Started.UTC().Format("2006-01-02 15:04 UTC"),
			tty.Seconds(&h.Seconds)),
		Footer: "Written by plan " + h.Version + " from the journal of the run. Bytes are powers of 1024; " + tty.Unknown +
			" stands for what was not or cannot be measured.",
		Problem: report.Problem(h), Summary: report.Summary(run),
		Machine: machine(run), Environment: environment(run), Doubts: doubts(run),
	}
	v.Summary.Name = "Stages"
	v.Outputs = table{Name: "Outputs", Header: []string{"output", "value"}}
	for _, name := range slices.Sorted(maps.Keys(run.Outputs)) {
		v.Outputs.Rows = append(v.Outputs.Rows, []string{name, report.OutputText(run.Outputs[name])})
	}
	for _, s := range run.Stages {
		v.Stages = append(v.Stages, stageOf(s, run))
	}
	return v
}

func anchor(id string) string { return "trial-" + strings.ReplaceAll(id, "/", "-") }

func stageOf(s journal.Stage, run journal.Run) stageView {
	part := report.PartOf(s, run)
	v := stageView{
		Anchor: "stage-" + s.Address, Address: s.Address, Title: part.Title, Sentence: part.Sentence, Disproof: part.Disproof,
		Verdict: s.Verdict,
		Tables:  part.Tables, Reasons: part.Reasons,
	}
	for i := range v.Tables {
		v.Tables[i].Name = cmp.Or(v.Tables[i].Name, "Trials of "+s.Address)
	}
	if c := stageChart(s); c != nil {
		v.Picture = c.SVG()
	}
	for _, id := range proof(s) {
		for _, t := range allTrials(run) {
			if t.ID == id {
				v.Proof = append(v.Proof, link{ID: id, Anchor: anchor(id), Verdict: t.Verdict})
			}
		}
	}
	for _, t := range s.Trials {
		v.Trials = append(v.Trials, trialOf(s, t))
	}
	return v
}

func allTrials(run journal.Run) []journal.Trial {
	var all []journal.Trial
	for _, s := range run.Stages {
		all = append(all, s.Trials...)
	}
	return all
}

// proof lists the trials that prove the answer of a stage.
func proof(s journal.Stage) []string {
	if s.Certificate == nil {
		return nil
	}
	ids := append([]string{s.Certificate.Passed}, s.Certificate.Failed...)
	return slices.DeleteFunc(append(ids, s.Certificate.Recommended), func(id string) bool { return id == "" })
}

func trialOf(s journal.Stage, t journal.Trial) trialView {
	v := trialView{
		ID: t.ID, Anchor: anchor(t.ID), Name: report.TrialName(s, t), Why: report.Reason(t), Verdict: t.Verdict,
		Proves: slices.Contains(proof(s), t.ID),
		Notes:  slices.Clone(t.Notes), Tables: []table{lifeCycle(t), limits(t), figures(t)},
	}
	if len(t.Failures) > 1 {
		v.Failures = t.Failures
	}
	if t.NotEvicted != "" {
		v.Notes = append(v.Notes, "Files may have been in the page cache before it: "+t.NotEvicted)
	}
	if c := timeline(s, t); !c.Empty() {
		v.Pictures = append(v.Pictures, c.SVG())
	}
	if c, measured := latencies(t); measured {
		v.Pictures = append(v.Pictures, c.SVG())
	}
	v.Tables = append(v.Tables, errorsOf(t), firstRequests(t), processes(t))
	v.Tables = slices.DeleteFunc(v.Tables, func(t table) bool { return len(t.Rows) == 0 })
	if t.Evidence != nil {
		v.Log = logLines(t.Evidence.Log)
	}
	return v
}

// Of a log the page has the last lines, each up to a length.
const (
	mostLines  = 30
	mostLetter = 400
)

func logLines(log []string) []string {
	lines := slices.Clone(log[max(0, len(log)-mostLines):])
	for i, line := range lines {
		if letters := []rune(line); len(letters) > mostLetter {
			lines[i] = string(letters[:mostLetter]) + "…"
		}
	}
	return lines
}

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
	all = append(all, moment{t.Seconds.Total, "end of the trial", "phase " + string(t.Phase) + exits(t)})
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
		return "the engine no longer answered"
	default:
		return string(k)
	}
}

func exits(t journal.Trial) string {
	text := ""
	if t.ExitCode != nil {
		text = fmt.Sprintf(", exit code %d", *t.ExitCode)
	}
	if t.OOMKills != nil && *t.OOMKills > 0 {
		text += fmt.Sprintf(", %d killed for memory", *t.OOMKills)
	}
	return text
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
			row = append(row, text(plans.Settings{Limits: i.Limits.Values()}))
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
	add("CPU, of its limit", percentText(t.CPU.Share))
	add("CPU periods throttled", percentText(t.CPU.ThrottledShare()))
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

// machine is who used the CPUs of the engine's machine, for each trial.
func machine(run journal.Run) table {
	g := table{Name: "CPUs used, mean from ready to the end of each trial", Header: []string{"trial", "of", "busy",
		"service", "load generator", "helpers", "neighbours", "other processes"}}
	for _, t := range allTrials(run) {
		if h := t.Host; h != nil {
			row := []string{t.ID}
			for _, v := range []float64{h.CPUs, h.Busy, h.Service, h.Generator, h.Helpers, h.Neighbours, h.Other} {
				row = append(row, fmt.Sprintf("%.2f", v))
			}
			g.Rows = append(g.Rows, row)
		}
	}
	return g
}

func environment(run journal.Run) []table {
	h := run.Run
	fact := func(name, value string) []string { return []string{name, cmp.Or(value, tty.Unknown)} }
	where := "another machine than plan ran on, or not known"
	if h.Host.Local {
		where = "the machine that plan ran on"
	}
	exit := fmt.Sprint(h.ExitCode)
	if h.Unfinished {
		exit = "none: the journal has no end"
	}
	facts := table{Name: "Run", Header: []string{"fact", "value"}, Rows: [][]string{
		fact("plan", run.Plan.Name), fact("file", run.Plan.File), fact("SHA-256 of the file", run.Plan.SHA256),
		fact("run", h.ID), fact("version of plan", h.Version), fact("started", h.Started.Format(time.RFC3339)), fact("took",
			tty.Seconds(&h.Seconds)), fact("exit code", exit),
		fact("engine runs on", where), fact("host", h.Host.Name), fact("CPUs", numberText(&h.Host.CPUs)), fact("memory",
			units.Bytes(h.Host.Memory).Machine()),
		fact("operating system", h.Host.OS), fact("kernel", h.Host.Kernel), fact("Docker Engine", h.Host.Engine),
		fact("control groups", h.Host.CgroupVersion),
	}}
	images := table{Name: "Images", Header: []string{"image", "name", "digest", "pushed"}}
	for _, i := range run.Images {
		digest, pushed := tty.Unknown, "no"
		if i.Digest != nil {
			digest = *i.Digest
		}
		if i.Pushed {
			pushed = "yes"
		}
		images.Rows = append(images.Rows, []string{i.Address, i.Name, digest, pushed})
	}
	if len(images.Rows) == 0 {
		return []table{facts}
	}
	return []table{facts, images}
}

// doubts are what a reader has to know before relying on the answers.
func doubts(run journal.Run) []string {
	var all []string
	add := func(stage, text string) {
		if line := stage + ": " + text; !slices.Contains(all, line) {
			all = append(all, line)
		}
	}
	for _, s := range run.Stages {
		part := report.PartOf(s, run)
		if !s.Verdict.Counts() {
			add(s.Address, "it has no answer: "+part.Sentence)
		}
		if part.Disproof != "" {
			add(s.Address, part.Disproof)
		}
		for _, t := range s.Trials {
			if !t.Verdict.Counts() {
				add(s.Address, fmt.Sprintf("%s has no result: %s: %s", t.ID, t.Verdict, report.Reason(t)))
			}
			if t.NotEvicted != "" {
				add(s.Address, fmt.Sprintf("files may have been in the page cache before %s: %s", t.ID, t.NotEvicted))
			}
		}
		for _, line := range part.Doubts {
			add(s.Address, line)
		}
	}
	return all
}

func percentText(share *float64) string {
	if share == nil {
		return tty.Unknown
	}
	return units.Percent(*share)
}

func numberText[T int | int64 | float64](n *T) string {
	if n == nil {
		return tty.Unknown
	}
	return chart.Count.Text(float64(*n))
}
