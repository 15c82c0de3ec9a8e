package lang

import (
	"fmt"
	"slices"

	"plan/internal/english"
	"plan/plans"
	"plan/plans/diag"
)

// checkService looks at what every service needs, run by a stage or not.
func (e *evaluator) checkService(s plans.Service) {
	n := e.index[s.Address].node
	if target := sharedTarget(s); target != "" {
		d := e.error("P0420", n.place("tmpfs"), fmt.Sprintf("a volume is mounted at %s, too", target), "give one of them another path")
		e.related(d, n.place("volumes"), "mounts it")
	}
	ready := n.first("ready")
	if ready == nil {
		return
	}
	if s.Ready.Ended && s.Restart != "no" {
		e.error("P0437", n.place("restart"), fmt.Sprintf("restart = %q starts a job again that has ended", s.Restart), `write "no" or leave it out`)
	}
	if ready.attrs["path"] != nil && portless(n, s) {
		d := e.needsPort(s)
		e.related(d, ready.place("path"), "is asked there")
	}
	given := func(name string) bool { return ready.attrs[name] != nil }
	for _, w := range readyWords {
		unasked := w.name == "count" || given("log") || given("command") || given("ended")
		if given(w.name) && unasked && !slices.ContainsFunc(w.of, given) {
			e.error("P0435", ready.place(w.name), fmt.Sprintf("%s says nothing without %s", w.name, english.Or(w.of)), "take it out")
		}
	}
}

// readyWords are attributes of ready that belong to some ways of asking alone.
// All but count also go with none, where the first port is asked.
var readyWords = []struct {
	name string
	of   []string
}{
	{"count", []string{"log"}}, {"port", []string{"path"}}, {"headers", []string{"path", "tcp"}}, {"timeout", []string{"path", "tcp", "command"}},
}

// checkSubject looks at the service that a stage runs.
func (e *evaluator) checkSubject(n *node, s plans.Stage) {
	x := e.index[s.Service.Address]
	if x == nil {
		return
	}
	if r := s.Service.Restart; r != "no" && r != "" && !s.Service.Ready.Ended {
		e.warning("P0413", x.node.place("restart"), fmt.Sprintf("restart = %q lets Docker start the container again after an out-of-memory kill", r), `write "no", or leave it out`)
	}
	if s.Service.Ready.Ended {
		d := e.error("P0436", x.node.first("ready").place("ended"), s.Service.Address+" is ready once it has ended, and no load can be put on it", "take it out, or run another service: a job is what others depend on")
		e.related(d, n.place("service"), "runs it")
	}
	switch load := n.first("load"); {
	case !portless(x.node, s.Service):
	case load != nil:
		d := e.needsPort(s.Service)
		e.related(d, load.header, "goes there")
	case s.Service.Ready.Health:
		e.warning("P0102", x.place, s.Service.Address+" does not say when it is ready: unless its image has a healthcheck, every trial passes as soon as it runs", `add expose = ["8000"], or a ready block`)
	}
}

// portless says whether a service surely has no port.
func portless(n *node, s plans.Service) bool {
	return len(s.Expose) == 0 && n.attrs["expose"] == nil && (n.attrs["ports"] == nil || s.Ports != nil)
}

func (e *evaluator) needsPort(s plans.Service) *diag.Diagnostic {
	return e.error("P0102", e.index[s.Address].place, s.Address+" needs expose or ports: the first port is the API's", `add expose = ["8000"]`)
}

// checkHelpers looks at what depends on what, once nothing else is wrong.
func (e *evaluator) checkHelpers(p *plans.Plan) {
	byAddress := map[string]plans.Service{}
	for _, s := range p.Services {
		byAddress[s.Address] = s
	}
	for _, s := range p.Services {
		for _, needed := range s.DependsOn {
			e.checkReach(s, byAddress[needed])
			e.checkOnce(s, byAddress[needed])
		}
	}
}

// checkReach warns about a service that cannot find what it depends on.
func (e *evaluator) checkReach(s, needed plans.Service) {
	joined := func(network string) bool { return slices.Contains(s.Networks, network) }
	if len(s.Networks) == 0 && len(needed.Networks) == 0 || slices.ContainsFunc(needed.Networks, joined) {
		return
	}
	at := e.index[s.Address].node
	d := e.warning("P0423", at.place("depends_on"), fmt.Sprintf("%s and %s share no network, so they cannot find each other", s.Address, needed.Address), "name the same network in networks of both")
	e.related(d, e.index[needed.Address].node.place("networks"), "is on "+networksText(needed))
	e.related(d, at.place("networks"), "is on "+networksText(s))
}

func networksText(s plans.Service) string {
	if len(s.Networks) == 0 {
		return "the run's own network"
	}
	return english.Or(s.Networks)
}

// checkOnce warns where replicas are asked for that nobody starts.
func (e *evaluator) checkOnce(s, needed plans.Service) {
	if needed.Limits.Replicas > 1 {
		d := e.warning("P0424", e.index[needed.Address].node.place(string(plans.Replicas)), fmt.Sprintf("%s has %d replicas, but is started once where another service depends on it", needed.Address, needed.Limits.Replicas), "take replicas out, or write it in set of the stage that runs the service")
		e.related(d, e.index[s.Address].node.place("depends_on"), "depends on it")
	}
}
