package runner

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"plan/agent"
	"plan/containers"
	"plan/inference"
	"plan/internal/filled"
	"plan/plans"
	"plan/runner/images"
	"plan/runner/lasting"
	"plan/runner/networks"
	"plan/runner/readiness"
	"plan/runner/record"
)

// Every field of a service and of what it is limited by comes to something in
// a run. What does so elsewhere has its place here.

func TestEveryFieldOfAServiceIsUsed(t *testing.T) {
	e := &environment{networks: networks.Networks{Run: "r1"}}
	filledService := func() *plans.Service {
		s := &plans.Service{Limits: plans.Settings{Replicas: 2}}
		filled.Fill(s)
		return s
	}
	ended := filledService()
	ofBlock, plain, logged, healthy, listening, commanded := filledService(), filledService(), filledService(), filledService(), filledService(), filledService()
	for _, s := range []*plans.Service{ofBlock, plain, logged, healthy, commanded} {
		s.Ready.Ended = false
	}
	plain.ImageOf, plain.Ready.Log, plain.Ready.Command, plain.Ready.Health = "", "", nil, false
	logged.Ready.Log = "ready to serve"
	healthy.Ready.Log, healthy.Ready.Command = "", nil
	commanded.Ready.Log = ""
	listening.Ready = plans.Ready{TCP: 1, Within: time.Minute}
	var cases []filled.Case
	for _, s := range []*plans.Service{ofBlock, plain, logged, healthy, listening, commanded, ended} {
		cases = append(cases, filled.Case{Of: s, Gives: func() any {
			stage := plans.Stage{Service: *s}
			return []any{e.specs(new(run).newTrialSpec(stage, 0, false)), pulled(t, stage), waited(t, *s)}
		}})
	}
	filled.Hold(t, map[string]string{
		"Address":        "names it in messages",
		"EnvFiles.Path":  "names it in messages",
		"RestartHelpers": "decides when helpers start: trial.go",
		"External":       "networks that are joined as all others; package check asks whether they are there",
		"DependsOn":      "plans makes the helpers of a stage of it, which runner/helpers starts",
	}, cases...)
}

// pulled is what a stage needs of images.
func pulled(t *testing.T, stage plans.Stage) []string {
	t.Helper()
	engine := &fakeRuntime{}
	all := images.Images{Engine: engine, Record: record.New(nil, nil, nil)}
	if err := all.Prepare(t.Context(), &plans.Plan{Stages: []plans.Stage{stage}}); err != nil {
		t.Fatal(err)
	}
	return engine.ensured
}

// waited is what is asked of a service that does not become ready, and what is
// said of it.
func waited(t *testing.T, service plans.Service) string {
	t.Helper()
	var text string
	synctest.Test(t, func(t *testing.T) {
		asked, begun := &silentAgent{}, time.Now()
		runtime := &fakeRuntime{check: containers.Healthcheck{Command: []string{"healthy"}}, exec: func(command []string) (containers.Exit, error) {
			return containers.Exit{Code: len(command), Output: strings.Join(command, " ")}, nil
		}}
		instance := &fakeInstance{runtime: runtime, number: 1}
		got, err := readiness.Wait(t.Context(), asked, instance, service, containers.Subject)
		text = fmt.Sprint(got, err, asked.probes, time.Since(begun))
	})
	return text
}

// silentAgent never finds a service ready.
type silentAgent struct {
	lasting.Client
	probes []inference.Probe
}

func (a *silentAgent) Ready(ctx context.Context, probe inference.Probe) (bool, error) {
	a.probes = append(a.probes, probe)
	<-ctx.Done()
	return false, &agent.NotReady{}
}

func TestEverySettingIsUsed(t *testing.T) {
	e := &environment{}
	set := &plans.Settings{Replicas: 2}
	filled.Fill(set)
	ordered := trialSpec{}
	for what, gives := range map[string]func() any{
		"containers": func() any { return e.specs(ordered) },
		"journal":    func() any { return newTrial(ordered).Set },
		"status":     func() any { return limitsText(ordered.limits, nil) },
	} {
		t.Run(what, func(t *testing.T) {
			excepted := map[string]string{}
			if what == "journal" {
				excepted["Limits.PIDs"] = "the same in each trial: read back in the limits of its instances"
			}
			filled.Hold(t, excepted, filled.Case{Of: set, Gives: func() any {
				ordered.limits = *set
				return gives()
			}})
		})
	}
}
