package docker

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/docker/docker/api/types/events"

	"plan/containers"
)

// lifecycle records what has happened to a container, and emits its events. It is
// safe for concurrent use.
type lifecycle struct {
	events       chan containers.Event
	firstWitness chan struct{} // closed at the first witness

	mu        sync.Mutex
	witnesses []containers.Witness
	started   time.Time // by this process's clock; zero before the start event
	died      time.Time // by this process's clock; zero while it runs
	left      time.Time // when it last left a network in this life, by this process's clock; zero before
	oomAt     time.Time // when the first kill for memory in this life was seen, by this process's clock; zero before
	lastExit  *int      // of its latest end, from the event; after a restart an inspection has it no more
	killed    bool      // by somebody else, through the engine
	removing  bool      // this run removes it
	removed   bool      // removed; events is closed
	execs     []string  // ids of the commands that this run has executed in it
	updates   int       // changes of its limits by this run whose events have not arrived
}

// mostEvents is the capacity of the events. More are dropped, so that a slow
// reader blocks nobody.
const mostEvents = 64

// startRemoval marks all kills from now on as this run's, and reports whether the
// container is gone already.
func (l *lifecycle) startRemoval() (gone bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.removing = true
	return l.removed
}

// end closes the events.
func (l *lifecycle) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.removed = true
	close(l.events)
}

// addExec adds the id of a command that this run runs in the container.
func (l *lifecycle) addExec(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.execs = append(l.execs, id)
}

// addUpdate notes that this run changes its limits, n of 1, or that it failed to, n of -1.
func (l *lifecycle) addUpdate(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.updates += n
}

// ownUpdate reports whether a change of its limits is one of this run.
func (l *lifecycle) ownUpdate() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.updates == 0 {
		return false
	}
	l.updates--
	return true
}

// emit emits an event, and drops it where the buffer is full.
func (l *lifecycle) emit(event containers.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.removed {
		return
	}
	select {
	case l.events <- event:
	default:
	}
}

// onEvent handles an event of the engine.
func (l *lifecycle) onEvent(message events.Message) {
	at := time.Unix(0, message.TimeNano)
	switch message.Action {
	case events.ActionStart:
		l.mu.Lock()
		l.started, l.died, l.left, l.oomAt = time.Now(), time.Time{}, time.Time{}, time.Time{}
		l.mu.Unlock()
		l.emit(containers.Event{Kind: containers.Started, At: at})
	case events.ActionOOM:
		l.outOfMemory("event", at, "the engine reported it")
	case events.ActionDie:
		code := message.Actor.Attributes["exitCode"]
		l.setDied(time.Now())
		if n, err := strconv.Atoi(code); err == nil {
			l.mu.Lock()
			l.lastExit = &n
			l.mu.Unlock()
		}
		l.emit(containers.Event{Kind: containers.Died, At: at, Detail: "exit code " + code})
	case events.ActionKill:
		l.mu.Lock()
		l.killed = l.killed || !l.removing
		l.mu.Unlock()
	case events.ActionPause:
		l.emit(containers.Event{Kind: containers.Paused, At: at})
	case events.ActionUpdate:
		if l.ownUpdate() {
			return
		}
		l.emit(containers.Event{Kind: containers.Updated, At: at})
	case events.ActionDisconnect:
		l.mu.Lock()
		l.left = time.Now()
		l.mu.Unlock()
		l.emit(containers.Event{Kind: containers.Disconnected, At: at, Detail: message.Actor.Attributes["name"]})
	}
	if command, is := strings.CutPrefix(string(message.Action), string(events.ActionExecStart)+": "); is {
		l.mu.Lock()
		own := slices.Contains(l.execs, message.Actor.Attributes["execID"])
		l.mu.Unlock()
		if own {
			return
		}
		l.emit(containers.Event{Kind: containers.Executed, At: at, Detail: command})
	}
}

func (l *lifecycle) setDied(at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.died = at
}

// runningFor returns the time since the last start; 0 where the container does not
// run.
func (l *lifecycle) runningFor() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.started.IsZero() || !l.died.IsZero() {
		return 0
	}
	return time.Since(l.started)
}

func (l *lifecycle) diedAt() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.died
}

// mayBeEnding reports whether the container has left a network within the last
// departureDelay, or a process of it was killed for memory within the last
// killDelay, and its end has not been reported.
func (l *lifecycle) mayBeEnding() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.died.IsZero() && (time.Since(l.left) < departureDelay || time.Since(l.oomAt) < killDelay)
}

// mostWitnesses bounds the witnesses of a service that is killed again and again.
const mostWitnesses = 100

// outOfMemory records a witness of a kill and emits an event.
func (l *lifecycle) outOfMemory(source string, at time.Time, detail string) {
	l.mu.Lock()
	if l.oomAt.IsZero() {
		l.oomAt = time.Now()
	}
	if len(l.witnesses) < mostWitnesses {
		l.witnesses = append(l.witnesses, containers.Witness{Source: source, At: at, Detail: detail})
	}
	if len(l.witnesses) == 1 {
		close(l.firstWitness)
	}
	l.mu.Unlock()
	l.emit(containers.Event{Kind: containers.OOM, At: at, Detail: source})
}

// witnessed reports whether there is a witness of a kill.
func (l *lifecycle) witnessed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.witnesses) > 0
}

func (l *lifecycle) hasWitness(source string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, w := range l.witnesses {
		if w.Source == source {
			return true
		}
	}
	return false
}
