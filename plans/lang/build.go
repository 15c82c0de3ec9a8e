package lang

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"plan/internal/units"
	"plan/plans"
	"plan/plans/check"
	"plan/plans/diag"
)

// builder makes values of a plan of decoded blocks.
type builder struct {
	program   *program
	diags     *diags
	evaluator *evaluator
	decoder   *decoder
}

func newBuilder(e *evaluator) *builder {
	return &builder{program: e.program, diags: e.diags, evaluator: e, decoder: newDecoder(e)}
}

// build makes the plan of everything that the file declares.
func (b *builder) build() *plans.Plan {
	p := &plans.Plan{Name: b.program.name, File: b.program.file}
	p.Evaluate(&resolver{b.program, p})
	for _, x := range b.program.declarations {
		if x.root == "local" {
			b.evaluator.value("local", strings.TrimPrefix(x.address, "local."))
		}
	}
	for _, x := range b.program.declarations {
		if x.node == nil || x.isStage() {
			continue
		}
		r := b.decoder.decode(x.node)
		b.checkEarly(r)
		switch r.block {
		case planBlock:
			p.Description = get[string](r, "description")
			if p.Decl == nil {
				p.Decl = b.diags.decl(r.node)
			}
		case imageBlock:
			i := buildImage(r)
			if x := r.one("build"); x != nil {
				i.Build = &plans.Build{
					Context: b.program.resolvePath(get[string](x, "context")), Dockerfile: get[string](x, "dockerfile"),
					Args: get[map[string]string](x, "args"), Target: get[string](x, "target"),
				}
				at := func(name string) diag.SourceRange { return b.diags.sourceRange(x.node.rangeOf(name), "") }
				b.program.builds(*i.Build, at("context"), at("dockerfile"))
			}
			i.Decl = b.diags.decl(r.node)
			p.Images = append(p.Images, i)
		case networkBlock:
			n := buildNetwork(r)
			n.Decl = b.diags.decl(r.node)
			p.Networks = append(p.Networks, n)
			if r.attrs["name"] == nil && slices.Contains(dockersNetworks, r.label) {
				b.diags.violation(dockersOwn(r.label), r.header)
			}
		case preflightBlock:
			p.Preflights = append(p.Preflights, plans.Preflight{
				Address:  r.address,
				Network:  b.networkName(get[target](r, "network")),
				External: get[target](r, "network").text != "",
				URL:      get[string](r, "url"),
				TCP:      get[string](r, "tcp"),
				Status:   get[int](r, "status"),
				Within:   get[time.Duration](r, "within"),
				Decl:     b.diags.decl(r.node),
			})
		case scenarioBlock:
			s := b.buildScenario(r)
			b.diags.take(check.Guessed(s))
			if !b.broken() && len(r.unknowns("")) == 0 {
				b.diags.take(check.Scenario(s))
			}
		case serviceBlock:
			p.Services = append(p.Services, b.buildService(r))
		case reportBlock:
			report := plans.Report{Format: r.label, Path: get[string](r, "path"), Decl: b.diags.decl(r.node)}
			b.program.writes(report.Path, report.Decl.Range("path"))
			p.Reports = append(p.Reports, report)
		case platformBlock:
			p.Platform = &plans.Platform{
				Name: r.label, Context: get[string](r, "context"), Namespace: get[string](r, "namespace"),
				NodeSelector: get[map[string]string](r, "node_selector"), Tolerations: get[[]string](r, "tolerations"),
				PullSecret: get[string](r, "pull_secret"), AgentImage: get[string](r, "agent_image"),
				Decl: b.diags.decl(r.node),
			}
		case guardBlock:
			p.Guard = plans.Guard{
				HostMemoryFree: get[units.Bytes](r, "host_memory_free"),
				Runtime:        get[time.Duration](r, "runtime"),
				Decl:           b.diags.decl(r.node),
			}
			if share, has := r.values["host_cpu_others"].(float64); has {
				p.Guard.HostCPUOthers = &share
			}
		}
	}
	for _, x := range b.program.order() {
		p.Stages = append(p.Stages, b.buildStage(b.decoder.decode(x.node)))
	}
	return p
}

func buildImage(r *decodedBlock) plans.Image {
	i := plans.Image{Address: r.address, Source: get[string](r, "source"), Name: get[string](r, "name"), Pull: get[string](r, "pull"), Push: get[bool](r, "push")}
	if i.Name == "" {
		i.Name = i.Source
	}
	return i
}

func buildNetwork(r *decodedBlock) plans.Network {
	n := plans.Network{Address: r.address, Name: get[string](r, "name"), External: get[bool](r, "external")}
	if n.Name == "" {
		n.Name = r.label
	}
	return n
}

// networkName is the name on the engine of what an attribute names.
func (b *builder) networkName(t target) string {
	x := b.program.index[t.address]
	if x == nil {
		return t.text
	}
	return buildNetwork(b.decoder.quietly(x.node)).Name
}

func (b *builder) buildService(r *decodedBlock) plans.Service {
	s := plans.Service{
		Address:        r.address,
		Name:           r.label,
		Image:          b.imageToRun(get[target](r, "image")),
		ImageOf:        get[target](r, "image").address,
		Environment:    get[map[string]string](r, "environment"),
		User:           get[string](r, "user"),
		WorkingDir:     get[string](r, "working_dir"),
		Tmpfs:          get[[]plans.Tmpfs](r, "tmpfs"),
		Aliases:        get[[]string](r, "aliases"),
		ExtraHosts:     get[map[string]string](r, "extra_hosts"),
		ShmSize:        get[units.Bytes](r, "shm_size"),
		Ulimits:        get[[]plans.Ulimit](r, "ulimits"),
		GPUs:           get[int](r, "gpus"),
		RestartHelpers: get[bool](r, "restart_helpers"),
		Expose:         get[[]int](r, "expose"),
		Ports:          get[[]plans.Port](r, "ports"),
		Restart:        get[string](r, "restart"),
		Decl:           b.diags.decl(r.node),
	}
	s.EnvFiles = b.envFiles(r, s.Environment)
	for _, v := range get[[]plans.Volume](r, "volumes") {
		if v.Bind { // relative to the plan's folder
			v.Source = b.program.resolvePath(v.Source)
			b.program.mounts(v.Source, s.Decl.Range("volumes"))
		}
		s.Volumes = append(s.Volumes, v)
	}
	if command := get[[]string](r, "command"); len(command) > 0 {
		s.Command = command
	}
	if entrypoint := get[[]string](r, "entrypoint"); len(entrypoint) > 0 {
		s.Entrypoint = entrypoint
	}
	for _, t := range get[[]target](r, "depends_on") {
		s.DependsOn = append(s.DependsOn, t.address)
	}
	for _, t := range get[[]target](r, "networks") {
		s.Networks = append(s.Networks, b.networkName(t))
		if t.text != "" {
			s.External = append(s.External, t.text)
		}
	}
	for _, p := range s.Ports {
		if !r.has("expose") {
			s.Expose = append(s.Expose, p.Container)
		}
	}
	s.Limits = buildSettings(r.one("limits")).Over(buildSettings(r))
	if limits := r.one("limits"); limits != nil {
		s.StartCPUs = get[units.CPUs](limits, "start_cpus")
	}
	s.Ready = b.buildReady(r, s.Expose)
	return s
}

// imageToRun is the reference of an image: a plain one as it is; of a block
// what became of it, or its source as long as nothing did.
func (b *builder) imageToRun(t target) string {
	if t.address == "" {
		return t.text
	}
	if b.evaluator.known != nil && b.evaluator.known.Images[t.address].Run != "" {
		return b.evaluator.known.Images[t.address].Run
	}
	return buildImage(b.decoder.quietly(b.program.index[t.address].node)).Source
}

// buildSettings are the dimensions that a block has; none of no block.
func buildSettings(r *decodedBlock) plans.Settings {
	var s plans.Settings
	for _, d := range plans.Dimensions() {
		if r != nil && standsIn(d, r.block.name) {
			s.Put(d, readDimension(r, string(d)))
		}
	}
	return s
}

func (b *builder) buildReady(r *decodedBlock, expose []int) plans.Ready {
	ready := r.one("ready")
	if ready == nil {
		ready = b.decoder.defaults(r.block.nested("ready"), r.node)
	}
	got := plans.Ready{
		Path:    get[string](ready, "path"),
		Status:  get[int](ready, "status"),
		Port:    get[int](ready, "port"),
		TCP:     get[int](ready, "tcp"),
		Headers: get[map[string]string](ready, "headers"),
		Log:     get[string](ready, "log"),
		Command: get[[]string](ready, "command"),
		Ended:   get[bool](ready, "ended"),
		Timeout: get[time.Duration](ready, "timeout"),
		Within:  get[time.Duration](ready, "within"),
	}
	if got.Log != "" {
		got.Count = get[int](ready, "count")
	}
	got.Health = got.Path == "" && got.TCP == 0 && got.Log == "" && len(got.Command) == 0 && !got.Ended
	if got.Health && len(expose) > 0 {
		got.TCP = cmp.Or(got.Port, expose[0])
	}
	return got
}
