package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"plan/cmd/plan/internal/loadurl"
	"plan/cmd/plan/internal/reach"
	"plan/engine"
	"plan/internal/english"
	"plan/internal/shellword"
	"plan/internal/units"
	"plan/plans/request"
	"plan/plans/request/probe"
	"plan/quick"
	"plan/runner"
)

// address finds how many users an API holds that runs already.
func (q *quickRun) address(text string) error {
	yes, _ := q.cmd.Flags().GetString("yes-load")
	u, err := loadurl.Target(q.cmd.Context(), text, yes)
	if err != nil {
		return err
	}
	base := loadurl.Address(u)
	full, shown := base, base // with the name and the password of the URL, and without
	if u.User != nil {
		full = u.Scheme + "://" + u.User.String() + "@" + u.Host
		shown = u.Scheme + "://USER:PASSWORD@" + u.Host
	}
	p95, errorRate, err := quick.LoadBounds(q.thresholds)
	if err != nil {
		return err
	}
	if q.prediction.Path == "" && q.prediction.Curl == "" && len(u.Path) > 1 {
		q.prediction.Path = u.RequestURI()
	}
	q.say("address", "%s", base)
	requests, err := q.requests(false, func() (found *request.Source, unknown, err error) {
		fetch := func(ctx context.Context, method, path, json string) (int, []byte, error) {
			return reach.Fetch(ctx, method, base+path, json, u.User)
		}
		found, unknown = probe.Ask(q.cmd.Context(), probe.API{Fetch: fetch})
		return found, unknown, q.cmd.Context().Err()
	})
	if err != nil {
		return err
	}
	if n := len(requests.Requests); q.prediction.Curl != "" && n > 1 {
		return fmt.Errorf("--curl has %d requests, but plan quick sends only one to an address: remove the others", n)
	}
	requests.Requests = requests.Requests[:1]
	q.say("request", "%s", quick.Line(requests))
	var loads []quick.Measure
	interrupted, line := false, ""
	for users := quick.NextUsers(nil); users > 0; users = quick.NextUsers(loads) {
		args, err := quick.LoadArgs(full, requests, users, q.prediction.Timeout)
		if err != nil {
			return err
		}
		var alone *float64 // p95 of one user
		if len(loads) > 0 {
			alone = loads[0].Result.Judged.Latency.P95
		}
		var load quick.Measure
		load, interrupted, err = q.step(args, yes, users, alone)
		if err != nil && len(loads) == 0 {
			return err
		}
		switch load.Judge(p95, errorRate); {
		case err != nil: // such as too few open files: what was measured counts
			load.Why, load.Failed = err.Error(), false
		case interrupted:
			load.Why, load.Failed = "interrupted", false
		}
		loads = append(loads, load)
		if load.Why == "" || line == "" {
			args[0] = shown + requests.Requests[0].PathText()
			line = "plan load " + shellword.Join(args)
		}
	}
	answer := quick.OfLoads(base, loads, line)
	write := answer.Print
	if markdown, _ := q.cmd.Flags().GetBool("markdown"); markdown {
		write = answer.Markdown
	}
	if err := write(q.env.stdout); err != nil {
		return err
	}
	held, ended := quick.Held(loads)
	switch {
	case interrupted:
		return exit(runner.ExitInterrupted)
	case ended != nil && !ended.Failed:
		return exit(runner.ExitInconclusive)
	case held == nil:
		return exit(runner.ExitNotMet)
	}
	return nil
}

// overloadError ends a load that would do harm.
type overloadError string

func (e overloadError) Error() string { return string(e) }

// step runs the load of a command line of plan load, until it does harm.
func (q *quickRun) step(args []string, yes string, users int, alone *float64) (quick.Measure, bool, error) {
	m := quick.Measure{Users: users}
	cmd := &cobra.Command{}
	flags := loadurl.New(cmd)
	if err := cmd.ParseFlags(append([]string{"--yes-load", yes}, args[1:]...)); err != nil {
		return m, false, err
	}
	load, err := flags.Of(q.cmd.Context(), args[0], nil)
	if err != nil {
		return m, false, err
	}
	q.say("load", "%s for %s", english.Count(users, "user"), units.Duration(load.Runtime))
	result, interrupted, err := runLoad(q.cmd.Context(), q.env, load, false, func(w engine.Window) error {
		if why := quick.Overload(w, alone); why != "" {
			return overloadError(why)
		}
		return nil
	})
	m.Result = result
	var stopped overloadError
	if errors.As(err, &stopped) {
		m.Stopped, err = string(stopped), nil
	}
	return m, interrupted, err
}
