package compose

import (
	"cmp"
	"maps"
	"net"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// loadTarget is what a load generator asks.
type loadTarget struct {
	by      string // the generator
	service string // "" where the files have none of that name
	url     string // as it was written, or whatever it is called
	port    int    // inside the container; 0: not said
	path    string // behind the host
	named   bool   // a URL names it, or a variable called after a target; it does not only wait for it
	told    bool   // it is the host that Locust is told to ask
}

// generators finds what the load generators of a project ask.
type generators struct{ project *project }

func generatorsOf(s *project) generators { return generators{s} }

// targetsOf is what a load generator asks: what its options say, else its
// environment, else its locustfile, else what it depends on. What cannot be asked, such as
// a database that the results go to, counts where nothing else does.
func (g generators) targetsOf(x types.ServiceConfig) []loadTarget {
	d := dockerfileOf(x)
	var environment []string
	for _, name := range slices.Sorted(maps.Keys(x.Environment)) {
		if value := x.Environment[name]; value != nil {
			environment = append(environment, name+"="+*value)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(d.Environment)) {
		environment = append(environment, name+"="+d.Environment[name])
	}
	var files []string
	if file := locustOf(g.project, x).locustfile(); file != "" {
		files = append(files, withoutComments(file))
	}
	files = append(files, locustOf(g.project, x).config())
	var levels [][]loadTarget
	var elsewhere []loadTarget
	for _, texts := range [][]string{{strings.Join(startWords(x), " ")}, environment, files} {
		var list []loadTarget
		for _, u := range hosts(strings.Join(texts, "\n")) {
			if a := g.resolve(x, u); a.service != "" && a.service != x.Name {
				list = append(list, a)
			} else if a.service == "" {
				elsewhere = append(elsewhere, a)
			}
		}
		levels = append(levels, list)
	}
	for _, a := range g.namedTargets(x) {
		levels = append(levels, []loadTarget{a})
	}
	named := slices.Clone(levels)
	var list []loadTarget
	for _, name := range slices.Sorted(maps.Keys(x.DependsOn)) {
		if to, is := g.project.AllServices()[name]; is && g.project.tool(to).role != loadRole {
			list = append(list, loadTarget{by: x.Name, service: name})
		}
	}
	levels = append(levels, list)
	// A web UI that is named, such as one that results are sent to, counts after what can be
	// the API and is named less clearly, unless it is the host of Locust.
	isAPI := func(a loadTarget) bool {
		page := g.project.tool(g.project.AllServices()[a.service]).role == pageRole
		return g.isAsked(a) && (a.told || !page)
	}
	for _, level := range named {
		if slices.ContainsFunc(level, isAPI) {
			return level
		}
	}
	for _, level := range levels {
		if slices.ContainsFunc(level, g.isAsked) {
			return level
		}
	}
	for _, level := range append(levels, elsewhere) {
		if len(level) > 0 {
			return level
		}
	}
	return nil
}

// isAsked reports whether a service that a load generator names gets its requests: one
// that can be the API, a web UI that it does not only wait for, a proxy, or whatever is
// the host of Locust.
func (g generators) isAsked(a loadTarget) bool {
	x, is := g.project.AllServices()[a.service]
	if !is {
		return false
	}
	r := g.project.tool(x).role
	return r != loadRole && (a.told || r == proxyRole || r == pageRole && a.named || g.project.canBeAPI(a.service))
}

// namedTargets are the services whose name alone is the value of a variable that speaks of
// a host or a target, with the port that a variable beside it has.
func (g generators) namedTargets(x types.ServiceConfig) []loadTarget {
	var list []loadTarget
	for _, name := range slices.Sorted(maps.Keys(x.Environment)) {
		value := x.Environment[name]
		if value == nil || !hostName.MatchString(name) && !targetName.MatchString(name) {
			continue
		}
		to := g.project.find(x, *value)
		if to == "" || to == x.Name || g.project.tool(g.project.AllServices()[to]).role == loadRole {
			continue
		}
		of := hostName.ReplaceAllString(name, "")
		a := loadTarget{by: x.Name, service: to, named: targetName.MatchString(of)}
		for _, other := range []string{name + "_PORT", targetName.ReplaceAllString(of, "") + "_PORT"} {
			if value := x.Environment[strings.TrimPrefix(other, "_")]; value != nil && a.port == 0 {
				a.port = port(*value)
			}
		}
		list = append(list, a)
	}
	return list
}

// targetName is a name of a variable whose value is what a load generator asks.
var targetName = regexp.MustCompile(`(?i)(?:^|_)(?:target|api|backend)$`)

// option is a host in any of the writings that Locust takes, with or without a
// scheme.
var option = regexp.MustCompile(`(?:^|\s)(?:--host[= ]|-H[= ]?|LOCUST_HOST=|host\s*[=:])\s*["']?([^\s"']+)`)

// hosts are the URLs of a text, and the hosts that it names for Locust, each once.
func hosts(text string) []address {
	list, told := urls(text), map[address]bool{}
	for _, found := range option.FindAllStringSubmatch(text, -1) {
		host := found[1]
		if !strings.Contains(host, "://") {
			host = "http://" + host
		}
		for _, u := range urls(host) {
			list, told[u] = append(list, u), true
		}
	}
	var each []address
	for _, u := range list {
		if u.told = told[u]; !slices.Contains(each, u) {
			each = append(each, u)
		}
	}
	return each
}

// withoutComments is the text of a file less the lines that are comments; "" if
// it cannot be read.
func withoutComments(file string) string {
	content, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	lines := slices.DeleteFunc(slices.Collect(strings.Lines(string(content))), func(line string) bool {
		return strings.HasPrefix(strings.TrimSpace(line), "#")
	})
	return strings.Join(lines, "")
}

// resolve finds the service that a URL leads to: by a name that Compose gives
// it, or by a port that it publishes on this machine.
func (g generators) resolve(from types.ServiceConfig, u address) loadTarget {
	a := loadTarget{by: from.Name, url: cmp.Or(u.scheme, "http") + "://" + u.authority(), port: u.port, path: u.path,
		named: true, told: u.told}
	a.service = g.project.find(from, u.host)
	if a.service != "" {
		if declared := inside(g.project.AllServices()[a.service]); u.assumed && len(declared) > 0 &&
			!slices.Contains(declared, a.port) {
			a.port = 0
		}
		return a
	}
	if u.host != "localhost" && u.host != "host.docker.internal" && net.ParseIP(u.host) == nil {
		return a
	}
	for _, name := range slices.Sorted(maps.Keys(g.project.AllServices())) {
		for _, p := range g.project.AllServices()[name].Ports {
			if name != from.Name && port(p.Published) == u.port && u.port > 0 && isTCP(p.Protocol) {
				a.service, a.port = name, int(p.Target)
			}
		}
	}
	return a
}

// find is the service that another finds under a name, "" for none.
func (s *project) find(from types.ServiceConfig, host string) string {
	if host == "" {
		return "" // most services have no container_name and no hostname
	}
	for _, link := range from.Links {
		if to, alias, ok := strings.Cut(link, ":"); ok && alias == host {
			return to
		}
	}
	all := s.AllServices()
	if _, is := all[host]; is {
		return host
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		x := all[name]
		if x.ContainerName == host || x.Hostname == host {
			return name
		}
		for _, n := range x.Networks {
			if n != nil && slices.Contains(n.Aliases, host) {
				return name
			}
		}
	}
	return ""
}

// targets are what all load generators ask, those of files beside too.
func (g generators) targets() []loadTarget {
	var list []loadTarget
	for _, name := range slices.Sorted(maps.Keys(g.project.AllServices())) {
		if x := g.project.AllServices()[name]; g.project.tool(x).role == loadRole {
			list = append(list, g.targetsOf(x)...)
		}
	}
	return append(list, g.project.beside...)
}

// targetPort is the port of a service that a load generator names, with the
// generator; 0 for none.
func (g generators) targetPort(service string) (int, string) {
	for _, a := range g.targets() {
		if a.service == service && a.port > 0 {
			return a.port, a.by
		}
	}
	return 0, ""
}
