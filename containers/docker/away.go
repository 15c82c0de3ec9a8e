package docker

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/docker/docker/client"

	"plan/containers"
	"plan/containers/docker/apierror"
	"plan/internal/units"
)

// absence is the time in which an engine cannot be reached, such as while it restarts.
type absence struct {
	mu    sync.Mutex
	wait  time.Duration // how long it is waited for; 0: not at all
	say   func(string)  // for people; not nil where wait is not 0
	since time.Time     // zero while it answers
	last  time.Time     // when it was missed last
}

// WaitWhileAway makes calls wait for an engine that cannot be reached, for that long since
// it was missed first, and what a person should know of it.
func (d *Docker) WaitWhileAway(wait time.Duration, say func(string)) {
	a := &d.timed.absence
	a.mu.Lock()
	defer a.mu.Unlock()
	a.wait, a.say = wait, say
}

// repeatable are the first words of the names of calls that may be made twice: they read,
// or have the same result again. The engine may have answered them before the connection
// broke.
var repeatable = []string{"ping", "info", "version", "events", "inspect", "list", "logs", "stats", "remove", "ask"}

// unrepeatable are the first words of the names of calls that send a body: it has been read,
// or closed, once the call has failed.
var unrepeatable = []string{"build", "copy", "load"}

// unreached reports whether a call failed because no engine listened: it has not begun.
func unreached(err error) bool {
	if op, is := errors.AsType[*net.OpError](err); is {
		return op.Op == "dial"
	}
	// The client counts answers that broke off as failed connections too.
	return client.IsErrConnectionFailed(err) && !apierror.Lost(err) ||
		strings.Contains(err.Error(), "cannot connect to the Docker daemon") // of a stream in both directions
}

// note notes how a call ended. It reports whether the call is to be made again: the engine
// was not reached, or its answer to a call that may be repeated broke off, and it is still
// waited for.
func (a *absence) note(name string, err error) (again bool) {
	verb, _, _ := strings.Cut(name, " ")
	away := err != nil && unreached(err)
	broken := err != nil && apierror.Lost(err)
	now := time.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	if !away && !broken {
		if err == nil && !a.since.IsZero() {
			if a.say != nil {
				a.say("the engine answers again after " + units.Duration(now.Sub(a.since).Round(time.Second)))
			}
			a.since = time.Time{}
		}
		return false
	}
	a.last = now
	if a.since.IsZero() {
		a.since = now
		if a.say != nil {
			a.say("the engine is away: waiting for it, for " + units.Duration(a.wait) + " at the longest")
		}
	}
	return now.Sub(a.since) < a.wait && !slices.Contains(unrepeatable, verb) &&
		(away || slices.Contains(repeatable, verb))
}

// miss notes that a stream of the engine broke: it may have been restarted although each
// call was answered, as behind a socket that systemd holds.
func (a *absence) miss() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.last = time.Now()
}

// missedAfter reports whether the engine was missed after a time.
func (a *absence) missedAfter(from time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.last.After(from)
}

// lostAfter is how long the stream of events may be broken.
func (a *absence) lostAfter() time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	return max(lostAfter, a.wait)
}

// Away reports whether a call missed the engine, or its events broke off, after a time. Then
// it waits until the engine answers, and removes what is left of the trial: its containers
// and those of a driver.
// It returns an error of kind EngineGone where the engine is not back in time.
func (d *Docker) Away(ctx context.Context, from time.Time) (bool, error) {
	if !d.timed.absence.missedAfter(from) {
		return false, nil
	}
	if _, err := d.engine.Ping(ctx); err != nil {
		return true, d.errs.Unreachable(err)
	}
	for _, i := range d.watch.all() {
		if roleOf(i.spec) != containers.Helper {
			if err := i.Remove(ctx); err != nil {
				return true, err
			}
		}
	}
	return true, nil
}
