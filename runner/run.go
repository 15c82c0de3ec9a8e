package runner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"plan/agent"
	"plan/containers"
	"plan/engine"
	"plan/inference"
	"plan/internal/exchange"
	"plan/internal/host"
	"plan/internal/units"
	"plan/plans"
	"plan/runner/answer"
	"plan/runner/journal"
	"plan/runner/judge"
)

// Agent is what the runner needs of the client of the agent.
type Agent interface {
	Hello() agent.Hello
	Ready(ctx context.Context, probe inference.Probe) (plain bool, err error)
	First(ctx context.Context, address string, requests []exchange.Request, within time.Duration) (inference.Answers, error)
	Again(ctx context.Context, address string, requests []exchange.Request) ([]exchange.Outcome, error)
	Connect(ctx context.Context, address string, number int) (agent.Connections, error)
	Over(ctx context.Context, connections agent.Connections, number int, requests []exchange.Request) ([]exchange.Outcome, error)
	HangUp(connections agent.Connections)
	Load(ctx context.Context, load engine.Load, addresses []string, rec engine.Recorder) (engine.Result, error)
	Fetch(ctx context.Context, page agent.Page) (agent.Answer, error)
	Host() (host.Figures, bool)
	Close() error
}

// Journal stores the lines of a run. A line is on disk once Append returns. Append
// returns the line as written, without secrets: only that is shown.
type Journal interface {
	Append(journal.Line) (journal.Line, error)
}

// Runner is one run of one plan, with everything that the run needs.
type Runner struct {
	Plan     *plans.Plan
	Runtime  Runtime
	Dial     func(context.Context, io.ReadWriteCloser) (Agent, error)
	Direct   func() (host.Figures, error) // reads the figures of this machine; used where it is the engine's
	Journal  Journal
	Observer Observer
	Header   journal.Header // id, start and host of the run
	Seed     uint64         // of everything random in the load
}

// run is the state of a run.
type run struct {
	*Runner
	record      *record
	progress    *progress
	environment *environment
	guard       *guard
	agent       Agent
	helpers     *helpers
	stats       ContainerStats            // of the agent, helpers and what others run
	searches    map[string]*answer.Search // by address
}

// newRun returns a run that has begun nothing.
func newRun(r *Runner) *run {
	known := plans.Known{Images: map[string]plans.ImageResult{}, Stages: map[string]plans.StageResult{}}
	record := &record{journal: r.Journal, observer: r.Observer, known: known}
	progress := &progress{observer: r.Observer, stages: r.Plan.Stages, record: record}
	floor := r.Plan.Guard.HostMemoryFree
	if floor == 0 {
		floor = max(512*units.MiB, units.Bytes(r.Header.Host.Memory/10))
	}
	return &run{
		Runner: r, record: record, progress: progress,
		environment: &environment{
			runtime: r.Runtime, record: record, progress: progress, runID: r.Header.ID, pins: map[string]string{},
		},
		guard:    &guard{floor: floor},
		searches: map[string]*answer.Search{},
	}
}

// Run runs the plan and returns its record, as far as the run went. The exit code
// is in Run.ExitCode. Cancelling ctx interrupts the run: the current trial is
// aborted, and everything that was made is removed.
func (r *Runner) Run(ctx context.Context) journal.Run {
	s := newRun(r)
	if d := r.Plan.Guard.Runtime; d > 0 {
		var cancel context.CancelFunc
		why := "stopped by the guard: the run took longer than " + units.Duration(d)
		ctx, cancel = context.WithTimeoutCause(ctx, d, judge.Stop{Reason: journal.GuardStop, Why: why})
		defer cancel()
	}
	err := s.runStages(ctx)
	cleanCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTime)
	defer cancel()
	if s.agent != nil {
		s.agent.Close()
	}
	if s.stats != nil {
		_ = s.stats.Close() // nothing was written to it
	}
	s.progress.doing("removing the resources of the run")
	cleanErr := s.Runtime.Clean(cleanCtx) // everything that carries the label of the run
	if cleanErr != nil {
		s.Observer.Note(fmt.Sprintf("some resources could not be removed; remove them with: plan clean %s", s.Header.ID))
	}
	err = firstError(err, cleanErr)
	s.end(ctx, err)
	return s.record.run
}

// runStages prepares the run and runs its stages. The error is the environment's.
func (r *run) runStages(ctx context.Context) error {
	header := journal.Run{
		FormatVersion: journal.Format, Run: r.Header, Outputs: map[string]any{},
		Plan: journal.Plan{Name: r.Plan.Name, File: r.Plan.File, SHA256: r.Plan.SHA256},
	}
	if err := r.record.append(journal.Line{Type: journal.RunLine, Run: &header}); err != nil {
		return err
	}
	r.Observer.Begin(r.record.run)
	if err := r.prepare(ctx); err != nil {
		return err
	}
	for _, stage := range r.Plan.Stages {
		if ctx.Err() != nil {
			return nil
		}
		if err := r.runWithReruns(ctx, stage.Address); err != nil {
			return err
		}
	}
	return nil
}

// end writes the last line of the journal.
func (r *run) end(ctx context.Context, err error) {
	outputs := r.outputs()
	end := r.Header
	end.Seconds = time.Since(end.Started).Seconds()
	end.ExitCode = exitCode(ctx, r.record.run, len(r.Plan.Stages), err)
	switch stop := stopOf(ctx); { // why the run could not continue; "" where it was interrupted or ran to its end
	case stop.Reason == journal.User:
	case stop != (judge.Stop{}):
		end.Problem = stop.Why
	case err != nil:
		end.Problem, end.Help = describe(err)
	}
	r.record.end(end, outputs)
}

// describe returns an error for users, and what to do where that is known.
func describe(err error) (what, help string) {
	var e *containers.Error
	if errors.As(err, &e) {
		return e.Summary, e.Help
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "the engine did not answer within " + units.Duration(cleanupTime), "check whether `docker ps` works"
	}
	return err.Error(), ""
}

// outputs returns the values of the plan's outputs by their names.
func (r *run) outputs() map[string]any {
	values := map[string]any{}
	outputs, _ := r.Plan.Outputs(r.record.known)
	for _, o := range outputs {
		values[o.Name] = o.Value
		if o.Sensitive {
			values[o.Name] = "(sensitive)"
		}
	}
	return values
}
