package runner

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"plan/containers"
	"plan/internal/units"
	"plan/plans"
	"plan/runner/readiness"
)

// helper is a service that another one depends on. It is started once, and runs
// until the run ends.
type helper struct {
	service  plans.Service
	instance Instance

	mu      sync.Mutex
	running bool      // true again once the engine has restarted it
	reason  string    // what ended it last; "" where nothing did
	done    bool      // it is a job that has ended with exit code 0
	endedAt time.Time // when the event came
}

// helpers are the services that others depend on, as far as they were started.
type helpers struct {
	environment *environment
	progress    *progress
	guard       *guard
	agent       Agent
	preflights  []plans.Preflight
	started     map[string]*helper // by address
}

// ensure starts the helpers that a stage needs and that do not run. A job that is
// done runs again where something that it depends on has been restarted.
func (s *helpers) ensure(ctx context.Context, stage plans.Stage) error {
	anew := map[string]bool{}
	for _, service := range stage.Helpers {
		h := s.started[service.Address]
		undone := service.Ready.Ended && slices.ContainsFunc(service.DependsOn, func(address string) bool { return anew[address] })
		if h != nil && h.endReason() == "" && !undone {
			continue
		}
		anew[service.Address] = true
		if h != nil {
			if err := h.instance.Remove(ctx); err != nil {
				return err
			}
		}
		if err := s.start(ctx, service, stage.Service.Address); err != nil {
			return err
		}
	}
	return nil
}

// start starts one helper and waits until it is ready.
func (s *helpers) start(ctx context.Context, service plans.Service, dependent string) error {
	s.progress.doing("starting " + service.Address + ", which " + dependent + " depends on")
	spec := s.environment.spec(service)
	spec.Role, spec.Limits = containers.Helper, limitsOf(service.Limits)
	instance, err := s.environment.runtime.Start(ctx, spec)
	if err != nil {
		return withAddress(service.Address, err)
	}
	h := &helper{service: service, instance: instance, running: true}
	s.started[service.Address] = h
	alive, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go h.follow(func() {
		if service.Restart == "no" { // else it has its time to become ready
			cancel(nil)
		}
	})
	go s.guard.watch(alive, cancel)
	got, err := readiness.Wait(alive, s.agent, instance, service, containers.Helper)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case isGuardStop(context.Cause(alive)):
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

// withAddress adds the address of the service that an error is about.
func withAddress(address string, err error) error {
	fault, is := errors.AsType[*containers.Error](err)
	if !is {
		return err
	}
	of := *fault
	of.Summary = address + ": " + fault.Summary
	return &of
}

// follow handles events until the helper is removed. It calls ended after each
// event while the helper does not run.
func (h *helper) follow(ended func()) {
	for event := range h.instance.Events() {
		if h.handle(event); h.endReason() != "" {
			ended()
		}
	}
}

// handle notes starts and ends. Of the events of one end it keeps the first.
func (h *helper) handle(event containers.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case event.Kind == containers.Started:
		h.running = true
	case !h.running:
	case event.Kind == containers.OOM:
		h.running, h.reason, h.endedAt = false, "ran out of memory", time.Now()
	case event.Kind == containers.Died:
		h.running, h.reason, h.endedAt = false, "ended: "+event.Detail, time.Now()
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

// endReasonSince returns what ended it, also where it runs again; "" where it had
// recovered before begun.
func (h *helper) endReasonSince(begun time.Time) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.done || h.running && h.endedAt.Before(begun) {
		return ""
	}
	return h.reason
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
