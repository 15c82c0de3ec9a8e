package compose

import (
	"cmp"
	"fmt"
	"maps"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"

	substitution "github.com/compose-spec/compose-go/v2/template"
	"github.com/compose-spec/compose-go/v2/types"
)

// inside lists the container's ports on which a service is reached by TCP:
// those that it publishes, then those that it exposes.
func inside(s types.ServiceConfig) []int {
	var list []int
	for _, p := range s.Ports {
		if isTCP(p.Protocol) && p.Target > 0 {
			list = append(list, int(p.Target))
		}
	}
	for _, text := range s.Expose {
		from, to, protocol := exposed(text)
		for port := from; port <= to && isTCP(protocol) && port > 0; port++ {
			list = append(list, port)
		}
	}
	return unique(list)
}

// httpPorts lists the ports on which a service probably speaks HTTP, the one
// that a load generator asks first. Where the file names none, what it starts
// with does, and what its image says of itself.
func (s *project) httpPorts(x types.ServiceConfig) []int {
	asked, _ := generatorsOf(s).targetPort(x.Name)
	t := s.tool(x)
	routed, _ := s.routedPort(x)
	likely := slices.DeleteFunc(append([]int{asked, healthPort(x), routed}, s.knownPorts(x)...),
		func(port int) bool { return port == 0 })
	if len(likely) == 0 || len(inside(x)) > 0 { // else they say more than what is usual
		likely = append(likely, t.port)
	}
	list := inside(x)
	if len(list) == 0 {
		for _, text := range dockerfileOf(x).Exposed {
			port, _, _ := exposed(text)
			list = append(list, port)
		}
		list = append(slices.Clone(likely), list...)
	}
	list = slices.DeleteFunc(list, func(port int) bool { return otherPorts[port] || port == 0 })
	for _, port := range []int{asked, routed} {
		if port > 0 {
			list = append(list, port)
		}
	}
	for _, port := range likely {
		if i := slices.Index(list, port); i >= 0 {
			return unique(slices.Insert(list, 0, port))
		}
	}
	return unique(list)
}

var (
	routeLabel = regexp.MustCompile(`\.loadbalancer\.server\.port$`) // of Traefik
	onPort80   = regexp.MustCompile(`(?:^|/)tiangolo/(?:uvicorn-gunicorn|meinheld-gunicorn|uwsgi-nginx)`)
)

// routedPort is the port to which a proxy passes the requests for a service, by a label,
// or on which its base image serves, with what says so; 0 for none.
func (s *project) routedPort(x types.ServiceConfig) (int, string) {
	for _, name := range slices.Sorted(maps.Keys(x.Labels)) {
		if port := port(x.Labels[name]); routeLabel.MatchString(name) && port > 0 {
			return port, "the label " + name
		}
	}
	starts := startWords(x)
	own := len(starts) > 0 && !strings.HasPrefix(starts[len(starts)-1], "/start")
	if base := baseImage(x); onPort80.MatchString(base) && !own && len(s.knownPorts(x)) == 0 {
		return 80, "the image " + base
	}
	return 0, ""
}

var toldPort = regexp.MustCompile(`(?:^|\s)(?:--port|--http-port|--server-port|-p|--bind|-b|--server\.port|--listen|--addr|--http)[ =]?\S*?:?(\d{2,5})(?:\s|$)`)

// httpOption names the port of HTTP alone, where another one of gRPC may be beside it.
var httpOption = regexp.MustCompile(`(?:^|\s)--(?:http|rest|rest[-_]api)[-_]port[ =](\d{2,5})(?:\s|$)`)

// grpcServers are programs and products whose --port is that of gRPC.
var grpcServers = []string{"serving", "tensorflow_model_server", "model_server"}

// toldPorts are the ports that a service's command names, one of HTTP first.
func (s *project) toldPorts(x types.ServiceConfig) []int {
	options := []*regexp.Regexp{httpOption, toldPort}
	if slices.Contains(grpcServers, runningTool(x).name) || slices.Contains(grpcServers, s.product(x).name) {
		options = options[:1]
	}
	var list []int
	command := filledIn(strings.Join(startWords(x), " "), x)
	for _, option := range options {
		for _, found := range option.FindAllStringSubmatch(command, -1) {
			list = append(list, port(found[1]))
		}
	}
	return list
}

// filledIn is a text of a shell in a container of a service, with its variables filled in.
func filledIn(text string, x types.ServiceConfig) string {
	environment := environmentOf(x)
	filled, err := substitution.Substitute(text, func(name string) (string, bool) {
		value, is := environment[name]
		return value, is
	})
	if err != nil {
		return text
	}
	return filled
}

// environmentOf is the environment of a service: that of its Dockerfile, and over it that of the Compose file.
func environmentOf(x types.ServiceConfig) map[string]string {
	all := maps.Clone(dockerfileOf(x).Environment)
	if all == nil {
		all = map[string]string{}
	}
	for name, value := range x.Environment {
		if value != nil {
			all[name] = *value
		}
	}
	return all
}

// knownPorts are the ports that the health check, the command and the environment
// name.
func (s *project) knownPorts(x types.ServiceConfig) []int {
	var list []int
	if port := healthPort(x); port > 0 {
		list = append(list, port)
	}
	list = append(list, s.toldPorts(x)...)
	environment := environmentOf(x)
	for _, name := range []string{"PORT", "APP_PORT", "API_PORT", "HTTP_PORT", "SERVER_PORT", "UVICORN_PORT"} {
		list = append(list, port(environment[name]))
	}
	return unique(slices.DeleteFunc(list, func(p int) bool { return p == 0 }))
}

// Image is what an image says of the containers that are made of it.
type Image struct {
	Exposed             []int // TCP ports
	Entrypoint, Command []string
	Environment         map[string]string
	Healthcheck         []string // "CMD" or "CMD-SHELL", then the command
}

// Port is the port on which a container of an image serves HTTP: the one that its health check, its command or its
// environment names, else the only one that it exposes, else the usual one of its server. It is 0 where several or none
// could be it.
func (i Image) Port() int {
	x := types.ServiceConfig{Name: "api"}
	x.Entrypoint, x.Command, x.Environment = i.Entrypoint, i.Command, types.MappingWithEquals{}
	for name, value := range i.Environment {
		x.Environment[name] = &value
	}
	if len(i.Healthcheck) > 0 {
		x.HealthCheck = &types.HealthCheckConfig{Test: i.Healthcheck}
	}
	s := &project{Project: &types.Project{Services: types.Services{x.Name: x}}}
	told := slices.DeleteFunc(s.knownPorts(x), func(port int) bool { return otherPorts[port] })
	usual := runningTool(x)
	switch {
	case len(told) > 0:
		return told[0]
	case len(i.Exposed) == 1:
		return i.Exposed[0]
	case usual.role.isServer() && (len(i.Exposed) == 0 || slices.Contains(i.Exposed, usual.port)):
		return usual.port
	}
	return 0
}

// exposed reads "8000", "8000-8002" or "53/udp"; from is 0 for anything else.
func exposed(text string) (from, to int, protocol string) {
	ports, protocol, _ := strings.Cut(text, "/")
	low, high, isRange := strings.Cut(ports, "-")
	from, to = port(low), port(low)
	if isRange {
		to = port(high)
	}
	return from, to, protocol
}

// port is a number of a port; 0 is none.
func port(text string) int {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || n < 1 || n > 65535 {
		return 0
	}
	return n
}

func isTCP(protocol string) bool { return protocol == "" || strings.EqualFold(protocol, "tcp") }

func unique(list []int) []int {
	var kept []int
	for _, n := range list {
		if !slices.Contains(kept, n) {
			kept = append(kept, n)
		}
	}
	return kept
}

func first(list []int) int {
	if len(list) == 0 {
		return 0
	}
	return list[0]
}

// publishedPorts writes the ports of a service on the host. With more than one
// replica each needs a port of its own, so the host chooses.
func (w serviceWriter) publishedPorts(s types.ServiceConfig, replicas int) []string {
	var list []string
	for _, p := range s.Ports {
		switch {
		case !isTCP(p.Protocol):
			w.converter.note(s.Name, "ports", fmt.Sprintf("%d/%s is left out: only TCP is published", p.Target, p.Protocol))
			continue
		case p.Target == 0:
			continue
		}
		host := p.Published
		if low, _, isRange := strings.Cut(host, "-"); isRange {
			w.converter.note(s.Name, "ports",
				fmt.Sprintf("the host could pick one of %s for %d: a plan has one port, or lets the host pick any", host, p.Target))
			host = low
		}
		// A port of the host belongs to the service that asks first.
		holder := s.Name
		if n := port(host); n > 0 {
			holder = cmp.Or(w.converter.hostPorts[n], s.Name)
			w.converter.hostPorts[n] = holder
		}
		if holder != s.Name {
			w.converter.note(s.Name, "ports",
				fmt.Sprintf("port %s of the host belongs to %s already, so the host picks another", host, holder))
			host = ""
		} else if replicas > 1 && port(host) > 0 {
			w.converter.note(s.Name, "ports",
				fmt.Sprintf("only one replica can have port %s of the host, so the host picks a port for each", host))
			host = ""
		}
		if text := binding(p.HostIP, host, int(p.Target)); !slices.Contains(list, text) {
			list = append(list, text)
		}
	}
	return list
}

// binding writes a published port as Compose's short form has it.
func binding(ip, host string, container int) string {
	text := strconv.Itoa(container)
	if port(host) == 0 {
		host = ""
	}
	if host != "" || ip != "" {
		text = host + ":" + text
	}
	switch parsed := net.ParseIP(ip); {
	case parsed == nil:
		return text
	case parsed.To4() == nil:
		return "[" + ip + "]:" + text
	}
	return ip + ":" + text
}
