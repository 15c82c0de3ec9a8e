package check

import (
	"fmt"
	"slices"

	"plan/internal/english"
	"plan/plans"
	"plan/plans/diag"
)

// Service returns what is wrong with a service, run by a stage or not.
func Service(s plans.Service) diag.List {
	var list diag.List
	for _, t := range s.Tmpfs {
		if slices.ContainsFunc(s.Volumes, func(v plans.Volume) bool { return v.Target == t.Target }) {
			list = append(list, diag.NewError("P0420", s.Decl.Range("tmpfs"),
				fmt.Sprintf("a volume is also mounted at %s", t.Target), "write another path for one of them").
				Relate(s.Decl.Range("volumes"), "mounted here"))
			break
		}
	}
	if s.RestartHelpers && !s.Decl.Has("depends_on") {
		list = append(list, diag.NewError("P0435", s.Decl.Range("restart_helpers"),
			"restart_helpers has no effect without depends_on", "remove it"))
	}
	ready := s.Decl.Block("ready")
	if ready == nil {
		return list
	}
	if s.Ready.Ended && s.Restart != "no" {
		list = append(list, diag.NewError("P0437", s.Decl.Range("restart"),
			fmt.Sprintf("restart = %q starts a job again after it has ended", s.Restart), `write "no", or remove it`))
	}
	if ready.Has("path") && portless(s) {
		list = append(list, needsPort(s).Relate(ready.Range("path"), "probes it"))
	}
	for _, w := range readyWords {
		unasked := w.name == "count" || ready.Has("log") || ready.Has("command") || ready.Has("ended")
		if ready.Has(w.name) && unasked && !slices.ContainsFunc(w.of, ready.Has) {
			list = append(list, diag.NewError("P0435", ready.Range(w.name),
				fmt.Sprintf("%s has no effect without %s", w.name, english.Or(w.of)), "remove it"))
		}
	}
	return list
}

// readyWords are attributes of ready that belong to some ways of asking alone.
// All but count also go with none, where the first port is asked.
var readyWords = []struct {
	name string
	of   []string
}{
	{"count", []string{"log"}}, {"port", []string{"path"}}, {"headers", []string{"path", "tcp"}}, {"timeout", []string{"path", "tcp", "command"}},
}

// subject returns what is wrong with a service as the one that a stage runs.
func subject(s plans.Stage) diag.List {
	service := s.Service
	if service.Decl == nil {
		return nil
	}
	var list diag.List
	if r := service.Restart; r != "no" && r != "" && !service.Ready.Ended {
		list = append(list, diag.NewWarning("P0413", service.Decl.Range("restart"),
			fmt.Sprintf("restart = %q lets Docker start the container again after an out-of-memory kill", r),
			`write "no", or remove it`))
	}
	if service.Ready.Ended {
		list = append(list, diag.NewError("P0436", service.Decl.Block("ready").Range("ended"),
			service.Address+" is a job: it is ready when it has ended, so a stage cannot send a load to it",
			"remove ended, or run another service and name the job in its depends_on").
			Relate(s.Decl.Range("service"), "runs it"))
	}
	switch load := s.Decl.Block("load"); {
	case !portless(service):
	case load != nil:
		list = append(list, needsPort(service).Relate(load.Header(), "sends to it"))
	case s.Asks != nil:
		list = append(list, needsPort(service).Relate(s.Decl.Range("scenario"), "sends to it"))
	case service.Ready.Health:
		list = append(list, diag.NewWarning("P0102", service.Decl.Header(),
			service.Address+" has no readiness probe: unless its image has a healthcheck, every trial passes "+
				"as soon as the service runs",
			`add expose = ["8000"], or a ready block`))
	}
	return list
}

// portless reports whether a service surely has no port.
func portless(s plans.Service) bool {
	return len(s.Expose) == 0 && !s.Decl.Has("expose") && (!s.Decl.Has("ports") || s.Ports != nil)
}

func needsPort(s plans.Service) diag.Diagnostic {
	return diag.NewError("P0102", s.Decl.Header(),
		s.Address+" needs expose or ports: its first port is the port of the API", `add expose = ["8000"]`)
}

func networksText(s plans.Service) string {
	if len(s.Networks) == 0 {
		return "the run's own network"
	}
	return english.Or(s.Networks)
}
