package cgroup

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/sys/unix"
)

// OOMWatch reports each out-of-memory kill in the groups below a group.
//
// Version 2 counts these kills in the group above too, so the watch observes
// that counter. In version 1 the watch observes the creation of groups below,
// and asks the kernel for a signal from each of them before a process of the
// container runs in it.
type OOMWatch struct {
	group   Group
	inotify *os.File
	onKills func(kills int64)
	done    sync.WaitGroup

	mu     sync.Mutex
	closed bool
	events []*os.File // version 1: one eventfd per group below
	kills  int64      // version 2: last value of the counter
}

// WatchOOM starts a watch. It calls found from a goroutine with the number of
// kills since the last call.
func WatchOOM(group Group, found func(kills int64)) (*OOMWatch, error) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return nil, err
	}
	w := &OOMWatch{group: group, inotify: os.NewFile(uintptr(fd), "inotify"), onKills: found}
	path, mask, handle := group.dir("memory"), uint32(unix.IN_CREATE|unix.IN_ONLYDIR), w.watchChild
	if group.hierarchy.Version == 2 {
		path, mask = filepath.Join(path, "memory.events"), unix.IN_MODIFY
		w.kills = w.count()
		handle = func(string) {
			if now := w.count(); now > w.kills {
				w.onKills(now - w.kills)
				w.kills = now
			}
		}
	}
	if _, err := unix.InotifyAddWatch(fd, path, mask); err != nil {
		return nil, errors.Join(fmt.Errorf("cannot watch %s: %w", path, err), w.inotify.Close())
	}
	w.done.Go(func() {
		buffer := make([]byte, 16<<10)
		for { // until the file is closed
			n, err := w.inotify.Read(buffer)
			if err != nil {
				return
			}
			for _, name := range inotifyNames(buffer[:n]) {
				handle(name)
			}
		}
	})
	return w, nil
}

// Close ends the watch and waits for its goroutines.
func (w *OOMWatch) Close() error {
	w.mu.Lock()
	w.closed = true
	err := w.inotify.Close()
	for _, event := range w.events {
		err = errors.Join(err, event.Close())
	}
	w.mu.Unlock()
	w.done.Wait()
	return err
}

// inotifyNames returns the name in each inotify record; "" for a change of the
// watched file itself.
func inotifyNames(records []byte) []string {
	var names []string
	for len(records) >= unix.SizeofInotifyEvent {
		length := int(binary.NativeEndian.Uint32(records[12:16]))
		end := min(unix.SizeofInotifyEvent+length, len(records))
		name, _, _ := bytes.Cut(records[unix.SizeofInotifyEvent:end], []byte{0})
		names = append(names, string(name))
		records = records[end:]
	}
	return names
}

func (w *OOMWatch) count() int64 {
	text, err := os.ReadFile(filepath.Join(w.group.dir("memory"), "memory.events"))
	if err != nil {
		return 0
	}
	if n := value(text, "oom_kill"); n != nil {
		return *n
	}
	return 0
}

// watchChild counts the kills in a new group below (version 1).
func (w *OOMWatch) watchChild(name string) {
	dir := w.group.Child(name).dir("memory")
	fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		return
	}
	// The kernel signals the event when the group runs out of memory, and once when it
	// is removed.
	event := os.NewFile(uintptr(fd), "eventfd")
	control, err := os.Open(filepath.Join(dir, "memory.oom_control"))
	if err == nil {
		line := fmt.Sprintf("%d %d", fd, control.Fd())
		err = os.WriteFile(filepath.Join(dir, "cgroup.event_control"), []byte(line), 0)
		_ = control.Close() // read-only
	}
	if err != nil {
		_ = event.Close()
		return // the group is gone, and its processes with it
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		_ = event.Close()
		return
	}
	w.events = append(w.events, event)
	w.done.Go(func() {
		var signals [8]byte
		var t killCounter
		for {
			if _, err := event.Read(signals[:]); err != nil {
				return
			}
			_, err := os.Stat(filepath.Join(dir, "memory.oom_control"))
			if n := t.add(int64(binary.NativeEndian.Uint64(signals[:])), err == nil); n > 0 {
				w.onKills(n)
			}
		}
	})
}

// killCounter separates kills from the signal that the kernel sends when a
// group is removed: while the group's files exist each signal is a kill,
// afterwards all but one are.
type killCounter struct{ afterEnd int64 }

// add returns how many kills the new signals prove.
func (t *killCounter) add(signals int64, alive bool) (kills int64) {
	if alive {
		return signals
	}
	before := max(0, t.afterEnd-1)
	t.afterEnd += signals
	return max(0, t.afterEnd-1) - before
}
