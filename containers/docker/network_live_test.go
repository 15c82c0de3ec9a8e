package docker

import (
	"bufio"
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"

	"plan/containers"
	"plan/containers/docker/apierror"
	"plan/internal/lock"
)

func TestAnOwnNetworkIsMadeAndRemoved(t *testing.T) {
	d := live(t)
	name := "plan-" + d.options.Run + "-n"
	for range 2 { // asking again is no fault: it is this run's
		if got, err := d.Network(t.Context(), "n", false); err != nil || got != name {
			t.Fatalf("%q, %v", got, err)
		}
	}
	other := live(t)
	if got, err := other.Network(t.Context(), "n", false); err != nil || got == name {
		t.Errorf("beside another run's network of the same name it is %q, %v", got, err)
	}
	if _, err := other.Network(t.Context(), name, true); err != nil {
		t.Errorf("used as an external one: %v", err)
	}
	if _, err := other.Network(t.Context(), name[:len(name)-1], true); !isKind(err, containers.NoNetwork) || !strings.Contains(err.Error(), name) {
		t.Errorf("a name that is only part of another gives %v, want the near one", err)
	}
	if err := d.Clean(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := d.engine.NetworkInspect(t.Context(), name, network.InspectOptions{}); !apierror.NotFound(err) {
		t.Errorf("after Clean the network gives %v, want not found", err)
	}
}

func isKind(err error, kind containers.Kind) bool {
	var fault *containers.Error
	return errors.As(err, &fault) && fault.Kind == kind && fault.Help != ""
}

func TestAliasesOnAnExternalNetwork(t *testing.T) {
	stranger, d := live(t), live(t)
	name, err := stranger.Network(t.Context(), "", false)
	if err != nil {
		t.Fatal(err)
	}
	s := spec(t, d)
	s.Networks = []string{name}
	free := start(t, d, s)
	if free := aliasesOf(t, free, name); !strings.Contains(free, " api ") {
		t.Errorf("with nobody called api there the aliases are%s", free)
	}
	if err := free.Remove(t.Context()); err != nil {
		t.Fatal(err)
	}
	theirs := spec(t, stranger)
	start(t, stranger, theirs)
	ours := start(t, d, s)
	if got := aliasesOf(t, ours, name); strings.Contains(got, " api ") || !strings.Contains(got, " "+ours.Name()+" ") {
		t.Errorf("with another api there the aliases are%s", got)
	}
}

func aliasesOf(t *testing.T, i *Instance, networkName string) string {
	t.Helper()
	found, err := i.docker.engine.ContainerInspect(t.Context(), i.ID())
	if err != nil {
		t.Fatal(err)
	}
	return " " + strings.Join(found.NetworkSettings.Networks[networkName].Aliases, " ") + " "
}

func TestTheAgentIsOnAllNetworksAndEndsWithItsInput(t *testing.T) {
	d := live(t)
	first, err := d.Network(t.Context(), "", false)
	if err != nil {
		t.Fatal(err)
	}
	second, err := d.Network(t.Context(), "plan-test-second-"+d.options.Run, false)
	if err != nil {
		t.Fatal(err)
	}
	agent, err := d.Agent(t.Context(), []string{first, second})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := agent.Write([]byte("hello\n")); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(agent).ReadString('\n'); err != nil || line != "hello\n" {
		t.Fatalf("the agent answered %q, %v", line, err)
	}
	found, err := d.engine.ContainerInspect(t.Context(), agent.(*attachedContainer).id)
	if err != nil {
		t.Fatal(err)
	}
	if len(found.NetworkSettings.Networks) != 2 || found.HostConfig.NanoCPUs != 0 || found.HostConfig.CPUQuota != 0 {
		t.Errorf("the agent has %d networks and a CPU quota of %d", len(found.NetworkSettings.Networks), found.HostConfig.NanoCPUs)
	}
	for range 2 {
		if err := agent.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := d.engine.ContainerInspect(t.Context(), found.ID); !apierror.NotFound(err) {
		t.Errorf("after Close the container gives %v, want not found", err)
	}
}

func TestTheAgentEndsWhenItsConnectionBreaks(t *testing.T) {
	d := live(t)
	name, err := d.Network(t.Context(), "", false)
	if err != nil {
		t.Fatal(err)
	}
	agent, err := d.Agent(t.Context(), []string{name})
	if err != nil {
		t.Fatal(err)
	}
	a := agent.(*attachedContainer)
	a.conn.Close() // as the kernel does for a process that was killed
	if _, err := a.Read(make([]byte, 1)); err == nil {
		t.Error("reading goes on without a connection")
	}
	waited, errs := untimed(d).ContainerWait(t.Context(), a.id, container.WaitConditionRemoved)
	select {
	case <-waited:
	case err := <-errs:
		if !apierror.NotFound(err) {
			t.Error(err)
		}
	}
	if err := agent.Close(); err != nil {
		t.Error(err)
	}
}

func TestOneExecutableMakesOneImage(t *testing.T) {
	d := live(t)
	first, err := d.executable.agentImage(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	before, err := d.Images.Ensure(t.Context(), first, containers.PullNever, nil)
	if err != nil {
		t.Fatal(err)
	}
	removeImage(t, d, first)
	again, err := d.executable.agentImage(t.Context())
	if err != nil || again != first {
		t.Fatalf("%s, then %s, %v", first, again, err)
	}
	if after, err := d.Images.Ensure(t.Context(), again, containers.PullNever, nil); err != nil || after.ID != before.ID {
		t.Errorf("the image was %s and is %s, %v", before.ID, after.ID, err)
	}
}

// Any other run on this engine may clean the dead one too, as soon as its lock is free.
func TestOnlyDeadRunsAreCleaned(t *testing.T) {
	alive, dead := live(t), live(t)
	dead.owner.Lock = filepath.Join(t.TempDir(), "lock")
	held, err := lock.Take(dead.owner.Lock)
	if err != nil {
		t.Fatal(err)
	}
	start(t, alive, spec(t, alive))
	start(t, dead, spec(t, dead))
	held.Release()
	lives := map[string]Life{}
	all, err := alive.Leftovers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range all {
		lives[l.Run] = l.Life
	}
	if life, left := lives[dead.options.Run]; lives[alive.options.Run] != Alive || left && life != Dead {
		t.Errorf("the lives of both are told as %v", lives)
	}
	if _, err := alive.CleanRuns(t.Context(), alive.options.Run); err == nil {
		t.Error("a run that is alive was cleaned because it was named")
	}
	removed, err := alive.CleanRuns(t.Context(), dead.options.Run)
	if err != nil || slices.ContainsFunc(removed, func(l Leftover) bool { return l.Run != dead.options.Run }) {
		t.Errorf("cleaned %v, %v, want at most the dead one", removed, err)
	}
	if left, err := dead.Resources(context.WithoutCancel(t.Context())); err != nil || len(left) > 0 {
		t.Errorf("the dead run still has %v, %v", left, err)
	}
	if left, err := alive.Resources(t.Context()); err != nil || len(left) < 2 {
		t.Errorf("the living run has only %v left, %v", left, err)
	}
}

func TestFactsOfTheEngine(t *testing.T) {
	d := live(t)
	s := spec(t, d)
	s.Ports = []containers.Port{{Address: "127.0.0.1", Container: 8000}}
	i := start(t, d, s)
	found, err := d.engine.ContainerInspect(t.Context(), i.ID())
	if err != nil {
		t.Fatal(err)
	}
	f, err := d.Facts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if f.Version == "" || f.OS != "linux" || f.Arch == "" || f.Memory <= 0 || f.CPUs < 1 || !f.LimitsMemory {
		t.Errorf("facts lack something: %+v", f)
	}
	if user := f.PortUser("127.0.0.1", hostPort(t, found)); user != "the container "+i.Name() {
		t.Errorf("the port is said to be used by %q", user)
	}
	if !strings.Contains(strings.Join(f.Images, " "), testImage) || !strings.Contains(strings.Join(f.Networks, " "), s.Networks[0]) {
		t.Errorf("images %v, networks %v", f.Images, f.Networks)
	}
}
