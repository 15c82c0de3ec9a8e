package compose

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// text writes a value that the Compose file calls by a name. A secret becomes
// a variable; so does what the file has a variable for.
func (c *converter) text(service, name, raw, text string) string {
	t, fit := parse(raw)
	fit = fit && c.filled(t) == text && c.agreed(t)
	p, only := t.only()
	if veiled, is := c.veiled(service, t, fit, text); is {
		return c.expression(veiled)
	}
	switch {
	case fit && only:
		x := c.of(p)
		x.secret = x.secret || secretPair(name, text) || secretText(text)
		return "var." + x.name
	case secretPair(name, text), secretText(text) && (!fit || secretText(t.bare())), !fit && c.holdsSecret(t, text):
		return "var." + c.secret(service, name, text).name
	case fit:
		c.mark(t)
		return c.expression(t)
	}
	return quote(text)
}

// veiled is a text of several words, such as a shell's script, with a variable in
// the place of each secret alone; false where it has none, or where one is left.
func (c *converter) veiled(service string, t template, fit bool, text string) (template, bool) {
	if !strings.ContainsAny(text, " \t\n") {
		return nil, false
	}
	if !fit {
		if slices.ContainsFunc(t.names(), secretName) {
			return nil, false // its value is in the text
		}
		t = template{{literal: text}}
	}
	known := c.secrets()
	cut := false
	var veiled template
	for _, p := range t {
		if p.variable != "" {
			veiled = append(veiled, p)
			continue
		}
		at := 0
		for _, span := range secretSpans(p.literal, known) {
			value := p.literal[span[0]:span[1]]
			x := c.secret(service, cmp.Or(known[value], c.labels[service]+"_secret"), value)
			veiled = append(veiled.literal(p.literal[at:span[0]]), part{secret: x})
			at, cut = span[1], true
		}
		veiled = veiled.literal(p.literal[at:])
	}
	if !cut || secretText(veiled.bare()) {
		return nil, false
	}
	c.mark(t)
	return veiled, true
}

// secrets are the values that the environments of the services call secret, with
// the names that they have there.
func (c *converter) secrets() map[string]string {
	known := map[string]string{}
	for _, s := range c.all() {
		for _, name := range slices.Sorted(maps.Keys(s.Environment)) {
			if value := s.Environment[name]; value != nil && secretPair(name, *value) && len(*value) >= leastSecret && known[*value] == "" {
				known[*value] = name
			}
		}
	}
	return known
}

// holdsSecret says whether the value of a secret variable is in a text.
func (c *converter) holdsSecret(t template, text string) bool {
	return slices.ContainsFunc(t.names(), func(name string) bool {
		value := c.values[name]
		return secretName(name) && value != "" && strings.Contains(text, value)
	})
}

// mark makes those variables secret that bring the secret into a text.
func (c *converter) mark(t template) {
	if !secretText(c.filled(t)) {
		return
	}
	for i, p := range t {
		without := slices.Delete(slices.Clone(t), i, i+1)
		if p.variable != "" && !secretText(c.filled(without)) {
			c.of(p).secret = true
		}
	}
}

// environment writes the variables of a service.
func (c *converter) environment(p *page, s types.ServiceConfig) {
	raw := c.rawEnvironment(s.Name)
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(s.Environment)) {
		switch value := s.Environment[name]; {
		case value == nil:
			c.note(s.Name, "environment", name+" has no value: it is taken from the environment, where it is not set")
		case strings.ContainsAny(name, "=\x00") || name == "":
		default:
			lines = append(lines, fmt.Sprintf("%s = %s", key(name), c.text(s.Name, name, raw[name], *value)))
		}
	}
	if len(lines) == 0 {
		return
	}
	p.block("environment =")
	for _, line := range lines {
		p.line("%s", line)
	}
	p.close()
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
func (c *converter) words(p *page, service, attribute string, words types.ShellCommand) {
	if words == nil {
		return
	}
	if len(words) == 0 {
		c.note(service, attribute, "it is empty, and a plan cannot take the image's own away")
		return
	}
	raw := c.rawWords(service, attribute, len(words))
	var items []string
	for i, word := range words {
		unfilled := ""
		if raw != nil {
			unfilled = raw[i]
		}
		items = append(items, c.text(service, c.argument(service, attribute, words, i), unfilled, word))
	}
	p.list(attribute, items)
}

// argument is what a word of a command is called: by its option, or by its
// place.
func (c *converter) argument(service, attribute string, words []string, i int) string {
	option, _, assigned := strings.Cut(words[i], "=")
	if !assigned && i > 0 {
		option = words[i-1]
	}
	if name, long := strings.CutPrefix(option, "--"); long && name != "" && !strings.ContainsAny(name, "= ") {
		return c.labels[service] + "_" + name
	}
	return fmt.Sprintf("%s_%s_%d", c.labels[service], attribute, i+1)
}
