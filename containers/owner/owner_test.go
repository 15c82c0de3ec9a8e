package owner

import (
	"path/filepath"
	"testing"

	"plan/internal/lock"
)

func TestLives(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	held, err := lock.Take(path)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Release()
	for _, c := range []struct {
		name string
		o    Owner
		want Life
	}{
		{"the lock is held", Owner{Host: "here b2", Lock: path}, Alive},
		{"the lock is gone", Owner{Host: "here b2", Lock: path + ".gone"}, Dead},
		{"from before a restart", Owner{Host: "here b1", Lock: path}, Dead},
		{"another machine", Owner{Host: "there b2", Lock: path + ".gone"}, Unknown},
		{"no lock is named", Owner{Host: "here b2"}, Unknown},
		{"no machine is named", Owner{Lock: path + ".gone"}, Unknown},
	} {
		if got := c.o.Life("here b2"); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// TestALockIsReleased only where it is there, on this machine, and free: a lock that is gone shows nothing.
func TestALockIsReleased(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	held, err := lock.Take(path)
	if err != nil {
		t.Fatal(err)
	}
	of := Owner{Host: "here b1", Lock: path}
	if of.Released("here b1") {
		t.Error("a lock that is held is released")
	}
	if err := held.Release(); err != nil {
		t.Fatal(err)
	}
	gone := Owner{Host: "here b1", Lock: path + ".gone"}
	if !of.Released("here b1") || of.Released("there b1") || gone.Released("here b1") {
		t.Errorf("released %v, on another machine %v, gone %v", of.Released("here b1"), of.Released("there b1"),
			gone.Released("here b1"))
	}
}
