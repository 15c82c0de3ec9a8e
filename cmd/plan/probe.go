package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"plan/cmd/plan/internal/draft"
	"plan/cmd/plan/internal/interrupt"
	"plan/cmd/plan/internal/session"
	"plan/plans"
	"plan/plans/diag"
	"plan/plans/lang"
	"plan/plans/request"
	"plan/plans/request/probe"
	"plan/report/live"
	"plan/runner"
	"plan/runner/journal"
)

// probed is what a probe of an API found.
type probed struct {
	requests *request.Source // that it says it takes
	unknown  error           // why it does not say so
	ready    time.Duration   // from its start until it was ready
}

// startAndProbe starts the API of a draft once, with its helpers, and asks it.
func startAndProbe(cmd *cobra.Command, env environment, plan *plans.Plan) (p probed, err error) {
	ctx, interrupts := interrupt.Handle(cmd.Context())
	defer interrupts.Stop()
	defer func() { err = interruptedOr(ctx, err) }()
	s, err := session.Visit(ctx, plan, sessionOptions(cmd, env, interrupts))
	if err != nil {
		return p, err
	}
	defer s.Close() // nothing of it is left to be lost
	fmt.Fprintf(env.stderr, "starting %s and its helpers once, to find its requests\n",
		plan.Stages[0].Service.Address)
	display := live.New(env.stderr, live.Options{Terminal: isTerminal(env.stderr),
		Width: func() int { return width(env.stderr) }})
	defer display.Close()
	interrupts.OnSecond(func() (int, func()) {
		return runner.ExitInterrupted, func() { printWaiting(env.stderr, display.UnderWay(), s.Engine) }
	})
	r := s.Runner(plan)
	r.Journal, r.Observer = unwritten{}, display
	err = r.Visit(ctx, plan.Stages[0], func(ctx context.Context, api runner.Visited) error {
		fetch := func(ctx context.Context, method, path, json string) (int, []byte, error) {
			answer, err := api.Fetch(ctx, method, path, json)
			return answer.Status, answer.Body, err
		}
		p.ready = api.Ready
		p.requests, p.unknown = probe.Ask(ctx, probe.API{Fetch: fetch, Log: api.Log})
		return ctx.Err()
	})
	if err != nil { // such as a service that ended: what it had said before does not count
		return probed{}, err
	}
	return p, nil
}

// draftPlan reads a draft as the plan that it will be, and prints what is wrong with it. From now on the standard error
// masks its secrets.
func draftPlan(cmd *cobra.Command, env environment, d *draft.Draft, output string) (*plans.Plan, error) {
	plan, diags, err := d.Plan(output, lang.Options{Environ: env.environ, Version: version})
	if plan != nil {
		env.hide(plan.Secrets)
	}
	if err != nil || !diags.HasErrors() {
		return plan, err
	}
	// Warnings are about requests that are not known yet.
	errs := slices.DeleteFunc(diags, func(d diag.Diagnostic) bool { return d.Severity != diag.Error })
	return nil, refuse(cmd, env, errs, runner.ExitUsage)
}

// unwritten is the journal of a probe, which nothing is reported of.
type unwritten struct{}

func (unwritten) Append(line journal.Line) (journal.Line, error) { return line, nil }
func (unwritten) Keep(int) error                                 { return nil }
