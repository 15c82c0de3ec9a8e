package runner

import (
	"context"
	"testing"
	"time"

	"plan/engine"
	"plan/internal/exchange"
	"plan/runner/journal"
	"plan/runner/lasting"
)

// loadAgent answers a load with one window that has an exchange.
type loadAgent struct {
	lasting.Client
	asked engine.Load
}

func (a *loadAgent) Load(_ context.Context, load engine.Load, _ []string, rec engine.Recorder) (engine.Result, error) {
	a.asked = load
	rec.Record(engine.Window{Second: 7, Exchanges: []engine.Exchange{{Request: 1}}})
	return engine.Result{}, nil
}

// seen keeps what an observer and an ExchangeRecorder get.
type seen struct {
	silent
	windows []engine.Window
	load    ExchangeLoad
	ended   []engine.Exchange
}

func (s *seen) Window(w engine.Window) { s.windows = append(s.windows, w) }

func (s *seen) RecordExchanges(load ExchangeLoad, ended []engine.Exchange) {
	s.load, s.ended = load, ended
}

func TestTheSourceOfALoadHasItsLastRise(t *testing.T) {
	load := engine.Load{Stages: []engine.Stage{{Users: 9, Over: time.Minute}, {Users: 9, Over: time.Minute}}}
	b := builtIn{agents: []lasting.Client{&loadAgent{}}, observer: silent{}, status: func(string) {}, load: load, addresses: []string{"a:80"}}
	_, source, err := b.Run(t.Context())
	if recorded := journal.LoadOf(engine.Result{}, source); err != nil || recorded.RisesUntil != 60 || recorded.Began.IsZero() {
		t.Errorf("%v: %v s after %s", err, recorded.RisesUntil, recorded.Began)
	}
}

func TestExchangesGoToTheirRecorderOnly(t *testing.T) {
	load := engine.Load{Requests: []exchange.Request{{Name: "predict"}}, OnStart: []exchange.Request{{Name: "login"}}}
	for _, asked := range []bool{true, false} {
		agent, got := &loadAgent{}, &seen{}
		b := builtIn{agents: []lasting.Client{agent}, observer: got, trial: "check.x/1", status: func(string) {}, load: load, addresses: []string{"a:80"}}
		if asked {
			b.exchanges = got
		}
		if _, _, err := b.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if agent.asked.Exchanges != asked || (len(got.ended) == 1) != asked {
			t.Errorf("asked %v: the load asks %v, %d exchanges", asked, agent.asked.Exchanges, len(got.ended))
		}
		if asked && (got.load.Trial != "check.x/1" || got.load.Requests[got.ended[0].Request].Name != "login" || got.load.Addresses[0] != "a:80" || got.windows[0].Exchanges != nil) {
			t.Errorf("%+v, %+v", got.load, got.windows)
		}
	}
}
