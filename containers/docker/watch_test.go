package docker

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/events"

	"plan/containers"
)

// watched is a container that the fake engine's events are followed for.
func watched(t *testing.T, f *fake) (*Docker, *Instance, chan error) {
	t.Helper()
	errs := make(chan error, 1)
	f.streams = make(chan eventStream, 2)
	f.streams <- eventStream{make(chan events.Message), errs}
	d := newFake(f)
	if err := d.watch.listen(t.Context()); err != nil {
		t.Fatal(err)
	}
	i := d.instance(containers.Spec{Service: "api", Trial: "1"})
	i.id = "1f"
	d.watch.add(i)
	return d, i, errs
}

func TestAnEngineThatStaysAwayIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{}
		d, i, errs := watched(t, f)
		defer d.Close()
		f.down = errors.New("connection refused")
		errs <- errors.New("unexpected EOF")
		from := time.Now()
		if event := <-i.Events(); event.Kind != containers.Lost || time.Since(from) < lostAfter {
			t.Errorf("after %s came %+v, want lost after %s", time.Since(from), event, lostAfter)
		}
	})
}

func TestAnEngineThatComesBackIsAskedWhatHappened(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{containers: map[string]container.InspectResponse{"1f": {
			ContainerJSONBase: &container.ContainerJSONBase{State: &container.State{
				Status: container.StateExited, ExitCode: 137, OOMKilled: true, FinishedAt: "2026-11-23T22:00:00.5Z",
			}},
		}}}
		d, i, errs := watched(t, f)
		defer d.Close()
		again := make(chan events.Message)
		f.streams <- eventStream{again, make(chan error)}
		errs <- errors.New("unexpected EOF")
		if event := <-i.Events(); event.Kind != containers.OOM {
			t.Errorf("first came %+v, want out of memory", event)
		}
		if event := <-i.Events(); event.Kind != containers.Died || event.Detail != "exit code 137" {
			t.Errorf("then came %+v, want the end with 137", event)
		}
		s, err := i.State(t.Context())
		if err != nil || s.Running || *s.ExitCode != 137 || len(s.Witnesses) != 1 || s.Witnesses[0].Source != "state" {
			t.Errorf("state is %+v, %v", s, err)
		}
		again <- events.Message{Action: events.ActionOOM, Actor: events.Actor{ID: "1f"}}
		if event := <-i.Events(); event.Kind != containers.OOM {
			t.Errorf("the new stream is not followed: %+v", event)
		}
	})
}

func TestAKillOfOursIsNotOneFromOutside(t *testing.T) {
	kill := events.Message{Action: events.ActionKill}
	for _, leaving := range []bool{true, false} {
		i := newFake(&fake{}).instance(containers.Spec{})
		i.lifecycle.removing = leaving
		i.lifecycle.onEvent(kill)
		if i.lifecycle.killed == leaving {
			t.Errorf("leaving %v: killed from outside is %v", leaving, i.lifecycle.killed)
		}
	}
}

// What is done to a container is told, but not what this run does itself.
func TestWhatIsDoneToAContainer(t *testing.T) {
	i := newFake(&fake{}).instance(containers.Spec{})
	i.lifecycle.execs, i.lifecycle.updates = []string{"ours"}, 1
	for _, c := range []struct {
		action     events.Action
		attributes map[string]string
		want       containers.EventKind // "" is nothing
		detail     string
	}{
		{events.ActionPause, nil, containers.Paused, ""},
		{events.ActionUnPause, nil, "", ""},
		{events.ActionUpdate, nil, "", ""}, // this run's own
		{events.ActionUpdate, nil, containers.Updated, ""},
		{events.ActionDisconnect, map[string]string{"container": "1f", "name": "net"}, containers.Disconnected, "net"},
		{"exec_start: sh -c: ls", map[string]string{"execID": "theirs"}, containers.Executed, "sh -c: ls"},
		{"exec_start: sh -c: ls", map[string]string{"execID": "ours"}, "", ""},
		{"exec_create: sh -c: ls", map[string]string{"execID": "theirs"}, "", ""},
	} {
		i.lifecycle.onEvent(events.Message{Action: c.action, Actor: events.Actor{ID: "1f", Attributes: c.attributes}})
		select {
		case event := <-i.Events():
			if event.Kind != c.want || event.Detail != c.detail {
				t.Errorf("%s: %+v", c.action, event)
			}
		default:
			if c.want != "" {
				t.Errorf("%s is not told", c.action)
			}
		}
	}
	of := events.Message{Type: events.NetworkEventType, Actor: events.Actor{ID: "network", Attributes: map[string]string{"container": "1f"}}}
	if id := containerID(of); id != "1f" {
		t.Errorf("a disconnection is told of %q", id)
	}
}

func TestASlowReaderDelaysNoOther(t *testing.T) {
	i := newFake(&fake{}).instance(containers.Spec{})
	for range 10 * mostEvents {
		i.lifecycle.onEvent(events.Message{Action: events.ActionOOM})
	}
	if len(i.lifecycle.witnesses) != mostWitnesses || len(i.lifecycle.events) != mostEvents {
		t.Errorf("%d witnesses and %d events are kept", len(i.lifecycle.witnesses), len(i.lifecycle.events))
	}
}

func TestTheEndIsWaitedForHalfASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newFake(&fake{}).instance(containers.Spec{})
		i.lifecycle.onEvent(events.Message{Action: events.ActionDie})
		from := time.Now()
		time.AfterFunc(100*time.Millisecond, func() { i.lifecycle.outOfMemory("event", time.Now(), "") })
		if err := i.awaitWitness(t.Context()); err != nil || time.Since(from) != 100*time.Millisecond {
			t.Errorf("with a late witness it took %s, %v", time.Since(from), err)
		}
		other := newFake(&fake{}).instance(containers.Spec{})
		other.lifecycle.onEvent(events.Message{Action: events.ActionDie})
		from = time.Now()
		if err := other.awaitWitness(t.Context()); err != nil || time.Since(from) != witnessDelay {
			t.Errorf("without one it took %s, %v", time.Since(from), err)
		}
	})
}

func TestWhatIsBeingMadeAtAnInterruptionIsKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newFake(&fake{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second/2)
		defer cancel()
		_, err := d.Network(ctx, "made", false)
		if _, ok := d.owns("plan-r1-made"); !ok || err != nil {
			t.Errorf("the network is there, and the run does not know it: %v", err)
		}
		lasting, done := withGrace(ctx)
		defer done()
		begun := time.Now()
		<-lasting.Done()
		if took := time.Since(begun); took != graceTime {
			t.Errorf("an engine that hangs is waited for for %s", took)
		}
	})
}

// TestAContainerThatLeavesItsNetworkMayBeEnding: the engine disconnects a container
// that has ended before it reports the end.
func TestAContainerThatLeavesItsNetworkMayBeEnding(t *testing.T) {
	running := map[string]container.InspectResponse{"1f": {ContainerJSONBase: &container.ContainerJSONBase{
		ID: "1f", State: &container.State{Status: container.StateRunning, Running: true}, HostConfig: &container.HostConfig{},
	}}}
	for name, c := range map[string]struct {
		before, then []events.Action
		want         time.Duration
	}{
		"the end is reported later":      {[]events.Action{events.ActionStart, events.ActionDisconnect}, []events.Action{events.ActionDie}, 3*time.Second + witnessDelay},
		"it starts again":                {[]events.Action{events.ActionStart, events.ActionDisconnect}, []events.Action{events.ActionDie, events.ActionStart}, 3 * time.Second},
		"someone has disconnected it":    {[]events.Action{events.ActionStart, events.ActionDisconnect}, nil, departureDelay},
		"it has left in an earlier life": {[]events.Action{events.ActionStart, events.ActionDisconnect, events.ActionDie, events.ActionStart}, nil, 0},
		"it has not left":                {[]events.Action{events.ActionStart}, nil, 0},
		"killed for memory":              {[]events.Action{events.ActionStart, events.ActionOOM}, []events.Action{events.ActionDie}, killDelay},
		"and then it leaves": {[]events.Action{events.ActionStart, events.ActionOOM, events.ActionDisconnect},
			[]events.Action{events.ActionDie}, killDelay},
		"another process was killed":       {[]events.Action{events.ActionStart, events.ActionOOM}, nil, killDelay},
		"it was killed in an earlier life": {[]events.Action{events.ActionStart, events.ActionOOM, events.ActionDie, events.ActionStart}, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i := newFake(&fake{containers: running}).instance(containers.Spec{})
				i.id = "1f"
				for _, action := range c.before {
					i.lifecycle.onEvent(events.Message{Action: action})
				}
				from := time.Now()
				time.AfterFunc(3*time.Second-time.Millisecond, func() {
					for _, action := range c.then {
						i.lifecycle.onEvent(events.Message{Action: action})
					}
				})
				if _, err := i.State(t.Context()); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(from).Round(time.Second / 10); took != c.want {
					t.Errorf("it took %v, want %v", took, c.want)
				}
			})
		})
	}
}

func TestAContainerKilledBeforeItsCommandHasEnded(t *testing.T) {
	i := newFake(&fake{}).instance(containers.Spec{})
	created := container.InspectResponse{ContainerJSONBase: &container.ContainerJSONBase{
		State: &container.State{Status: container.StateCreated, ExitCode: 128},
	}}
	if s := i.stateOf(created); !s.Running {
		t.Errorf("before its start it has ended: %+v", s)
	}
	i.lifecycle.setDied(time.Now())
	if s := i.stateOf(created); s.Running || s.ExitCode == nil || *s.ExitCode != 128 {
		t.Errorf("it still runs: %+v", s)
	}
}

func TestAnEngineThatHangsIsNotWaitedForAfterAnInterruption(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newFake(&fake{streams: make(chan eventStream)})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := d.watch.listen(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}
