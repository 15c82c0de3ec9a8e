// Package owner decides whether the run that a resource on an engine or a cluster belongs to still runs, by what its
// labels say. It knows no engine.
package owner

import (
	"os"
	"strings"

	"plan/internal/host"
	"plan/internal/lock"
)

// Owner is a run and its machine, as labels have them.
type Owner struct {
	Run  string // its id
	Lock string // absolute path of the file that it holds locked while it lives
	Host string // fingerprint of the file system that Lock is on, and the boot id of its machine, after a space
}

// Life is whether a run still runs.
type Life string

// What the labels of a run and its containers show. Its agent, and on a Docker engine its container of the role "life",
// run as long as their standard input is open, which its command holds: a run with one is alive, on whatever machine and
// in whatever namespace, also if its lock was deleted.
const (
	Alive   Life = "alive"   // such a container runs; or it is on this machine, and its lock is held
	Dead    Life = "dead"    // on this machine, and its lock is free or gone, or it is from before a restart
	Unknown Life = "unknown" // on another machine: never removed unless it is named
)

// Leftover is a run that has resources on an engine or a cluster.
type Leftover struct {
	Run       string
	Life      Life
	Lock      string   // path of its lock file
	Host      string   // the machine's name and its boot id
	Resources []string // "container NAME", "pod NAME"
	Held      []string // of a dead run: what cannot be removed, who holds it, and what to do
	Running   bool     // one of its containers runs
	Ends      bool     // it is alive, but its lock is released: what shows that it lives ends at any moment
	Waits     string   // since when it waits for other runs, RFC 3339; "" where it does not, or no longer
}

// Here returns the host of owners on this machine. Machines of equal names have different ids, and a container on the
// host's network has other mounts.
func Here() string {
	name, _ := os.Hostname()                      // without one the rest tells machines apart
	boot, _ := host.BootID()                      // some systems have none
	id, _ := os.ReadFile("/etc/machine-id")       // likewise
	mounts, _ := os.Readlink("/proc/self/ns/mnt") // likewise
	return strings.Join([]string{name, strings.TrimSpace(string(id)), mounts}, "/") + " " + boot
}

// Life returns whether the run lives, by its lock; here is Here.
func (o Owner) Life(here string) Life {
	name, boot, _ := strings.Cut(o.Host, " ")
	thisName, thisBoot, _ := strings.Cut(here, " ")
	switch {
	case o.Lock == "" || boot == "" || name != thisName:
		return Unknown
	case boot != thisBoot:
		return Dead
	}
	held, err := lock.Held(o.Lock)
	switch {
	case err != nil:
		return Unknown
	case held:
		return Alive
	}
	return Dead
}

// Released reports whether the lock of the run is there, on this machine, and the kernel has released it: its agent
// then ends at any moment.
func (o Owner) Released(here string) bool {
	if _, err := os.Stat(o.Lock); err != nil || o.Host != here {
		return false
	}
	held, err := lock.Held(o.Lock)
	return err == nil && !held
}
