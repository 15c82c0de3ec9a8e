package compose

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"plan/internal/secret"
)

// text writes a value that the Compose file calls by a name. A secret becomes
// a variable; so does what the file has a variable for. A plan can read a text of an
// environment from the Compose file. Spans are the parts of the text that are secrets by
// what stands around it, as of a word in a command.
func (w serviceWriter) text(service, name, raw, text string, environment bool, spans ...[2]int) string {
	whole := len(spans) == 1 && spans[0] == [2]int{0, len(text)}
	if whole {
		spans = nil
	}
	t, fit := parse(raw)
	if !fit || w.converter.variables.filled(t) != text || !w.converter.variables.agrees(t) {
		t = w.located(raw, text)
		_, only := t.only()
		if _, is := w.secrets()[text]; is && !only && !secret.Pair(name, text) {
			return "var." + w.secretVariable(service, text).name
		}
	}
	if veiled, is := w.withSpansOut(service, t, spans); is {
		return w.converter.variables.expression(veiled)
	}
	if veiled, is := w.withSecretsOut(service, t, text, environment); is {
		return w.converter.variables.expression(veiled)
	}
	if p, only := t.only(); only {
		x := w.converter.variables.of(p)
		x.secret = x.secret || whole || secret.Pair(name, text) || secret.Text(text)
		return "var." + x.name
	}
	if whole {
		if _, known := w.secrets()[text]; known {
			return "var." + w.secretVariable(service, text).name
		}
	}
	if whole || secret.Pair(name, text) || secret.Text(t.bare()) {
		return "var." + w.converter.variables.secret(service, name, text).name
	}
	w.markSecret(t)
	return w.converter.variables.expression(t)
}

// anyName is the name of a variable in a text of a Compose file, also inside a fallback.
var anyName = regexp.MustCompile(`\$\{?([A-Za-z_][A-Za-z0-9_]*)`)

// located is a text of which it is not known how it was filled in: each value of a secret
// variable of the raw text in it is that variable. If there is no raw text, the secret may
// be any.
func (w serviceWriter) located(raw, text string) template {
	parts, _ := parse(raw)
	for _, found := range anyName.FindAllStringSubmatch(raw, -1) {
		parts = append(parts, part{variable: found[1]})
	}
	if raw == "" {
		for _, name := range slices.Sorted(maps.Keys(w.converter.project.values)) {
			parts = append(parts, part{variable: name})
		}
	}
	value := w.converter.variables.value
	slices.SortStableFunc(parts, func(a, b part) int { return len(value(b)) - len(value(a)) })
	t := template{{literal: text}}
	for _, p := range parts {
		if v := value(p); secret.Pair(p.variable, v) && (len(v) >= secret.MinLength || v == text) {
			t = t.cut(v, p)
		}
	}
	return t
}

// withSecretsOut is a text of several words, such as a shell's script, or a URL whose
// password an environment has too, with a variable in the place of each secret alone;
// false where it has none, or where one is left, or where the whole text of an environment
// can be read in place of a secret that nothing else has.
func (w serviceWriter) withSecretsOut(service string, t template, text string, environment bool) (template, bool) {
	script := strings.ContainsAny(text, " \t\n")
	if !script && !strings.Contains(text, "://") {
		return nil, false
	}
	known := w.secrets()
	values := w.secretWords()
	cut := false
	var veiled template
	for _, p := range t {
		if p.variable != "" {
			veiled = append(veiled, p)
			continue
		}
		at := 0
		for _, span := range secret.Spans(p.literal, values) {
			value := p.literal[span[0]:span[1]]
			if _, is := known[value]; !is && (!script || environment) {
				return nil, false
			}
			veiled = append(veiled.literal(p.literal[at:span[0]]), part{secret: w.secretVariable(service, value)})
			at, cut = span[1], true
		}
		veiled = veiled.literal(p.literal[at:])
	}
	if !cut || secret.Text(veiled.bare()) {
		return nil, false
	}
	w.markSecret(t)
	return veiled, true
}

// withSpansOut is a text with a variable in the place of each of its spans; false where it
// has none. What a variable of the text brings into a span is a secret.
func (w serviceWriter) withSpansOut(service string, t template, spans [][2]int) (template, bool) {
	var veiled template
	start, cut := 0, false // of the part in the filled text
	for _, p := range t {
		value := w.converter.variables.value(p)
		at := 0
		for _, span := range spans {
			from, to := max(span[0]-start, at), min(span[1]-start, len(value))
			switch {
			case from >= to:
			case p.variable != "":
				w.converter.variables.of(p).secret = true
			default:
				x := w.secretVariable(service, value[from:to])
				veiled = append(veiled.literal(value[at:from]), part{secret: x})
				at, cut = to, true
			}
		}
		if start += len(value); p.variable != "" {
			veiled = append(veiled, p)
			continue
		}
		veiled = veiled.literal(value[at:])
	}
	return veiled, cut && !secret.Text(veiled.bare())
}

// spansIn returns of each word of a command line the parts that the line as a whole shows to
// be secrets, such as what follows -p.
func (w serviceWriter) spansIn(words []string) [][][2]int {
	line := strings.Join(words, " ")
	spans := secret.Spans(line, w.secretWords())
	list, start := make([][][2]int, len(words)), 0
	for i, word := range words {
		for _, span := range spans {
			if span[0] >= start && span[1] <= start+len(word) && !strings.ContainsAny(word, " \t\n") {
				list[i] = append(list[i], [2]int{span[0] - start, span[1] - start})
			}
		}
		start += len(word) + 1
	}
	return list
}

// holder is a variable of the environment of a service.
type holder struct{ service, name string }

// secrets are the values that the environments of the services call secret, with
// what has them there.
func (w serviceWriter) secrets() map[string]holder {
	known := map[string]holder{}
	for _, s := range w.converter.all() {
		for _, name := range slices.Sorted(maps.Keys(s.Environment)) {
			if value := s.Environment[name]; value != nil && secret.Pair(name, *value) && len(*value) >= secret.MinLength {
				if _, is := known[*value]; !is {
					known[*value] = holder{s.Name, name}
				}
			}
		}
	}
	return known
}

// secretWords are the values of secrets that are secrets wherever they stand as a word: not
// those that a variable has too which is no secret, such as the name of a user.
func (w serviceWriter) secretWords() []string {
	known := w.secrets()
	for _, s := range w.converter.all() {
		for name, value := range s.Environment {
			if value != nil && !secret.Pair(name, *value) {
				delete(known, *value)
			}
		}
	}
	return slices.Sorted(maps.Keys(known))
}

// secretVariable is the variable for a secret in a text of a service. It has the value of
// an environment that has it too, from where that has it.
func (w serviceWriter) secretVariable(service, value string) *variable {
	c := w.converter
	of, is := w.secrets()[value]
	if !is {
		return c.variables.secret(service, c.label(service)+"_secret", value)
	}
	x := c.variables.secret(service, of.name, value)
	c.noteOrigin(x, of.service, of.name, value)
	if x.origin == "" && x.inFile == "" && x.files == nil {
		if files, read := w.readFiles(c.project.Services[of.service]); read[of.name] == value {
			x.inFile, x.files = of.name, files
		}
	}
	return x
}

// markSecret makes those variables secret that bring the secret into a text.
func (w serviceWriter) markSecret(t template) {
	if !secret.Text(w.converter.variables.filled(t)) {
		return
	}
	for i, p := range t {
		without := slices.Delete(slices.Clone(t), i, i+1)
		if p.variable != "" && !secret.Text(w.converter.variables.filled(without)) {
			w.converter.variables.of(p).secret = true
		}
	}
}

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
	model, _ := w.converter.project.raw[s.Name].(map[string]any)
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
			text := w.text(s.Name, name, raw[name], *value, true)
			if x := w.converter.variables.named(strings.TrimPrefix(text, "var.")); x != nil {
				w.converter.noteOrigin(x, s.Name, name, *value)
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
	raw := w.converter.project.unfilled(service, attribute, words)
	spans := w.spansIn(words)
	var items []string
	for i, word := range words {
		items = append(items, w.text(service, w.argument(service, attribute, words, i), raw[i], word, false, spans[i]...))
	}
	p.list(attribute, items)
	model, _ := w.converter.project.raw[service].(map[string]any)
	for _, part := range references(model[attribute]) {
		if w.converter.variables.value(part) == "" && !part.optional && w.converter.variables.known[part.variable] == nil {
			w.converter.note(service, attribute, part.variable+" has no value, in the environment or in .env: it is left out")
		}
	}
}

// unfilled are the words of an entrypoint or a command as the Compose file has them, one
// for each word with its variables filled in.
func (s *project) unfilled(service, attribute string, words []string) []string {
	var raw types.ShellCommand
	model, _ := s.raw[service].(map[string]any)
	switch v := model[attribute].(type) {
	case string:
		_ = raw.DecodeMapstructure(v)
	case []any:
		noText := func(e any) bool { _, text := e.(string); return !text }
		if !slices.ContainsFunc(v, noText) {
			_ = raw.DecodeMapstructure(v)
		}
	}
	return s.matched(raw, words)
}

// matched are the words of a command before its variables were filled in, one for each
// word after that: a variable may be no word or several. Where it cannot be determined
// which word is which, it is the whole command.
func (s *project) matched(raw, words []string) []string {
	whole := strings.Join(raw, " ")
	var list []string
	for _, unfilled := range raw {
		t, fit := parse(unfilled)
		filled, rest := (&variables{stack: s}).filled(t), words[len(list):]
		var split types.ShellCommand
		switch {
		case fit && len(rest) > 0 && rest[0] == filled:
			list = append(list, unfilled)
			continue
		case !fit && len(raw) == len(words):
			list = append(list, whole)
			continue
		case fit && split.DecodeMapstructure(filled) == nil && len(split) <= len(rest) &&
			slices.Equal(split, rest[:len(split)]):
			list = append(list, slices.Repeat([]string{unfilled}, len(split))...)
			continue
		}
		break
	}
	return append(list, slices.Repeat([]string{whole}, len(words)-len(list))...)
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
