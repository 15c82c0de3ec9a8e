package runner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
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
	"plan/runner/journal"
)

// Exit codes of a run.
const (
	ExitMet          = 0   // all found and met
	ExitNotMet       = 1   // an objective was not met, or no answer exists in the range
	ExitUsage        = 2   // command line or file wrong
	ExitEnvironment  = 3   // engine, network, image, preflight, push
	ExitGuard        = 4   // stopped by the guard without an answer
	ExitInconclusive = 5   // no verdict could be given
	ExitInterrupted  = 130 // partial report written
)

// Agent is the runner's view of the agent's client.
type Agent interface {
	Hello() agent.Hello
	Ready(ctx context.Context, probe inference.Probe) error
	First(ctx context.Context, address string, requests []exchange.Request) ([]exchange.Outcome, error)
	Load(ctx context.Context, load engine.Load, addresses []string, rec engine.Recorder) (engine.Result, error)
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
	floor  units.Bytes
}

// Run carries the plan out and gives the record of it, complete as far as it
// went; its exit code is in Run.ExitCode. Cancelling ctx is an interruption:
// the trial under way is given up, everything that was made is removed.
func (r *Runner) Run(ctx context.Context) journal.Run {
	s := &run{Runner: r, known: plans.Known{Images: map[string]plans.ImageResult{}, Stages: map[string]plans.StageResult{}}}
	s.floor = r.Plan.Guard.HostMemoryFree
	if s.floor == 0 {
		s.floor = max(512*units.MiB, units.Bytes(r.Header.Host.Memory/10))
	}
	if d := r.Plan.Guard.Runtime; d > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, d, stop{journal.GuardStop, fmt.Sprintf("the guard stopped it: the run took longer than %s", units.Duration(d))})
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
	if err := s.append(journal.Line{Type: "run", Run: &header}); err != nil {
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
		if err := s.stage(ctx, stage.Address); err != nil {
			return err
		}
	}
	return nil
}

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
	return nil
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
	target := p.URL
	if target == "" {
		target = p.TCP
	}
	s.doing("preflight: asking " + target)
	within, cancel := context.WithTimeout(ctx, p.Within)
	defer cancel()
	err := s.agent.Ready(within, inference.Probe{URL: p.URL, TCP: p.TCP, Status: p.Status})
	var last *agent.NotReady
	if !errors.As(err, &last) || ctx.Err() != nil {
		return err
	}
	return &containers.Error{
		Kind:    containers.Other,
		Summary: fmt.Sprintf("%s: %s did not answer as wanted within %s, asked from inside the network %s: %s", p.Address, target, units.Duration(p.Within), p.Network, lastAnswer(last)),
		Help:    "start it on that network, or correct the address in the plan",
	}
}

// images pushes what is to be pushed, and pins every service to an image id.
func (s *run) images(ctx context.Context) error {
	for _, image := range s.Plan.Images {
		var (
			pushed Pushed
			err    error
		)
		if image.Push {
			s.doing("pushing " + image.Name)
			pushed, err = s.Runtime.Push(ctx, image.Source, image.Name, s.doing)
		} else {
			pushed, err = s.Runtime.Image(ctx, image.Source)
		}
		if err != nil {
			return err
		}
		s.known.Images[image.Address] = plans.ImageResult{Digest: pushed.Digest, Size: pushed.Size, Run: pushed.ID}
		line := journal.Image{Address: image.Address, Name: image.Name, Pushed: image.Push}
		if pushed.Digest != "" {
			line.Digest = &pushed.Digest
		}
		if err := s.append(journal.Line{Type: "image", Image: &line}); err != nil {
			return err
		}
		if image.Push {
			s.Observer.Note(fmt.Sprintf("pushed %s: %s", image.Name, pushed.Digest))
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
	line, failed := s.Journal.Append(journal.Line{Type: "end", End: &end, Outputs: outputs})
	journal.Apply(&s.record, line)
	if failed != nil { // what is printed still tells how it ended
		s.record.Run.Problem, s.record.Run.ExitCode = failed.Error(), ExitEnvironment
	}
}

// problem is why a run could not go on, in words; an interruption is none.
func problem(ctx context.Context, err error) (what, help string) {
	switch stop := stopOf(ctx); {
	case stop.reason == journal.User:
		return "", ""
	case stop.reason != "":
		return stop.why, ""
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

// exitCode is the worst of what happened.
func (s *run) exitCode(ctx context.Context, err error) int {
	switch {
	case stopOf(ctx).reason == journal.User:
		return ExitInterrupted
	case stopOf(ctx).reason == journal.GuardStop && len(s.record.Stages) < len(s.Plan.Stages):
		return ExitGuard
	}
	worst := ExitMet
	for _, stage := range s.record.Stages {
		worst = Worse(worst, stageCode(stage))
	}
	if err != nil {
		worst = Worse(worst, ExitEnvironment)
	}
	return worst
}

func stageCode(s journal.Stage) int {
	switch s.Verdict {
	case journal.Passed:
		return ExitMet
	case journal.Inconclusive, journal.Invalid:
		return ExitInconclusive
	case journal.Aborted:
		return abortCode(s)
	}
	return ExitNotMet
}

// abortCode tells by its last trial what a stage was given up for.
func abortCode(s journal.Stage) int {
	if n := len(s.Trials); n > 0 && s.Trials[n-1].Reason != nil {
		switch *s.Trials[n-1].Reason {
		case journal.EngineLost:
			return ExitEnvironment
		case journal.User:
			return ExitInterrupted
		}
	}
	return ExitGuard
}

// Worse is the exit code of two that outranks the other.
func Worse(a, b int) int {
	rank := []int{ExitMet, ExitNotMet, ExitInconclusive, ExitEnvironment, ExitGuard, ExitInterrupted}
	return rank[max(slices.Index(rank, a), slices.Index(rank, b))]
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
	case line.Type == "answer":
		s.Observer.Stage(s.record.Stages[s.place(line.Stage.Address)])
	}
	return nil
}

// begin writes that a stage begins.
func (s *run) begin(stage journal.Stage) error {
	stage.Trials = nil
	return s.append(journal.Line{Type: "stage", Stage: &stage})
}

// answer writes what a stage found, and lets later stages refer to it.
func (s *run) answer(stage journal.Stage) error {
	s.known.Stages[stage.Address] = resultOf(stage)
	stage.Trials = nil // each has a line of its own
	return s.append(journal.Line{Type: "answer", Stage: &stage})
}

func (s *run) doing(what string) { s.Observer.Status(Status{Doing: what, Left: s.left("", 0)}) }

func (s *run) status(o order, doing string) {
	s.Observer.Status(Status{
		Stage: o.stage.Address, Trial: o.id, Limits: limitsText(o.limits), Users: o.users,
		Doing: doing, Left: s.left(o.stage.Address, s.done(o.stage.Address)),
	})
}

func limitsText(l plans.Settings) string {
	text := "no memory limit"
	if l.Memory > 0 {
		text = l.Memory.String()
	}
	if l.CPUs > 0 {
		text += ", " + l.CPUs.String() + " CPU"
	}
	return text
}

// place of a stage in the record; -1 when it has not begun.
func (s *run) place(address string) int {
	return slices.IndexFunc(s.record.Stages, func(stage journal.Stage) bool { return stage.Address == address })
}

// done counts the finished trials of a stage.
func (s *run) done(address string) int {
	if i := s.place(address); i >= 0 {
		return len(s.record.Stages[i].Trials)
	}
	return 0
}

// left is the longest that the run can still take: the stages not begun, and
// of the present one the trials not done.
func (s *run) left(present string, done int) time.Duration {
	var left time.Duration
	ahead := present == ""
	for _, stage := range s.Plan.Stages {
		b := stage.Bounds()
		switch {
		case stage.Address == present:
			ahead = true
			left += b.Time * time.Duration(max(0, b.Trials-done)) / time.Duration(max(1, b.Trials))
		case ahead:
			left += b.Time
		}
	}
	return left
}
