package compose

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// cast says which part each service of a stack plays.
type cast struct {
	api     string
	helpers []string            // started for the API, in the order in which they start
	needs   map[string][]string // services that one needs, of those that come over
	guessed bool                // the file does not say what the API needs
	locust  *types.ServiceConfig
	found   []Note // needs that the file does not say by depends_on
	left    []Note // services that stay behind
}

// cast picks the helpers: what the API depends on or asks by a URL, over
// however many hops, or whatever else is on its own networks if the file does
// not say.
func (s *stack) cast(api string) *cast {
	c := &cast{api: api, needs: map[string][]string{}, locust: s.findLocust()}
	if c.locust != nil && c.locust.Name == api {
		c.locust = nil
	}
	s.start(c, api)
	if len(c.helpers) == 1 {
		c.needs[api] = s.neighbours(api)
		for _, name := range c.needs[api] {
			s.start(c, name)
		}
		c.guessed = len(c.needs[api]) > 0
	}
	c.helpers = slices.DeleteFunc(c.helpers, func(name string) bool { return name == api })
	s.leave(c)
	return c
}

// start puts a service behind everything that it needs itself.
func (s *stack) start(c *cast, name string) {
	if _, met := c.needs[name]; met {
		return
	}
	c.needs[name] = s.needed(name)
	c.needs[name] = append(c.needs[name], s.asksFor(c, name)...)
	for _, before := range c.needs[name] {
		s.start(c, before)
	}
	c.helpers = append(c.helpers, name)
}

// asksFor are the services that one names in a URL of its environment, on a
// network that the project makes, and does not depend on. None of them needs
// it in turn.
func (s *stack) asksFor(c *cast, name string) []string {
	var list []string
	x := s.Services[name]
	for _, variable := range slices.Sorted(maps.Keys(x.Environment)) {
		if x.Environment[variable] == nil {
			continue
		}
		for _, u := range urls(*x.Environment[variable]) {
			known := slices.Contains(list, u.host) || slices.Contains(c.needs[name], u.host)
			to, on := s.Services[u.host]
			if on && !known && s.helps(to) && s.share(x, to) && !s.leads(c, u.host, name) {
				list = append(list, u.host)
				c.found = append(c.found, Note{name, "depends_on", fmt.Sprintf("%s is added: %s leads there", u.host, variable)})
			}
		}
	}
	return list
}

// helps says whether a service can be started for another.
func (s *stack) helps(x types.ServiceConfig) bool {
	return generator(x) == "" && x.Provider == nil && !s.ends(x.Name)
}

// leads says whether a service needs another, over however many hops, as the
// file says or as was found.
func (s *stack) leads(c *cast, from, to string) bool {
	seen := map[string]bool{}
	var visit func(string) bool
	visit = func(name string) bool {
		if name == to || seen[name] {
			return name == to
		}
		seen[name] = true
		for next := range s.Services[name].DependsOn {
			if visit(next) {
				return true
			}
		}
		return slices.ContainsFunc(c.needs[name], visit)
	}
	return visit(from)
}

// needed are the services that one depends on. One that only runs to its end
// before others start is no helper; what it needs itself is.
func (s *stack) needed(name string) []string {
	var list []string
	for _, to := range slices.Sorted(maps.Keys(s.Services[name].DependsOn)) {
		x, on := s.Services[to]
		switch {
		case on && s.helps(x):
			list = append(list, to)
		case on && s.ends(to):
			list = append(list, s.needed(to)...)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// ends says whether a service is waited for until it has ended.
func (s *stack) ends(name string) bool {
	for _, x := range s.Services {
		if x.DependsOn[name].Condition == types.ServiceConditionCompletedSuccessfully {
			return true
		}
	}
	return false
}

// neighbours are the services that share a network of the project's own with
// the API, and neither need it nor only stand beside it.
func (s *stack) neighbours(api string) []string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(s.Services)) {
		x := s.Services[name]
		h, _ := helperOf(x)
		needs := s.leads(&cast{}, name, api) || asks(x, api)
		if !needs && !h.beside && s.helps(x) && s.share(x, s.Services[api]) {
			list = append(list, name)
		}
	}
	return list
}

// share says whether two services are on one network that the project makes.
func (s *stack) share(a, b types.ServiceConfig) bool { return s.meet(a, b, false) != "" }

// meet is the name of a network that two services are both on, "" for none.
func (s *stack) meet(a, b types.ServiceConfig, external bool) string {
	for _, key := range slices.Sorted(maps.Keys(a.Networks)) {
		if _, both := b.Networks[key]; both && bool(s.Networks[key].External) == external {
			return s.Networks[key].Name
		}
	}
	return ""
}

// leave tells why the other services stay behind.
func (s *stack) leave(c *cast) {
	for _, name := range slices.Sorted(maps.Keys(s.AllServices())) {
		if name == c.api || slices.Contains(c.helpers, name) || c.locust != nil && c.locust.Name == name {
			continue
		}
		c.left = append(c.left, Note{Service: name, Text: s.whyLeft(c, name)})
	}
	for _, name := range slices.Sorted(maps.Keys(s.AllJobs())) {
		c.left = append(c.left, Note{Service: name, Text: "it is a job, and a plan has none"})
	}
}

func (s *stack) whyLeft(c *cast, name string) string {
	x, on := s.Services[name]
	h, _ := helperOf(x)
	switch {
	case !on:
		return fmt.Sprintf("its profile is not active: %s", strings.Join(s.DisabledServices[name].Profiles, ", "))
	case generator(x) != "":
		return "it is a load generator, and the plan puts its own load on " + c.api
	case x.Provider != nil:
		return "it is no container: Compose has a provider make it"
	case s.ends(name):
		return "it runs to its end before others start, and a helper lives as long as the run: run it yourself before"
	case s.leads(c, name, c.api) || asks(x, c.api):
		return fmt.Sprintf("it needs %s, and %s does not need it", c.api, c.api)
	case h.beside:
		return fmt.Sprintf("%s does not need it", c.api)
	case s.meet(x, s.Services[c.api], true) != "":
		return fmt.Sprintf("it is taken for running on %s already, which the plan does not make", s.meet(x, s.Services[c.api], true))
	case !s.share(x, s.Services[c.api]):
		return fmt.Sprintf("it shares no network with %s", c.api)
	}
	return fmt.Sprintf("nothing that comes over depends on it: if %s needs it, write it into the Compose file's depends_on", c.api)
}
