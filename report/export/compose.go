package export

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

type composeFile struct {
	Services map[string]composeService `yaml:"services"`
}

// compose writes one override file for all services. It names no containers.
func compose(b *strings.Builder, services []Service, _ string) error {
	file := composeFile{map[string]composeService{}}
	for _, s := range services {
		comment(b, serviceComment(s)...)
		if s.Replicas > 1 {
			comment(b, "  For several replicas, remove container_name and fixed host ports from the service.")
		}
		comment(b, "")
		file.Services[s.Name] = s.composeService()
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
