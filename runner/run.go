package runner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"plan/agent"
	"plan/containers"
	"plan/internal/host"
	"plan/internal/units"
	"plan/plans"
	"plan/runner/answer"
	"plan/runner/guard"
	"plan/runner/helpers"
	"plan/runner/images"
	"plan/runner/journal"
	"plan/runner/judge"
	"plan/runner/lasting"
	"plan/runner/networks"
	"plan/runner/record"
	"plan/runner/volumes"
)

// Runner is one run of one plan, with everything that the run needs.
type Runner struct {
	Plan     *plans.Plan
	Platform Platform
	Dial     func(context.Context, io.ReadWriteCloser) (lasting.Client, error)
	Direct   func() (host.Figures, error) // reads the figures of this machine; used where it is the engine's
	Most     plans.Limits                 // that one replica can have on a cluster; 0 where it is not bounded
	Journal  record.Journal
	Observer Observer
	// Exchanges receives each request of the loads of the built-in driver; nil: they are
	// not recorded, which costs nothing.
	Exchanges ExchangeRecorder
	Header    journal.Header // id, start and host of the run; of a run that is resumed, also the seconds that it has taken
	Seed      uint64         // of everything random in the load
	Past      []journal.Line // of a run that is resumed: the lines that it has written; nil in a new run
}

// run is the state of a run.
type run struct {
	*Runner
	record      *record.Record
	progress    *progress
	environment *environment
	guard       *guard.Guard
	agents      agents
	agent       *lasting.Agent // the first of agents; nil before it is started
	helpers     *helpers.Helpers
	stats       ContainerStats            // of the agent, helpers and what others run
	searches    map[string]*answer.Search // by address
}

// newRun returns a run that has begun nothing.
func newRun(r *Runner) *run {
	record := record.New(r.Journal, r.Observer, r.Past)
	searches := map[string]*answer.Search{}
	progress := &progress{
		observer: r.Observer, stages: r.Plan.Stages, record: record, searches: searches, ahead: map[string]plans.Bounds{},
	}
	joins, _ := r.Platform.(networks.Engine) // nil of one without networks
	pulls, _ := r.Platform.(images.Engine)   // nil of one whose nodes pull images
	floor := r.Plan.Guard.HostMemoryFree
	if floor == 0 {
		floor = max(512*units.MiB, units.Bytes(r.Header.Host.Memory/10))
	}
	return &run{
		Runner: r, record: record, progress: progress,
		environment: &environment{
			platform: r.Platform, progress: progress,
			networks: networks.Networks{Engine: joins, Run: r.Header.ID},
			images: images.Images{
				Engine: pulls, Record: record, Doing: progress.doing, Advance: progress.advance, Note: r.Observer.Note,
			},
			volumes: volumes.Volumes{Engine: r.Platform, Doing: progress.doing, Note: r.Observer.Note},
		},
		guard:    &guard.Guard{Floor: floor},
		searches: searches,
	}
}

// Run runs the plan and returns its record, as far as the run went. The exit code
// is in Run.ExitCode. The record is complete before anything is removed: cleaning
// changes no answer. Cancelling ctx interrupts the run: the current trial is
// aborted, and everything that was made is removed.
func (r *Runner) Run(ctx context.Context) journal.Run {
	s := newRun(r)
	if d := r.Plan.Guard.Runtime; d > 0 {
		var cancel context.CancelFunc
		why := "stopped by the guard: the run took longer than " + units.Duration(d)
		left := d - units.Seconds(r.Header.Seconds)
		ctx, cancel = context.WithTimeoutCause(ctx, left, judge.Stop{Reason: journal.GuardStop, Why: why})
		defer cancel()
		s.progress.end, _ = ctx.Deadline()
	}
	s.end(ctx, s.runStages(ctx))
	s.close(ctx)
	return s.record.Run
}

// close removes everything that carries the label of the run, also after ctx has ended.
func (r *run) close(ctx context.Context) {
	r.agents.close()
	if r.stats != nil {
		_ = r.stats.Close() // nothing was written to it
	}
	r.progress.doing("removing the resources of the run")
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTime)
	defer cancel()
	if err := r.Platform.Clean(ctx); err != nil {
		what, _ := describe(err)
		r.Observer.Note(fmt.Sprintf("some resources could not be removed: %s; remove them with: %s",
			what, r.Header.CleanCommand()))
	}
}

// runStages prepares the run and runs its stages. The error is the environment's.
func (r *run) runStages(ctx context.Context) error {
	header := journal.Run{
		FormatVersion: journal.Format, Run: r.Header, Outputs: map[string]any{},
		Plan: journal.Plan{Name: r.Plan.Name, File: r.Plan.File, SHA256: r.Plan.SHA256},
	}
	if err := r.record.Append(journal.Line{Type: journal.RunLine, Run: &header}); err != nil {
		return err
	}
	r.Observer.Begin(r.record.Run)
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
	end.ExitCode = exitCode(ctx, r.record.Run, len(r.Plan.Stages), err)
	switch stop := stopOf(ctx); { // why the run could not continue; "" where it was interrupted or ran to its end
	case answered(r.record.Run, len(r.Plan.Stages)):
	case stop.Reason == journal.User:
	case stop != (judge.Stop{}):
		end.Problem = stop.Why
	case err != nil:
		end.Problem, end.Help = describe(err)
		end.EngineLost = engineLost(r.record.Run, err)
	default:
		end.EngineLost = engineLost(r.record.Run, nil)
	}
	if err := r.record.End(end, outputs); err != nil && end.ExitCode == ExitMet {
		r.record.Run.Run.ExitCode = ExitEnvironment
	}
}

// engineLost reports whether a run ended because the engine no longer responded: the error that ended it says so, or
// without one a stage.
func engineLost(r journal.Run, err error) bool {
	if err == nil {
		return slices.ContainsFunc(r.Stages, func(s journal.Stage) bool { return s.AbortedBy == journal.EngineLost })
	}
	if e, is := errors.AsType[*containers.Error](err); is {
		return e.Kind == containers.EngineGone
	}
	_, lost := errors.AsType[*agent.Lost](err) // an agent ends with its engine
	return lost || errors.Is(err, context.DeadlineExceeded)
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
	outputs, _ := r.Plan.Outputs(r.record.Known)
	for _, o := range outputs {
		values[o.Name] = o.Value
		if o.Sensitive {
			values[o.Name] = "(sensitive)"
		}
	}
	return values
}
