package docker

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/volume"

	"plan/containers"
	"plan/containers/cgroup"
	"plan/internal/lock"
)

// leftBehind is an engine with what runs have left. Networks with containers cannot be removed.
type leftBehind struct {
	fake
	list    []container.Summary
	removed []string
}

func (l *leftBehind) ContainerList(context.Context, container.ListOptions) ([]container.Summary, error) {
	return l.list, nil
}

func (l *leftBehind) VolumeList(context.Context, volume.ListOptions) (volume.ListResponse, error) {
	return volume.ListResponse{}, nil
}

func (l *leftBehind) ContainerRemove(_ context.Context, id string, _ container.RemoveOptions) error {
	l.removed = append(l.removed, "container "+id)
	return nil
}

func (l *leftBehind) NetworkInspect(_ context.Context, id string, _ network.InspectOptions) (network.Inspect, error) {
	i := slices.IndexFunc(l.networks, func(n network.Inspect) bool { return n.ID == id })
	return l.networks[i], nil
}

func (l *leftBehind) NetworkRemove(_ context.Context, id string) error {
	if n, _ := l.NetworkInspect(context.Background(), id, network.InspectOptions{}); len(n.Containers) > 0 {
		return errors.New("Error response from daemon: error while removing network: network " + n.Name + " has active endpoints")
	}
	l.removed = append(l.removed, "network "+id)
	return nil
}

// TestADeadRunStandsInNoWay: a container of someone else is on the network of a dead run.
//
// Right: what cannot be removed is named with who holds it and what to do, and the rest is removed.
func TestADeadRunStandsInNoWay(t *testing.T) {
	labels := func(run, role string) map[string]string {
		return map[string]string{labelRun: run, labelRole: role, labelLock: "/nowhere/lock", labelHost: newFake(&fake{}).owner.Host}
	}
	l := &leftBehind{list: []container.Summary{{ID: "c1", Names: []string{"/plan-dead-api"}, State: "exited", Labels: labels("dead", "service")}}}
	l.networks = []network.Inspect{
		{ID: "n1", Name: "plan-dead", Labels: labels("dead", "network"), Containers: map[string]network.EndpointResource{
			"f": {Name: "rel-foreign"}, "c": {Name: "plan-dead-api"},
		}},
		{ID: "n2", Name: "plan-other", Labels: labels("other", "network")},
	}
	d := newFake(l)
	found, err := d.Leftovers(t.Context())
	want := "network plan-dead cannot be removed: the container rel-foreign uses it: " +
		"`docker network disconnect -f plan-dead rel-foreign`, then `plan clean dead`"
	if err != nil || len(found) != 2 || !slices.Equal(found[0].Held, []string{want}) || found[0].Life != Dead || len(found[1].Held) != 0 {
		t.Errorf("%v: %+v", err, found)
	}
	removed, err := d.CleanRuns(t.Context())
	var fault *containers.Error
	if !errors.As(err, &fault) || fault.Kind == containers.EngineGone || !strings.Contains(fault.Error(), "rel-foreign") {
		t.Errorf("the error is %v", err)
	}
	if len(removed) != 1 || removed[0].Run != "other" || !slices.Equal(l.removed, []string{"container c1", "network n2"}) {
		t.Errorf("removed: %+v, %q", removed, l.removed)
	}
}

// TestNetworksOfOtherRuns: networks of a plan that runs again, of which an earlier run could not remove its own.
//
// Right: each run has its own, and only a network that no run made counts as the one that the plan may mean.
func TestNetworksOfOtherRuns(t *testing.T) {
	for name, c := range map[string]struct {
		there    network.Inspect
		external bool
		want     string // "": an error
	}{
		"of a dead run, as earlier versions named it": {network.Inspect{ID: "n1", Name: "n", Labels: map[string]string{labelRun: "dead"}}, false, "plan-r1-n"},
		"of a dead run":                      {network.Inspect{ID: "n1", Name: "plan-dead-n", Labels: map[string]string{labelRun: "dead"}}, false, "plan-r1-n"},
		"of someone else":                    {network.Inspect{ID: "n1", Name: "n"}, false, ""},
		"of someone else, who took the name": {network.Inspect{ID: "n1", Name: "plan-r1-n"}, false, ""},
		"of this run":                        {network.Inspect{ID: "n1", Name: "plan-r1-n", Labels: map[string]string{labelRun: "r1"}}, false, "plan-r1-n"},
		"external":                           {network.Inspect{ID: "n1", Name: "n"}, true, "n"},
		"external, and not there":            {network.Inspect{ID: "n1", Name: "plan-r1-n"}, true, ""},
	} {
		e := &leftBehind{fake: fake{networks: []network.Inspect{c.there}}}
		got, err := newFake(e).Network(t.Context(), "n", c.external)
		if (err != nil) != (c.want == "") || err == nil && got != c.want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// TestALivingRunIsNeverTouched: the folder with the lock of a run was removed while it runs, or the run is on another
// machine or in another namespace.
//
// Right: a run with a running agent, or another container that its command holds, lives.
func TestALivingRunIsNeverTouched(t *testing.T) {
	here := newFake(&fake{}).owner.Host
	path := filepath.Join(t.TempDir(), "lock")
	taken, err := lock.Take(path)
	if err != nil {
		t.Fatal(err)
	}
	gone := filepath.Join(t.TempDir(), "none")
	for name, c := range map[string]struct {
		lock, host, role string
		state            container.ContainerState
		want             Life
	}{
		"its lock was deleted":                      {gone, here, agentRole, "running", Alive},
		"its lock was deleted, and no agent runs":   {gone, here, agentRole, "exited", Dead},
		"its lock was deleted, and a service runs":  {gone, here, "service", "running", Dead},
		"on another machine":                        {gone, "there b2", agentRole, "running", Alive},
		"on another machine, without an agent":      {gone, "there b2", agentRole, "exited", Unknown},
		"its lock is held":                          {path, here, agentRole, "exited", Alive},
		"its lock was deleted between two agents":   {gone, here, lifeRole, "running", Alive},
		"its lock was deleted, and it is paused":    {gone, here, lifeRole, "paused", Alive},
		"its lock was deleted, its agent is paused": {gone, here, agentRole, "paused", Alive},
		"on another machine, and paused":            {gone, "there b2", lifeRole, "paused", Alive},
		"its service is paused":                     {gone, here, "service", "paused", Dead},
		"on another machine, between two agents":    {gone, "there b2", lifeRole, "running", Alive},
	} {
		if got := lifeOf(c.lock, c.host, c.state, c.role); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	if err := taken.Release(); err != nil {
		t.Fatal(err)
	}
	if got := lifeOf(path, here, "running", agentRole); got != Alive {
		t.Errorf("its lock was released, and its agent runs: %s", got)
	}
	if got := lifeOf(path, here, "paused", agentRole); got != Dead {
		t.Errorf("its lock was released, and its agent is paused: %s", got)
	}
	for state, want := range map[container.ContainerState]Life{"running": Alive, "paused": Alive, "exited": Dead, "created": Dead} {
		l := &leftBehind{list: []container.Summary{{ID: "c1", Names: []string{"/plan-r2-life"}, State: state,
			Labels: map[string]string{labelRun: "r2", labelRole: lifeRole, labelLock: gone, labelHost: here}}}}
		found, err := newFake(l).Leftovers(t.Context())
		if err != nil || len(found) != 1 || found[0].Life != want {
			t.Errorf("%s: %+v, %v", state, found, err)
		}
	}
}

// ending is an engine with the container of a run whose command has ended. It is listed
// as running that often.
type ending struct {
	leftBehind
	still int
}

func (e *ending) ContainerList(ctx context.Context, o container.ListOptions) ([]container.Summary, error) {
	list, err := e.leftBehind.ContainerList(ctx, o)
	if e.still--; e.still < 0 {
		return nil, err
	}
	return list, err
}

// TestARunThatEnds: the kernel has released the lock of a run, and the engine still has
// its container.
//
// Right: its container is waited for; what is left then is that of a dead run.
func TestARunThatEnds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	taken, err := lock.Take(path)
	if err == nil {
		err = taken.Release()
	}
	if err != nil {
		t.Fatal(err)
	}
	labels := map[string]string{labelRun: "r2", labelRole: lifeRole, labelLock: path, labelHost: newFake(&fake{}).owner.Host}
	e := &ending{still: 3}
	e.list = []container.Summary{{ID: "c1", Names: []string{"/plan-r2-life"}, State: container.StateRunning, Labels: labels}}
	e.networks = []network.Inspect{{ID: "n1", Name: "plan-r2", Labels: labels}}
	removed, err := newFake(e).CleanRuns(t.Context())
	if err != nil || len(removed) != 1 || !slices.Equal(e.removed, []string{"network n1"}) || e.still >= 0 {
		t.Errorf("%v: %+v, %q, %d", err, removed, e.removed, e.still)
	}
}

// kept are control groups of runs, by path, with the time of their last change.
type kept struct {
	groups
	at map[string]time.Time
}

func (k kept) Group(path string) cgroup.Group { return cgroup.Hierarchy{}.Group(path + ".slice") }

func (k kept) Empty(prefix string) map[string]time.Time {
	found := map[string]time.Time{}
	for path, at := range k.at {
		if name := strings.TrimPrefix(path, "/"); strings.HasPrefix(name, prefix) {
			found[name] = at
		}
	}
	return found
}

func (k kept) Remove(_ context.Context, path string) error {
	delete(k.at, path)
	return nil
}

// TestControlGroupsAlone: of a dead run nothing is left but its control groups, which any
// driver may have made.
//
// Right: they are removed, but for those that changed just now, as their run may live.
func TestControlGroupsAlone(t *testing.T) {
	old := time.Now().Add(-time.Minute)
	units := kept{at: map[string]time.Time{"/plan-r7": old, "/plan-r8": time.Now().Add(time.Minute)}}
	folders := kept{at: map[string]time.Time{"/plan-r9": old}}
	d := newFake(&leftBehind{})
	d.groups = func() map[string]groups { return map[string]groups{"systemd": units, "cgroupfs": folders} }
	removed, err := d.CleanRuns(t.Context())
	if err != nil || len(removed) != 2 || len(folders.at) != 0 || len(units.at) != 1 || units.at["/plan-r8"].IsZero() {
		t.Errorf("%v: %+v, %v and %v are left", err, removed, units.at, folders.at)
	}
	for _, l := range removed {
		if want := "control group /plan-" + l.Run + ".slice"; l.Life != Dead || len(l.Resources) != 1 || l.Resources[0] != want {
			t.Errorf("%+v, want %s", l, want)
		}
	}
}

func lifeOf(lock, host string, state container.ContainerState, role string) Life {
	all := []resource{{
		kind: "container", id: "c1", name: "plan-r2-agent", running: state == container.StateRunning, paused: state == container.StatePaused,
		labels: map[string]string{labelRun: "r2", labelRole: role, labelLock: lock, labelHost: host},
	}}
	return group(all, newFake(&fake{}).owner.Host)[0].Life
}

// TestSuggestedCommandsQuoteLabels: a shell that is given the command runs no part of a label.
func TestSuggestedCommandsQuoteLabels(t *testing.T) {
	hostile := resource{kind: "network", name: "plan-r", labels: map[string]string{labelRun: "r; $(id)"}}
	for _, c := range []struct {
		users []string
		want  string
	}{
		{nil, "`docker network disconnect -f plan-r CONTAINER`, then `plan clean 'r; $(id)'`"},
		{[]string{"a", "b"}, "`docker network disconnect -f plan-r a`, then `plan clean 'r; $(id)'`"},
	} {
		if got := disconnect(hostile, c.users); got != c.want {
			t.Errorf("%v: %s, want %s", c.users, got, c.want)
		}
	}
}
