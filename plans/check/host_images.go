package check

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"plan/internal/english"
	"plan/internal/imagename"
	"plan/internal/units"
	"plan/plans"
	"plan/plans/diag"
)

// images checks that images are there, or can be pulled, and can be pushed, and
// that their healthchecks are run often enough.
func (h Host) images(p *plans.Plan) diag.List {
	var list diag.List
	for _, i := range p.Images {
		missing := h.image(i.Source, i.Pull, i.Decl.Range("source"))
		for n := range missing {
			if i.Build == nil {
				continue
			}
			missing[n].Help = "build it: plan run --build"
			for _, path := range []string{i.Build.Context, i.Build.File()} {
				if slices.Contains(h.Missing, path) {
					missing[n].Help = fmt.Sprintf("create %s, which does not exist: it is built from that", path)
					break
				}
			}
		}
		list = append(list, missing...)
		if !i.Push {
			continue
		}
		at := i.Decl.Range("name")
		if !i.Decl.Has("name") {
			at = i.Decl.Range("source")
		}
		list = append(list, h.credentials(i.Name, at)...)
	}
	for _, s := range p.Services {
		if s.ImageOf == "" && s.Image != "" {
			list = append(list, h.image(s.Image, "missing", s.Decl.Range("image"))...)
		}
		// One that others run so seldom that a service which is ready in time would
		// not be seen to be.
		if interval := h.Healthchecks[s.Image]; s.Ready.Health && interval > 0 && interval >= s.Ready.Within {
			list = append(list, diag.NewWarning("P0511", s.Decl.Range("image"),
				fmt.Sprintf("the healthcheck of %s has an interval of %s, but %s must be ready within %s: trials ignore the interval, Docker and Compose do not", s.Image, units.Duration(interval), s.Address, units.Duration(s.Ready.Within)),
				"write a shorter interval in the image or in the Compose file; the plan needs no change"))
		}
	}
	for _, s := range p.Stages {
		if s.Load != nil && s.Load.Driver != nil && s.Load.Driver.ImageOf == "" && s.Load.Driver.Image != "" {
			list = append(list, h.image(s.Load.Driver.Image, "missing", s.Decl.Block("load").Block("driver").Range("image"))...)
		}
	}
	return list
}

// image checks one that a service or a load runs. What is like one that is
// there is probably a slip, even where it could be pulled.
func (h Host) image(reference, pull string, at diag.SourceRange) diag.List {
	have := map[string]string{}
	for _, i := range h.Images {
		have[imagename.Short(i)] = i
	}
	if _, ok := have[imagename.Short(reference)]; ok || strings.Contains(reference, "sha256:") {
		return nil
	}
	severity, what := diag.Note, "the run pulls it from "+registryOf(reference)
	help := "if no registry has it, build it: docker build -t " + reference + " ."
	if pull == "never" {
		severity, what = diag.Error, "pull = \"never\" prevents a pull"
		help = "write pull = \"missing\", or build it: docker build -t " + reference + " ."
	}
	if near := english.Near(imagename.Short(reference), slices.Sorted(maps.Keys(have))); near != "" {
		help = fmt.Sprintf("did you mean %q?", have[near])
		if severity == diag.Note {
			severity = diag.Warning
		}
	} else {
		repository, _ := splitTag(imagename.Short(reference))
		var tags []string
		for _, i := range h.Images {
			if other, _ := splitTag(imagename.Short(i)); other == repository {
				tags = append(tags, i)
			}
		}
		if len(tags) > 0 {
			help = "the engine has: " + strings.Join(tags, ", ")
		}
	}
	return diag.List{diag.New(severity, "P0505", at,
		fmt.Sprintf("the image %s is not on the engine: %s", reference, what), help)}
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
func (h Host) credentials(name string, at diag.SourceRange) diag.List {
	registry := registryOf(name)
	host, _, _ := strings.Cut(registry, ":")
	loopback := host == "localhost" || strings.HasPrefix(host, "127.") || strings.HasPrefix(registry, "[::1]")
	if loopback || slices.Contains(h.Registries, registry) {
		return nil
	}
	severity := diag.Warning
	if registry == imagename.Hub {
		severity = diag.Error
	}
	d := diag.New(severity, "P0506", at,
		fmt.Sprintf("a push of %s needs credentials for %s, and there are none", name, registry), imagename.Login(registry))
	if len(h.Registries) > 0 {
		d.Note = "there are credentials for " + strings.Join(h.Registries, ", ")
	}
	return diag.List{d}
}

// registryOf is where a name leads that was checked when the plan was read.
func registryOf(name string) string {
	registry, _ := imagename.Registry(name)
	return registry
}
