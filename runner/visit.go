package runner

import (
	"context"
	"time"

	"plan/agent"
	"plan/internal/wait"
	"plan/plans"
	"plan/runner/requests"
)

// Fetch requests a path of a service, by GET or POST, from inside its network. json is the body
// of the request; "" for none.
type Fetch func(ctx context.Context, method, path, json string) (agent.Answer, error)

// Visited is a service that runs to be asked.
type Visited struct {
	Fetch Fetch
	Log   func(context.Context) []string // its last lines
	Ready time.Duration                  // from its start until it was ready
}

// Visit starts the service of a stage once, with what it depends on, and lets ask send
// requests to it. The service has no limit of memory or CPU: those of the plan may be what
// the stage finds to be too low. Visit runs no trial, and removes everything before it
// returns. The error is the environment's, that of a service that ended while it was asked, or that of ask.
func (r *Runner) Visit(ctx context.Context, stage plans.Stage, ask func(context.Context, Visited) error) error {
	s := newRun(r)
	defer s.close(ctx)
	if err := s.prepare(ctx); err != nil {
		return err
	}
	if err := s.helpers.Ensure(ctx, stage); err != nil {
		return err
	}
	service := stage.Service
	service.Limits.Memory, service.Limits.CPUs = 0, 0 // the guard watches the memory of the host
	begun := time.Now()
	if err := s.helpers.Start(ctx, service, "the probe"); err != nil {
		return err
	}
	endpoint := s.helpers.Address(service)
	unanswered := false
	err := ask(ctx, Visited{
		Fetch: func(ctx context.Context, method, path, json string) (agent.Answer, error) {
			answer, err := s.agent.Fetch(ctx, agent.Page{Method: method, URL: "http://" + endpoint + path, JSON: json})
			unanswered = unanswered || err != nil
			return answer, err
		},
		Ready: time.Since(begun),
		Log:   func(ctx context.Context) []string { return s.helpers.Log(ctx, service) },
	})
	if unanswered {
		wait.For(ctx, requests.Settle) // a dying service breaks the connection before the engine reports its end
	}
	if ended := s.helpers.Ended(ctx, service, "the probe"); ended != nil && ctx.Err() == nil {
		return ended
	}
	return err
}
