// Package helpers starts the services that others depend on, follows them until the run
// ends, and blames them for the failures of trials that they caused.
package helpers

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"plan/containers"
	"plan/internal/units"
	"plan/plans"
	"plan/runner/guard"
	"plan/runner/judge"
	"plan/runner/readiness"
)

// Container is the one of a helper.
type Container interface {
	readiness.Container
	Events() <-chan containers.Event
	State(ctx context.Context) (containers.State, error)
	Logs(ctx context.Context, lines int) ([]string, error)
	Remove(ctx context.Context) error
}

// helper is a service that another one depends on. It is started once, and runs
// until the run ends.
type helper struct {
	service  plans.Service
	instance Container

	mu       sync.Mutex
	unready  bool      // it did not become ready
	running  bool      // true again once the engine has restarted it
	reason   string    // what ended it last; "" where nothing did
	done     bool      // it is a job that has ended with exit code 0
	endedAt  time.Time // when the event came
	killed   bool      // one of its processes was killed for memory since its start
	killedAt time.Time // when the last of these events came
}

const outOfMemory = "ran out of memory"

// killEnds is the longest time from a process that is killed for memory to the end
// of the helper because of it. It may go on without that process.
const killEnds = 10 * time.Second

// Needs are what helpers need of a run.
type Needs struct {
	Create     func(context.Context, plans.Service) (Container, error) // starts its container
	Written    func([]plans.Service) []string                          // volumes of services that are written to
	Renew      func(context.Context, []string) error                   // replaces volumes, which no container may mount
	Doing      func(string)                                            // for people
	Guard      *guard.Guard
	Agent      readiness.Agent
	Preflights []plans.Preflight
}

// Helpers are the services that others depend on, as far as they were started.
type Helpers struct {
	Needs
	started map[string]*helper // by address
}

// New returns helpers of which none is started.
func New(needs Needs) *Helpers { return &Helpers{needs, map[string]*helper{}} }

// Address returns host:port of a service that is started.
func (s *Helpers) Address(service plans.Service) string {
	return s.started[service.Address].instance.Address()
}

// Ensure starts the helpers that a stage needs and that do not run. A job that is
// done runs again where something that it depends on has been restarted.
func (s *Helpers) Ensure(ctx context.Context, stage plans.Stage) error {
	anew := map[string]bool{}
	for _, service := range stage.Helpers {
		h := s.started[service.Address]
		undone := service.Ready.Ended && slices.ContainsFunc(service.DependsOn, func(address string) bool { return anew[address] })
		if h != nil && h.endReason() == "" && !undone && !h.unready {
			continue
		}
		anew[service.Address] = true
		if h != nil {
			if err := h.instance.Remove(ctx); err != nil {
				return err
			}
		}
		if err := s.Start(ctx, service, stage.Service.Address); err != nil {
			if h := s.started[service.Address]; h != nil {
				h.unready = true
			}
			return err
		}
	}
	return nil
}

// Restart starts the helpers of a stage again, with their volumes as they were when the
// run began. Helpers of other stages that mount one of these volumes are removed.
func (s *Helpers) Restart(ctx context.Context, stage plans.Stage) error {
	written := s.Written(append([]plans.Service{stage.Service}, stage.Helpers...))
	mounts := func(v plans.Volume) bool { return !v.Bind && slices.Contains(written, v.Source) }
	var addresses []string // dependents first
	for _, service := range slices.Backward(stage.Helpers) {
		addresses = append(addresses, service.Address)
	}
	for _, address := range slices.Sorted(maps.Keys(s.started)) {
		if slices.ContainsFunc(s.started[address].service.Volumes, mounts) {
			addresses = append(addresses, address)
		}
	}
	for _, address := range addresses {
		if h := s.started[address]; h != nil {
			if err := h.instance.Remove(ctx); err != nil {
				return err
			}
			delete(s.started, address)
		}
	}
	if err := s.Renew(ctx, written); err != nil {
		return err
	}
	return s.Ensure(ctx, stage)
}

// Start starts one helper and waits until it is ready.
func (s *Helpers) Start(ctx context.Context, service plans.Service, dependent string) error {
	s.Doing("starting " + service.Address + ", which " + dependent + " depends on")
	instance, err := s.Create(ctx, service)
	if err != nil {
		return err
	}
	h := &helper{service: service, instance: instance, running: true}
	s.started[service.Address] = h
	alive, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() { // until the helper is removed
		for event := range instance.Events() {
			h.handle(event)
			if h.endReason() != "" && service.Restart == "no" { // else it has its time to become ready
				cancel(nil)
			}
		}
	}()
	go s.Guard.Watch(alive, cancel)
	got, err := readiness.Wait(alive, s.Agent, instance, service, containers.Helper)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case judge.IsGuardStop(context.Cause(alive)):
		return fmt.Errorf("starting %s: %w", service.Address, context.Cause(alive))
	case err != nil && alive.Err() == nil:
		return err
	case h.endReason() != "" && service.Ready.Ended:
		state, err := instance.State(ctx)
		if err != nil {
			return err
		}
		if state.ExitCode == nil || *state.ExitCode != 0 {
			return helperError(ctx, h, dependent, h.endReason())
		}
		h.mu.Lock()
		h.done = true
		h.mu.Unlock()
	case h.endReason() != "":
		return helperError(ctx, h, dependent, h.endReason())
	case got.NotReady != "":
		return helperError(ctx, h, dependent, fmt.Sprintf("was not ready within %s: %s", units.Duration(service.Ready.Within), got.NotReady))
	}
	return nil
}

// Ended returns why a service that is started no longer runs, with the end of its log; nil while it runs.
func (s *Helpers) Ended(ctx context.Context, service plans.Service, dependent string) error {
	h := s.started[service.Address]
	if reason := h.endReason(); reason != "" {
		return helperError(ctx, h, dependent, reason)
	}
	return nil
}

// Log returns the last lines of the log of a service that is started, as many as a traceback may have.
func (s *Helpers) Log(ctx context.Context, service plans.Service) []string {
	lines, _ := s.started[service.Address].instance.Logs(ctx, 200)
	return lines
}

// handle notes starts and ends. Of the events of one end it keeps the first.
func (h *helper) handle(event containers.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case event.Kind == containers.Started:
		h.running, h.killed = true, false
	case !h.running:
	case event.Kind == containers.OOM:
		h.killed, h.killedAt = true, time.Now()
	case event.Kind == containers.Died:
		h.running, h.reason, h.endedAt = false, "ended: "+event.Detail, time.Now()
		if h.killed && time.Since(h.killedAt) <= killEnds {
			h.reason = outOfMemory
		}
	}
}

// endReason returns what ended it; "" while it runs, and for a job that is done.
func (h *helper) endReason() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.running || h.done {
		return ""
	}
	return h.reason
}

// endReasonSince returns what ended it, or one of its processes, also where it runs
// again; "" where it had recovered before begun.
func (h *helper) endReasonSince(begun time.Time) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.done:
		return ""
	case !h.running || !h.endedAt.Before(begun):
		return h.reason
	case !h.killedAt.Before(begun):
		return outOfMemory
	}
	return ""
}

// helperError says why a helper does not serve, with the end of its log.
func helperError(ctx context.Context, h *helper, dependent, what string) error {
	last, _ := h.instance.Logs(ctx, 5)
	help := "its log is empty"
	if len(last) > 0 {
		help = "the end of its log: " + strings.Join(last, " | ")
	}
	return &containers.Error{
		Kind:    containers.CannotStart,
		Summary: fmt.Sprintf("%s, which %s depends on, %s", h.service.Address, dependent, what),
		Help:    help,
	}
}
