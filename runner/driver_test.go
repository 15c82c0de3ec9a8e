package runner

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"plan/agent"
	"plan/engine"
	"plan/internal/filled"
	"plan/plans"
	"plan/runner/journal"
	"plan/runner/judge"
	"plan/runner/locust"
)

// Fetch finds no web page.
func (a *fakeAgent) Fetch(context.Context, agent.Page) (agent.Answer, error) {
	return agent.Answer{}, errors.New("connection refused")
}

func TestAForeignDriverAsksByName(t *testing.T) {
	one, two := &fakeInstance{number: 1}, &fakeInstance{number: 2}
	for n, want := range map[int]string{1: "api:8000 10.0.0.1", 2: "api-r1:8000 "} {
		if host, hosts := (replicas{one, two}[:n]).target(plans.Service{Name: "api"}, "api-r1"); host+" "+hosts["api"] != want {
			t.Errorf("%d replicas: %s, %v", n, host, hosts)
		}
	}
}

// The fake container prints no line that Locust would.
func TestTheDriverOfThePlanMakesTheLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		runtime := &fakeRuntime{}
		spec := trialSpec{users: 5, load: &engine.Load{Users: 5, SpawnRate: 1, Runtime: 20 * time.Second}}
		spec.stage.Load = &plans.Workload{Driver: &plans.Driver{Kind: plans.Locust, File: "loads/locustfile.py", Image: "locust:2"}}
		p := &phases{
			agent: &fakeAgent{runtime: runtime}, observer: silent{}, environment: &environment{platform: runtime}, status: func(string) {},
			spec: spec, replicas: replicas{&fakeInstance{}}, observed: judge.Observation{Replicas: make([]judge.Replica, 1)},
		}
		err := p.load(t.Context(), time.Now())
		if err == nil || !strings.Contains(err.Error(), "Locust cannot run loads/locustfile.py: no user started within 1m") {
			t.Error(err)
		}
		if p.observed.Load != nil || p.observed.Phase != journal.PhaseLoad || len(runtime.running) > 0 || runtime.started != 1 {
			t.Errorf("%+v in phase %s, %d containers run", p.observed.Load, p.observed.Phase, len(runtime.running))
		}
	})
}

func TestWhatTheDriverIsGiven(t *testing.T) {
	foreign := &plans.Driver{}
	filled.Fill(foreign)
	spec := trialSpec{load: &engine.Load{}}
	spec.stage.Load = &plans.Workload{Driver: foreign}
	p := &phases{
		agent: &fakeAgent{}, observer: silent{}, environment: &environment{}, spec: spec, replicas: replicas{&fakeInstance{}},
	}
	filled.Hold(t, map[string]string{
		"Kind": "decides which driver it is", "ImageOf": "address of an image, which is given itself",
	}, filled.Case{Of: foreign, Gives: func() any {
		d := p.driver(*spec.load).(locust.Driver)
		return []any{d.File, d.Data, d.Image, d.ImageID, d.Environment, d.Args, d.Tags, d.Files, d.Requirements, d.Shape}
	}})
}

// A locustfile can leave percentiles out, so the driver must know which are judged.
func TestLocustIsToldWhatIsBounded(t *testing.T) {
	spec := trialSpec{load: &engine.Load{}}
	spec.stage.Load = &plans.Workload{Driver: &plans.Driver{}}
	spec.stage.Threshold = []plans.Objective{{Metric: "p95"}, {Metric: "p99", Request: "GET /"}}
	p := &phases{agent: &fakeAgent{}, observer: silent{}, environment: &environment{}, spec: spec, replicas: replicas{&fakeInstance{}}}
	if got := p.driver(*spec.load).(locust.Driver).Bounds; !slices.Equal(got, []string{"p95", "p99"}) {
		t.Errorf("%q", got)
	}
}

func TestUsersOfAShape(t *testing.T) {
	stage := plans.Stage{Load: &plans.Workload{Driver: &plans.Driver{Shape: true}}}
	if got := newTrial(trialSpec{stage: stage, load: &engine.Load{}}); !got.Staged || !isShaped(stage) || isShaped(plans.Stage{}) ||
		isShaped(plans.Stage{Load: &plans.Workload{}}) {
		t.Errorf("%+v", got)
	}
	if got := mostUsers(engine.Result{Series: []engine.Window{{Users: 3}, {Users: 9}, {Users: 2}}}); got != 9 {
		t.Errorf("%d users", got)
	}
}
