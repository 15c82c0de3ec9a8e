package lang

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"plan/plans"
)

// checkPublished refuses fixed ports of the host that more than one container
// would have: several replicas of a service, or a service and the helpers that
// live beside it.
func (e *evaluator) checkPublished(p *plans.Plan) {
	alive := map[string]plans.Service{}
	var order []string
	for _, s := range p.Stages {
		e.checkReplicas(s)
		for _, h := range s.Helpers {
			if _, started := alive[h.Address]; !started {
				e.checkBeside(h, order, alive)
				alive[h.Address], order = h, append(order, h.Address)
			}
		}
		e.checkBeside(s.Service, order, alive)
	}
}

// checkReplicas refuses a fixed port of the host for several replicas.
func (e *evaluator) checkReplicas(s plans.Stage) {
	x := e.index[s.Service.Address]
	if x == nil || s.Limits().Replicas < 2 {
		return
	}
	for _, port := range s.Service.Ports {
		if port.Host == 0 {
			continue
		}
		d := e.error("P0422", x.node.place("ports"), fmt.Sprintf("only one replica of %s can have port %d of the host", x.address, port.Host), fmt.Sprintf(`write "%d" for a random port each, or leave ports out: a load goes over the network, and expose = ["%d"] does for it`, port.Container, port.Container))
		e.related(d, e.limitPlace(s, plans.Replicas), fmt.Sprintf("there are %d", s.Limits().Replicas))
	}
}

// limitPlace is where a stage has a limit from.
func (e *evaluator) limitPlace(s plans.Stage, d plans.Dimension) hcl.Range {
	name := string(d)
	stage, service := e.index[s.Address].node, e.index[s.Service.Address].node
	if vary := stage.first("vary"); vary != nil && vary.label == name {
		return vary.place("to")
	}
	for _, n := range []*node{stage.first("set"), service.first("limits"), service} {
		if n != nil && n.attrs[name] != nil {
			return n.place(name)
		}
	}
	return service.header
}

// checkBeside refuses a fixed port of the host that a living helper has.
func (e *evaluator) checkBeside(s plans.Service, order []string, alive map[string]plans.Service) {
	for _, address := range order {
		for _, port := range s.Ports {
			i := slices.IndexFunc(alive[address].Ports, func(other plans.Port) bool { return collide(port, other) })
			if i < 0 {
				continue
			}
			help := fmt.Sprintf(`write another port, or "%d" for a random one`, port.Container)
			d := e.error("P0422", e.index[s.Address].node.place("ports"), fmt.Sprintf("port %d of the host is given to %s, which lives until the run ends", port.Host, address), help)
			e.related(d, e.index[address].node.place("ports"), "given here")
		}
	}
}

// collide says whether two ports of the host are the same.
func collide(a, b plans.Port) bool {
	all := []string{"", "0.0.0.0", "::"}
	return a.Host != 0 && a.Host == b.Host && (a.Address == b.Address || slices.Contains(all, a.Address) || slices.Contains(all, b.Address))
}
