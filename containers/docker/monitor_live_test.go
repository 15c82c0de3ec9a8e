package docker

import (
	"testing"
	"time"

	"plan/containers"
	"plan/internal/units"
)

// readings are the newest of each container, by name; the agent's by "agent".
func readings(b *Monitor) map[string]containers.Reading {
	named := map[string]containers.Reading{}
	for _, r := range b.Readings() {
		if r.Role == containers.Generator {
			r.Name = "agent"
		}
		named[r.Name] = r
	}
	return named
}

// until asks again and again until it is so.
func until(t *testing.T, what string, so func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for limit := time.Now().Add(time.Minute); time.Now().Before(limit); <-tick.C {
		if so() {
			return
		}
	}
	t.Fatalf("not within a minute: %s", what)
}

func TestWhatRunsBesideIsFollowed(t *testing.T) {
	for _, local := range []bool{true, false} {
		stranger, d := live(t), live(t)
		if local && !d.Local(bootID()) {
			t.Log("the engine is not on this machine: only its own figures can be had")
		}
		subject := start(t, d, spec(t, d))
		agent, err := d.Agent(t.Context(), subject.spec.Networks)
		if err != nil {
			t.Fatal(err)
		}
		defer agent.Close()
		burning := spec(t, stranger, "burn", "20")
		burning.Limits.CPUs = 50 // so little that it is throttled on a busy machine too
		neighbour := start(t, stranger, burning)
		b, err := d.Monitor(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		helped := spec(t, d)
		helped.Role, helped.Service, helped.Trial, helped.Limits.CPUs = containers.Helper, "db", "", 250
		helper := start(t, d, helped) // comes while it is followed

		until(t, "the neighbour's use rises", func() bool {
			use := readings(b)[neighbour.Name()].Usage
			return use.Anonymous != nil && *use.Anonymous > 20*units.MiB && *use.CPUSeconds > 0.1 && *use.ThrottledPeriods > 0
		})
		until(t, "helper and agent are there", func() bool {
			now := readings(b)
			return now[helper.Name()].Usage.WorkingSet != nil && now["agent"].Usage.WorkingSet != nil
		})
		now := readings(b)
		for name, want := range map[string]containers.Reading{
			neighbour.Name(): {Role: containers.Neighbour, Limits: neighbour.spec.Limits},
			helper.Name():    {Role: containers.Helper, Limits: helped.Limits},
			"agent":          {Role: containers.Generator, Limits: containers.Limits{Memory: agentMemory}},
		} {
			if got := now[name]; got.Role != want.Role || got.Limits != want.Limits {
				t.Errorf("local %v: %s is %+v, want %+v", local, name, got, want)
			}
		}
		if _, ok := now[subject.Name()]; ok {
			t.Errorf("local %v: what is judged is among what is beside it", local)
		}
		if err := neighbour.Remove(t.Context()); err != nil {
			t.Fatal(err)
		}
		until(t, "the neighbour has left", func() bool { _, ok := readings(b)[neighbour.Name()]; return !ok })
	}
}
