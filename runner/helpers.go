package runner

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"plan/containers"
	"plan/internal/units"
	"plan/plans"
)

// helper is a service that another one depends on: it is started once and
// lives until the run ends.
type helper struct {
	service  plans.Service
	instance Instance

	mu    sync.Mutex
	ended string // what ended it, "" while it lives
}

// ensure starts the helpers that a stage needs and that do not live.
func (r *run) ensure(ctx context.Context, stage plans.Stage) error {
	for _, service := range stage.Helpers {
		h := r.helpers[service.Address]
		if h != nil && h.end() == "" {
			continue
		}
		if h != nil {
			if err := h.instance.Remove(ctx); err != nil {
				return err
			}
		}
		if err := r.help(ctx, service, stage.Service.Address); err != nil {
			return err
		}
	}
	return nil
}

// help starts one helper and waits until it is ready.
func (r *run) help(ctx context.Context, service plans.Service, dependent string) error {
	r.doing("starting " + service.Address + ", which " + dependent + " depends on")
	spec := r.spec(service)
	spec.Role, spec.Limits = containers.Helper, limitsOf(service.Limits)
	instance, err := r.Runtime.Start(ctx, spec)
	if err != nil {
		return err
	}
	h := &helper{service: service, instance: instance}
	r.helpers[service.Address] = h
	alive, cancel := context.WithCancel(ctx)
	defer cancel()
	go h.follow(cancel)
	notReady, err := r.waitReady(alive, instance, service.Ready)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil && alive.Err() == nil:
		return err
	case h.end() != "":
		return r.helperFault(ctx, h, dependent, h.end())
	case notReady != "":
		return r.helperFault(ctx, h, dependent, fmt.Sprintf("was not ready within %s: %s", units.Duration(service.Ready.Within), notReady))
	}
	return nil
}

// follow keeps what ended the helper; its events end when it is removed.
func (h *helper) follow(ended func()) {
	for event := range h.instance.Events() {
		if event.Kind == containers.Died || event.Kind == containers.OOM {
			h.fell(event)
			ended()
		}
	}
}

// fell keeps the first sign of its end.
func (h *helper) fell(event containers.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.ended != "":
	case event.Kind == containers.OOM:
		h.ended = "ran out of memory"
	default:
		h.ended = "ended: " + event.Detail
	}
}

// end tells what ended it; "" while it lives.
func (h *helper) end() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.ended
}

// helperFault says why a helper does not serve, with its last words.
func (r *run) helperFault(ctx context.Context, h *helper, dependent, what string) error {
	last, _ := h.instance.Logs(ctx, 5)
	help := "read its log: it printed nothing"
	if len(last) > 0 {
		help = "it printed last: " + strings.Join(last, " | ")
	}
	return &containers.Error{
		Kind:    containers.CannotStart,
		Summary: fmt.Sprintf("%s, which %s depends on, %s", h.service.Address, dependent, what),
		Help:    help,
	}
}
