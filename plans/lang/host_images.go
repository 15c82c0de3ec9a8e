package lang

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"plan/internal/english"
	"plan/internal/imagename"
	"plan/internal/units"
	"plan/plans/diag"
)

// images checks that images are there, or can be pulled, and can be pushed.
func (c *hostCheck) images() {
	for _, i := range c.plan.Images {
		n := c.index[i.Address].node
		c.image(i.Source, i.Pull, n.place("source"))
		if i.Push {
			at := n.place("name")
			if n.attrs["name"] == nil {
				at = n.place("source")
			}
			c.credentials(i.Name, at)
		}
	}
	for _, s := range c.plan.Services {
		if s.ImageOf == "" && s.Image != "" {
			c.image(s.Image, "missing", c.index[s.Address].node.place("image"))
		}
	}
	c.root.each(func(n *node) {
		if image := get[target](c.quietly(n), "image"); n.block == driverBlock && image.text != "" {
			c.image(image.text, "missing", n.place("image"))
		}
	})
}

// image checks one that a service or a load runs. What is like one that is
// there is probably a slip, even where it could be pulled.
func (c *hostCheck) image(reference, pull string, at hcl.Range) {
	have := map[string]string{}
	for _, i := range c.host.Images {
		have[imagename.Short(i)] = i
	}
	if _, ok := have[imagename.Short(reference)]; ok || strings.Contains(reference, "sha256:") {
		return
	}
	severity, what := diag.Note, "it will be pulled from "+registryOf(reference)
	help := "if no registry has it, build it: docker build -t " + reference + " ."
	if pull == "never" {
		severity, what = diag.Error, "it is never to be pulled"
		help = "write pull = \"missing\", or build it: docker build -t " + reference + " ."
	}
	if near := english.Near(imagename.Short(reference), slices.Sorted(maps.Keys(have))); near != "" {
		help = fmt.Sprintf("did you mean %q?", have[near])
		if severity == diag.Note {
			severity = diag.Warning
		}
	} else if tags := otherTags(reference, c.host.Images); len(tags) > 0 {
		help = "the engine has: " + strings.Join(tags, ", ")
	}
	c.add(severity, "P0505", at, fmt.Sprintf("the image %s is not on the engine: %s", reference, what), help)
}

// otherTags are the references of the same repository.
func otherTags(reference string, images []string) []string {
	repository, _ := splitTag(imagename.Short(reference))
	var tags []string
	for _, i := range images {
		if other, _ := splitTag(imagename.Short(i)); other == repository {
			tags = append(tags, i)
		}
	}
	return tags
}

// splitTag cuts the tag off; a colon before the last slash is a port.
func splitTag(reference string) (repository, tag string) {
	i := strings.LastIndex(reference, ":")
	if i <= strings.LastIndex(reference, "/") {
		return reference, ""
	}
	return reference[:i], reference[i+1:]
}

// credentials checks that a registry can be logged in to. Docker Hub wants that
// of all who push; another one may be open to all, and one on loopback often is.
func (c *hostCheck) credentials(name string, at hcl.Range) {
	registry := registryOf(name)
	if slices.Contains(c.host.Registries, registry) || loopback(registry) {
		return
	}
	report := c.warning
	if registry == imagename.Hub {
		report = c.error
	}
	d := report("P0506", at, fmt.Sprintf("there are no credentials for %s, to push %s", registry, name), imagename.Login(registry))
	if len(c.host.Registries) > 0 {
		d.Note = "there are some for " + strings.Join(c.host.Registries, ", ")
	}
}

// registryOf is where a name leads that was checked when the plan was read.
func registryOf(name string) string {
	registry, _ := imagename.Registry(name)
	return registry
}

func loopback(registry string) bool {
	host, _, _ := strings.Cut(registry, ":")
	return host == "localhost" || strings.HasPrefix(host, "127.") || strings.HasPrefix(registry, "[::1]")
}

// healthchecks warns of one that others run so seldom that a service which is
// ready in time would not be seen to be.
func (c *hostCheck) healthchecks() {
	for _, s := range c.plan.Services {
		if interval := c.host.Healthchecks[s.Image]; s.Ready.Health && interval > 0 && interval >= s.Ready.Within {
			c.warning("P0511", c.index[s.Address].node.place("image"),
				fmt.Sprintf("the healthcheck of %s has an interval of %s, and %s has %s to be ready: whoever runs it by its interval learns that too late", s.Image, units.Duration(interval), s.Address, units.Duration(s.Ready.Within)),
				"give the healthcheck a shorter interval; a trial runs its command each second")
		}
	}
}
