package runner

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"plan/agent"
	"plan/containers"
	"plan/inference"
	"plan/internal/filled"
	"plan/plans"
	"plan/runner/journal"
)

// Every field of a service and of what it is limited by comes to something in
// a run. What does so elsewhere has its place here.

func TestEveryFieldOfAServiceIsUsed(t *testing.T) {
	r := &run{Runner: &Runner{Header: journal.Header{ID: "r1"}}}
	filledService := func() *plans.Service {
		s := &plans.Service{Limits: plans.Settings{Replicas: 2}}
		filled.Fill(s)
		return s
	}
	ofBlock, plain, logged, healthy, listening := filledService(), filledService(), filledService(), filledService(), filledService()
	plain.ImageOf, plain.Ready.Log, plain.Ready.Health = "", "", false
	healthy.Ready.Log = ""
	listening.Ready = plans.Ready{TCP: 1, Within: time.Minute}
	var cases []filled.Case
	for _, s := range []*plans.Service{ofBlock, plain, logged, healthy, listening} {
		cases = append(cases, filled.Case{Of: s, Gives: func() any {
			stage := plans.Stage{Service: *s}
			return []any{r.specs(r.order(stage, 0, false)), plainImages([]plans.Stage{stage}), waited(t, s.Ready)}
		}})
	}
	filled.Hold(t, map[string]string{
		"Address":   "names it in messages",
		"DependsOn": "plans makes the helpers of a stage of it, which helpers.go starts",
	}, cases...)
}

// waited is what is asked of a service that does not become ready, and what is
// said of it.
func waited(t *testing.T, ready plans.Ready) string {
	t.Helper()
	var text string
	synctest.Test(t, func(t *testing.T) {
		asked, begun := &silentAgent{}, time.Now()
		instance := &fakeInstance{runtime: &fakeRuntime{}, number: 1, state: containers.State{Health: containers.Starting}}
		notReady, err := (&run{agent: asked}).waitReady(t.Context(), instance, ready)
		text = fmt.Sprint(notReady, err, asked.probes, time.Since(begun))
	})
	return text
}

// silentAgent never finds a service ready.
type silentAgent struct {
	Agent
	probes []inference.Probe
}

func (a *silentAgent) Ready(ctx context.Context, probe inference.Probe) error {
	a.probes = append(a.probes, probe)
	<-ctx.Done()
	return &agent.NotReady{}
}

func TestEverySettingIsUsed(t *testing.T) {
	r := &run{Runner: &Runner{}}
	set := &plans.Settings{Replicas: 2}
	filled.Fill(set)
	ordered := order{}
	for what, gives := range map[string]func() any{
		"containers": func() any { return r.specs(ordered) },
		"journal":    func() any { return r.blank(ordered).Set },
		"status":     func() any { return limitsText(ordered.limits) },
	} {
		t.Run(what, func(t *testing.T) {
			filled.Hold(t, nil, filled.Case{Of: set, Gives: func() any {
				ordered.limits = *set
				return gives()
			}})
		})
	}
}

func TestEveryLimitReadBackIsWritten(t *testing.T) {
	limits := &containers.Limits{}
	filled.Fill(limits)
	filled.Hold(t, nil, filled.Case{Of: limits, Gives: func() any { return writtenLimits(*limits) }})
}

func TestEveryFieldOfALoadIsUsed(t *testing.T) {
	users, stages := &plans.Workload{}, &plans.Workload{}
	filled.Fill(users)
	filled.Fill(stages)
	users.ArrivalRate, users.Stages = 0, nil
	var cases []filled.Case
	for _, w := range []*plans.Workload{users, stages} {
		cases = append(cases, filled.Case{Of: w, Gives: func() any { return w.Load(10, 1) }})
	}
	filled.Hold(t, map[string]string{
		"Scenario.Address": "names it in plan show",
		"Users":            "a ramp has its steps in their place, so the order has them: stages.go",
		"Driver":           "takes the place of the engine: locust.go",
	}, cases...)
}
