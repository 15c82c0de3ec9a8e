package export

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"plan/internal/tty"
	"plan/internal/units"
	"plan/plans"
	"plan/report"
	"plan/runner/journal"
)

// Format is a form in which limits are written.
type Format struct {
	Name       string // of --format
	Doc        string // what is written, in a few words
	Containers bool   // it names the container of a service, and not the service alone
	write      func(b *strings.Builder, services []Service, container string) error
}

// formats has every form. Flags and what they refuse are made from it.
var formats = []Format{
	{Name: "compose", Doc: "an override file, for docker compose and docker-compose", write: compose},
	{Name: "docker-update", Doc: "a command for each service", Containers: true, write: dockerUpdate},
	{Name: "kubernetes", Doc: "a strategic merge patch for each service", Containers: true, write: kubernetes},
}

// Formats returns all of them.
func Formats() []Format { return slices.Clone(formats) }

// Write writes what a run proved of services, with the proof above it as
// comments. Container is the name that the container of the one service has
// there, in a format with Containers; "" means that of the service.
func (f Format) Write(w io.Writer, run journal.Run, services []Service, container string) error {
	var b strings.Builder
	host := run.Run.Host
	comment(&b, "Limits that plan proved.", fmt.Sprintf("Plan: %s (%s)", run.Plan.Name, run.Plan.File),
		fmt.Sprintf("Run: %s, %s", run.Run.ID, run.Run.Started.Format("2006-01-02 15:04 MST")),
		fmt.Sprintf("Machine: %s, %g CPU, %s, engine %s", host.Name, host.CPUs, units.Bytes(host.Memory).Machine(),
			host.Engine))
	for _, image := range run.Images {
		digest := "digest not known"
		if image.Digest != nil {
			digest = *image.Digest
		}
		comment(&b, fmt.Sprintf("Image: %s, %s", image.Name, digest))
	}
	for i, h := range report.Helpers(run) {
		if i == 0 {
			comment(&b, "Helpers, observed and not proven:")
		}
		comment(&b, "  "+h.Name+": "+observed(h))
	}
	if run.Run.Unfinished {
		comment(&b, "The run has not ended: the results of its later stages are missing.")
	}
	comment(&b, "")
	if err := f.write(&b, services, container); err != nil {
		return err
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Observed returns the helpers of a run as services, with the memory that is proposed
// for each. Nothing proves it.
func Observed(run journal.Run) []Service {
	var services []Service
	for _, h := range report.Helpers(run) {
		if h.Proposed > 0 {
			services = append(services, Service{Name: h.Name, Proof: []string{"observed, and not proven: " + observed(h)},
				Settings: plans.Settings{Limits: plans.Limits{Memory: h.Proposed}, Replicas: 1}})
		}
	}
	return services
}

// observed is what a helper used, in one line.
func observed(h report.Helper) string {
	if h.Proposed == 0 {
		return "memory not known"
	}
	return fmt.Sprintf("working set %s to %s, peak %s; proposed limit %s", tty.Bytes(h.Rest), tty.Bytes(h.WorkingSet),
		tty.Bytes(h.Peak), h.Proposed)
}

// serviceComment is what stands above the limits of a service.
func serviceComment(s Service) []string {
	lines := []string{s.Name + ": " + limitsText(s)}
	if settings := settingsText(s); settings != "" {
		lines = append(lines, "  Proven only with "+settings+": set the same values in the service, as `set` in the plan does.")
	}
	for _, line := range s.Proof {
		lines = append(lines, "  "+line)
	}
	return lines
}

// limitsText prints limits in one line.
func limitsText(s Service) string {
	var parts []string
	if s.Memory > 0 {
		parts = append(parts, "memory "+s.Memory.Exact()+" without swap")
	}
	others := s.Settings
	others.Memory, others.Replicas = 0, 0
	parts = append(parts, others.Texts()...)
	text := strings.Join(parts, ", ")
	if s.Replicas > 1 {
		text += fmt.Sprintf(" for each of %d replicas", s.Replicas)
	}
	if settings := settingsText(s); settings != "" {
		text += ", with " + settings
	}
	return text
}

// settingsText prints the settings that the limits were found with; "" where there are none.
func settingsText(s Service) string { return journal.Settings{Vary: s.Vary}.Text() }

// comment writes lines behind a number sign. What a plan or a service wrote
// cannot end a comment.
func comment(b *strings.Builder, lines ...string) {
	printable := func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}
	for _, line := range lines {
		b.WriteString(strings.TrimRight("# "+strings.Map(printable, line), " ") + "\n")
	}
}
