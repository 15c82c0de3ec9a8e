package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"plan/cmd/plan/internal/loadurl"
	"plan/engine"
	"plan/internal/english"
	"plan/internal/units"
	"plan/plans/request"
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
	if len(q.reports) > 0 {
		return errors.New("--report is of a run of containers, and an address has none: leave it out")
	}
	if q.ready != "" {
		return errors.New("--ready is of an API that quick starts, and the one at an address runs: leave it out")
	}
	p95, errorRate, err := quick.LoadBounds(q.thresholds)
	if err != nil {
		return err
	}
	if q.prediction.Path == "" && q.prediction.Curl == "" && len(u.Path) > 1 {
		q.prediction.Path = u.RequestURI()
	}
	q.say("address", "%s", base)
	requests, err := q.requests(func() (found *request.Source, unknown, err error) {
		fetch := func(ctx context.Context, method, path string) (int, []byte, error) {
			return fetchURL(ctx, method, base+path)
		}
		found, unknown = request.Probe(q.cmd.Context(), fetch)
		return found, unknown, q.cmd.Context().Err()
	})
	if err != nil {
		return err
	}
	q.say("request", "%s", quick.Line(requests))
	var steps []quick.Measure
	var alone *float64
	why, failed, line := "", false, ""
	for _, users := range slices.Concat([]int{1}, quick.Steps()) {
		args, is := quick.LoadArgs(base, requests, users)
		if !is {
			return errors.New("the request needs a secret, a form or a file, which only a plan can have: write one " +
				"with plan init")
		}
		step, interrupted, err := q.step(args, yes, users, alone)
		if err != nil {
			return err
		}
		if interrupted {
			return exit(runner.ExitInterrupted)
		}
		steps = append(steps, step)
		if alone == nil {
			alone = step.Result.Judged.Latency.P95
		}
		if why, failed = step.Ended(p95, errorRate); why != "" {
			break
		}
		line = "plan load " + quick.Shell(args)
	}
	answer := quick.OfLoads(base, steps, why, failed, line)
	write := answer.Print
	if markdown, _ := q.cmd.Flags().GetBool("markdown"); markdown {
		write = answer.Markdown
	}
	if err := write(q.env.stdout); err != nil {
		return err
	}
	switch {
	case why != "" && !failed:
		return exit(runner.ExitInconclusive)
	case len(steps) == 1:
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

// fetchURL requests a URL. A response that is longer than a document can be is cut.
func fetchURL(ctx context.Context, method, url string) (int, []byte, error) {
	const longest, most = 10 * time.Second, 8 << 20
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		return 0, nil, err
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, most))
	return response.StatusCode, body, err
}
