package compose

import (
	"cmp"
	"fmt"
	"maps"
	"net"
	"regexp"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// hostForm is a name of a host as a plan takes one.
var hostForm = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$`)

// namesOf are the names under which a service is found in Compose: its own first.
func namesOf(s types.ServiceConfig) []string {
	names := []string{s.Name, s.ContainerName, s.Hostname}
	for _, key := range slices.Sorted(maps.Keys(s.Networks)) {
		if n := s.Networks[key]; n != nil {
			names = append(names, n.Aliases...)
		}
	}
	return names
}

// aliases writes the names under which a service is found in Compose, beside the
// one that it has in the plan.
func (w serviceWriter) aliases(p *page, s types.ServiceConfig) {
	names := namesOf(s)
	for _, other := range w.converter.all() {
		for _, link := range other.Links {
			if to, alias, ok := strings.Cut(link, ":"); ok && to == s.Name {
				names = append(names, alias)
			}
		}
	}
	var items []string
	for _, name := range names {
		switch {
		case name == "" || name == w.converter.labels[s.Name] || slices.Contains(items, quote(name)):
		case !hostForm.MatchString(name):
			w.converter.note(s.Name, "",
				fmt.Sprintf("its name is %s in the plan, and other services cannot use %s: it is not a valid host name",
					w.converter.labels[s.Name], name))
		default:
			items = append(items, quote(name))
		}
	}
	if len(items) > 0 {
		p.list("aliases", items)
	}
}

var addressForm = regexp.MustCompile(`\b\d{1,3}(?:\.\d{1,3}){3}\b`)

// nameAddresses puts the name of a service where an environment or a command has the
// fixed address of it, which no container of a plan has.
func (s *project) nameAddresses() {
	names := map[string]string{}
	for name, x := range s.AllServices() {
		for _, n := range x.Networks {
			if n != nil && n.Ipv4Address != "" {
				names[n.Ipv4Address] = name
			}
		}
	}
	named := func(text string) string {
		return addressForm.ReplaceAllStringFunc(text, func(address string) string { return cmp.Or(names[address], address) })
	}
	for _, x := range s.AllServices() {
		for variable, value := range x.Environment {
			if value != nil {
				x.Environment[variable] = new(named(*value))
			}
		}
		for _, words := range [][]string{x.Command, x.Entrypoint} {
			for i := range words {
				words[i] = named(words[i])
			}
		}
		model := s.written.service(x.Name)
		for _, word := range []string{"environment", "command", "entrypoint"} {
			if model[word] != nil {
				model[word] = eachText(model[word], named)
			}
		}
	}
}

// eachText is a part of the model with each of its texts changed.
func eachText(v any, change func(string) string) any {
	switch v := v.(type) {
	case string:
		return change(v)
	case []any:
		for i := range v {
			v[i] = eachText(v[i], change)
		}
	case map[string]any:
		for key := range v {
			v[key] = eachText(v[key], change)
		}
	}
	return v
}

// extraHosts writes the addresses that a service is told.
func (w serviceWriter) extraHosts(p *page, s types.ServiceConfig) {
	var items []string
	for _, name := range slices.Sorted(maps.Keys(s.ExtraHosts)) {
		list := s.ExtraHosts[name]
		switch {
		case len(list) == 0:
			continue
		case !hostForm.MatchString(name) || list[0] != "host-gateway" && net.ParseIP(list[0]) == nil:
			w.converter.note(s.Name, "extra_hosts",
				fmt.Sprintf("%s is left out: %s is not a valid address", name, list[0]))
			continue
		case len(list) > 1:
			w.converter.note(s.Name, "extra_hosts", fmt.Sprintf("%s has one address in a plan: %s", name, list[0]))
		}
		items = append(items, quote(name)+" = "+quote(list[0]))
	}
	if len(items) > 0 {
		p.line("extra_hosts = { %s }", strings.Join(items, ", "))
	}
}

// noteVariables notes the variables that stand where a plan has the value of now.
func (w serviceWriter) noteVariables(s types.ServiceConfig) {
	model := w.converter.project.written.service(s.Name)
	for _, word := range slices.Sorted(maps.Keys(model)) {
		if slices.Contains([]string{"image", "entrypoint", "command", "environment", "labels", "healthcheck"}, word) ||
			!isMapped(strings.Split(word, ".")[0]) && word != "deploy" {
			continue
		}
		if word == "user" && !userForm.MatchString(s.User) {
			continue // user tells
		}
		value := model[word]
		if build, is := value.(map[string]any); is && word == "build" { // its args have variables of the plan
			build = maps.Clone(build)
			delete(build, "args")
			value = build
		}
		for _, p := range references(value) {
			if w.converter.project.written.value(p) == "" {
				w.converter.note(s.Name, word, p.variable+" has no value, in the environment or in .env")
				continue
			}
			w.converter.note(s.Name, word, fmt.Sprintf("the plan has the value that ${%s} had when it was written", p.variable))
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
