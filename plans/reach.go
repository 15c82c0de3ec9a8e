package plans

import (
	"slices"

	"plan/internal/imagename"
	"plan/plans/diag"
)

// Reach is something beyond a plan's folder and its own containers that the plan uses.
type Reach struct {
	Does string // "reads", "writes", "mounts", "joins", "pulls from", "pushes to" or "uses"
	What string // a path with links resolved, a volume, a network, a registry, an image, a cluster
	At   diag.SourceRange
}

// Reaches returns all that a plan uses beyond its folder: what a person should know before running a plan of someone
// else. Files come first, then what services use.
func (p *Plan) Reaches() []Reach {
	all := slices.Clone(p.Outside)
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
	pulls := func(image string, at diag.SourceRange) {
		if registry, err := imagename.Registry(image); err == nil && !slices.Contains(registries, registry) {
			registries = append(registries, registry)
			all = append(all, Reach{"pulls from", "the registry " + registry, at})
		}
	}
	for _, s := range p.Services {
		for _, v := range s.Volumes {
			if !v.Bind { // folders are in Outside
				all = append(all, Reach{"mounts", "the volume " + v.Source, s.Decl.Range("volumes")})
			}
		}
		for _, network := range s.External {
			all = append(all, Reach{"joins", "the network " + network, s.Decl.Range("networks")})
		}
		if s.ImageOf == "" {
			pulls(s.Image, s.Decl.Range("image"))
		}
	}
	for _, s := range p.Stages {
		if s.Load != nil && s.Load.Driver != nil && s.Load.Driver.ImageOf == "" {
			pulls(s.Load.Driver.Image, s.Decl.Block("load").Block("driver").Range("image"))
		}
	}
	for _, n := range p.Networks {
		if n.External {
			all = append(all, Reach{"joins", "the network " + n.Name, n.Decl.Header()})
		}
	}
	if c := p.Platform; c != nil {
		if c.AgentImage != "" {
			pulls(c.AgentImage, c.Decl.Range("agent_image"))
		}
		if c.Context != "" {
			all = append(all, Reach{"uses", "the context " + c.Context + " of the kubeconfig", c.Decl.Range("context")})
		}
		if c.Namespace != "" {
			all = append(all, Reach{"uses", "the namespace " + c.Namespace, c.Decl.Range("namespace")})
		}
	}
	return all
}

// hub is the registry of names without one.
const hub = "docker.io"
