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
	left    []Note // services that stay behind
}

// cast picks the helpers: what the API depends on, over however many hops, or
// whatever else is on its own networks if the file does not say.
func (s *stack) cast(api string) *cast {
	c := &cast{api: api, needs: map[string][]string{}, locust: s.findLocust()}
	first := s.needed(api)
	if len(first) == 0 {
		first = s.neighbours(api)
		c.guessed = len(first) > 0
	}
	c.needs[api] = first
	for _, name := range first {
		s.start(c, name)
	}
	s.leave(c)
	return c
}

// start puts a helper behind everything that it needs itself.
func (s *stack) start(c *cast, name string) {
	if _, met := c.needs[name]; met {
		return
	}
	c.needs[name] = s.needed(name)
	for _, before := range c.needs[name] {
		s.start(c, before)
	}
	c.helpers = append(c.helpers, name)
}

// needed are the services that one depends on. One that only runs to its end
// before others start is no helper; what it needs itself is.
func (s *stack) needed(name string) []string {
	var list []string
	for _, to := range slices.Sorted(maps.Keys(s.Services[name].DependsOn)) {
		x, on := s.Services[to]
		switch {
		case !on || generator(x) != "" || x.Provider != nil:
		case s.ends(to):
			list = append(list, s.needed(to)...)
		default:
			list = append(list, to)
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
		if name == api || h.beside || generator(x) != "" || x.Provider != nil || s.ends(name) {
			continue
		}
		if s.share(x, s.Services[api]) && !s.reaches(name, api) {
			list = append(list, name)
		}
	}
	return list
}

// share says whether two services are on one network that the project makes.
func (s *stack) share(a, b types.ServiceConfig) bool {
	for key := range a.Networks {
		if _, both := b.Networks[key]; both && !bool(s.Networks[key].External) {
			return true
		}
	}
	return false
}

// reaches says whether a service depends on another, over however many hops.
func (s *stack) reaches(from, to string) bool {
	for next := range s.Services[from].DependsOn {
		if next == to || s.reaches(next, to) {
			return true
		}
	}
	return false
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
	case s.reaches(name, c.api):
		return fmt.Sprintf("it needs %s, and %s does not need it", c.api, c.api)
	case h.beside:
		return fmt.Sprintf("%s does not need it", c.api)
	case c.guessed || len(c.helpers) == 0:
		return fmt.Sprintf("it shares no network of the project's own with %s", c.api)
	}
	return fmt.Sprintf("nothing that comes over depends on it: if %s needs it, write it into the Compose file's depends_on", c.api)
}
