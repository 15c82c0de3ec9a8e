package lang

import (
	"cmp"
	"slices"
	"time"

	"plan/internal/units"
	"plan/plans"
	"plan/runner/search"
)

// buildStage makes a stage with its service and its scenario as they are now.
func (b *builder) buildStage(r *decodedBlock) plans.Stage {
	s := plans.Stage{
		Address:     r.address,
		Kind:        plans.Kind(r.block.name),
		Set:         buildSettings(r.one("set")),
		Strategy:    get[string](r, "strategy"),
		Prefer:      get[string](r, "prefer"),
		AtMost:      buildSettings(r.one("at_most")),
		Margin:      get[float64](r, "margin"),
		Users:       get[[]int](r, "users"),
		AtLeast:     get[int](r, "at_least"),
		StopAfter:   get[int](r, "stop_after"),
		Threshold:   buildThreshold(r.one("threshold"), ""),
		LeakHorizon: get[time.Duration](r, "leak_horizon"),
		Unknown:     r.unknowns(""),
		Decl:        b.diags.decl(r.node),
	}
	if r.has("users") && s.Users == nil && s.Kind == plans.Ramp {
		s.Auto = &search.Users{
			From: max(1, get[int](r, "from")), To: get[int](r, "to"), Step: get[int](r, "step"), Growth: get[float64](r, "step"),
		}
	}
	for _, vary := range r.all("vary") {
		s.Vary = append(s.Vary, buildVary(vary))
	}
	if s.Kind == plans.Search && r.omits("strategy") {
		s.Strategy = standardStrategy(s.Only() == "")
	}
	if price := r.one("price"); price != nil {
		s.Price = &plans.Price{CPUs: get[float64](price, "cpus"), Memory: get[float64](price, "memory"),
			Replicas: get[float64](price, "replicas")}
		s.Prefer = cmp.Or(s.Prefer, plans.ByPrice)
	}
	if budget := r.one("budget"); budget != nil {
		s.Budget = plans.Budget{Trials: get[int](budget, "trials"), Time: get[time.Duration](budget, "time")}
	}
	for _, a := range r.all("assert") {
		s.Asserts = append(s.Asserts, a.label)
		b.evaluator.assertSound(a)
	}
	if x := b.program.index[get[target](r, "service").address]; x != nil {
		// It is decoded anew: what it needs may be known by now.
		service := b.decoder.redecode(x.node)
		s.Service = b.buildService(service)
		if set := r.one("set"); set != nil { // over those of the service
			if own := get[map[string]string](set, "environment"); len(own) > 0 {
				s.Service.Environment = overlaid(s.Service.Environment, own)
			}
			if command := get[[]string](set, "command"); len(command) > 0 {
				s.Service.Command = command
			}
		}
		s.Unknown = append(s.Unknown, service.unknowns("service.")...)
		s.Helpers = b.helpers(&s)
	}
	if load := r.one("load"); load != nil {
		b.addLoad(&s, load)
	}
	s.Asks = b.scenarioOf(&s, r)
	s.Needs, s.After = b.needs(r)
	return s
}

// buildVary is what one block varies.
func buildVary(r *decodedBlock) plans.Vary {
	v := plans.Vary{
		Dimension: plans.Dimension(r.label), From: readDimension(r, "from"), To: readDimension(r,
			"to"), Step: readDimension(r, "step"),
		Values: get[[]any](r, "values"),
	}
	if v.Dimension == plans.Replicas && r.omits("step") {
		v.Step = 1
	}
	if v.Growth = get[float64](r, "step"); v.Growth > 0 {
		v.Step = int64(units.MiB)
	}
	return v
}

// helpers are the services that a stage's service depends on, over however
// many hops, in the order in which they start.
func (b *builder) helpers(s *plans.Stage) []plans.Service {
	built := map[string]plans.Service{}
	for wanted := s.Service.DependsOn; len(wanted) > 0; wanted = wanted[1:] {
		if _, there := built[wanted[0]]; there {
			continue
		}
		r := b.decoder.redecode(b.program.index[wanted[0]].node)
		built[wanted[0]] = b.buildService(r)
		s.Unknown = append(s.Unknown, r.unknowns("helpers."+r.label+".")...)
		wanted = slices.Concat(wanted, built[wanted[0]].DependsOn)
	}
	var all []*declaration
	for _, x := range b.program.declarations {
		if _, there := built[x.address]; there && b.program.index[x.address] == x {
			all = append(all, x)
		}
	}
	var list []plans.Service
	for _, x := range sorted(all, func(x *declaration) []string { return built[x.address].DependsOn }) {
		list = append(list, built[x.address])
	}
	return list
}

// redecode decodes a block that was decoded when the plan was loaded. What is wrong
// only now, with what has become known, is reported.
func (dec *decoder) redecode(n *node) *decodedBlock {
	if dec.evaluator.known == nil {
		return dec.quietly(n)
	}
	return dec.decode(n)
}

// needs lists the stages whose results a stage uses, and those that it only
// waits for.
func (b *builder) needs(r *decodedBlock) (needs, after []string) {
	for _, t := range get[[]target](r, "depends_on") {
		after = append(after, t.address)
	}
	for _, u := range b.program.reached(r.address) {
		if b.program.stage(u.to) && u.member != "" && !slices.Contains(needs, u.to) {
			needs = append(needs, u.to)
		}
	}
	return needs, after
}

// buildThreshold are the bounds of all requests, or of the named one; those of
// the blocks in it follow.
func buildThreshold(r *decodedBlock, request string) []plans.Objective {
	if r == nil {
		return nil
	}
	var list []plans.Objective
	for _, row := range r.block.attributes {
		switch v := r.values[row.name].(type) {
		case time.Duration:
			list = append(list, plans.Objective{Request: request, Metric: row.name, Limit: v.Seconds()})
		case float64:
			list = append(list, plans.Objective{Request: request, Metric: row.name, Limit: v})
		}
	}
	for _, one := range r.all("request") {
		list = append(list, buildThreshold(one, one.label)...)
	}
	return list
}
