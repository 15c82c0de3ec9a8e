package compose

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// otherNames are the names under which a service is found in Compose and not
// in a run, with the word that gave each.
func (c *converter) otherNames() map[string]otherName {
	names := map[string]otherName{}
	for service, label := range c.labels {
		s := c.Services[service]
		list := []otherName{{s.ContainerName, "container_name", label}, {s.Hostname, "hostname", label}, {s.Name, "name", label}}
		for _, n := range s.Networks {
			if n != nil {
				for _, alias := range n.Aliases {
					list = append(list, otherName{alias, "alias", label})
				}
			}
		}
		for _, n := range list {
			names[n.name] = n
		}
	}
	for service := range c.labels {
		for _, link := range c.Services[service].Links {
			if to, alias, ok := strings.Cut(link, ":"); ok && c.labels[to] != "" {
				names[alias] = otherName{alias, "link", c.labels[to]}
			}
		}
	}
	maps.DeleteFunc(names, func(name string, _ otherName) bool { return name == "" || c.isLabel(name) })
	return names
}

type otherName struct{ name, word, label string }

// isLabel says whether a service of the plan is found by this name.
func (c *converter) isLabel(name string) bool {
	for _, label := range c.labels {
		if label == name {
			return true
		}
	}
	return false
}

// misled notes what a service asks for by a name that is not there in a run.
func (c *converter) misled(s types.ServiceConfig) {
	names := c.otherNames()
	for _, key := range slices.Sorted(maps.Keys(s.Environment)) {
		value := s.Environment[key]
		if value == nil {
			continue
		}
		for _, u := range urls(*value) {
			if n, other := names[u.host]; other {
				c.note(s.Name, "environment", fmt.Sprintf("%s asks %s, the %s of what is found as %s here: write that", key, n.name, n.word, n.label))
			}
		}
	}
}

// settled notes the variables that stand where a plan has the value of now.
func (c *converter) settled(s types.ServiceConfig) {
	model, _ := c.raw[s.Name].(map[string]any)
	for _, word := range slices.Sorted(maps.Keys(model)) {
		if slices.Contains([]string{"image", "command", "environment", "build", "labels", "healthcheck"}, word) || !takes(strings.Split(word, ".")[0]) && word != "deploy" {
			continue
		}
		if word == "user" && !userForm.MatchString(s.User) {
			continue // user tells
		}
		for _, p := range references(model[word]) {
			if c.value(p) == "" {
				c.note(s.Name, word, p.variable+" has no value, in the environment or in .env")
				continue
			}
			c.note(s.Name, word, fmt.Sprintf("what ${%s} was when this was written stands here", p.variable))
		}
	}
}

// references are the variables in a part of the model.
func references(v any) []part {
	var list []part
	switch v := v.(type) {
	case string:
		t, _ := parse(v)
		list = slices.DeleteFunc(t, func(p part) bool { return p.variable == "" })
	case []any:
		for _, e := range v {
			list = append(list, references(e)...)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			list = append(list, references(v[key])...)
		}
	}
	return list
}
