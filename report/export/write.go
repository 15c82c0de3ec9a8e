package export

import (
	"fmt"
	"io"
	"strings"
	"unicode"

	"plan/internal/units"
	"plan/runner/journal"
)

// Format is a form in which limits are written.
type Format string

// The forms.
const (
	Compose      Format = "compose"       // an override file, for docker compose and docker-compose
	DockerUpdate Format = "docker-update" // a command for each service
	Kubernetes   Format = "kubernetes"    // a strategic merge patch for each service
)

// Formats are all of them.
func Formats() []Format { return []Format{Compose, DockerUpdate, Kubernetes} }

// Write writes what a run proved of services, with the proof above it as
// comments. Container is the name that the container of the one service has
// there, of docker-update and kubernetes; "" means that of the service.
func Write(w io.Writer, format Format, run journal.Run, services []Service, container string) error {
	var b strings.Builder
	comment(&b, heading(run)...)
	var err error
	switch format {
	case Compose:
		err = compose(&b, services)
	case DockerUpdate:
		dockerUpdate(&b, services, container)
	case Kubernetes:
		err = kubernetes(&b, services, container)
	default:
		err = fmt.Errorf("%q is no format of limits", format)
	}
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, b.String())
	return err
}

// heading says where the limits come from.
func heading(run journal.Run) []string {
	host := run.Run.Host
	lines := []string{
		"Limits that plan proved.",
		fmt.Sprintf("Plan: %s (%s)", run.Plan.Name, run.Plan.File),
		fmt.Sprintf("Run: %s, %s", run.Run.ID, run.Run.Started.Format("2006-01-02 15:04 MST")),
		fmt.Sprintf("Machine: %s, %g CPU, %.1fG, engine %s", host.Name, host.CPUs, float64(host.Memory)/float64(units.GiB), host.Engine),
	}
	for _, image := range run.Images {
		digest := "digest not known"
		if image.Digest != nil {
			digest = *image.Digest
		}
		lines = append(lines, fmt.Sprintf("Image: %s, %s", image.Name, digest))
	}
	if run.Run.Unfinished {
		lines = append(lines, "The run has no end: what its later stages would have said is missing.")
	}
	return append(lines, "")
}

// told is what stands above the limits of a service.
func told(s Service) []string {
	lines := []string{s.Name + ": " + limitsText(s)}
	for _, line := range s.Proof {
		lines = append(lines, "  "+line)
	}
	return lines
}

// limitsText prints limits in one line.
func limitsText(s Service) string {
	var parts []string
	if s.Memory > 0 {
		parts = append(parts, "memory "+dockerBytes(s.Memory)+" without swap")
	}
	others := s.Settings
	others.Memory, others.Replicas = 0, 0
	parts = append(parts, others.Texts()...)
	text := strings.Join(parts, ", ")
	if s.Replicas > 1 {
		text += fmt.Sprintf(" for each of %d replicas", s.Replicas)
	}
	return text
}

// comment writes lines behind a number sign. What a plan or a service wrote
// cannot end a comment.
func comment(b *strings.Builder, lines ...string) {
	for _, line := range lines {
		b.WriteString(strings.TrimRight("# "+strings.Map(printable, line), " ") + "\n")
	}
}

func printable(r rune) rune {
	if unicode.IsPrint(r) {
		return r
	}
	return ' '
}

// dockerBytes is exact, as Docker and Compose read it: "1500M", "4G", "7b".
func dockerBytes(b units.Bytes) string {
	for _, unit := range []struct {
		size units.Bytes
		name string
	}{{units.GiB, "G"}, {units.MiB, "M"}, {units.KiB, "K"}} {
		if b%unit.size == 0 {
			return fmt.Sprintf("%d%s", b/unit.size, unit.name)
		}
	}
	return fmt.Sprintf("%db", b)
}
