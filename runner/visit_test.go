package runner

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"plan/agent"
	"plan/runner/lasting"
)

// pages is an agent that fetches pages.
type pages struct {
	*fakeAgent
	asked []agent.Page
}

func (p *pages) Fetch(_ context.Context, page agent.Page) (agent.Answer, error) {
	p.asked = append(p.asked, page)
	return agent.Answer{Status: 200, Body: []byte("{}")}, nil
}

const visited = stack + `
check "one" {
  service = service.api
}
`

func visit(t *testing.T, change func(*bench), ask func(context.Context, Fetch) error) (*bench, *pages, error) {
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
		b, p, err := visit(t, nil, func(ctx context.Context, fetch Fetch) error {
			_, err := fetch(ctx, "GET", "/openapi.json")
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
			_, _, err := visit(t, change, func(context.Context, Fetch) error { return broken })
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v, want %q", err, want)
			}
		})
	}
}
