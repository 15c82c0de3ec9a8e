package runner

import (
	"cmp"
	"context"
	"fmt"

	"plan/containers"
	"plan/internal/host"
	"plan/internal/units"
	"plan/plans"
	"plan/runner/helpers"
	"plan/runner/journal"
	"plan/runner/lasting"
	"plan/runner/readiness"
)

// prepare makes what the stages need: networks, the agent, images; and runs the
// preflights.
func (r *run) prepare(ctx context.Context) error {
	networks, err := r.environment.networks.Prepare(ctx, r.Plan)
	if err != nil {
		return err
	}
	starting := "starting the agent"
	if len(networks) > 0 {
		starting += " on " + networks[0]
	}
	r.agents.start = func(ctx context.Context) (lasting.Client, error) {
		r.progress.doing(starting)
		conn, err := r.Platform.Agent(ctx, networks)
		if err != nil {
			return nil, err
		}
		return r.Dial(ctx, conn)
	}
	if err := r.agents.renew(ctx, 1, r.Observer.Note); err != nil {
		return err
	}
	client := r.agents.all[0]
	r.agent = client
	r.Header.Host.Local = r.Platform.Local(client.Hello().BootID)
	switch {
	case r.Plan.Platform != nil: // the agent reads its own node, which need not be that of the service
		r.guard.Figures = func() (host.Figures, bool) { return host.Figures{}, false }
		r.guard.Each = r.Most
	case r.Header.Host.Local:
		r.guard.Figures = func() (host.Figures, bool) {
			f, err := r.Direct()
			return f, err == nil
		}
	default:
		r.guard.Figures = client.Host
	}
	r.helpers = helpers.New(helpers.Needs{
		Create: r.environment.startHelper, Written: r.environment.volumes.Written, Renew: r.environment.volumes.Renew,
		Doing: r.progress.doing, Guard: r.guard, Agent: client, Preflights: r.Plan.Preflights,
	})
	if r.stats, err = r.Platform.ContainerStats(ctx); err != nil {
		return err
	}
	for _, stage := range r.Plan.Stages {
		if err := r.checkFiles(stage); err != nil {
			return err
		}
	}
	for _, service := range r.Plan.Services {
		if service.GPUs == 0 {
			continue
		}
		if err := r.Platform.GPUs(ctx, service.GPUs); err != nil {
			return withAddress(service.Address, err)
		}
	}
	for _, p := range r.Plan.Preflights {
		if err := r.preflight(ctx, p); err != nil {
			return err
		}
	}
	if err := r.environment.images.Prepare(ctx, r.Plan); err != nil {
		return err
	}
	inputs := journal.InputsOf(r.Plan, r.Header.ID, r.Seed)
	inputs.Images, inputs.Local = r.environment.images.Digests(), r.Header.Host.Local
	if err := r.record.Append(journal.Line{Type: journal.InputsLine, Inputs: &inputs}); err != nil {
		return err
	}
	return r.environment.volumes.Prepare(ctx, r.Plan.Stages)
}

// checkFiles returns an error where the agent may open fewer files than a stage
// has users. Users that are not known before the stage runs are checked then.
func (r *run) checkFiles(stage plans.Stage) error {
	text, need := stage.TooFewFiles(r.agent.Hello().Files)
	if text == "" {
		return nil
	}
	return &containers.Error{
		Kind: containers.Other, Summary: stage.Address + ": " + text,
		Help: fmt.Sprintf("use fewer users, or raise the limit on open files of the engine, which containers inherit: LimitNOFILE=%d in its service (plan explain P0509)", need),
	}
}

// preflight returns an error where a preflight does not pass in time.
func (r *run) preflight(ctx context.Context, p plans.Preflight) error {
	target := cmp.Or(p.URL, p.TCP)
	r.progress.doing("preflight: asking " + target)
	return r.steadily(ctx, func() error {
		notReady, err := readiness.Preflight(ctx, r.agent, p, p.Within)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case notReady == "":
			return err
		}
		return &containers.Error{
			Kind: containers.Other,
			Summary: fmt.Sprintf("%s: %s did not return the expected response within %s, from the network %s: %s",
				p.Address, target, units.Duration(p.Within), p.Network, notReady),
			Help: "start it on that network, or correct the address in the plan",
		}
	})
}
