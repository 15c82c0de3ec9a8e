package compose

import (
	"fmt"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// image writes what a service runs. One that is pulled in another way than
// usual has a block of its own.
func (c *converter) image(s types.ServiceConfig) string {
	switch {
	case s.Build == nil:
	case s.Image != "":
		c.note(s.Name, "build", fmt.Sprintf("a plan builds nothing: run `docker compose build %s` before", s.Name))
	default:
		c.note(s.Name, "build",
			fmt.Sprintf("a plan builds nothing: run `docker compose build %s` before, which makes %s (docker-compose 1 makes %s_%s)", s.Name, c.imageOf(s), c.project.Name, s.Name))
	}
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
	return labels(append([]string{c.selection.api}, append(slices.Clone(c.selection.helpers), service)...))[service]
}

// imageText is the name of a service's image with its variables. One that is
// empty must be given: nothing can be run without it.
func (c *converter) imageText(s types.ServiceConfig) string {
	model, _ := c.project.raw[s.Name].(map[string]any)
	raw, _ := model["image"].(string)
	t, fit := parse(raw)
	empty := func(p part) bool { return c.variables.value(p) == "" }
	if !fit || len(t.names()) == 0 || c.variables.filled(t) != s.Image || slices.ContainsFunc(t.names(), secretName) ||
		!c.variables.agrees(t) && !slices.ContainsFunc(t, empty) {
		return quote(c.imageOf(s))
	}
	for _, p := range t {
		if empty(p) {
			x := c.variables.of(p)
			x.given, x.why = true, "It was not set when this was written, and an image's name needs it."
		}
	}
	return c.variables.expression(t)
}

// imageOf is the name of a service's image; Compose names those that it builds
// after the project and the service.
func (c *converter) imageOf(s types.ServiceConfig) string {
	if s.Image != "" {
		return s.Image
	}
	return strings.Trim(strings.ToLower(c.project.Name+"-"+s.Name), "-_.")
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
		list = append(list, *c.selection.locust)
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
