package compose

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// service writes one service, below the notes that belong to it.
func (c *converter) service(p *page, name, what string) {
	s := c.Services[name]
	body := &page{depth: 1}
	c.attributes(body, s)
	c.environment(body, s)
	c.limited(body, s)
	if lines := c.ready(s, first(c.ports(s))); len(lines) > 0 {
		body.block("ready")
		for _, line := range lines {
			body.line("%s", line)
		}
		body.close()
	}
	c.behind(s)
	c.misled(s)
	c.settled(s)
	p.comment(what)
	c.told(p, name)
	p.open("service " + quote(c.labels[name]))
	p.Write(body.Bytes())
	p.close()
}

// told writes the notes of a service as comments.
func (c *converter) told(p *page, service string) {
	for _, n := range c.notesOf(service) {
		if n.Word == "" {
			p.comment("- " + n.Text)
		} else {
			p.comment("- " + n.Word + ": " + n.Text)
		}
	}
}

func (c *converter) attributes(p *page, s types.ServiceConfig) {
	replicas := c.replicas(s)
	p.line("image = %s", c.image(s))
	c.command(p, s)
	c.user(p, s)
	c.joins(p, s)
	c.exposed(p, s)
	if list := c.published(s, replicas); len(list) > 0 {
		p.list("ports", quoted(list))
	}
	c.volumes(p, s)
	if needs := c.needs[s.Name]; len(needs) > 0 {
		p.list("depends_on", addresses("service.", needs, c.labels))
	}
	if replicas > 1 {
		p.line("replicas = %d", replicas)
	}
	if s.Restart == types.RestartPolicyNo {
		p.line(`restart = "no"`)
	}
}

// userForm is a user as a plan takes one.
var userForm = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?$`)

func (c *converter) user(p *page, s types.ServiceConfig) {
	switch {
	case s.User == "":
	case userForm.MatchString(s.User):
		p.line("user = %s", quote(s.User))
	default:
		c.note(s.Name, "user", "it is neither a name nor a number, with or without a group")
	}
}

// mostReplicas are as many as a plan takes.
const mostReplicas = 1000

// replicas are how many containers stand behind the service's name.
func (c *converter) replicas(s types.ServiceConfig) int {
	n := s.GetScale()
	if n == 0 {
		c.note(s.Name, "deploy.replicas", "0 would start nothing: one container is run")
	}
	if n > 1 && s.Name != c.api {
		c.note(s.Name, "deploy.replicas", fmt.Sprintf("%d are left out: what the API needs is started once", n))
		return 1
	}
	if n > mostReplicas {
		c.note(s.Name, "deploy.replicas", fmt.Sprintf("%d are more than the %d that a plan takes", n, mostReplicas))
	}
	return min(max(n, 1), mostReplicas)
}

// image writes what a service runs. One that is pulled in another way than
// usual has a block of its own.
func (c *converter) image(s types.ServiceConfig) string {
	c.built(s)
	if pull, _ := c.pull(s); pull != "" {
		return "image." + c.imageLabel(s.Name)
	}
	return c.imageText(s)
}

// imageLabel is the name of an image's block: the service's own.
func (c *converter) imageLabel(service string) string {
	if label := c.labels[service]; label != "" {
		return label
	}
	return labels(append([]string{c.api}, append(slices.Clone(c.helpers), service)...))[service]
}

// imageText is the name of a service's image with its variables. One that is
// empty must be given: nothing can be run without it.
func (c *converter) imageText(s types.ServiceConfig) string {
	t, fit := parse(c.rawImage(s.Name))
	empty := func(p part) bool { return c.value(p) == "" }
	if !fit || len(t.names()) == 0 || c.filled(t) != s.Image || slices.ContainsFunc(t.names(), secretName) || !c.agreed(t) && !slices.ContainsFunc(t, empty) {
		return quote(c.imageOf(s))
	}
	for _, p := range t {
		if empty(p) {
			x := c.of(p)
			x.given, x.why = true, "It was not set when this was written, and an image's name needs it."
		}
	}
	return c.expression(t)
}

// imageOf is the name of a service's image; Compose names those that it builds
// after the project and the service.
func (c *converter) imageOf(s types.ServiceConfig) string {
	if s.Image != "" {
		return s.Image
	}
	return strings.Trim(strings.ToLower(c.Name+"-"+s.Name), "-_.")
}

// built notes what must be done before there is an image.
func (c *converter) built(s types.ServiceConfig) {
	switch {
	case s.Build == nil:
	case s.Image != "":
		c.note(s.Name, "build", fmt.Sprintf("a plan builds nothing: run `docker compose build %s` before", s.Name))
	default:
		c.note(s.Name, "build", fmt.Sprintf("a plan builds nothing: run `docker compose build %s` before, which makes %s (docker-compose 1 makes %s_%s)", s.Name, c.imageOf(s), c.Name, s.Name))
	}
}

// pull is how a service's image is pulled, "" for as usual, and why. What
// Compose builds under a name that it made up itself is in no registry.
func (c *converter) pull(s types.ServiceConfig) (policy, why string) {
	asked, _, err := s.GetPullPolicy()
	switch {
	case s.Image == "":
		return types.PullPolicyNever, "it is built, and in no registry"
	case err != nil || s.PullPolicy == "":
		return "", ""
	case asked == types.PullPolicyAlways || asked == types.PullPolicyRefresh:
		return types.PullPolicyAlways, ""
	case asked == types.PullPolicyNever || asked == types.PullPolicyBuild:
		return types.PullPolicyNever, ""
	}
	return "", ""
}

// images writes the blocks of those that are pulled in another way than usual.
func (c *converter) images(p *page, driven bool) {
	list := c.all()
	if driven {
		list = append(list, *c.locust)
	}
	for _, s := range list {
		pull, why := c.pull(s)
		if pull == "" {
			continue
		}
		p.open("image " + quote(c.imageLabel(s.Name)))
		p.line("source = %s", c.imageText(s))
		if why != "" {
			why = " # " + why
		}
		p.line("pull = %s%s", quote(pull), why)
		p.close()
	}
}

// ports are those inside a service's containers, the API's first. Where the
// file names none, they are what the service says when it starts, or what its
// software is known for.
func (c *converter) ports(s types.ServiceConfig) []int {
	list := inside(s)
	if s.Name == c.api {
		list = unique(append(httpPorts(s), list...))
	}
	if len(list) > 0 {
		return list
	}
	if h, known := helperOf(s); known && h.port > 0 {
		return []int{h.port}
	}
	if s.Name == c.api {
		return []int{cmp.Or(first(told(s)), 8000)}
	}
	return nil
}

// exposed writes the ports inside. Those of a helper stand in `ports` already
// if it publishes them.
func (c *converter) exposed(p *page, s types.ServiceConfig) {
	list := c.ports(s)
	for _, text := range s.Expose {
		if _, _, protocol := exposed(text); !isTCP(protocol) {
			c.note(s.Name, "expose", text+" is left out: only TCP is asked")
		}
	}
	if len(list) == 0 || s.Name != c.api && len(s.Ports) > 0 && len(s.Expose) == 0 && len(inside(s)) > 0 {
		return
	}
	items := make([]string, len(list))
	for i, port := range list {
		items[i] = strconv.Itoa(port)
	}
	comment := ""
	switch {
	case len(inside(s)) == 0 && s.Name != c.api && len(told(s)) == 0:
		comment = " # the usual port of such a service: the Compose file names none"
	case len(inside(s)) == 0:
		comment = " # the Compose file names no port: correct it if this is another"
	case s.Name == c.api && len(list) > 1:
		comment = " # the first one is the API's"
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
