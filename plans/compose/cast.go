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
	stack   *stack
	api     string
	helpers []string            // started for the API, in the order in which they start
	needs   map[string][]string // services that one needs, of those that come over
	locust  *types.ServiceConfig
	once    []string // helpers that are jobs
	found   []Note   // needs that the file does not say by depends_on
	left    []Note   // services that stay behind
}

// cast picks the helpers: what the API depends on or names, over however many
// hops, or whatever keeps things on its own networks if the file does not say.
func (s *stack) cast(api string) *cast {
	c := &cast{stack: s, api: api, needs: map[string][]string{}, locust: s.findLocust()}
	if c.locust != nil && c.locust.Name == api {
		c.locust = nil
	}
	c.start(api)
	if len(c.helpers) == 1 {
		c.needs[api] = s.neighbours(api)
		for _, name := range c.needs[api] {
			c.start(name)
		}
		if len(c.needs[api]) > 0 {
			c.found = append(c.found, Note{api, "depends_on", "nothing says what it needs, so what keeps data is started: take out what it does not need: " + strings.Join(c.needs[api], ", ")})
		}
	}
	c.workers()
	c.jobs()
	c.helpers = slices.DeleteFunc(c.helpers, func(name string) bool { return name == api })
	c.leave()
	return c
}

// workers start those that take their work from what comes over, and do what the
// API puts there.
func (c *cast) workers() {
	for _, name := range slices.Sorted(maps.Keys(c.stack.Services)) {
		x := c.stack.Services[name]
		if _, met := c.needs[name]; met || c.stack.tool(x).role != works || c.leads(name, c.api) {
			continue
		}
		for _, from := range c.stack.reached(x) {
			if slices.Contains(c.needs[c.api], from) && c.stack.tool(c.stack.Services[from]).role == keeps {
				c.found = append(c.found, Note{c.api, "depends_on", fmt.Sprintf("%s is added: it takes its work from %s, where %s puts it", name, from, c.api)})
				c.start(name)
				c.needs[c.api] = append(c.needs[c.api], name)
				break
			}
		}
	}
}

// jobs start those that make something in what comes over, such as a bucket, a
// schema or a user. One that does so for a tool that stays behind stays behind too.
func (c *cast) jobs() {
	for _, name := range slices.Sorted(maps.Keys(c.stack.Services)) {
		x := c.stack.Services[name]
		t := c.stack.tool(x)
		if _, met := c.needs[name]; met || t.role != finishes || products[t.name].role == shows || c.leads(name, c.api) {
			continue
		}
		for _, at := range c.stack.reached(x) {
			if slices.Contains(c.helpers, at) && c.stack.tool(c.stack.Services[at]).role == keeps && c.stack.share(x, c.stack.Services[at]) {
				c.found = append(c.found, Note{c.api, "depends_on", fmt.Sprintf("%s is added: it is a job that prepares %s", name, at)})
				c.start(name)
				c.needs[c.api] = append(c.needs[c.api], name)
				break
			}
		}
	}
}

// start puts a service behind everything that it needs itself.
func (c *cast) start(name string) {
	if _, met := c.needs[name]; met {
		return
	}
	c.needs[name] = c.stack.needed(name)
	c.needs[name] = append(c.needs[name], c.asksFor(name)...)
	for _, before := range c.needs[name] {
		c.start(before)
	}
	if c.stack.job(name) {
		c.once = append(c.once, name)
	}
	c.helpers = append(c.helpers, name)
}

// helps says whether a service can be started for another.
func (s *stack) helps(x types.ServiceConfig) bool {
	return s.tool(x).role != loads && x.Provider == nil
}

// leads says whether a service needs another, over however many hops, as the
// file says or as was found.
func (c *cast) leads(from, to string) bool {
	seen := map[string]bool{}
	var visit func(string) bool
	visit = func(name string) bool {
		if name == to || seen[name] {
			return name == to
		}
		seen[name] = true
		for next := range c.stack.Services[name].DependsOn {
			if visit(next) {
				return true
			}
		}
		return slices.ContainsFunc(c.needs[name], visit)
	}
	return visit(from)
}

// needed are the services that one depends on.
func (s *stack) needed(name string) []string {
	var list []string
	for _, to := range slices.Sorted(maps.Keys(s.Services[name].DependsOn)) {
		if x, on := s.Services[to]; on && s.helps(x) {
			list = append(list, to)
		}
	}
	return list
}

// job says whether a service runs to its end, and what needs it starts then.
func (s *stack) job(name string) bool {
	return s.ends(name) || s.tool(s.Services[name]).role == finishes
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

// neighbours are the databases, queues and stores that share a network of the
// project's own with the API and do not need it.
func (s *stack) neighbours(api string) []string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(s.Services)) {
		x := s.Services[name]
		needs := (&cast{stack: s}).leads(name, api) || slices.Contains(s.reached(x), api)
		if name != api && !needs && s.tool(x).role == keeps && !s.job(name) && s.helps(x) && s.share(x, s.Services[api]) {
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
func (c *cast) leave() {
	for _, name := range slices.Sorted(maps.Keys(c.stack.AllServices())) {
		if name == c.api || slices.Contains(c.helpers, name) || c.locust != nil && c.locust.Name == name {
			continue
		}
		c.left = append(c.left, Note{Service: name, Text: c.whyLeft(name)})
	}
	for _, name := range slices.Sorted(maps.Keys(c.stack.AllJobs())) {
		c.left = append(c.left, Note{Service: name, Text: "it is a job, and a plan has none"})
	}
}

func (c *cast) whyLeft(name string) string {
	x, on := c.stack.Services[name]
	r := c.stack.tool(x).role
	switch {
	case !on:
		return fmt.Sprintf("its profile is not active: %s", strings.Join(c.stack.DisabledServices[name].Profiles, ", "))
	case r == loads:
		return "it is a load generator, and the plan puts its own load on " + c.api
	case x.Provider != nil:
		return "it is no container: Compose has a provider make it"
	case c.stack.job(name):
		return "it is a job, and nothing that comes over waits for it: run it yourself before, if " + c.api + " needs what it makes"
	case c.leads(name, c.api) || slices.Contains(c.stack.reached(x), c.api):
		return fmt.Sprintf("it needs %s, and %s does not need it", c.api, c.api)
	case r == shows || r == proxies || r == watches:
		return fmt.Sprintf("it is %s: %s does not need it", called[r], c.api)
	case c.stack.meet(x, c.stack.Services[c.api], true) != "":
		return fmt.Sprintf("it is taken for running on %s already, which the plan does not make", c.stack.meet(x, c.stack.Services[c.api], true))
	case !c.stack.share(x, c.stack.Services[c.api]):
		return fmt.Sprintf("it shares no network with %s", c.api)
	}
	return fmt.Sprintf("nothing that comes over depends on it: if %s needs it, write it into the Compose file's depends_on", c.api)
}
