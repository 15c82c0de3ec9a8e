package check

import (
	"maps"
	"regexp"
	"slices"

	"plan/plans"
	"plan/plans/diag"
)

// Platform returns what of a plan its platform does not have. Docker has everything.
func Platform(p *plans.Plan) diag.List {
	if p.Platform == nil {
		return nil
	}
	var list diag.List
	refuse := func(at diag.SourceRange, has, instead string) {
		list = append(list, diag.NewError("P0443", at, "on Kubernetes "+has, instead))
	}
	if p.Platform.AgentImage == "" {
		at := start(p)
		if p.Platform.Decl != nil {
			at = p.Platform.Decl.Header()
		}
		list = append(list, diag.NewError("P0444", at,
			"on Kubernetes the nodes pull the agent's image, and the plan names none",
			"build and push it in the folder of plan's source: make image && docker tag plan REGISTRY/plan && "+
				"docker push REGISTRY/plan; then write agent_image = \"REGISTRY/plan\""))
	}
	for _, ofHost := range []string{"host_memory_free", "host_cpu_others"} {
		if p.Guard.Decl.Has(ofHost) {
			list = append(list, diag.NewWarning("P0443", p.Guard.Decl.NameRange(ofHost),
				"on Kubernetes "+ofHost+" has no effect: the memory and the CPUs that nodes have left are not known",
				"remove "+ofHost))
		}
	}
	for _, i := range p.Images {
		if i.Push {
			refuse(i.Decl.Range("push"), "a run cannot push images", "push it before the run, and remove push")
		}
		if i.Build != nil {
			refuse(i.Decl.Block("build").Header(), "a run cannot build images",
				"build and push it before the run, and remove build")
		}
		if i.Pull != "missing" && i.Pull != "" {
			refuse(i.Decl.Range("pull"), "a node pulls an image if it does not have it", "remove pull")
		}
	}
	const network = "the pods of a namespace reach each other, and there are no other networks"
	for _, n := range p.Networks {
		if n.External {
			refuse(n.Decl.Range("external"), network, "remove external, and use the names of Services in the namespace")
		}
	}
	for _, f := range p.Preflights {
		if f.External {
			refuse(f.Decl.Range("network"), network, "declare a network block without external")
		}
	}
	for i, s := range p.Services {
		if len(s.External) > 0 {
			refuse(s.Decl.Range("networks"), network, "remove it, and use the names of Services in the namespace")
		}
		for _, v := range s.Volumes {
			shared := slices.ContainsFunc(p.Services[:i], func(s plans.Service) bool { // and written
				return slices.ContainsFunc(s.Volumes, func(other plans.Volume) bool {
					return other.Source == v.Source && !v.Bind && !(v.ReadOnly && other.ReadOnly)
				})
			})
			if shared {
				refuse(s.Decl.Range("volumes"), "each pod has a volume "+v.Source+" of its own, so services cannot share what they write to it",
					`mount a claim of the namespace, with ":ro" in each of them`)
			}
		}
		for _, d := range plans.Dimensions() {
			if why := d.PodHas(); why != "" && s.Limits.Get(d) != 0 {
				refuse(restriction{attribute: string(d)}.at(s.Decl), why, "remove "+string(d))
			}
		}
		for _, r := range onlyInDocker {
			if r.used(s) {
				refuse(r.at(s.Decl), r.has, r.instead)
			}
		}
	}
	for _, s := range p.Stages {
		if s.Load != nil && s.Load.Driver != nil {
			refuse(s.Decl.Block("load").Header(), "the driver Locust is not supported", "use the built-in driver: write a scenario")
		}
	}
	return list
}

// restriction is an attribute of a service that only Docker has.
type restriction struct {
	attribute string // or a block of it
	used      func(plans.Service) bool
	has       string // what Kubernetes has instead
	instead   string
}

func (r restriction) at(d *plans.Decl) diag.SourceRange {
	switch {
	case d.Has(r.attribute):
		return d.Range(r.attribute)
	case d.Block("limits").Has(r.attribute):
		return d.Block("limits").Range(r.attribute)
	}
	return d.Header()
}

// dnsLabel is a name that a Service can have.
var dnsLabel = regexp.MustCompile(`^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$`)

var numericUser = regexp.MustCompile(`^[0-9]+(:[0-9]+)?$`)

var onlyInDocker = []restriction{
	{"name", func(s plans.Service) bool { return !dnsLabel.MatchString(s.Name) },
		"the name of a service is a DNS label", "rename it: lower-case letters, digits and hyphens, a letter first"},
	{"aliases", func(s plans.Service) bool {
		return slices.ContainsFunc(s.Aliases, func(a string) bool { return !dnsLabel.MatchString(a) })
	}, "an alias is a DNS label", "write lower-case letters, digits and hyphens"},
	{"volumes", func(s plans.Service) bool {
		return slices.ContainsFunc(s.Volumes, func(v plans.Volume) bool { return v.Bind })
	},
		"a pod has no files of this machine", `mount a claim of the namespace: "NAME:/path:ro"`},
	{"ports", func(s plans.Service) bool { return len(s.Ports) > 0 },
		"ports are not published on a host", "write expose"},
	{"restart", func(s plans.Service) bool { return s.Restart != "no" && s.Restart != "" },
		"a pod of a trial is never restarted", `write restart = "no", or remove it`},
	{"ulimits", func(s plans.Service) bool { return len(s.Ulimits) > 0 },
		"a pod has no ulimits: it has those of its node's runtime", "remove ulimits"},
	{"gpus", func(s plans.Service) bool { return s.GPUs != 0 }, "GPUs are not supported", "remove gpus"},
	{"user", func(s plans.Service) bool { return s.User != "" && !numericUser.MatchString(s.User) },
		"a user is a number", `write user = "1000" or "1000:1000"`},
	{"extra_hosts", func(s plans.Service) bool {
		return slices.Contains(slices.Collect(maps.Values(s.ExtraHosts)), "host-gateway")
	}, "there is no host-gateway", "write an IP address"},
	{"tmpfs", func(s plans.Service) bool {
		return slices.ContainsFunc(s.Tmpfs, func(t plans.Tmpfs) bool { return t.Options != "" })
	},
		"a file system in memory has no mount options", "write only its path"},
	{"start_cpus", func(s plans.Service) bool { return s.StartCPUs != 0 },
		"the limit of CPUs of a pod does not change", "remove start_cpus"},
	{"ready", func(s plans.Service) bool { return s.Ready.Health && s.Ready.TCP == 0 },
		"the healthcheck of an image is not known, and the service exposes no port",
		"write expose, or ready with path, tcp, log or command"},
}
