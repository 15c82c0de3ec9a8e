package runner

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"plan/containers"
	"plan/internal/host"
	"plan/internal/units"
	"plan/plans"
	"plan/runner/readiness"
)

// prepare makes ready what the stages need: networks, agent, preflights, images.
func (s *run) prepare(ctx context.Context) error {
	networks, err := s.networks(ctx)
	if err != nil {
		return err
	}
	s.doing("starting the agent on " + networks[0])
	if err := s.startAgent(ctx, networks); err != nil {
		return err
	}
	for _, stage := range s.Plan.Stages {
		if err := s.roomFor(stage); err != nil {
			return err
		}
	}
	for _, service := range s.Plan.Services {
		if service.GPUs == 0 {
			continue
		}
		if err := s.Runtime.GPUs(ctx, service.GPUs); err != nil {
			return named(service.Address, err)
		}
	}
	for _, p := range s.Plan.Preflights {
		if err := s.preflight(ctx, p); err != nil {
			return err
		}
	}
	return s.images(ctx)
}

// networks makes sure of every network that a service or preflight joins.
func (s *run) networks(ctx context.Context) ([]string, error) {
	names := map[string]bool{} // to whether it is external
	for _, n := range s.Plan.Networks {
		names[n.Name] = n.External
	}
	for _, service := range s.Plan.Services {
		if len(service.Networks) == 0 {
			names[""] = false
		}
		for _, n := range service.Networks {
			if _, declared := names[n]; !declared {
				names[n] = true
			}
		}
	}
	for _, p := range s.Plan.Preflights {
		if _, declared := names[p.Network]; !declared {
			names[p.Network] = true
		}
	}
	var joined []string
	for _, name := range slices.Sorted(maps.Keys(names)) {
		actual, err := s.Runtime.Network(ctx, name, names[name])
		if err != nil {
			return nil, err
		}
		if name == "" {
			s.own = actual
		}
		joined = append(joined, actual)
	}
	return joined, nil
}

func (s *run) startAgent(ctx context.Context, networks []string) error {
	conn, err := s.Runtime.Agent(ctx, networks)
	if err != nil {
		return err
	}
	client, err := s.Dial(ctx, conn)
	if err != nil {
		return err
	}
	s.agent = client
	s.local = s.Runtime.Local(s.agent.Hello().BootID)
	s.Header.Host.Local = s.local
	s.beside, err = s.Runtime.Beside(ctx)
	return err
}

// roomFor says whether the agent may open as many files as a stage has users.
// Those that are not known before it runs are looked at then.
func (s *run) roomFor(stage plans.Stage) error {
	text, need := stage.TooFewFiles(s.agent.Hello().Files)
	if text == "" {
		return nil
	}
	return &containers.Error{
		Kind: containers.Other, Summary: stage.Address + ": " + text,
		Help: fmt.Sprintf("write fewer users, or let the engine, which containers have their limit from, open more files: LimitNOFILE=%d in its service (plan explain P0509)", need),
	}
}

// figures of the engine's machine: read here when it is this one, else told by
// the agent.
func (s *run) figures() (host.Figures, bool) {
	if !s.local {
		return s.agent.Host()
	}
	f, err := s.Direct()
	return f, err == nil
}

func (s *run) preflight(ctx context.Context, p plans.Preflight) error {
	target := cmp.Or(p.URL, p.TCP)
	s.doing("preflight: asking " + target)
	notReady, err := readiness.Preflight(ctx, s.agent, p, p.Within)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case notReady == "":
		return err
	}
	return &containers.Error{
		Kind:    containers.Other,
		Summary: fmt.Sprintf("%s: %s did not answer as wanted within %s, asked from inside the network %s: %s", p.Address, target, units.Duration(p.Within), p.Network, notReady),
		Help:    "start it on that network, or correct the address in the plan",
	}
}
