package compose

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// chooser finds the service that is the API.
type chooser struct{ stack *stack }

// choose finds the service that is the API: the one asked for, else the one
// that a load generator asks, else the one that serves HTTP. What is known to
// be no API is neither taken nor offered; a load generator is never taken.
func (c chooser) choose(wanted string) (string, error) {
	names := slices.Sorted(maps.Keys(c.stack.AllServices()))
	switch {
	case len(names) == 0:
		return "", fmt.Errorf("%s has no services: name another file with --from, or write --from \"\" for a small plan to fill in", c.stack.files)
	case wanted != "" && !slices.Contains(names, wanted):
		return "", fmt.Errorf("%s has no service %q: its services are %s", c.stack.files, wanted, strings.Join(names, ", "))
	case wanted != "" && c.stack.tool(c.stack.AllServices()[wanted]).role == loads:
		return "", fmt.Errorf("%s is a load generator: name the service that it asks", wanted)
	case wanted != "":
		return wanted, nil
	}
	list := slices.DeleteFunc(slices.Sorted(maps.Keys(c.stack.Services)), func(name string) bool { return !c.possible(name) })
	if len(list) == 0 {
		return "", c.without(names)
	}
	list = narrowed(list, func(name string) bool { return slices.Contains(c.meant(), name) })
	list = narrowed(list, func(name string) bool { return len(c.stack.httpPorts(c.stack.Services[name])) > 0 })
	list = narrowed(list, func(name string) bool { return !c.page(name, list) })
	if c.equals(list) {
		return list[0], nil
	}
	return "", c.undecided(list)
}

// narrowed are those of a list that something holds for, the whole list where
// it holds for none.
func narrowed(list []string, holds func(string) bool) []string {
	if some := slices.DeleteFunc(slices.Clone(list), func(name string) bool { return !holds(name) }); len(some) > 0 {
		return some
	}
	return list
}

// possible says whether a service can be the API, as far as is known of it.
func (c chooser) possible(name string) bool {
	x := c.stack.Services[name]
	r := c.stack.tool(x).role
	return x.Provider == nil && (r == unknown || r == serves) && !c.stack.ends(name)
}

// meant are the services that the load generators ask; of a proxy those that
// stand behind it.
func (c chooser) meant() []string {
	var list []string
	for _, a := range c.stack.targets() {
		if x, on := c.stack.Services[a.service]; on && c.stack.tool(x).role == proxies {
			list = append(list, c.stack.reached(x)...)
		} else if on {
			list = append(list, a.service)
		}
	}
	return list
}

// page says whether a service is a page that calls one of the others.
func (c chooser) page(name string, others []string) bool {
	x := c.stack.Services[name]
	if c.stack.tool(x).role == serves {
		return false
	}
	looks := slices.ContainsFunc(c.stack.httpPorts(x), func(port int) bool { return slices.Contains(pagePorts, port) }) ||
		slices.ContainsFunc(words(name), func(word string) bool { return slices.Contains(pageWords, word) })
	return slices.ContainsFunc(others, func(other string) bool {
		calls := other != name && slices.Contains(c.stack.reached(x), other)
		return calls && (looks || c.callsAPI(x, other))
	})
}

var (
	pageWords = []string{"ui", "frontend", "front", "web", "webapp", "dashboard", "site", "client"}
	apiWords  = regexp.MustCompile(`(?i)(?:^|_)(?:api|backend|predict\w*|inference|model)(?:_|$)`)
)

// callsAPI says whether a variable named after an API has the URL of another
// service.
func (c chooser) callsAPI(x types.ServiceConfig, other string) bool {
	for name, value := range x.Environment {
		if value == nil || !apiWords.MatchString(name) {
			continue
		}
		if slices.ContainsFunc(urls(*value), func(u address) bool { return c.stack.find(x, u.host) == other }) {
			return true
		}
	}
	return false
}

var numbers = regexp.MustCompile(`\d+`)

// equals says whether services run the same: but for numbers, as of instances.
func (c chooser) equals(names []string) bool {
	what := func(name string) string {
		x := c.stack.Services[name]
		image := x.Image
		if x.Build != nil {
			image = filepath.Join(x.Build.Context, x.Build.Dockerfile) + x.Build.Target
		}
		texts := append([]string{image}, c.stack.starts(x)...)
		for _, variable := range slices.Sorted(maps.Keys(x.Environment)) {
			if value := x.Environment[variable]; value != nil {
				texts = append(texts, variable+"="+*value)
			}
		}
		return numbers.ReplaceAllString(strings.Join(texts, "\n"), "0")
	}
	return !slices.ContainsFunc(names, func(name string) bool { return what(name) != what(names[0]) })
}

// without says that the files have no API, and what to add.
func (c chooser) without(names []string) error {
	asks := ""
	for _, a := range c.stack.targets() {
		if a.service == "" {
			asks = fmt.Sprintf("; %s asks %s", a.by, a.url)
		}
	}
	const add = "name the file that has it too: plan init --from FILE --from "
	said := fmt.Sprintf("%s has no API, only %s%s: ", c.stack.files, strings.Join(names, ", "), asks)
	if slices.ContainsFunc(names, func(name string) bool { return c.stack.tool(c.stack.AllServices()[name]).role != loads }) {
		return errors.New(said + add + c.stack.files + "; if one of them is the API, say so with --service")
	}
	return errors.New(said + add + c.stack.files)
}

// undecided asks which of several services is the API, with what each looks like.
func (c chooser) undecided(candidates []string) error {
	var list []string
	for _, name := range candidates {
		x := c.stack.Services[name]
		looks := []string{}
		if ports := c.stack.httpPorts(x); len(ports) > 0 {
			looks = append(looks, fmt.Sprintf("port %d", ports[0]))
		} else {
			looks = append(looks, "no port")
		}
		switch t := c.stack.running(x); {
		case t.role == serves:
			looks = append(looks, "runs "+t.name)
		case x.Build != nil:
			looks = append(looks, "built in "+filepath.Base(x.Build.Context))
		default:
			looks = append(looks, "image "+x.Image)
		}
		list = append(list, fmt.Sprintf("%s (%s)", name, strings.Join(looks, ", ")))
	}
	return fmt.Errorf("more than one service of %s could be the API: say which with --service: %s", c.stack.files, strings.Join(list, ", "))
}
