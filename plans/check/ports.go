package check

import (
	"fmt"
	"slices"

	"plan/plans"
	"plan/plans/diag"
)

// replicasOnOnePort refuses a fixed port of the host for several replicas.
func replicasOnOnePort(s plans.Stage) diag.List {
	if s.Replicas() < 2 {
		return nil
	}
	var list diag.List
	for _, port := range s.Service.Ports {
		if port.Host == 0 {
			continue
		}
		list = append(list, diag.NewError("P0422", s.Service.Decl.Range("ports"),
			fmt.Sprintf("only one replica of %s can have port %d of the host", s.Service.Address, port.Host),
			fmt.Sprintf(`write "%d" for a random port each, or replace ports by expose = ["%d"]: a load uses the network of the service`, port.Container, port.Container)).
			Relate(limitRange(s, plans.Replicas), fmt.Sprintf("there are %d replicas", s.Replicas())))
	}
	return list
}

// limitRange is where a stage has a limit from.
func limitRange(s plans.Stage, d plans.Dimension) diag.SourceRange {
	name := string(d)
	if vary := VaryBlock(s, d); vary != nil {
		return vary.Range("to")
	}
	for _, decl := range []*plans.Decl{s.Decl.Block("set"), s.Service.Decl.Block("limits"), s.Service.Decl} {
		if decl.Has(name) {
			return decl.Range(name)
		}
	}
	return s.Service.Decl.Header()
}

// portsOfHelpers refuses a fixed port of the host that a living helper has.
func portsOfHelpers(s plans.Service, alive []plans.Service) diag.List {
	var list diag.List
	all := []string{"", "0.0.0.0", "::"} // addresses of the host that stand for every one
	for _, helper := range alive {
		for _, port := range s.Ports {
			same := func(other plans.Port) bool {
				return port.Host == other.Host && (port.Address == other.Address ||
					slices.Contains(all, port.Address) || slices.Contains(all, other.Address))
			}
			if port.Host == 0 || !slices.ContainsFunc(helper.Ports, same) {
				continue
			}
			list = append(list, diag.NewError("P0422", s.Decl.Range("ports"),
				fmt.Sprintf("port %d of the host belongs to %s, which runs until the run ends", port.Host, helper.Address),
				fmt.Sprintf(`write another port, or "%d" for a random one`, port.Container)).
				Relate(helper.Decl.Range("ports"), "published here"))
		}
	}
	return list
}
