package compose

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// environment writes the variables of a service.
func (w serviceWriter) environment(p *page, s types.ServiceConfig) {
	lines := w.variables(s, w.envFiles(p, s))
	if len(lines) == 0 {
		return
	}
	p.block("environment =")
	for _, line := range lines {
		p.line("%s", line)
	}
	p.close()
}

// variables are the variables of a service, each as a line of an object; without those
// that the plan reads from files.
func (w serviceWriter) variables(s types.ServiceConfig, fromFiles map[string]string) []string {
	model := w.converter.project.written.service(s.Name)
	raw := unfilledPairs(model["environment"])
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(s.Environment)) {
		read, inFile := fromFiles[name]
		switch value := s.Environment[name]; {
		case value != nil && inFile && read == *value && !slices.Contains(w.converter.project.own[s.Name], name):
		case value == nil:
			w.converter.note(s.Name, "environment", name+" has no value: the environment would set it, and does not")
		case strings.ContainsAny(name, "=\x00") || name == "":
		default:
			text := w.converter.texts.text(s.Name, name, raw[name], *value, true)
			if x := w.converter.variables.named(strings.TrimPrefix(text, "var.")); x != nil {
				w.converter.noteOrigin(x, s.Name, name, *value)
				if x.secret && s.Name == w.converter.selection.api {
					w.converter.keys[name] = x.name
				}
			}
			lines = append(lines, fmt.Sprintf("%s = %s", key(name), text))
		}
	}
	return lines
}

// unfilledPairs are names and values of a model, as the Compose file has them.
func unfilledPairs(v any) map[string]string {
	raw := map[string]string{}
	switch entries := v.(type) {
	case map[string]any:
		for name, v := range entries {
			switch v := v.(type) {
			case string:
				raw[name] = v
			case nil: // it is taken from the variable of that name
				raw[name] = "${" + name + "}"
			default:
				raw[name] = fmt.Sprint(v)
			}
		}
	case []any:
		for _, v := range entries {
			text, _ := v.(string)
			name, value, ok := strings.Cut(text, "=")
			if !ok {
				value = "${" + name + "}"
			}
			raw[name] = value
		}
	}
	return raw
}

// key is a name in an object, in quotes if it must be.
func key(name string) string {
	if identifier(name) == name && !slices.Contains([]string{"for", "if", "null", "true", "false"}, name) {
		return name
	}
	return quote(name)
}

// words writes what a service starts with: its entrypoint or its command, nil
// where it keeps the image's own.
func (w serviceWriter) words(p *page, service, attribute string, words types.ShellCommand) {
	if words == nil {
		return
	}
	if len(words) == 0 {
		w.converter.note(service, attribute, "it is empty, and a plan cannot remove that of the image")
		return
	}
	raw := w.converter.project.written.unfilled(service, attribute, words)
	spans := w.converter.texts.spansIn(words)
	var items []string
	for i, word := range words {
		items = append(items, w.converter.texts.text(service, w.argument(service, attribute, words, i), raw[i], word, false,
			spans[i]...))
	}
	p.list(attribute, items)
	model := w.converter.project.written.service(service)
	for _, part := range references(model[attribute]) {
		if w.converter.project.written.value(part) == "" && !part.optional &&
			w.converter.variables.known[part.variable] == nil {
			w.converter.note(service, attribute, part.variable+" has no value, in the environment or in .env: it is left out")
		}
	}
}

// argument is what a word of a command is called: by its option, or by its
// place.
func (w serviceWriter) argument(service, attribute string, words []string, i int) string {
	option, _, assigned := strings.Cut(words[i], "=")
	if !assigned && i > 0 {
		option = words[i-1]
	}
	if name, long := strings.CutPrefix(option, "--"); long && name != "" && !strings.ContainsAny(name, "= ") {
		return w.converter.label(service) + "_" + name
	}
	return fmt.Sprintf("%s_%s_%d", w.converter.label(service), attribute, i+1)
}
