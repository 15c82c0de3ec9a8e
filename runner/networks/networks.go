// Package networks makes the networks that the containers of a run join available, and
// names the replicas of a service on them.
package networks

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"plan/plans"
)

// Engine has networks.
type Engine interface {
	// Network returns the name of a network on the engine. An external one must
	// exist; any other is created for this run and removed by Clean. An empty name
	// creates one that is named after the run.
	Network(ctx context.Context, name string, external bool) (string, error)
}

// Networks are those of a run.
type Networks struct {
	Engine Engine // nil of a platform that has none
	Run    string // id

	names map[string]string // on the engine, by those of the plan; "" is that of services that name none
}

// Prepare makes every network that a service or preflight joins, and returns their names
// on the engine; none of a platform that has none.
func (n *Networks) Prepare(ctx context.Context, plan *plans.Plan) ([]string, error) {
	if n.Engine == nil {
		return nil, nil
	}
	external := map[string]bool{} // by name
	for _, network := range plan.Networks {
		external[network.Name] = network.External
	}
	for _, service := range plan.Services {
		if len(service.Networks) == 0 {
			external[""] = false
		}
		for _, name := range service.Networks {
			if _, declared := external[name]; !declared {
				external[name] = true
			}
		}
	}
	for _, p := range plan.Preflights {
		if _, declared := external[p.Network]; !declared {
			external[p.Network] = true
		}
	}
	var joined []string
	n.names = map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(external)) {
		actual, err := n.Engine.Network(ctx, name, external[name])
		if err != nil {
			return nil, err
		}
		n.names[name] = actual
		joined = append(joined, actual)
	}
	return joined, nil
}

// Of returns the networks of a service by their names on the engine; of one that names
// none, that of the run.
func (n *Networks) Of(service plans.Service) []string {
	if n.onOwn(service) {
		return []string{n.names[""]}
	}
	var names []string
	for _, name := range service.Networks {
		names = append(names, cmp.Or(n.names[name], name))
	}
	return names
}

// onOwn reports whether a service joins the network of the run.
func (n *Networks) onOwn(service plans.Service) bool {
	return len(service.Networks) == 0 && n.names[""] != ""
}

// Alias returns a name that the replicas of a service share, and no other container has.
func (n *Networks) Alias(service plans.Service) string { return service.Name + "-" + n.Run }

// Shared returns a name that resolves to all replicas of a service, and to no other
// container: its own on the run's network, elsewhere its alias.
func (n *Networks) Shared(service plans.Service) string {
	if n.onOwn(service) {
		return service.Name
	}
	return n.Alias(service)
}
