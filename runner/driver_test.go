package runner

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"plan/agent"
	"plan/engine"
	"plan/plans"
	"plan/runner/journal"
	"plan/runner/judge"
)

// Fetch finds no web page.
func (a *fakeAgent) Fetch(context.Context, agent.Page) (agent.Answer, error) {
	return agent.Answer{}, errors.New("connection refused")
}

func TestAForeignDriverAsksByName(t *testing.T) {
	one, two := &fakeInstance{number: 1}, &fakeInstance{number: 2}
	for replicas, want := range map[int]string{1: "api:8000 10.0.0.1", 2: "api-r1:8000 "} {
		if host, hosts := (team{one, two}[:replicas]).target(plans.Service{Name: "api"}, "api-r1"); host+" "+hosts["api"] != want {
			t.Errorf("%d replicas: %s, %v", replicas, host, hosts)
		}
	}
}

// The fake container prints no line that Locust would.
func TestTheDriverOfThePlanMakesTheLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		runtime := &fakeRuntime{}
		r := &run{Runner: &Runner{Plan: &plans.Plan{}, Runtime: runtime, Observer: silent{}}, agent: &fakeAgent{runtime: runtime}}
		o := order{users: 5, load: &engine.Load{Users: 5, SpawnRate: 1, Runtime: 20 * time.Second}}
		o.stage.Load = &plans.Workload{Driver: &plans.Driver{Kind: plans.Locust, File: "loads/locustfile.py", Image: "locust:2"}}
		seen := judge.Observation{Replicas: make([]judge.Replica, 1)}
		err := r.askAll(t.Context(), team{&fakeInstance{}}, o, time.Now(), &seen)
		if err == nil || !strings.Contains(err.Error(), "Locust cannot run loads/locustfile.py: no user began within 1m") {
			t.Error(err)
		}
		if seen.Load != nil || seen.Phase != journal.PhaseLoad || len(runtime.running) > 0 || runtime.started != 1 {
			t.Errorf("%+v in phase %s, %d containers run", seen.Load, seen.Phase, len(runtime.running))
		}
	})
}
