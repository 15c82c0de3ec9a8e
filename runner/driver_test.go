package runner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"plan/agent"
	"plan/containers"
	"plan/engine"
	"plan/internal/filled"
	"plan/internal/units"
	"plan/plans"
	"plan/runner/journal"
	"plan/runner/judge"
	"plan/runner/lasting"
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
		return []any{d.File, d.Data, d.Image, d.ImageID, d.Environment, d.Args, d.Tags, d.Files, d.Folder, d.Requirements, d.Shape}
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

// locustPages is an agent that fetches the web page of Locust, after a load of 100 requests.
type locustPages struct{ *fakeAgent }

func (locustPages) Fetch(_ context.Context, page agent.Page) (agent.Answer, error) {
	target, err := url.Parse(page.URL)
	if err != nil {
		return agent.Answer{}, err
	}
	body := map[string]string{
		"/stats/requests":     `{"state":"running","user_count":5}`,
		"/stats/failures/csv": "Method,Name,Error,Occurrences\n",
		"/exceptions/csv":     "Count,Message,Traceback,Nodes\n",
		"/stats/requests/csv": "Type,Name,Request Count,Failure Count,Max Response Time,Average Content Size,Requests/s\n" +
			",Aggregated,100,0,40,3,5\n",
	}[target.Path]
	return agent.Answer{Status: 200, Body: []byte(body), Took: time.Millisecond}, nil
}

// locustfile writes one, and returns its path.
func locustfile(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "locustfile.py")
	if err := os.WriteFile(file, []byte("import locust"), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// What Locust showed is judged, also where its container cannot be removed.
func TestALoadWhoseGeneratorCannotBeRemoved(t *testing.T) {
	file := locustfile(t)
	plan := fmt.Sprintf(`
service "api" {
  image  = "api"
  expose = ["8000"]
  limits {
    memory = "1G"
  }
}
check "x" {
  service = service.api
  load {
    users   = 5
    runtime = "20s"
    driver "locust" {
      file = %q
    }
  }
}
check "y" {
  service = service.api
}
`, file)
	for stays, want := range map[error]string{nil: "exit 0, 2 stages: ", errors.New("it stays"): "exit 3, 1 stages: it stays"} {
		driven := func(b *bench) {
			b.runtime.stays, b.runtime.staysOf = stays, containers.Generator
			b.runtime.log = "[1] vm/INFO/locust.runners: Ramping to 5 users at a rate\n[1] vm/INFO/locust.runners: All users spawned: {}\n"
			b.runner.Dial = func(context.Context, io.ReadWriteCloser) (lasting.Client, error) { return locustPages{b.agent}, nil }
		}
		in(t, plan, fakeService{}, driven, func(t *testing.T, _ *bench, r journal.Run) {
			if got := fmt.Sprintf("exit %d, %d stages: %s", r.Run.ExitCode, len(r.Stages), r.Run.Problem); got != want {
				t.Errorf("%s, want %s", got, want)
			}
			if s := r.Stages[0]; s.Verdict != journal.Passed || s.Trials[0].Load == nil {
				t.Errorf("removal answers %v: %s: %s", stays, s.Verdict, s.Trials[0].Why)
			}
		})
	}
}

// A locustfile may name no path that could be asked again, and readiness need be no
// response: then / is asked before the load and after it.
func TestSilenceAfterALoadByLocust(t *testing.T) {
	file := locustfile(t)
	plan := fmt.Sprintf(`
service "api" {
  image  = "api"
  expose = ["8000"]
  ready { log = "Ramping" }
  limits { memory = "1G" }
}
check "x" {
  service = service.api
  load {
    users   = 5
    runtime = "20s"
    driver "locust" { file = %q }
  }
}
`, file)
	for name, c := range map[string]struct {
		service fakeService
		reason  journal.Reason // "": it passed
		phase   journal.Phase
		asked   int
	}{
		"it answers":          {fakeService{}, "", journal.PhaseEnd, 2},
		"it stops":            {fakeService{stops: 1}, journal.Hung, journal.PhaseEnd, 2},
		"it never answered /": {fakeService{mute: true}, "", journal.PhaseEnd, 1},
		"/ needs more memory": {fakeService{asked: 2 * units.GiB}, journal.OOMLoad, journal.PhaseFirst, 1},
	} {
		driven := func(b *bench) {
			b.runtime.log = "[1] vm/INFO/locust.runners: Ramping to 5 users at a rate\n[1] vm/INFO/locust.runners: All users spawned: {}\n"
			b.runner.Dial = func(context.Context, io.ReadWriteCloser) (lasting.Client, error) { return locustPages{b.agent}, nil }
		}
		in(t, plan, c.service, driven, func(t *testing.T, b *bench, r journal.Run) {
			trial := r.Stages[0].Trials[0]
			if reasons(r.Stages[0].Trials)[0] != c.reason || trial.Phase != c.phase || len(b.agent.again) != c.asked {
				t.Errorf("%s: %s in %s, %s, asked %d times", name, trial.Verdict, trial.Phase, trial.Why, len(b.agent.again))
			}
		})
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
