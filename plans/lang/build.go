package lang

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"plan/internal/units"
	"plan/plans"
	"plan/plans/check"
)

// build makes the plan of everything that the file declares.
func (e *evaluator) build() *plans.Plan {
	p := &plans.Plan{Name: e.name, File: e.file}
	p.Evaluate(&resolver{e.program, p})
	for _, x := range e.entities {
		if x.root == "local" {
			e.value("local", strings.TrimPrefix(x.address, "local."))
		}
	}
	for _, x := range e.entities {
		if x.node != nil && !x.isStage() {
			e.buildBlock(p, e.decode(x.node))
		}
	}
	for _, x := range e.order() {
		p.Stages = append(p.Stages, e.buildStage(e.decode(x.node)))
	}
	return p
}

func (e *evaluator) buildBlock(p *plans.Plan, r *record) {
	e.early(r)
	switch r.block {
	case planBlock:
		p.Description = get[string](r, "description")
		if p.Decl == nil {
			p.Decl = e.decl(r.node)
		}
	case imageBlock:
		i := buildImage(r)
		i.Decl = e.decl(r.node)
		p.Images = append(p.Images, i)
	case networkBlock:
		n := buildNetwork(r)
		n.Decl = e.decl(r.node)
		p.Networks = append(p.Networks, n)
		e.namedAsDockers(r)
	case preflightBlock:
		p.Preflights = append(p.Preflights, e.buildPreflight(r))
	case scenarioBlock:
		if s := e.buildScenario(r); !e.broken() && len(r.laters("")) == 0 {
			e.take(check.Scenario(s))
		}
	case serviceBlock:
		p.Services = append(p.Services, e.buildService(r))
	case guardBlock:
		p.Guard = plans.Guard{HostMemoryFree: get[units.Bytes](r, "host_memory_free"), Runtime: get[time.Duration](r, "runtime"), HostCPUOthers: get[float64](r, "host_cpu_others"), Decl: e.decl(r.node)}
	}
}

func buildImage(r *record) plans.Image {
	i := plans.Image{Address: r.address, Source: get[string](r, "source"), Name: get[string](r, "name"), Pull: get[string](r, "pull"), Push: get[bool](r, "push")}
	if i.Name == "" {
		i.Name = i.Source
	}
	return i
}

func buildNetwork(r *record) plans.Network {
	n := plans.Network{Address: r.address, Name: get[string](r, "name"), External: get[bool](r, "external")}
	if n.Name == "" {
		n.Name = r.label
	}
	return n
}

// namedAsDockers refuses a network without a name of its own whose label is
// one of Docker's.
func (e *evaluator) namedAsDockers(r *record) {
	if r.attrs["name"] == nil && slices.Contains(dockersNetworks, r.label) {
		e.problem(dockersOwn(r.label), r.header)
	}
}

func (e *evaluator) buildPreflight(r *record) plans.Preflight {
	return plans.Preflight{
		Address:  r.address,
		Network:  e.networkName(get[target](r, "network")),
		External: get[target](r, "network").text != "",
		URL:      get[string](r, "url"),
		TCP:      get[string](r, "tcp"),
		Status:   get[int](r, "status"),
		Within:   get[time.Duration](r, "within"),
		Decl:     e.decl(r.node),
	}
}

// networkName is the name on the engine of what an attribute names.
func (e *evaluator) networkName(t target) string {
	x := e.index[t.address]
	if x == nil {
		return t.text
	}
	return buildNetwork(e.quietly(x.node)).Name
}

// quietly decodes a block whose faults are reported elsewhere.
func (e *evaluator) quietly(n *node) *record {
	return e.quiet().decode(n)
}

func (e *evaluator) buildService(r *record) plans.Service {
	s := plans.Service{
		Address:     r.address,
		Name:        r.label,
		Image:       e.imageToRun(get[target](r, "image")),
		ImageOf:     get[target](r, "image").address,
		Environment: get[map[string]string](r, "environment"),
		User:        get[string](r, "user"),
		WorkingDir:  get[string](r, "working_dir"),
		Volumes:     e.besides(get[[]plans.Volume](r, "volumes")),
		Tmpfs:       get[[]plans.Tmpfs](r, "tmpfs"),
		Aliases:     get[[]string](r, "aliases"),
		ExtraHosts:  get[map[string]string](r, "extra_hosts"),
		ShmSize:     get[units.Bytes](r, "shm_size"),
		Ulimits:     get[[]plans.Ulimit](r, "ulimits"),
		GPUs:        get[int](r, "gpus"),
		Expose:      get[[]int](r, "expose"),
		Ports:       get[[]plans.Port](r, "ports"),
		Restart:     get[string](r, "restart"),
		Decl:        e.decl(r.node),
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
		s.Networks = append(s.Networks, e.networkName(t))
		if t.text != "" {
			s.External = append(s.External, t.text)
		}
	}
	for _, p := range s.Ports {
		if !r.has("expose") {
			s.Expose = append(s.Expose, p.Container)
		}
	}
	s.Limits = buildSettings(r.only("limits")).Over(buildSettings(r))
	s.Ready = e.buildReady(r, s.Expose)
	return s
}

// imageToRun is the reference of an image: a plain one as it is; of a block
// what became of it, or its source as long as nothing did.
func (e *evaluator) imageToRun(t target) string {
	if t.address == "" {
		return t.text
	}
	if e.known != nil && e.known.Images[t.address].Run != "" {
		return e.known.Images[t.address].Run
	}
	return buildImage(e.quietly(e.index[t.address].node)).Source
}

// buildSettings are the dimensions that a block has; none of no block.
func buildSettings(r *record) plans.Settings {
	var s plans.Settings
	for _, d := range plans.Dimensions() {
		if r != nil && standsIn(d, r.block.name) {
			s.Put(d, readDimension(r, string(d)))
		}
	}
	return s
}

func (e *evaluator) buildReady(r *record, expose []int) plans.Ready {
	ready := r.only("ready")
	if ready == nil {
		ready = e.defaults(r.block.nested("ready"), r.node)
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
