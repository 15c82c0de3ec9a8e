package runner

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"plan/agent"
	"plan/runner/lasting"
)

// pages is an agent that fetches pages.
type pages struct {
	*fakeAgent
	asked []agent.Page
	fault error // of each response
}

func (p *pages) Fetch(_ context.Context, page agent.Page) (agent.Answer, error) {
	p.asked = append(p.asked, page)
	return agent.Answer{Status: 200, Body: []byte("{}")}, p.fault
}

const visited = stack + `
check "one" {
  service = service.api
}
`

func visit(t *testing.T, change func(*bench), ask func(context.Context, Visited) error) (*bench, *pages, error) {
	t.Helper()
	b := newBench(t, visited, fakeService{})
	p := &pages{fakeAgent: b.agent}
	b.runner.Dial = func(context.Context, io.ReadWriteCloser) (lasting.Client, error) { return p, nil }
	if change != nil {
		change(b)
	}
	err := b.runner.Visit(t.Context(), b.runner.Plan.Stages[0], ask)
	if b.runtime.cleaned != 1 || b.agent.closed != 1 {
		t.Errorf("cleaned %d times, the agent closed %d times", b.runtime.cleaned, b.agent.closed)
	}
	return b, p, err
}

func TestAVisitStartsTheServiceOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, p, err := visit(t, nil, func(ctx context.Context, api Visited) error {
			_, err := api.Fetch(ctx, "GET", "/openapi.json", "")
			return err
		})
		if err != nil || !slices.Equal(b.runtime.order, []string{"database", "model", "api"}) {
			t.Errorf("%v, started %v", err, b.runtime.order)
		}
		if limits := b.runtime.specs[2].Limits; limits.Memory != 0 || limits.CPUs != 0 { // the plan has 1G and 0.5
			t.Errorf("started with %+v", limits)
		}
		if want := (agent.Page{Method: "GET", URL: "http://10.0.0.3:8000/openapi.json"}); !slices.Contains(p.asked, want) {
			t.Errorf("asked %v", p.asked)
		}
	})
}

func TestAVisitThatFails(t *testing.T) {
	broken := errors.New("no document")
	for want, change := range map[string]func(*bench){
		"no document": nil,
		"service.api, which the probe depends on, ended": func(b *bench) {
			b.runtime.helper = map[string]fakeService{"api": {exits: 1}}
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			_, _, err := visit(t, change, func(context.Context, Visited) error { return broken })
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v, want %q", err, want)
			}
		})
	}
}

// TestAServiceThatEndsWhileItIsAsked: its end is the error, not that a request got no response. The engine may report the
// end later than the connection breaks.
func TestAServiceThatEndsWhileItIsAsked(t *testing.T) {
	reset := errors.New("connection reset")
	for name, c := range map[string]struct {
		ends  time.Duration // 0: it goes on
		fault error
		want  string
	}{
		"it ends a little later":     {300 * time.Millisecond, reset, "service.api, which the probe depends on, ended: exit code 1"},
		"it goes on":                 {0, reset, "connection reset"},
		"it ends much later":         {10 * time.Second, reset, "connection reset"},
		"it ends after its response": {time.Nanosecond, nil, "service.api, which the probe depends on, ended: exit code 1"},
	} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t, visited, fakeService{})
			b.runner.Dial = func(context.Context, io.ReadWriteCloser) (lasting.Client, error) {
				return &pages{fakeAgent: b.agent, fault: c.fault}, nil
			}
			err := b.runner.Visit(t.Context(), b.runner.Plan.Stages[0], func(ctx context.Context, api Visited) error {
				if c.ends > 0 {
					fall(b, "api", c.ends, time.Hour)
				}
				_, err := api.Fetch(ctx, "GET", "/openapi.json", "")
				synctest.Wait()
				if c.fault == nil {
					time.Sleep(time.Millisecond)
				}
				return err
			})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v, want %q", name, err, c.want)
			}
			time.Sleep(time.Minute) // what was to end it
		})
	}
}
