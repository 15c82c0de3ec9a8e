package runner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
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

// Agent is the runner's view of the agent's client.
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

// Journal takes the lines of a run; a line is safe once Append returns. What it
// gives is what it wrote, without secrets: only that is shown.
type Journal interface {
	Append(journal.Line) (journal.Line, error)
}

// Runner is one run of one plan, and all that it needs.
type Runner struct {
	Plan     *plans.Plan
	Runtime  Runtime
	Dial     func(context.Context, io.ReadWriteCloser) (Agent, error)
	Direct   func() (host.Figures, error) // reads this machine, when it is the engine's
	Journal  Journal
	Observer Observer
	Header   journal.Header // id, start and host of the run
	Seed     uint64         // of everything random in the load
}

// run is the state of a run under way.
type run struct {
	*Runner
	agent  Agent
	local  bool   // the engine is proven to be on this machine
	own    string // the network made for services that name none
	record journal.Run
	known  plans.Known
	pins   map[string]string // of images: reference to id
	floor  units.Bytes

	notEvicted string // why files of the last trial were left in the page cache; "" if none were

	helpers map[string]*helper        // by address
	hunts   map[string]*answer.Search // by address of the search
	beside  Beside                    // the agent, helpers and what others run
}

// Run carries the plan out and gives the record of it, complete as far as it
// went; its exit code is in Run.ExitCode. Cancelling ctx is an interruption:
// the trial under way is given up, everything that was made is removed.
func (r *Runner) Run(ctx context.Context) journal.Run {
	s := &run{Runner: r, helpers: map[string]*helper{}, hunts: map[string]*answer.Search{}, known: plans.Known{Images: map[string]plans.ImageResult{}, Stages: map[string]plans.StageResult{}}}
	s.floor = r.Plan.Guard.HostMemoryFree
	if s.floor == 0 {
		s.floor = max(512*units.MiB, units.Bytes(r.Header.Host.Memory/10))
	}
	if d := r.Plan.Guard.Runtime; d > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, d, judge.Stop{Reason: journal.GuardStop, Why: fmt.Sprintf("the guard stopped it: the run took longer than %s", units.Duration(d))})
		defer cancel()
	}
	err := s.carryOut(ctx)
	err = firstError(err, s.cleanUp(ctx))
	s.end(ctx, err)
	return s.record
}

// carryOut does everything up to the last stage.
func (s *run) carryOut(ctx context.Context) error {
	header := journal.Run{
		FormatVersion: journal.Format, Run: s.Header, Outputs: map[string]any{},
		Plan: journal.Plan{Name: s.Plan.Name, File: s.Plan.File, SHA256: s.Plan.SHA256},
	}
	if err := s.append(journal.Line{Type: journal.RunLine, Run: &header}); err != nil {
		return err
	}
	s.Observer.Begin(s.record)
	if err := s.prepare(ctx); err != nil {
		return err
	}
	for _, stage := range s.Plan.Stages {
		if ctx.Err() != nil {
			return nil
		}
		if err := s.through(ctx, stage.Address); err != nil {
			return err
		}
	}
	return nil
}

// cleanUp ends the agent and removes everything of this run.
func (s *run) cleanUp(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTime)
	defer cancel()
	if s.agent != nil {
		s.agent.Close()
	}
	if s.beside != nil {
		_ = s.beside.Close() // it was only read
	}
	s.doing("removing what was made")
	err := s.Runtime.Clean(ctx)
	if err != nil {
		s.Observer.Note(fmt.Sprintf("not all that was made could be removed: remove what is left with: plan clean %s", s.Header.ID))
	}
	return err
}

// end writes the last lines of the journal: outputs and how it ended.
func (s *run) end(ctx context.Context, err error) {
	outputs := s.outputs()
	end := s.Header
	end.Seconds = time.Since(end.Started).Seconds()
	end.ExitCode = s.exitCode(ctx, err)
	end.Problem, end.Help = problem(ctx, err)
	line, failed := s.Journal.Append(journal.Line{Type: journal.EndLine, End: &end, Outputs: outputs})
	journal.Apply(&s.record, line)
	if failed != nil { // what is printed still tells how it ended
		s.record.Run.Problem, s.record.Run.ExitCode = failed.Error(), ExitEnvironment
	}
}

// problem is why a run could not go on, in words; an interruption is none.
func problem(ctx context.Context, err error) (what, help string) {
	switch stop := stopOf(ctx); {
	case stop.Reason == journal.User:
		return "", ""
	case stop != (judge.Stop{}):
		return stop.Why, ""
	case err == nil:
		return "", ""
	}
	return inWords(err)
}

// inWords says what is wrong, and what to do where that is known.
func inWords(err error) (what, help string) {
	var e *containers.Error
	if errors.As(err, &e) {
		return e.Summary, e.Help
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "the engine did not answer within " + units.Duration(cleanupTime), "look whether `docker ps` answers"
	}
	return err.Error(), ""
}

func (s *run) outputs() map[string]any {
	values := map[string]any{}
	outputs, _ := s.Plan.Outputs(s.known)
	for _, o := range outputs {
		values[o.Name] = o.Value
		if o.Sensitive {
			values[o.Name] = "(sensitive)"
		}
	}
	return values
}

// append writes a line and folds it into the record, in that order.
func (s *run) append(line journal.Line) error {
	line, err := s.Journal.Append(line)
	if err != nil {
		return err
	}
	journal.Apply(&s.record, line)
	switch {
	case line.Trial != nil:
		s.Observer.Trial(*line.Trial)
	case line.Type == journal.AnswerLine:
		s.Observer.Stage(s.record.Stages[s.place(line.Stage.Address)])
	}
	return nil
}

// begin writes that a stage begins.
func (s *run) begin(stage journal.Stage) error {
	stage.Trials = nil
	return s.append(journal.Line{Type: journal.StageLine, Stage: &stage})
}

// answer writes what a stage found, and lets later stages refer to it.
func (s *run) answer(stage journal.Stage) error {
	s.known.Stages[stage.Address] = resultOf(stage)
	stage.Trials = nil // each has a line of its own
	return s.append(journal.Line{Type: journal.AnswerLine, Stage: &stage})
}

// place of a stage in the record; -1 when it has not begun.
func (s *run) place(address string) int {
	return slices.IndexFunc(s.record.Stages, func(stage journal.Stage) bool { return stage.Address == address })
}
