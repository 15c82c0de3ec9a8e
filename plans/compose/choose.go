package compose

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// choose finds the service that is the API: the one asked for, else the one
// that serves HTTP and is neither a known helper nor a load generator, else
// the one of those that a load generator asks.
func (s *stack) choose(wanted string) (string, error) {
	names := slices.Sorted(maps.Keys(s.AllServices()))
	switch {
	case len(names) == 0:
		return "", fmt.Errorf("%s has no services: name another file with --from, or write --from \"\" for a small plan to fill in", s.files)
	case wanted != "" && !slices.Contains(names, wanted):
		return "", fmt.Errorf("%s has no service %q: its services are %s", s.files, wanted, strings.Join(names, ", "))
	case wanted != "":
		return wanted, nil
	}
	all := s.serving(func(x types.ServiceConfig) bool { return generator(x) == "" })
	own := slices.DeleteFunc(slices.Clone(all), func(name string) bool { _, known := helperOf(s.Services[name]); return known })
	if len(own) == 0 {
		own = all
	}
	if len(own) > 1 {
		if asked := s.asked(own); len(asked) == 1 {
			own = asked
		}
	}
	if len(own) == 1 {
		return own[0], nil
	}
	return "", s.undecided(own)
}

// serving lists the services that serve HTTP on a port, by name.
func (s *stack) serving(wanted func(types.ServiceConfig) bool) []string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(s.Services)) {
		x := s.Services[name]
		if x.Provider == nil && wanted(x) && len(httpPorts(x)) > 0 {
			list = append(list, name)
		}
	}
	return list
}

// asked are those of the services that a load generator depends on or names in
// its environment or command.
func (s *stack) asked(of []string) []string {
	return slices.DeleteFunc(slices.Clone(of), func(name string) bool {
		for _, x := range s.AllServices() {
			if generator(x) != "" && asks(x, name) {
				return false
			}
		}
		return true
	})
}

// asks says whether a service depends on another or has a URL that leads there.
func asks(x types.ServiceConfig, name string) bool {
	if _, depends := x.DependsOn[name]; depends {
		return true
	}
	texts := append(slices.Clone(x.Command), x.Entrypoint...)
	for _, value := range x.Environment {
		if value != nil {
			texts = append(texts, *value)
		}
	}
	return slices.ContainsFunc(texts, func(text string) bool {
		return slices.ContainsFunc(urls(text), func(u address) bool { return u.host == name })
	})
}

func (s *stack) undecided(candidates []string) error {
	if len(candidates) == 0 {
		names := slices.Sorted(maps.Keys(s.AllServices()))
		return fmt.Errorf("no service of %s publishes or exposes a port for HTTP: say which is the API with --service: %s", s.files, strings.Join(names, ", "))
	}
	var list []string
	for _, name := range candidates {
		list = append(list, fmt.Sprintf("%s (port %d)", name, httpPorts(s.Services[name])[0]))
	}
	return fmt.Errorf("more than one service of %s could be the API: say which with --service: %s", s.files, strings.Join(list, ", "))
}
