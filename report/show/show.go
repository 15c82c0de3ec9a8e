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
			pull = "when it is not on the engine"
		}
		if i.Push {
			push = "as " + i.Name
		}
		s.item(i.Address, [2]string{"source", i.Source}, [2]string{"pull", pull}, [2]string{"push", push})
	}
	for _, n := range p.Networks {
		from := " (made for the run, then removed)"
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
	free, runtime := "512M, or a tenth of the host if that is more,", "no bound"
	if p.Guard.HostMemoryFree != 0 {
		free = p.Guard.HostMemoryFree.String()
	}
	if p.Guard.Runtime != 0 {
		runtime = "at most " + units.Duration(p.Guard.Runtime)
	}
	s.item("guard",
		[2]string{"host memory", "at least " + free + " stay free"},
		[2]string{"host CPUs", "failures by a lack of CPU count while others use at most " + units.Percent(p.Guard.Others())},
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
	rows := [][2]string{
		{"after", strings.Join(append(append([]string{}, stage.Needs...), stage.After...), ", ")},
		{"starts first", strings.Join(addresses(stage.Helpers), ", ")},
		{"limits", limitsOf(stage)},
		{"replicas", replicas},
	}
	switch stage.Kind {
	case plans.Search:
		grid := "values " + knownLater
		if !gridUnknown(stage) {
			values := stage.Vary.Grid()
			grid = fmt.Sprintf("some of %d values: %s", len(values), joined(values, ", ", stage.Vary.Dimension.Short))
		}
		margin := "" // some dimensions have none
		if dimensionOf(stage).Margin() {
			margin = laterOr(stage, "margin", units.Percent(stage.Margin))
		}
		rows = append(rows, [2]string{"strategy", stage.Strategy}, [2]string{"tries", grid}, [2]string{"margin", margin})
	case plans.Ramp:
		demand := "no number"
		if stage.AtLeast > 0 {
			demand = english.Count(stage.AtLeast, "user")
		}
		rows = append(rows, [2]string{"users", laterOr(stage, "users", numbers(stage.Users))},
			[2]string{"must hold", laterOr(stage, "at_least", demand)},
			[2]string{"stops after",
				laterOr(stage, "stop_after", english.Count(max(1, stage.StopAfter), "step")+" that did not pass")})
	}
	rows = append(rows, loadRows(stage)...)
	bounds := knownLater
	if b := stage.Bounds(); b.Trials > 0 {
		bounds = fmt.Sprintf("%s, %s", english.Count(b.Trials, "trial"), units.Duration(b.Time))
		if isUnknown(stage, "load.runtime") {
			bounds += ", and its load: the runtime is " + knownLater
		}
	}
	rows = append(rows, [2]string{"at most", bounds})
	s.item(report.Question{
		Address: stage.Address, Service: stage.Service.Address, Kind: stage.Kind, Dimension: dimensionOf(stage),
		HasLoad: stage.Load != nil, HasThreshold: len(stage.Threshold) > 0, Load: "one load",
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

func dimensionOf(s plans.Stage) plans.Dimension {
	if s.Vary == nil {
		return ""
	}
	return s.Vary.Dimension
}

// bounds prints the most trials and the longest time of each stage and of the run.
func (s *printer) bounds(p *plans.Plan) {
	t := tty.Table{Header: []string{"STAGE", "TRIALS", "LONGEST TIME"}, Flow: -1}
	for _, stage := range p.Stages {
		b := stage.Bounds()
		row := []string{stage.Address, tty.Unknown, tty.Unknown}
		if b.Trials > 0 {
			row[1], row[2] = fmt.Sprint(b.Trials), units.Duration(b.Time)
		}
		t.Rows = append(t.Rows, row)
	}
	s.Line("")
	if len(t.Rows) > 0 {
		s.Table(t)
	}
	b := p.Bounds()
	s.Line("At most %s in %s.", english.Count(b.Trials, "trial"), units.Duration(b.Time))
}
