package compose

import (
	"cmp"
	"fmt"
	"maps"
	"net"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// selection is the part that each service of a project has in the plan.
type selection struct {
	project  *project
	api      string
	helpers  []string            // started for the API, in the order in which they start
	needs    map[string][]string // services that one needs, of those that come over
	locust   *types.ServiceConfig
	jobNames []string // helpers that are jobs
	added    []Note   // needs that the file does not say by depends_on
	excluded []Note   // services that stay behind
	guess    string   // what was assumed of the needs; "": nothing
}

// selectServices picks the helpers: what the API depends on or names, over however many
// hops, or whatever keeps things on its own networks if the file does not say.
func (s *project) selectServices(api string) *selection {
	c := &selection{project: s, api: api, needs: map[string][]string{}, locust: s.findLocust()}
	if c.locust != nil && c.locust.Name == api {
		c.locust = nil
	}
	c.addHelper(api)
	if len(c.helpers) == 1 {
		c.guessStores()
	}
	c.addWorkers()
	c.addJobs()
	c.helpers = slices.DeleteFunc(c.helpers, func(name string) bool { return name == api })
	for _, name := range slices.Sorted(maps.Keys(s.AllServices())) {
		if name == api || slices.Contains(c.helpers, name) || c.locust != nil && c.locust.Name == name {
			continue
		}
		c.excluded = append(c.excluded, Note{Service: name, Text: "left out: " + c.exclusionReason(name)})
	}
	for _, name := range slices.Sorted(maps.Keys(s.AllJobs())) {
		c.excluded = append(c.excluded, Note{Service: name,
			Text: "it is a job of the Compose file, which a plan cannot have"})
	}
	return c
}

// guessStores start the databases, queues and stores that share a network of the project's
// own with the API, do not need it and are not another tool's own; where the code of the
// API is known, those that it names.
func (c *selection) guessStores() {
	s, x := c.project, c.project.Services[c.api]
	if callsOut(x) {
		return
	}
	code, known := sourcesOf(x)
	var stores []string
	for _, name := range slices.Sorted(maps.Keys(s.Services)) {
		to := s.Services[name]
		needs := (&selection{project: s}).requires(name, c.api) || slices.Contains(s.reached(to), c.api)
		if name != c.api && !needs && c.isStore(name) && !s.job(name) && s.helps(to) && s.shareNetwork(to, x) &&
			(known && namedIn(code, to) || !known && !s.isOwned(name)) {
			stores = append(stores, name)
		}
	}
	c.needs[c.api] = stores
	for _, name := range stores {
		c.addHelper(name)
	}
	if len(stores) > 0 {
		what := "every store"
		if known {
			what = "every store that its code names"
		}
		c.guess = fmt.Sprintf("the Compose file does not state what it needs, so %s is a helper: remove those that it does not need: %s",
			what, strings.Join(stores, ", "))
		c.added = append(c.added, Note{c.api, "depends_on", c.guess})
	}
}

// callsOut reports whether the environment of a service says what it needs: an address
// that is none of the project.
func callsOut(x types.ServiceConfig) bool {
	for _, value := range x.Environment {
		if value != nil && slices.ContainsFunc(urls(*value), func(u address) bool {
			ip := net.ParseIP(u.host)
			return u.host == "host.docker.internal" || ip != nil && !ip.IsLoopback() && !ip.IsUnspecified()
		}) {
			return true
		}
	}
	return false
}

// isOwned reports whether a store keeps the things of a tool, such as Airflow's database:
// only such tools, and jobs of theirs, name it as where their own things are.
func (s *project) isOwned(name string) bool {
	owned := false
	for _, x := range s.Services {
		if x.Name == name || !slices.ContainsFunc(s.reaches(x), func(n need) bool { return n.service == name }) {
			continue
		}
		if !slices.Contains(owners, cmp.Or(s.product(x).name, s.tool(x).name)) {
			return false
		}
		owned = true
	}
	return owned
}

// addWorkers start those that take their work from what comes over, and do what the
// API puts there. One may depend on the API, or call it, and does not wait for it.
func (c *selection) addWorkers() {
	for _, name := range slices.Sorted(maps.Keys(c.project.Services)) {
		x := c.project.Services[name]
		if _, met := c.needs[name]; met || !c.works(x) {
			continue
		}
		for _, from := range c.project.reached(x) {
			t := c.project.tool(c.project.Services[from])
			if slices.Contains(c.needs[c.api], from) && t.role == storeRole && slices.Contains(queues, t.name) {
				c.added = append(c.added, Note{c.api, "depends_on",
					fmt.Sprintf("%s is added: it gets its work from %s, and %s puts it there", name, from, c.api)})
				c.needs[c.api] = append(c.needs[c.api], name) // first: it may name the API, and does not wait for it
				c.addHelper(name)
				break
			}
		}
	}
}

var (
	workerName  = regexp.MustCompile(`(?i)(?:workers?|consumers?)(?:[-_.]?\d+)?$`)
	senderName  = regexp.MustCompile(`(?i)(?:^|[-_.])(?:beat|scheduler|cron|producer|monitor)(?:[-_.]|$)`)
	queueOption = regexp.MustCompile(`(?i)(?:^|_)(?:queues?|broker|celery|topics?|streams?)(?:_|$)`)
)

// works reports whether a service takes its work from a queue: it runs a worker, or it has
// no port, and its name or an option of queues that the API has too says so.
func (c *selection) works(x types.ServiceConfig) bool {
	switch c.project.tool(x).role {
	case workerRole:
		return true
	case unknownRole:
	default:
		return false
	}
	if x.Name == c.api || c.project.job(x.Name) || len(inside(x)) > 0 || len(dockerfileOf(x).Exposed) > 0 ||
		senderName.MatchString(x.Name) {
		return false
	}
	if workerName.MatchString(x.Name) {
		return true
	}
	options := c.project.Services[c.api].Environment
	for name, value := range x.Environment {
		if same := options[name]; queueOption.MatchString(name) && value != nil && *value != "" &&
			same != nil && *same == *value {
			return true
		}
	}
	return false
}

// addJobs start those that make something in what comes over, such as a bucket, a
// schema or a user. One that does so for a tool that stays behind stays behind too.
func (c *selection) addJobs() {
	for _, name := range slices.Sorted(maps.Keys(c.project.Services)) {
		x := c.project.Services[name]
		t := c.project.tool(x)
		if _, met := c.needs[name]; met || t.role != jobRole || c.project.isOfPage(x) || c.requires(name, c.api) {
			continue
		}
		for _, at := range c.project.reached(x) {
			if slices.Contains(c.helpers, at) && c.project.tool(c.project.Services[at]).role == storeRole &&
				c.project.meets(x, c.project.Services[at]) {
				c.added = append(c.added,
					Note{c.api, "depends_on", fmt.Sprintf("%s is added: it is a job that prepares %s", name, at)})
				c.addHelper(name)
				c.needs[c.api] = append(c.needs[c.api], name)
				break
			}
		}
	}
}

// isOfPage reports whether a service belongs to a tool with a web UI: by its image and variables, its name, or any of
// its commands.
func (s *project) isOfPage(x types.ServiceConfig) bool {
	isPage := func(name string) bool { return products[strings.ToLower(path.Base(name))].role == pageRole }
	return s.product(x).role == pageRole || slices.ContainsFunc(words(x.Name), isPage) ||
		slices.ContainsFunc(commandsOf(startWords(x)), func(command []string) bool { return isPage(command[0]) })
}

// addHelper puts a service behind everything that it needs itself.
func (c *selection) addHelper(name string) {
	if _, met := c.needs[name]; met {
		return
	}
	c.needs[name] = nil
	x := c.project.Services[name]
	for _, to := range c.project.needed(name) {
		if name != c.api && c.requires(to, name) {
			c.added = append(c.added, Note{name, "depends_on", fmt.Sprintf("%s is left out: it needs %s", to, name)})
			continue
		}
		c.needs[name] = append(c.needs[name], to)
	}
	// It may also name services, on a network that the project makes, on which it
	// does not depend by the file. None of them needs it in turn, but for a store that
	// the file starts after the API.
	var undeclared []string
	for _, n := range c.project.reaches(x) {
		to, on := c.project.Services[n.service]
		if !on || slices.Contains(c.needs[name], n.service) || !c.project.helps(to) || c.project.job(n.service) ||
			!c.project.meets(x, to) || slices.Contains(c.cluster(name), n.service) || c.project.watches(to) ||
			(name != c.api || !c.isStore(n.service)) && c.requires(n.service, name) {
			continue
		}
		if c.waits(n.service, name) {
			c.added = append(c.added, Note{name, "depends_on", fmt.Sprintf("%s is left out: it needs %s", n.service, name)})
			continue
		}
		undeclared = append(undeclared, n.service)
		c.added = append(c.added, Note{name, "depends_on", fmt.Sprintf("%s is added: %s leads there", n.service, n.where)})
	}
	c.needs[name] = append(c.needs[name], undeclared...)
	for _, member := range slices.Clone(c.needs[name]) {
		for _, other := range c.cluster(member) {
			if slices.Contains(c.needs[name], other) || slices.Contains(c.cluster(name), other) || c.waits(other, name) ||
				name != c.api && c.requires(other, name) {
				continue
			}
			c.needs[name] = append(c.needs[name], other)
			c.added = append(c.added,
				Note{name, "depends_on", fmt.Sprintf("%s is added: %s and %s name each other", other, member, other)})
		}
	}
	for _, before := range c.needs[name] {
		c.addHelper(before)
	}
	if c.project.job(name) {
		c.jobNames = append(c.jobNames, name)
	}
	c.helpers = append(c.helpers, name)
}

// cluster are the stores that a store names and that name it, over however many hops,
// such as the members of a cluster. None is ready without the others, so none waits for
// another one unless the file says so: who needs one of them waits for all.
func (c *selection) cluster(name string) []string {
	list := []string{name}
	for i := 0; i < len(list); i++ {
		x := c.project.Services[list[i]]
		for _, n := range c.project.reaches(x) {
			to, on := c.project.Services[n.service]
			if on && !slices.Contains(list, n.service) && list[i] != c.api && n.service != c.api &&
				c.isStore(list[i]) && c.isStore(n.service) && c.project.meets(x, to) &&
				slices.ContainsFunc(c.project.reaches(to), func(back need) bool { return back.service == list[i] }) {
				list = append(list, n.service)
			}
		}
	}
	return list[1:]
}

// isStore reports whether a service is a database, a queue or a store.
func (c *selection) isStore(name string) bool {
	return c.project.tool(c.project.Services[name]).role == storeRole
}

// helps reports whether a service can be started for another.
func (s *project) helps(x types.ServiceConfig) bool {
	return s.tool(x).role != loadRole && x.Provider == nil
}

// watches reports whether a service is a monitor, of which nothing is needed to work: where
// the figures of others go, or where they come from.
func (s *project) watches(x types.ServiceConfig) bool {
	return products[s.tool(x).name].role == monitorRole
}

// requires reports whether a service needs another, over however many hops, as the
// file says or as was found.
func (c *selection) requires(from, to string) bool {
	return leads(from, to, func(name string) []string {
		return append(slices.Collect(maps.Keys(c.project.Services[name].DependsOn)), c.needs[name]...)
	})
}

// waits reports whether a service of the plan waits for another, over however many hops.
func (c *selection) waits(from, to string) bool {
	return leads(from, to, func(name string) []string { return c.needs[name] })
}

// leads reports whether a way leads from one name to another.
func leads(from, to string, next func(string) []string) bool {
	seen := map[string]bool{}
	var visit func(string) bool
	visit = func(name string) bool {
		if name == to || seen[name] {
			return name == to
		}
		seen[name] = true
		return slices.ContainsFunc(next(name), visit)
	}
	return visit(from)
}

// needed are the services that one depends on.
func (s *project) needed(name string) []string {
	var list []string
	for _, to := range slices.Sorted(maps.Keys(s.Services[name].DependsOn)) {
		if x, on := s.Services[to]; on && s.helps(x) {
			list = append(list, to)
		}
	}
	return list
}

// job reports whether a service runs to its end, and what needs it starts then.
func (s *project) job(name string) bool {
	x := s.Services[name]
	return s.ends(name) || s.tool(x).role == jobRole || s.loads(x)
}

// chore is a name of a service or a script that does one thing: it fills a database, or
// trains a model. A lasting service may be called after "load" too.
var chore = regexp.MustCompile(`(?i)(?:^|[-_.])(?:loader|seed|seeder|init|initializer|import|importer|migrate|setup|populate|bootstrap|` +
	`prepare|download|downloader|train|trainer|training|provision)(?:[-_.]|$)`)

// loads reports whether a service runs a script that does one thing and ends: its name or
// that of the script says so, it has no port, and nothing starts it again after its end.
func (s *project) loads(x types.ServiceConfig) bool {
	policy, _, _ := strings.Cut(x.Restart, ":")
	again := policy == types.RestartPolicyAlways || policy == types.RestartPolicyUnlessStopped
	if again || s.tool(x).role != unknownRole || len(inside(x)) > 0 || len(dockerfileOf(x).Exposed) > 0 ||
		x.Provider != nil {
		return false
	}
	commands, script := commandsOf(startWords(x)), ""
	if len(commands) > 0 {
		script = path.Base(commands[len(commands)-1][0])
		if !isScript(script) && !strings.HasSuffix(script, ".sh") {
			return false
		}
	}
	return chore.MatchString(x.Name) || chore.MatchString(script) || strings.HasPrefix(script, "load_")
}

// ends reports whether a service is waited for until it has ended.
func (s *project) ends(name string) bool {
	for _, x := range s.Services {
		if x.DependsOn[name].Condition == types.ServiceConditionCompletedSuccessfully {
			return true
		}
	}
	return false
}

// meets reports whether two services are on one network.
func (s *project) meets(a, b types.ServiceConfig) bool {
	return s.shareNetwork(a, b) || s.commonNetwork(a, b, true) != ""
}

// shareNetwork reports whether two services are on one network that the project makes.
func (s *project) shareNetwork(a, b types.ServiceConfig) bool {
	return s.commonNetwork(a, b, false) != ""
}

// commonNetwork is the name of a network that two services are both on, "" for none.
func (s *project) commonNetwork(a, b types.ServiceConfig, external bool) string {
	for _, key := range slices.Sorted(maps.Keys(a.Networks)) {
		if _, both := b.Networks[key]; both && bool(s.Networks[key].External) == external {
			return s.Networks[key].Name
		}
	}
	return ""
}

// exclusionReason says why a service stays behind.
func (c *selection) exclusionReason(name string) string {
	x, on := c.project.Services[name]
	r := c.project.tool(x).role
	switch {
	case !on:
		return fmt.Sprintf("its profile is not active: %s", strings.Join(c.project.DisabledServices[name].Profiles, ", "))
	case r == loadRole:
		return "it is a load generator, and the plan has its own load for " + c.api
	case x.Provider != nil:
		return "it is not a container; a provider of Compose creates it"
	case c.project.job(name):
		return "it is a job, and no service of the plan waits for it; if " + c.api + " needs its result, run it first"
	case c.requires(name, c.api) || slices.Contains(c.project.reached(x), c.api):
		return fmt.Sprintf("it depends on %s, and %s does not depend on it", c.api, c.api)
	case slices.Contains([]role{pageRole, proxyRole, monitorRole, testRole, idleRole}, r):
		return fmt.Sprintf("it is %s, and %s does not depend on it", roleNames[r], c.api)
	case r == storeRole && c.project.commonNetwork(x, c.project.Services[c.api], true) != "":
		return fmt.Sprintf("it is on %s, an external network, so it is assumed to run already",
			c.project.commonNetwork(x, c.project.Services[c.api], true))
	case !c.project.meets(x, c.project.Services[c.api]):
		return fmt.Sprintf("it shares no network with %s", c.api)
	}
	return fmt.Sprintf("no service of the plan depends on it; if %s needs it, add it to depends_on of the Compose file",
		c.api)
}
