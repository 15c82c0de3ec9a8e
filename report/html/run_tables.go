package html

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"plan/internal/tty"
	"plan/internal/units"
	"plan/report"
	"plan/runner/journal"
)

// machine is who used the CPUs of the engine's machine, for each trial.
func machine(run journal.Run) table {
	g := table{Name: "CPUs used, mean from ready to the end of each trial", Header: []string{"trial", "of", "busy",
		"service", "driver", "helpers", "neighbours", "other processes"}}
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
	where := "a machine other than that of the plan command, or not known"
	if h.Host.Local {
		where = "the machine of the plan command"
	}
	exit := fmt.Sprint(h.ExitCode)
	if h.Unfinished {
		exit = "none: the journal has no end"
	}
	// A cluster runs on no one machine, and reports no version of control groups.
	place, groups := [][]string{fact("engine runs on", where)}, [][]string{fact("control groups", h.Host.CgroupVersion)}
	if p := h.Platform; p != nil {
		place, groups = [][]string{fact("context", cmp.Or(p.Context, "the current one")), fact("namespace", p.Namespace)}, nil
	}
	facts := table{Name: "Run", Header: []string{"fact", "value"}, Rows: slices.Concat([][]string{
		fact("plan", run.Plan.Name), fact("file", run.Plan.File), fact("SHA-256 of the file", run.Plan.SHA256),
		fact("run", h.ID), fact("version of plan", h.Version), fact("started", h.Started.Format(time.RFC3339)), fact("took",
			tty.Seconds(&h.Seconds)), fact("exit code", exit),
	}, place, [][]string{
		fact("host", h.Host.Name), fact("CPUs", numberText(&h.Host.CPUs)),
		fact("memory", units.Bytes(h.Host.Memory).Machine()),
		fact("operating system", h.Host.OS), fact("kernel", h.Host.Kernel), fact(h.Platform.Title(), h.Host.Engine),
	}, groups)}
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
