package compose

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// chooser finds the service that is the API.
type chooser struct{ project *project }

// choose finds the service that is the API: the one asked for, else the one
// that a load generator asks, else the one that serves HTTP. What is known to
// be no API is neither taken nor offered; a load generator is never taken.
func (c chooser) choose(wanted string) (string, error) {
	names := slices.Sorted(maps.Keys(c.project.AllServices()))
	switch {
	case len(names) == 0:
		return "", fmt.Errorf("%s has no services: name another file with --from, or write --from \"\" for a small plan to fill in", c.project.files)
	case wanted != "" && !slices.Contains(names, wanted):
		return "", fmt.Errorf("%s has no service %q: its services are %s", c.project.files, wanted, strings.Join(names, ", "))
	case wanted != "" && c.project.tool(c.project.AllServices()[wanted]).role == loadRole:
		return "", fmt.Errorf("%s is a load generator: name the service that it asks", wanted)
	case wanted != "":
		return wanted, nil
	}
	list := slices.DeleteFunc(slices.Sorted(maps.Keys(c.project.Services)),
		func(name string) bool { return !c.canBeAPI(name) })
	if len(list) == 0 {
		return "", c.noAPIError(names)
	}
	// The services that the load generators ask; of a proxy those that stand behind
	// it.
	var targets []string
	for _, a := range c.project.loadTargets() {
		if x, on := c.project.Services[a.service]; on && c.project.tool(x).role == proxyRole {
			targets = append(targets, c.project.reached(x)...)
		} else if on {
			targets = append(targets, a.service)
		}
	}
	list = narrow(list, func(name string) bool { return slices.Contains(targets, name) })
	list = narrow(list, func(name string) bool { return len(c.project.httpPorts(c.project.Services[name])) > 0 })
	list = narrow(list, func(name string) bool { return !c.isPage(name, list) })
	if c.runSame(list) {
		return list[0], nil
	}
	return "", c.ambiguousError(list)
}

// narrow are those of a list that something holds for, the whole list where
// it holds for none.
func narrow(list []string, holds func(string) bool) []string {
	if some := slices.DeleteFunc(slices.Clone(list), func(name string) bool { return !holds(name) }); len(some) > 0 {
		return some
	}
	return list
}

// canBeAPI reports whether a service can be the API, as far as is known of it.
func (c chooser) canBeAPI(name string) bool {
	x := c.project.Services[name]
	r := c.project.tool(x).role
	return x.Provider == nil && (r == unknownRole || r == serverRole) && !c.project.ends(name)
}

// isPage reports whether a service is a page that calls one of the others.
func (c chooser) isPage(name string, others []string) bool {
	x := c.project.Services[name]
	if c.project.tool(x).role == serverRole {
		return false
	}
	looks := slices.ContainsFunc(c.project.httpPorts(x),
		func(port int) bool { return slices.Contains(pagePorts, port) }) ||
		slices.ContainsFunc(words(name), func(word string) bool { return slices.Contains(pageWords, word) })
	return slices.ContainsFunc(others, func(other string) bool {
		if other == name || !slices.Contains(c.project.reached(x), other) {
			return false
		}
		// A variable named after an API may have the URL of the other service.
		for variable, value := range x.Environment {
			if value != nil && apiWords.MatchString(variable) && slices.ContainsFunc(urls(*value),
				func(u address) bool { return c.project.find(x, u.host) == other }) {
				return true
			}
		}
		return looks
	})
}

var (
	pageWords = []string{"ui", "frontend", "front", "web", "webapp", "dashboard", "site", "client"}
	apiWords  = regexp.MustCompile(`(?i)(?:^|_)(?:api|backend|predict\w*|inference|model)(?:_|$)`)
)

var numbers = regexp.MustCompile(`\d+`)

// runSame reports whether services run the same: but for numbers, as of instances.
func (c chooser) runSame(names []string) bool {
	what := func(name string) string {
		x := c.project.Services[name]
		image := x.Image
		if x.Build != nil {
			image = filepath.Join(x.Build.Context, x.Build.Dockerfile) + x.Build.Target
		}
		texts := append([]string{image}, c.project.starts(x)...)
		for _, variable := range slices.Sorted(maps.Keys(x.Environment)) {
			if value := x.Environment[variable]; value != nil {
				texts = append(texts, variable+"="+*value)
			}
		}
		return numbers.ReplaceAllString(strings.Join(texts, "\n"), "0")
	}
	return !slices.ContainsFunc(names, func(name string) bool { return what(name) != what(names[0]) })
}

// noAPIError says that the files have no API, and what to add.
func (c chooser) noAPIError(names []string) error {
	asks := ""
	for _, a := range c.project.loadTargets() {
		if a.service == "" {
			asks = fmt.Sprintf("; %s asks %s", a.by, a.url)
		}
	}
	const add = "name the file that has it too: plan init --from FILE --from "
	said := fmt.Sprintf("%s has no API, only %s%s: ", c.project.files, strings.Join(names, ", "), asks)
	if slices.ContainsFunc(names,
		func(name string) bool { return c.project.tool(c.project.AllServices()[name]).role != loadRole }) {
		return errors.New(said + add + c.project.files + "; if one of them is the API, say so with --service")
	}
	return errors.New(said + add + c.project.files)
}

// ambiguousError asks which of several services is the API, with what each looks like.
func (c chooser) ambiguousError(candidates []string) error {
	var list []string
	for _, name := range candidates {
		x := c.project.Services[name]
		looks := []string{}
		if ports := c.project.httpPorts(x); len(ports) > 0 {
			looks = append(looks, fmt.Sprintf("port %d", ports[0]))
		} else {
			looks = append(looks, "no port")
		}
		switch t := c.project.running(x); {
		case t.role == serverRole:
			looks = append(looks, "runs "+t.name)
		case x.Build != nil:
			looks = append(looks, "built in "+filepath.Base(x.Build.Context))
		default:
			looks = append(looks, "image "+x.Image)
		}
		list = append(list, fmt.Sprintf("%s (%s)", name, strings.Join(looks, ", ")))
	}
	return fmt.Errorf("more than one service of %s could be the API: say which with --service: %s", c.project.files,
		strings.Join(list, ", "))
}
