package docker

import (
	"context"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/volume"

	"plan/containers/owner"
	"plan/internal/lock"
)

func TestWhoIsAheadInTheQueue(t *testing.T) {
	const now = "2026-03-01T12:00:05Z"
	own := Leftover{Run: "m", Life: Alive, Waits: now}
	for name, c := range map[string]struct {
		other Leftover
		uses  bool // the engine
		ahead bool
	}{
		"it runs":                          {Leftover{Run: "a", Life: Alive}, true, true},
		"it runs, and is newer":            {Leftover{Run: "z", Life: Alive}, true, true},
		"it is dead":                       {Leftover{Run: "a", Life: Dead, Running: true}, false, false},
		"elsewhere, with a container":      {Leftover{Run: "a", Life: Unknown, Running: true}, true, true},
		"elsewhere, without one":           {Leftover{Run: "a", Life: Unknown}, false, false},
		"it has waited for longer":         {Leftover{Run: "z", Life: Alive, Waits: "2026-03-01T12:00:04Z"}, false, true},
		"it came later":                    {Leftover{Run: "a", Life: Alive, Waits: "2026-03-01T12:00:06Z"}, false, false},
		"in the same second, a lower name": {Leftover{Run: "a", Life: Alive, Waits: now}, false, true},
		"in the same second":               {Leftover{Run: "z", Life: Alive, Waits: now}, false, false},
		"it waited, and is dead":           {Leftover{Run: "a", Life: Dead, Waits: "2026-03-01T12:00:04Z"}, false, false},
		"it waits elsewhere":               {Leftover{Run: "a", Life: Unknown, Waits: "2026-03-01T12:00:04Z"}, false, false},
		"the run itself":                   {own, false, false},
	} {
		if got := uses(c.other); got != c.uses {
			t.Errorf("%s: uses %v", name, got)
		}
		all := []Leftover{c.other}
		if c.other.Run != own.Run {
			all = append(all, own)
		}
		if got := aheadOf(all, own.Run); len(got) > 0 != c.ahead {
			t.Errorf("%s: ahead are %+v", name, got)
		}
	}
}

// shared is an engine that several runs use.
type shared struct {
	*fake
	mu         sync.Mutex
	containers []container.Summary
	volumes    []*volume.Volume
}

func (s *shared) ContainerList(context.Context, container.ListOptions) ([]container.Summary, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.containers), s.down
}

func (s *shared) VolumeList(context.Context, volume.ListOptions) (volume.ListResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return volume.ListResponse{Volumes: slices.Clone(s.volumes)}, s.down
}

func (s *shared) VolumeCreate(_ context.Context, o volume.CreateOptions) (volume.Volume, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := volume.Volume{Name: o.Name, Labels: o.Labels, CreatedAt: time.Now().Format(time.RFC3339)}
	s.volumes = append(s.volumes, &v)
	return v, s.down
}

func (s *shared) VolumeRemove(_ context.Context, name string, _ bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.volumes = slices.DeleteFunc(s.volumes, func(v *volume.Volume) bool { return v.Name == name })
	return nil
}

// waiting returns how many runs wait.
func (s *shared) waiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.volumes)
}

// runOn is a run on the engine whose lock is held.
func (s *shared) runOn(t *testing.T, id string) *Docker {
	t.Helper()
	path := filepath.Join(t.TempDir(), "lock")
	held, err := lock.Take(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = held.Release() })
	d := newFake(s)
	d.options.Run, d.owner = id, owner.Owner{Run: id, Lock: path, Host: "here b1"}
	return d
}

// lives makes the container that shows that a run lives.
func (s *shared) lives(d *Docker) { s.starts(d, lifeRole) }

// begins makes a container of a run.
func (s *shared) begins(d *Docker) { s.starts(d, agentRole) }

func (s *shared) starts(d *Docker, role string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.containers = append(s.containers, container.Summary{ID: d.options.Run, State: "running", Labels: labels(d.owner, role)})
}

func (s *shared) ends(d *Docker) {
	s.mu.Lock()
	s.containers = slices.DeleteFunc(s.containers, func(c container.Summary) bool { return c.ID == d.options.Run })
	s.mu.Unlock()
	_ = s.VolumeRemove(context.Background(), "plan-"+d.options.Run+"-queue", false)
}

// TestRunsThatWaitRunInTurn: each run that waits begins after the ones before it have
// ended, in the order in which they came, whatever their names.
func TestRunsThatWaitRunInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shared{fake: &fake{}}
		first := s.runOn(t, "m")
		s.begins(first)
		if others, err := s.runOn(t, "x").Others(t.Context()); err != nil || len(others) != 1 || others[0].Run != "m" {
			t.Errorf("others are %+v, %v", others, err)
		}
		begun := make(chan string)
		var told []string
		for _, id := range []string{"z", "b"} {
			d := s.runOn(t, id)
			s.lives(d)
			go func() {
				err := d.Queue(t.Context(), func(ahead []Leftover) {
					s.mu.Lock()
					defer s.mu.Unlock()
					for _, l := range ahead {
						told = append(told, id+" behind "+l.Run)
					}
				})
				if err != nil {
					t.Error(err)
				}
				begun <- id
				s.begins(d)
				time.Sleep(30 * time.Second)
				s.ends(d)
			}()
			time.Sleep(3 * time.Second)
		}
		if others, err := s.runOn(t, "x").Others(t.Context()); err != nil || len(others) != 1 {
			t.Errorf("others are %+v, %v: runs that wait use nothing", others, err)
		}
		time.Sleep(time.Minute)
		select {
		case id := <-begun:
			t.Fatalf("%s began beside the first run", id)
		default:
		}
		s.ends(first)
		from := time.Now()
		a, b := <-begun, ""
		if took := time.Since(from); took > 2*time.Second {
			t.Errorf("%s began after %s", a, took)
		}
		b = <-begun
		if took := time.Since(from); a != "z" || b != "b" || took < 30*time.Second || took > 34*time.Second {
			t.Errorf("%s, then %s after %s", a, b, took)
		}
		time.Sleep(time.Minute)
		if want := []string{"z behind m", "b behind m", "b behind z", "b behind z"}; !slices.Equal(told, want) {
			t.Errorf("told: %q, want %q", told, want)
		}
		if n := s.waiting(); n > 0 {
			t.Errorf("%d still wait", n)
		}
	})
}

func TestAWaitThatEndsLeavesTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shared{fake: &fake{}}
		s.begins(s.runOn(t, "m"))
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if err := s.runOn(t, "z").Queue(ctx, func([]Leftover) {}); err == nil || s.waiting() > 0 {
			t.Errorf("%v, left %v", err, s.volumes)
		}
	})
}

// Two that come in the same moment do not run at once.
func TestTwoThatComeAtOnceRunInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shared{fake: &fake{}}
		var mu sync.Mutex
		runs, most := 0, 0
		for _, id := range []string{"b", "a", "c"} {
			d := s.runOn(t, id)
			s.lives(d)
			go func() {
				if err := d.Queue(t.Context(), func([]Leftover) {}); err != nil {
					t.Error(err)
				}
				mu.Lock()
				runs++
				most = max(most, runs)
				mu.Unlock()
				time.Sleep(500 * time.Millisecond) // until it has made something
				s.begins(d)
				time.Sleep(20 * time.Second)
				mu.Lock()
				runs--
				mu.Unlock()
				s.ends(d)
			}()
		}
		time.Sleep(2 * time.Minute)
		mu.Lock()
		defer mu.Unlock()
		if most != 1 || runs != 0 || s.waiting() > 0 {
			t.Errorf("%d ran at once, %d still run, %d wait", most, runs, s.waiting())
		}
	})
}
