package export

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

type composeFile struct {
	Services map[string]composeService `yaml:"services"`
}

// composeService says each limit twice: the file that it is put over may have
// them in either place, and `docker compose` refuses two values that differ.
type composeService struct {
	Memory        string  `yaml:"mem_limit,omitempty"`
	MemoryAndSwap string  `yaml:"memswap_limit,omitempty"` // as the memory: no swap
	CPUs          float64 `yaml:"cpus,omitempty"`
	PIDs          int     `yaml:"pids_limit,omitempty"`
	Deploy        deploy  `yaml:"deploy"`
}

type deploy struct {
	Replicas  int `yaml:"replicas,omitempty"`
	Resources struct {
		Limits composeLimits `yaml:"limits"`
	} `yaml:"resources"`
}

type composeLimits struct {
	CPUs   string `yaml:"cpus,omitempty"`
	Memory string `yaml:"memory,omitempty"`
	PIDs   int    `yaml:"pids,omitempty"`
}

// compose writes one override file for all services. It names no containers.
func compose(b *strings.Builder, services []Service, _ string) error {
	file := composeFile{map[string]composeService{}}
	for _, s := range services {
		comment(b, serviceComment(s)...)
		if s.Replicas > 1 {
			comment(b, "  Several replicas need a service without container_name, and no fixed port of the host.")
		}
		comment(b, "")
		var o composeService
		if s.Memory > 0 {
			o.Memory = s.Memory.Exact()
			o.MemoryAndSwap, o.Deploy.Resources.Limits.Memory = o.Memory, o.Memory
		}
		if s.CPUs > 0 {
			o.CPUs, o.Deploy.Resources.Limits.CPUs = s.CPUs.Float(), s.CPUs.String()
		}
		o.PIDs, o.Deploy.Resources.Limits.PIDs = s.PIDs, s.PIDs
		if s.Replicas > 1 {
			o.Deploy.Replicas = s.Replicas
		}
		file.Services[s.Name] = o
	}
	// The second Compose refuses pids_limit beside limits in deploy that lack it, the
	// first one refuses it there.
	older := "(docker-compose takes it too)"
	if slices.ContainsFunc(services, func(s Service) bool { return s.PIDs > 0 }) {
		older = "(docker-compose 1 takes it without the line of pids in limits)"
	}
	comment(b, "docker compose -f compose.yaml -f THIS_FILE up -d "+older)
	return document(b, file)
}

// document writes a value as one YAML document.
func document(b *strings.Builder, value any) error {
	text, err := yaml.Dump(value, yaml.WithIndent(2), yaml.WithQuotePreference(yaml.QuoteDouble))
	b.Write(text)
	return err
}
