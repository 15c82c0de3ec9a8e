// Package show prints a plan as it would run, as text and as JSON.
//
// It is a function of the plan. It does not know how a plan is run.
package show

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"plan/internal/english"
	"plan/internal/tty"
	"plan/internal/units"
	"plan/plans"
	"plan/report"
	"plan/runner/journal"
)

// knownLater stands for a value that depends on the results of an earlier stage.
const knownLater = "known when running"

// Text prints a plan as it would run: each attribute with its default, each value
// that could be tried, and the longest time. Secrets are replaced by stars.
func Text(w io.Writer, p *plans.Plan) error {
	s := &printer{Printer: tty.Printer{Writer: w}, filter: journal.NewFilter(p.Secrets)}
	s.Line("%s (%s)", cmp.Or(p.Name, "plan"), p.File)
	if p.Description != "" {
		s.Line("%s", s.filter.Text(p.Description))
	}
	s.environment(p)
	for _, stage := range p.Stages {
		s.stage(stage)
	}
	for _, r := range p.Reports {
		s.item("report."+r.Format, [2]string{"path", r.Path})
	}
	for i, r := range p.Reaches() {
		if i == 0 {
			s.Line("\nbeyond its folder")
		}
		s.Line("  %-*s%s", labelWidth, r.Does, tty.Clean(s.filter.Text(r.What)))
	}
	s.bounds(p)
	return s.Err
}

// printer prints items of a plan, without secrets.
type printer struct {
	tty.Printer
	filter *journal.Filter
}

// labelWidth is the width of the labels of an item, in cells.
const labelWidth = 13

// item prints a title and the rows that have a value.
func (s *printer) item(title string, rows ...[2]string) {
	s.Line("\n%s", s.filter.Text(title))
	for _, row := range rows {
		if row[1] == "" {
			continue
		}
		label := row[0]
		for line := range strings.SplitSeq(tty.Wrap(tty.Clean(s.filter.Text(row[1])), tty.DefaultWidth-labelWidth-2), "\n") {
			s.Line("  %-*s%s", labelWidth, label, line)
			label = ""
		}
	}
}

// environment prints images, networks, preflights, services and the guard.
func (s *printer) environment(p *plans.Plan) {
	for _, i := range p.Images {
		pull, push := i.Pull, "no"
		if pull == "missing" {
			pull = "if it is not on the engine"
		}
		if i.Push {
			push = "as " + i.Name
		}
		rows := [][2]string{{"source", i.Source}, {"pull", pull}, {"push", push}}
		if x := i.Build; x != nil {
			file := cmp.Or(x.Dockerfile, "Dockerfile")
			rows = append(rows, [2]string{"build", "with --build: " + file + " of " + x.Context}, [2]string{"target", x.Target},
				[2]string{"args", environmentText(x.Args)})
		}
		s.item(i.Address, rows...)
	}
	for _, n := range p.Networks {
		from := " (created for the run, then removed)"
		if n.External {
			from = " (external: must exist, is never removed)"
		}
		s.item(n.Address, [2]string{"name", n.Name + from})
	}
	for _, f := range p.Preflights {
		what := "a connection"
		if f.URL != "" {
			what = statusText(f.Status)
		}
		s.item(f.Address, [2]string{"asks", fmt.Sprintf("%s, from inside %s", cmp.Or(f.URL, f.TCP), f.Network)},
			[2]string{"answers", fmt.Sprintf("%s within %s", what, units.Duration(f.Within))})
	}
	for _, service := range p.Services {
		s.item(service.Address, serviceRows(service)...)
	}
	free, runtime := "512M, or a tenth of the host if that is more,", "no maximum"
	if p.Guard.HostMemoryFree != 0 {
		free = p.Guard.HostMemoryFree.String()
	}
	if p.Guard.Runtime != 0 {
		runtime = "at most " + units.Duration(p.Guard.Runtime)
	}
	if x := p.Platform; x != nil {
		s.item("platform."+x.Name,
			[2]string{"context", cmp.Or(x.Context, "the current one")},
			[2]string{"namespace", cmp.Or(x.Namespace, "that of the context")},
			[2]string{"nodes", cmp.Or(environmentText(x.NodeSelector), "any")},
			[2]string{"tolerations", strings.Join(x.Tolerations, ", ")}, [2]string{"pull secret", x.PullSecret},
			[2]string{"agent", x.AgentImage})
	}
	s.item("guard",
		[2]string{"host memory", "at least " + free + " stay free"},
		[2]string{"host CPUs", "if other programs use more than " + units.Percent(p.Guard.Others()) +
			", a failure that a lack of CPU can cause does not count"},
		[2]string{"runtime", runtime})
}

func statusText(status int) string {
	if status == 0 {
		return "any 2xx"
	}
	return fmt.Sprint(status)
}

// stage prints a stage with all trials that could run.
func (s *printer) stage(stage plans.Stage) {
	replicas := replicasText(stage.Limits())
	if stage.LimitUnknown(plans.Replicas) {
		replicas = knownLater
	}
	limits := containerTexts(fixedLimits(stage)) // without the searched one
	for _, d := range plans.Dimensions() {
		if d.OfContainer() && stage.LimitUnknown(d) {
			limits = append(limits, string(d)+" "+knownLater)
		}
	}
	rows := [][2]string{
		{"after", strings.Join(append(append([]string{}, stage.Needs...), stage.After...), ", ")},
		{"starts first", strings.Join(addresses(stage.Helpers), ", ")},
		{"limits", cmp.Or(strings.Join(limits, ", "), "none")},
		{"replicas", replicas},
	}
	switch stage.Kind {
	case plans.Search:
		rows = append(rows, searchRows(stage)...)
	case plans.Ramp:
		demand := "no number"
		if stage.AtLeast > 0 {
			demand = english.Count(stage.AtLeast, "user")
		}
		users, stops := numbers(stage.Users), english.Count(max(1, stage.StopAfter), "step")+" that did not pass"
		if stage.Auto != nil {
			users, stops = autoText(stage), "the answer is proven"
		}
		rows = append(rows, [2]string{"users", laterOr(stage, "users", users)},
			[2]string{"must hold", laterOr(stage, "at_least", demand)},
			[2]string{"stops after", laterOr(stage, "stop_after", stops)})
	}
	rows = append(rows, loadRows(stage)...)
	bounds := knownLater
	if b := stage.Bounds(); b.Trials > 0 {
		bounds = fmt.Sprintf("%s, %s; with all repeats and waits %s", english.Count(b.Trials, "trial"),
			units.Duration(b.Time), units.Duration(b.Longest))
		if isUnknown(stage, "load.runtime") {
			bounds += ", and its load: the runtime is " + knownLater
		}
	}
	expected := ""
	if e := stage.Expected(); e.Trials > 0 {
		expected = fmt.Sprintf("%s, %s", english.Count(e.Trials, "trial"), units.Duration(e.Time))
	}
	rows = append(rows, [2]string{"expected", expected}, [2]string{"at most", bounds})
	var nouns []string // what a search varies
	for _, v := range stage.Vary {
		nouns = append(nouns, v.Dimension.Noun())
	}
	s.item(report.Question{
		Address: stage.Address, Service: stage.Service.Address, Kind: stage.Kind, Noun: english.And(nouns),
		HasLoad: stage.Load != nil, Asks: stage.Asks != nil, HasThreshold: len(stage.Threshold) > 0, Load: "one load",
	}.Title(), rows...)
}

// addresses returns the addresses of services.
func addresses(services []plans.Service) []string {
	var all []string
	for _, s := range services {
		all = append(all, s.Address)
	}
	return all
}

// searchRows returns what a search tries, and how it chooses.
func searchRows(stage plans.Stage) [][2]string {
	rows := [][2]string{{"strategy", stage.Strategy}}
	cells, margin := 1, ""
	for _, v := range stage.Vary {
		label, values := "tries", "values "+knownLater
		if len(stage.Vary) > 1 {
			label = string(v.Dimension)
		}
		if v.Setting() {
			values = strings.Trim(fmt.Sprint(v.Values), "[]")
			cells *= len(v.Values)
		} else if !gridUnknown(stage) {
			grid := v.Grid()
			values = fmt.Sprintf("some of %d values: %s", len(grid), joined(grid, ", ", v.Dimension.Short))
			cells *= len(grid)
		}
		rows = append(rows, [2]string{label, values})
		if v.Dimension.Margin() {
			margin = laterOr(stage, "margin", units.Percent(stage.Margin))
		}
	}
	if len(stage.Vary) > 1 && !gridUnknown(stage) {
		rows = append(rows, [2]string{"tries", fmt.Sprintf("some of %d combinations", cells)})
	}
	prefers := stage.Prefer
	if p := stage.Price; p != nil {
		prefers = tty.Join(": ", prefers, fmt.Sprintf("an hour costs %g for a CPU, %g for a GiB, %g for a replica", p.CPUs,
			p.Memory, p.Replicas))
	}
	budget, demand := "", ""
	if stage.AtMost != (plans.Settings{}) {
		demand = "at most " + stage.AtMost.Together()
	}
	if stage.Budget.Trials > 0 {
		budget = english.Count(stage.Budget.Trials, "trial")
	}
	if stage.Budget.Time > 0 {
		budget = tty.Join(", ", budget, units.Duration(stage.Budget.Time))
	}
	return append(rows, [2]string{"prefers", prefers}, [2]string{"must need", demand},
		[2]string{"budget", budget}, [2]string{"margin", margin})
}

// bounds prints what each stage and the run are expected to take, and the most.
func (s *printer) bounds(p *plans.Plan) {
	t := tty.Table{Header: []string{"STAGE", "EXPECTED", "TIME", "AT MOST", "TIME", "WITH REPEATS"}, Flow: -1}
	for _, stage := range p.Stages {
		b := stage.Bounds()
		row := []string{stage.Address, tty.Unknown, tty.Unknown, tty.Unknown, tty.Unknown, tty.Unknown}
		if e := stage.Expected(); b.Trials > 0 {
			row = []string{stage.Address, english.Count(e.Trials, "trial"), units.Duration(e.Time), english.Count(b.Trials,
				"trial"), units.Duration(b.Time), units.Duration(b.Longest)}
		}
		t.Rows = append(t.Rows, row)
	}
	s.Line("")
	if len(t.Rows) > 0 {
		s.Table(t)
	}
	e, b := p.Expected(), p.Bounds()
	s.Line("About %s in %s are expected, at most %s in %s. The longest time, with all repeats and waits, is %s.",
		english.Count(e.Trials, "trial"), units.Duration(e.Time),
		english.Count(b.Trials, "trial"), units.Duration(b.Time), units.Duration(b.Longest))
}
