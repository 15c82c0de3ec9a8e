package compose

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
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
		return "", fmt.Errorf("%s has no services: name another file with --from, or write --from \"\" for a small plan "+
			"to complete", c.project.written.names)
	case wanted != "" && !slices.Contains(names, wanted):
		return "", fmt.Errorf("%s has no service %q: its services are %s", c.project.written.names, wanted,
			strings.Join(names, ", "))
	case wanted != "" && c.project.tool(c.project.AllServices()[wanted]).role == loadRole:
		return "", fmt.Errorf("%s is a load generator: name the service that it sends requests to", wanted)
	case wanted != "":
		return wanted, nil
	}
	list, targets := c.candidates(), c.targets()
	asked := func(name string) bool {
		return slices.ContainsFunc(targets, func(a loadTarget) bool { return a.service == name })
	}
	inactive := func(a loadTarget) bool { _, on := c.project.Services[a.service]; return !on }
	// The API may be in a profile that is not active.
	if len(list) == 0 || !slices.ContainsFunc(list, asked) && slices.ContainsFunc(targets, inactive) {
		all, err := c.project.withProfiles([]string{"*"})
		if err != nil {
			return "", c.project.written.readError(err)
		}
		c.project = all
		list, targets = c.candidates(), c.targets()
	}
	if len(targets) > 0 && !slices.ContainsFunc(list, asked) {
		a := targets[0]
		return "", fmt.Errorf("%s sends requests to %s, which is %s: name it, or another service, with --service", a.by,
			a.service, cmp.Or(roleNames[c.project.role(a.service)], "no container"))
	}
	if len(list) == 0 {
		return "", c.noAPIError(names)
	}
	if len(targets) == 0 && len(c.others(loadRole)) > 1 {
		// That it is left does not make a service the API.
		if !slices.ContainsFunc(list, c.serves) {
			return "", c.noAPIError(names)
		}
		list = narrow(list, c.serves)
	}
	list = narrow(list, asked)
	list = narrow(list, func(name string) bool {
		return len(c.project.httpPorts(c.project.Services[name])) > 0 || len(targets) == 0 && c.isCalledAPI(name)
	})
	list = narrow(list, func(name string) bool { return !c.isPage(name, list) })
	// Something shows that it serves HTTP itself: a port of the Compose file, a server that it
	// runs, or the command of its image, to which the ports in the Dockerfile belong.
	list = narrow(list, func(name string) bool {
		x := c.project.Services[name]
		return len(inside(x)) > 0 || len(c.project.knownPorts(x)) > 0 || runningTool(x).role.isServer() ||
			x.Command == nil && x.Entrypoint == nil
	})
	list = narrow(list, func(name string) bool { return !c.looksLikePage(name) })
	list = narrow(list, func(name string) bool { return c.isEntry(name, list) })
	if c.runSame(list) {
		return list[0], nil
	}
	return "", c.ambiguousError(list)
}

// others are the active services that do not have a role.
func (c chooser) others(r role) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(c.project.Services)),
		func(name string) bool { return c.project.tool(c.project.Services[name]).role == r })
}

// serves reports whether something shows that a service can be an API: a server that it
// runs, its name, or a port. The port of what controls the engine is that of a tool.
func (c chooser) serves(name string) bool {
	x := c.project.Services[name]
	return c.project.tool(x).role.isServer() || c.isCalledAPI(name) ||
		len(c.project.httpPorts(x)) > 0 && !slices.ContainsFunc(x.Volumes,
			func(v types.ServiceVolumeConfig) bool { return path.Base(v.Source) == "docker.sock" })
}

// candidates are the active services that can be the API.
func (c chooser) candidates() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(c.project.Services)),
		func(name string) bool { return !c.project.canBeAPI(name) })
}

// targets are the services that the load generators ask; of a proxy those that it passes
// their requests to.
func (c chooser) targets() (list []loadTarget) {
	for _, a := range generatorsOf(c.project).targets() {
		x := c.project.AllServices()[a.service]
		if c.project.tool(x).role != proxyRole {
			list = append(list, a)
			continue
		}
		for _, name := range c.project.reached(x) {
			list = append(list, loadTarget{by: a.by, service: name, named: a.named})
		}
	}
	return slices.DeleteFunc(list, func(a loadTarget) bool {
		return !generatorsOf(c.project).isAsked(a) || c.project.tool(c.project.AllServices()[a.service]).role == proxyRole
	})
}

// isEntry reports whether users send their requests to a service and not to the others: it
// depends on all of them, or calls those that do not call it, and it is called an API, or
// the others are servers of models and it is no page of them.
func (c chooser) isEntry(name string, list []string) bool {
	others := slices.DeleteFunc(slices.Clone(list), func(other string) bool { return other == name })
	models := !slices.ContainsFunc(others, func(other string) bool {
		return c.project.tool(c.project.Services[other]).role != modelRole
	})
	dependencies := func(name string) []string {
		return slices.Collect(maps.Keys(c.project.Services[name].DependsOn))
	}
	return (c.isCalledAPI(name) || models && !c.mayBePage(name)) && !slices.ContainsFunc(others, func(other string) bool {
		return !c.calls(name, other, dependencies) && (!c.calls(name, other, c.reached) || c.calls(other, name, c.reached))
	})
}

// calls reports whether one service leads to another, over however many hops, each to one
// of next.
func (c chooser) calls(from, to string, next func(name string) []string) bool {
	seen := map[string]bool{}
	var visit func(string) bool
	visit = func(name string) bool {
		seen[name] = true
		return slices.ContainsFunc(next(name), func(n string) bool { return n == to || !seen[n] && visit(n) })
	}
	return visit(from)
}

func (c chooser) reached(name string) []string { return c.project.reached(c.project.Services[name]) }

// narrow are those of a list that something holds for, the whole list where
// it holds for none.
func narrow(list []string, holds func(string) bool) []string {
	if some := slices.DeleteFunc(slices.Clone(list), func(name string) bool { return !holds(name) }); len(some) > 0 {
		return some
	}
	return list
}

// canBeAPI reports whether a service can be the API, as far as is known of it.
func (s *project) canBeAPI(name string) bool {
	r := s.role(name)
	return s.AllServices()[name].Provider == nil && (r == unknownRole || r.isServer())
}

// role is the part that a service plays: a job if another one waits for its end.
func (s *project) role(name string) role {
	if s.ends(name) {
		return jobRole
	}
	return s.tool(s.AllServices()[name]).role
}

// isCalledAPI reports whether the name of a service says that it is an API.
func (c chooser) isCalledAPI(name string) bool {
	return hasWord(name, apiNames)
}

var apiNames = []string{"api", "fastapi", "inference", "predict", "prediction", "predictor", "model", "serving",
	"serve", "backend", "gateway"}

// looksLikePage reports whether a service is called after a frontend, has a usual port of one, and keeps nothing in a
// store of its own.
func (c chooser) looksLikePage(name string) bool {
	x := c.project.Services[name]
	isStore := func(other string) bool { return c.project.tool(c.project.Services[other]).role == storeRole }
	return !c.project.tool(x).role.isServer() && hasWord(name, frontWords) &&
		!slices.ContainsFunc(c.project.reached(x), isStore) &&
		slices.ContainsFunc(c.project.httpPorts(x), func(port int) bool { return slices.Contains(pagePorts, port) })
}

// isPage reports whether a service is a page that calls one of the others: by its name, its only ports, or the variable
// that has the URL of the other. What is called after an API is no page because of the last two. In front of a server
// of models there may be an API as well, so only what no API has shows a page there.
func (c chooser) isPage(name string, others []string) bool {
	x := c.project.Services[name]
	if c.project.tool(x).role.isServer() {
		return false
	}
	reached, isAPI := c.project.reached(x), slices.Contains(apiNames, lastWord(name))
	return slices.ContainsFunc(others, func(other string) bool {
		switch {
		case other == name || !slices.Contains(reached, other):
			return false
		case c.project.tool(c.project.Services[other]).role == modelRole:
			return hasWord(name, frontWords) || !isAPI && c.hasOnly(x, frontPorts)
		}
		return hasWord(name, pageWords) || !isAPI && (c.hasOnly(x, pagePorts) || c.hasURL(x, other))
	})
}

// mayBePage reports whether a service has a name or ports that pages have, and APIs as well.
func (c chooser) mayBePage(name string) bool {
	x := c.project.Services[name]
	return !c.project.tool(x).role.isServer() && (hasWord(name, pageWords) || c.hasOnly(x, pagePorts))
}

// hasURL reports whether a variable that is called after the API has the URL of another service.
func (c chooser) hasURL(x types.ServiceConfig, other string) bool {
	for variable, value := range x.Environment {
		if value != nil && apiVariable.MatchString(variable) && slices.ContainsFunc(urls(*value),
			func(u address) bool { return c.project.find(x, u.host) == other }) {
			return true
		}
	}
	return false
}

// hasOnly reports whether a service has ports of a list alone.
func (c chooser) hasOnly(x types.ServiceConfig, ports []int) bool {
	own := c.project.httpPorts(x)
	return len(own) > 0 && !slices.ContainsFunc(own, func(port int) bool { return !slices.Contains(ports, port) })
}

// hasWord reports whether a name has one of these words.
func hasWord(name string, list []string) bool {
	return slices.ContainsFunc(words(name), func(word string) bool { return slices.Contains(list, word) })
}

var (
	frontWords = []string{"ui", "frontend", "front", "client"}
	pageWords  = append([]string{"web", "webapp", "dashboard", "site"}, frontWords...)

	// apiVariable is a variable for the one API that a page calls, not for one of the parts of a stack.
	apiVariable = regexp.MustCompile(`(?i)^(?:(?:vite|next_public|nuxt_public|react_app|vue_app|public|frontend|ui)_)?` +
		`(?:rest_)?(?:api|backend|predict\w*)(?:_|$)`)
)

var numbers = regexp.MustCompile(`\d+`)

// runSame reports whether services run the same: but for numbers, as of instances, and
// but for their environment if one proxy passes requests to all of them.
func (c chooser) runSame(names []string) bool {
	balanced := c.balanced(names)
	what := func(name string) string {
		x := c.project.Services[name]
		image := x.Image
		if x.Build != nil {
			image = filepath.Join(x.Build.Context, x.Build.Dockerfile) + x.Build.Target
		}
		texts := append([]string{image}, startWords(x)...)
		for _, variable := range slices.Sorted(maps.Keys(x.Environment)) {
			if value := x.Environment[variable]; value != nil && !balanced {
				texts = append(texts, variable+"="+*value)
			}
		}
		return numbers.ReplaceAllString(strings.Join(texts, "\n"), "0")
	}
	return !slices.ContainsFunc(names, func(name string) bool { return what(name) != what(names[0]) })
}

// balanced reports whether a proxy passes requests to all services of a list.
func (c chooser) balanced(names []string) bool {
	for _, x := range c.project.Services {
		if c.project.tool(x).role != proxyRole {
			continue
		}
		behind := c.project.reached(x)
		if !slices.ContainsFunc(names, func(name string) bool { return !slices.Contains(behind, name) }) {
			return true
		}
	}
	return false
}

// noAPIError says that the files have no API, and what to add.
func (c chooser) noAPIError(names []string) error {
	asks := ""
	for _, a := range generatorsOf(c.project).targets() {
		if a.service == "" {
			asks = fmt.Sprintf("; %s sends requests to %s", a.by, a.url)
		}
	}
	add := "add the file that has it: plan init --from " + cmp.Or(strings.Join(c.project.offered, " or "), "FILE") +
		" --from "
	said := fmt.Sprintf("%s has no API, only %s%s: ", c.project.written.names, strings.Join(names, ", "), asks)
	if slices.ContainsFunc(names,
		func(name string) bool { return c.project.tool(c.project.AllServices()[name]).role != loadRole }) {
		return errors.New(said + add + c.project.written.names + "; if one of them is the API, name it with --service")
	}
	return errors.New(said + add + c.project.written.names)
}

// AmbiguousError says that several services could be the API, with what each looks like.
type AmbiguousError struct{ Files, Candidates string }

func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("more than one service of %s could be the API: name one with --service: %s", e.Files, e.Candidates)
}

// Question asks a person for the API.
func (e *AmbiguousError) Question() string {
	return fmt.Sprintf("More than one service of %s could be the API: %s. Which one?", e.Files, e.Candidates)
}

// ambiguousError returns an AmbiguousError of services.
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
		switch t := runningTool(x); {
		case t.role.isServer():
			looks = append(looks, "runs "+t.name)
		case x.Build != nil:
			looks = append(looks, "built in "+filepath.Base(x.Build.Context))
		default:
			looks = append(looks, "image "+x.Image)
		}
		list = append(list, fmt.Sprintf("%s (%s)", name, strings.Join(looks, ", ")))
	}
	return &AmbiguousError{fmt.Sprint(c.project.written.names), strings.Join(list, ", ")}
}
