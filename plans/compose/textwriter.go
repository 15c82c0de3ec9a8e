package compose

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"plan/internal/secret"
)

// textWriter writes texts of the Compose files as expressions of the plan, in which variables stand for secrets.
type textWriter struct {
	converter   *converter
	secrets     map[string]holder // values that the environments of the services call secret
	secretWords []string          // those of them that are secrets wherever they stand as a word
}

// holder is a variable of the environment of a service.
type holder struct{ service, name string }

// textsOf writes the texts of the services that come over.
func textsOf(c *converter) *textWriter {
	services := c.all()
	secrets := secretsOf(services)
	return &textWriter{converter: c, secrets: secrets, secretWords: secretWords(services, secrets)}
}

// secretsOf are the values that the environments of the services call secret, with
// what has them there.
func secretsOf(services []types.ServiceConfig) map[string]holder {
	known := map[string]holder{}
	for _, s := range services {
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
func secretWords(services []types.ServiceConfig, secrets map[string]holder) []string {
	known := maps.Clone(secrets)
	for _, s := range services {
		for name, value := range s.Environment {
			if value != nil && !secret.Pair(name, *value) {
				delete(known, *value)
			}
		}
	}
	return slices.Sorted(maps.Keys(known))
}

// text writes a value that the Compose file calls by a name. A secret becomes
// a variable; so does what the file has a variable for. A plan can read a text of an
// environment from the Compose file. Spans are the parts of the text that are secrets by
// what stands around it, as of a word in a command.
func (w *textWriter) text(service, name, raw, text string, environment bool, spans ...[2]int) string {
	whole := len(spans) == 1 && spans[0] == [2]int{0, len(text)}
	if whole {
		spans = nil
	}
	t, fit := parse(raw)
	if !fit || w.converter.project.written.filled(t) != text || !w.converter.variables.agrees(t) {
		t = w.located(raw, text)
		_, only := t.only()
		if _, is := w.secrets[text]; is && !only && !secret.Pair(name, text) {
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
		if _, known := w.secrets[text]; known {
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
func (w *textWriter) located(raw, text string) template {
	parts, _ := parse(raw)
	for _, found := range anyName.FindAllStringSubmatch(raw, -1) {
		parts = append(parts, part{variable: found[1]})
	}
	if raw == "" {
		for _, name := range slices.Sorted(maps.Keys(w.converter.project.written.values)) {
			parts = append(parts, part{variable: name})
		}
	}
	value := w.converter.project.written.value
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
func (w *textWriter) withSecretsOut(service string, t template, text string, environment bool) (template, bool) {
	script := strings.ContainsAny(text, " \t\n")
	if !script && !strings.Contains(text, "://") {
		return nil, false
	}
	known := w.secrets
	values := w.secretWords
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
func (w *textWriter) withSpansOut(service string, t template, spans [][2]int) (template, bool) {
	var veiled template
	start, cut := 0, false // of the part in the filled text
	for _, p := range t {
		value := w.converter.project.written.value(p)
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
func (w *textWriter) spansIn(words []string) [][][2]int {
	line := strings.Join(words, " ")
	spans := secret.Spans(line, w.secretWords)
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

// secretVariable is the variable for a secret in a text of a service. It has the value of
// an environment that has it too, from where that has it.
func (w *textWriter) secretVariable(service, value string) *variable {
	c := w.converter
	of, is := w.secrets[value]
	if !is {
		return c.variables.secret(service, c.label(service)+"_secret", value)
	}
	x := c.variables.secret(service, of.name, value)
	c.noteOrigin(x, of.service, of.name, value)
	if x.origin == "" && x.inFile == "" && x.files == nil {
		if files, read := c.readFiles(c.project.Services[of.service]); read[of.name] == value {
			x.inFile, x.files = of.name, files
		}
	}
	return x
}

// markSecret makes those variables secret that bring the secret into a text.
func (w *textWriter) markSecret(t template) {
	if !secret.Text(w.converter.project.written.filled(t)) {
		return
	}
	for i, p := range t {
		without := slices.Delete(slices.Clone(t), i, i+1)
		if p.variable != "" && !secret.Text(w.converter.project.written.filled(without)) {
			w.converter.variables.of(p).secret = true
		}
	}
}
