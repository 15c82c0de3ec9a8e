package plans

import (
	"slices"
	"strings"

	"plan/internal/imagename"
	"plan/plans/diag"
)

// Reach is something beyond a plan's folder and its own containers that the plan uses.
type Reach struct {
	Does string // "reads", "writes", "mounts", "joins", "pulls from" or "pushes to"
	What string // a path with links resolved, a volume, a network, a registry, an image
	At   diag.SourceRange
}

// Reaches returns all that a plan uses beyond its folder: what a person should know before running a plan of someone
// else. Files come first, then what services use.
func (p *Plan) Reaches() []Reach {
	all := slices.Clone(p.Outside)
	for _, r := range p.Reports {
		if strings.HasPrefix(r.Path, "/") || slices.Contains(strings.Split(r.Path, "/"), "..") {
			all = append(all, Reach{"writes", r.Path, r.Decl.Range("path")})
		}
	}
	registries := append([]string{hub}, p.Logins...) // and those that images of the plan name
	for _, i := range p.Images {
		for _, name := range []string{i.Source, i.Name} {
			if registry, err := imagename.Registry(name); err == nil {
				registries = append(registries, registry)
			}
		}
		if i.Push {
			all = append(all, Reach{"pushes to", i.Name, i.Decl.Range("name")})
		}
	}
	for _, s := range p.Services {
		for _, v := range s.Volumes {
			what := "the volume " + v.Source
			if v.Bind {
				what = "the folder " + v.Source
			}
			all = append(all, Reach{"mounts", what, s.Decl.Range("volumes")})
		}
		for _, network := range s.External {
			all = append(all, Reach{"joins", "the network " + network, s.Decl.Range("networks")})
		}
		registry, err := imagename.Registry(s.Image)
		if err == nil && s.ImageOf == "" && !slices.Contains(registries, registry) {
			registries = append(registries, registry)
			all = append(all, Reach{"pulls from", "the registry " + registry, s.Decl.Range("image")})
		}
	}
	for _, n := range p.Networks {
		if n.External {
			all = append(all, Reach{"joins", "the network " + n.Name, n.Decl.Header()})
		}
	}
	return all
}

// hub is the registry of names without one.
const hub = "docker.io"
