package compose

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"plan/internal/units"
)

// serviceWriter writes the block of one service, and notes what it leaves out.
type serviceWriter struct{ converter *converter }

// service writes one service, below the notes that belong to it.
func (w serviceWriter) service(p *page, name, what string) {
	s := w.converter.project.Services[name]
	body := &page{depth: 1}
	w.attributes(body, s)
	w.environment(body, s)
	w.limits(body, s)
	lines := w.ready(s, first(w.ports(s)))
	if slices.Contains(w.converter.selection.jobNames, name) {
		lines = []string{"ended = true # a job: exit code 0 means done", `within = "300s"`}
	}
	if len(lines) > 0 {
		body.block("ready")
		for _, line := range lines {
			body.line("%s", line)
		}
		body.close()
	}
	w.noteUnmapped(s)
	w.noteVariables(s)
	p.comment(what)
	for _, n := range w.converter.ordered() {
		switch {
		case n.Service != name:
		case n.Word == "":
			p.comment("- " + n.Text)
		default:
			p.comment("- " + n.Word + ": " + n.Text)
		}
	}
	p.open("service " + quote(w.converter.labels[name]))
	p.Write(body.Bytes())
	p.close()
}

// attributes writes what stands in a service beside its blocks.
func (w serviceWriter) attributes(p *page, s types.ServiceConfig) {
	replicas := w.replicas(s)
	p.line("image = %s", w.converter.image(s))
	w.words(p, s.Name, "entrypoint", s.Entrypoint)
	w.words(p, s.Name, "command", s.Command)
	switch {
	case s.WorkingDir == "":
	case path.IsAbs(s.WorkingDir):
		p.line("working_dir = %s", quote(s.WorkingDir))
	default:
		w.converter.note(s.Name, "working_dir", s.WorkingDir+" is left out: a plan needs an absolute path")
	}
	w.user(p, s)
	w.converter.serviceNetworks(p, s)
	w.aliases(p, s)
	w.extraHosts(p, s)
	w.expose(p, s)
	if list := w.publishedPorts(s, replicas); len(list) > 0 {
		p.list("ports", quoted(list))
	}
	w.volumes(p, s)
	w.tmpfs(p, s)
	switch size := units.Bytes(s.ShmSize); { // of /dev/shm
	case size == 0:
	case size < 0 || size > mostPossible:
		w.converter.note(s.Name, "shm_size", "it is not a possible amount of memory")
	default:
		p.line("shm_size = %s", quote(amount(size)))
	}
	w.ulimits(p, s)
	w.gpus(p, s)
	if needs := w.converter.selection.needs[s.Name]; len(needs) > 0 {
		p.list("depends_on", addresses("service.", needs, w.converter.labels))
	}
	if replicas > 1 {
		p.line("replicas = %d", replicas)
	}
	if policy := w.restart(s); policy != "" {
		p.line("restart = %s", quote(policy))
	}
}

// restart is what the engine does when a container of a service ends; "" is not said. A
// restart of the API would hide that it was killed, and a job ends once.
func (w serviceWriter) restart(s types.ServiceConfig) string {
	policy, times, _ := strings.Cut(s.Restart, ":")
	switch {
	case policy == "" || policy == types.RestartPolicyNo:
		return policy
	case s.Name == w.converter.selection.api:
		w.converter.note(s.Name, "restart", fmt.Sprintf("%s is left out: %s", s.Restart, noRestart))
	case slices.Contains(w.converter.selection.jobNames, s.Name):
		w.converter.note(s.Name, "restart", s.Restart+" is left out: it is a job, which runs once")
	case !slices.Contains([]string{types.RestartPolicyAlways, types.RestartPolicyOnFailure, types.RestartPolicyUnlessStopped},
		policy):
		w.converter.note(s.Name, "restart", s.Restart+" is left out: Docker has no such policy")
	default:
		if times != "" {
			w.converter.note(s.Name, "restart", "a plan has no number of restarts: "+times+" is left out")
		}
		return policy
	}
	return ""
}

// userForm is a user as a plan takes one.
var userForm = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?$`)

func (w serviceWriter) user(p *page, s types.ServiceConfig) {
	switch {
	case s.User == "":
	case userForm.MatchString(s.User):
		p.line("user = %s", quote(s.User))
	case strings.Trim(s.User, ":") == "":
		model := w.converter.project.written.service(s.Name)
		names := template(references(model["user"])).names()
		have := "have"
		if len(names) == 1 {
			have = "has"
		}
		w.converter.note(s.Name, "user",
			fmt.Sprintf("%s %s no value: the user of the image applies", strings.Join(names, " and "), have))
	default:
		w.converter.note(s.Name, "user", "it is not a name or a number, with or without a group")
	}
}

// mostReplicas are as many as a plan takes.
const mostReplicas = 1000

// replicas are how many containers stand behind the service's name.
func (w serviceWriter) replicas(s types.ServiceConfig) int {
	n := s.GetScale()
	if n == 0 {
		w.converter.note(s.Name, "deploy.replicas", "0 would start no container: the plan has one")
	}
	if n > 1 && s.Name != w.converter.selection.api {
		w.converter.note(s.Name, "deploy.replicas", fmt.Sprintf("%d are left out: a helper starts once", n))
		return 1
	}
	if n > mostReplicas {
		w.converter.note(s.Name, "deploy.replicas", fmt.Sprintf("%d are more than the maximum of %d", n, mostReplicas))
	}
	return min(max(n, 1), mostReplicas)
}

// usualPort is that of an API that does not say which one it has.
const usualPort = 8000

// ports are those inside a service's containers, the API's first, which has one in any
// case.
func (w serviceWriter) ports(s types.ServiceConfig) []int {
	list := w.knownPorts(s)
	if len(list) == 0 && s.Name == w.converter.selection.api {
		return []int{usualPort}
	}
	return list
}

// knownPorts are those that are no guess. Where neither the options nor the file name one,
// they are what the service says when it starts, or what its software is known for.
func (w serviceWriter) knownPorts(s types.ServiceConfig) []int {
	list := inside(s)
	if named := w.namedPort(s); named > 0 {
		return unique(append([]int{named}, list...))
	}
	if s.Name == w.converter.selection.api {
		list = unique(append(w.converter.project.httpPorts(s), list...))
	}
	if len(list) > 0 {
		return list
	}
	p := w.converter.project
	t := p.tool(s)
	if list = p.knownPorts(s); t.port > 0 && !t.role.isServer() { // its health check and variables may be about others
		list = p.toldPorts(s)
	}
	if len(list) == 0 && t.port > 0 {
		return []int{t.port}
	}
	return list
}

// namedPort is the port that the options name, which is the API's; 0 for none.
func (w serviceWriter) namedPort(s types.ServiceConfig) int {
	if s.Name != w.converter.selection.api {
		return 0
	}
	return w.converter.Options.Port
}

// expose writes the ports inside. Those of a helper stand in `ports` already
// if it publishes them.
func (w serviceWriter) expose(p *page, s types.ServiceConfig) {
	list := w.ports(s)
	for _, text := range s.Expose {
		if _, _, protocol := exposed(text); !isTCP(protocol) {
			w.converter.note(s.Name, "expose", text+" is left out: a plan has only TCP ports")
		}
	}
	job := slices.Contains(w.converter.selection.jobNames, s.Name) && len(inside(s)) == 0 // nobody asks it for anything
	if job || len(list) == 0 || s.Name != w.converter.selection.api && len(s.Ports) > 0 && len(s.Expose) == 0 &&
		len(inside(s)) > 0 {
		return
	}
	items := make([]string, len(list))
	for i, port := range list {
		items[i] = strconv.Itoa(port)
	}
	comment := ""
	asked, by := generatorsOf(w.converter.project).targetPort(s.Name)
	switch {
	case w.namedPort(s) > 0:
		comment = " # --port names the first one"
	case len(inside(s)) == 0 && asked == list[0]:
		comment = " # " + by + " uses this port: the Compose file names none"
	case len(inside(s)) == 0 && s.Name != w.converter.selection.api && len(w.converter.project.knownPorts(s)) == 0:
		comment = " # the usual port of such a service: the Compose file names none"
	case len(inside(s)) == 0 && slices.ContainsFunc(dockerfileOf(s).Exposed,
		func(text string) bool { port, _, _ := exposed(text); return port == list[0] }):
		comment = " # its Dockerfile exposes this one"
	case len(w.knownPorts(s)) == 0:
		comment = " # the Compose file names no port: correct this one if it is wrong"
		w.converter.note(s.Name, "ports", fmt.Sprintf("nothing names a port of the API: %d is a guess", usualPort))
	case len(inside(s)) == 0:
		comment = " # the Compose file names no port: correct this one if it is wrong"
	case s.Name == w.converter.selection.api && len(list) > 1:
		if routed, by := w.converter.project.routedPort(s); routed == list[0] && !slices.Contains(inside(s), routed) {
			w.converter.note(s.Name, "ports", fmt.Sprintf("none is %d, which is the port of the API by %s", routed, by))
		}
		comment = " # the first one is the port of the API"
	}
	p.line("expose = [%s]%s", strings.Join(quoted(items), ", "), comment)
}

func quoted(list []string) []string {
	texts := make([]string, len(list))
	for i, text := range list {
		texts[i] = quote(text)
	}
	return texts
}

// addresses refer to blocks of one kind.
func addresses(kind string, names []string, labels map[string]string) []string {
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = kind + labels[name]
	}
	return list
}
