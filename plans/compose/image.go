package compose

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v4"

	"plan/internal/dockerfile"
	"plan/internal/secret"
)

// image writes what a service runs. One that is pulled in another way than
// usual has a block of its own.
func (c *converter) image(s types.ServiceConfig) string {
	switch {
	case s.Build == nil:
	case !c.builds(s):
		c.note(s.Name, "build", fmt.Sprintf("its context is not a local folder: run `docker compose build %s` first", s.Name))
	case c.project.missingOf(s, c.project.WorkingDir) != "":
		c.note(s.Name, "build",
			fmt.Sprintf("%s does not exist, so its image cannot be built: create it, or correct the Compose file",
				c.besidePlan(c.project.missingOf(s, c.project.WorkingDir))))
	default:
		c.note(s.Name, "build", fmt.Sprintf("plan run --build builds its image, as `docker compose build %s` does", s.Name))
		text, _ := dockerfileText(s)
		var given []string
		for name, value := range s.Build.Args {
			if value != nil {
				given = append(given, name)
			}
		}
		if why := dockerfile.NeedsBuildKit(text, given); len(why) > 0 {
			c.note(s.Name, "build", "its Dockerfile needs BuildKit, so the docker command builds it: "+strings.Join(why, ", "))
		}
		for _, word := range c.unbuilt(s) {
			c.note(s.Name, "build."+word, "a build block of a plan has no such attribute")
		}
	}
	if c.hasImageBlock(s) {
		return "image." + c.label(s.Name)
	}
	return c.imageText(s)
}

// builds reports whether a plan can build the image of a service: from a folder.
func (c *converter) builds(s types.ServiceConfig) bool {
	return s.Build != nil && s.Build.DockerfileInline == "" && filepath.IsAbs(s.Build.Context)
}

// hasImageBlock reports whether the image of a service has a block of its own: one that
// is built, or pulled in another way than usual.
func (c *converter) hasImageBlock(s types.ServiceConfig) bool {
	pull, _ := c.pull(s)
	return pull != "" || c.builds(s)
}

// unbuilt are the words of a build that a plan does not have.
func (c *converter) unbuilt(s types.ServiceConfig) []string {
	text, err := yaml.Marshal(s.Build)
	var model map[string]any
	if err != nil || yaml.Unmarshal(text, &model) != nil {
		return nil
	}
	for _, word := range []string{"context", "dockerfile", "args", "target"} {
		delete(model, word)
	}
	return slices.Sorted(maps.Keys(model))
}

// build writes what an image is built from.
func (c *converter) build(p *page, s types.ServiceConfig) {
	if !c.builds(s) {
		return
	}
	c.built = true
	p.block("build")
	context := c.fromPlan(s.Build.Context)
	if !strings.HasPrefix(context, ".") && !filepath.IsAbs(context) {
		context = "./" + context
	}
	p.line("context = %s", quote(context))
	if file := dockerfileName(*s.Build); file != "" && file != "Dockerfile" {
		p.line("dockerfile = %s", quote(file))
	}
	model := c.project.written.service(s.Name)
	unfilled, _ := model["build"].(map[string]any)
	raw := unfilledPairs(unfilled["args"])
	var args []string
	for _, name := range slices.Sorted(maps.Keys(s.Build.Args)) {
		if value := s.Build.Args[name]; value != nil {
			if _, written := raw[name]; !written && unfilled != nil { // it is taken from the variable of that name
				raw[name] = "${" + name + "}"
			}
			args = append(args, fmt.Sprintf("%s = %s", key(name), c.texts.text(s.Name, name, raw[name], *value, false)))
		}
	}
	if len(args) > 0 {
		p.line("args = { %s }", strings.Join(args, ", "))
	}
	if s.Build.Target != "" {
		p.line("target = %s", quote(s.Build.Target))
	}
	p.close()
}

// label is the name of a service in the plan, and of the block of its image.
func (c *converter) label(service string) string {
	if label := c.labels[service]; label != "" {
		return label
	}
	return labels(append([]string{c.selection.api}, append(slices.Clone(c.selection.helpers), service)...))[service]
}

// imageText is the name of a service's image with its variables. One that is
// empty must be given: nothing can be run without it.
func (c *converter) imageText(s types.ServiceConfig) string {
	model := c.project.written.service(s.Name)
	raw, _ := model["image"].(string)
	t, fit := parse(raw)
	empty := func(p part) bool { return c.project.written.value(p) == "" }
	if !fit || len(t.names()) == 0 || c.project.written.filled(t) != s.Image ||
		slices.ContainsFunc(t.names(), secret.Name) ||
		!c.variables.agrees(t) && !slices.ContainsFunc(t, empty) {
		return quote(cmp.Or(s.Image, c.project.builtName(s.Name)))
	}
	for _, p := range t {
		if empty(p) {
			x := c.variables.of(p)
			x.given, x.unset = true, false
			x.why = "It was not set when this plan was written, and the name of an image needs it."
		}
	}
	return c.variables.expression(t)
}

// builtName is the name that Compose gives the image that it builds for a service.
func (s *project) builtName(service string) string {
	return strings.Trim(strings.ToLower(s.Name+"-"+service), "-_.")
}

// pull is how a service's image is pulled, "" for as usual, and why. What
// Compose builds under a name that it made up itself is in no registry.
func (c *converter) pull(s types.ServiceConfig) (policy, why string) {
	asked, _, err := s.GetPullPolicy()
	switch {
	case s.Image == "":
		return types.PullPolicyNever, "it is built locally"
	case err != nil || s.PullPolicy == "":
		return "", ""
	case asked == types.PullPolicyAlways || asked == types.PullPolicyRefresh:
		return types.PullPolicyAlways, ""
	case asked == types.PullPolicyNever || asked == types.PullPolicyBuild:
		return types.PullPolicyNever, ""
	}
	return "", ""
}

// images writes the blocks of those that are built, or pulled in another way than usual.
func (c *converter) images(p *page, driven bool) {
	list := c.all()
	if driven {
		list = append(list, *c.selection.locust)
	}
	for _, s := range list {
		pull, why := c.pull(s)
		if !c.hasImageBlock(s) {
			continue
		}
		p.open("image " + quote(c.label(s.Name)))
		p.line("source = %s", c.imageText(s))
		if why != "" {
			why = " # " + why
		}
		if pull != "" {
			p.line("pull = %s%s", quote(pull), why)
		}
		c.build(p, s)
		p.close()
	}
}
