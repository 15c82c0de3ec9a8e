// Package wheel is a hierarchical timing wheel: alarms for a fixed number of
// things, each with at most one, set and taken back in constant time without
// an allocation, and exact to the nanosecond.
//
// It has no clock: its user says what time it is. It is not safe for use from
// several goroutines.
package wheel

import (
	"math/bits"
	"time"
)

const (
	slotBits       = 6                  // 64 slots a level, so that a word tells which are full
	resolutionBits = 14                 // a slot of the lowest level is 1<<14 ns, 16 µs
	levels         = 8                  // 1<<62 ns, 146 years
	noAlarm        = -1                 // ends a slot's list
	unset          = levels << slotBits // an alarm that is not set
)

// Wheel holds alarms. Times are since whatever moment its user likes, and must
// not be negative.
type Wheel struct {
	base     time.Duration // no alarm is in a slot before it
	alarms   []alarm
	occupied [levels]uint64
	heads    [levels << slotBits]int32
}

// alarm is in the doubly linked list of its slot.
type alarm struct {
	at         time.Duration
	next, prev int32
	slot       int32
}

// New makes a wheel for alarms 0 to n-1, none of them set.
func New(n int) *Wheel {
	w := &Wheel{alarms: make([]alarm, n)}
	for i := range w.alarms {
		w.alarms[i].slot = unset
	}
	for i := range w.heads {
		w.heads[i] = noAlarm
	}
	return w
}

// Set makes alarm i go off at a time, and no more at the one it had.
func (w *Wheel) Set(i int, at time.Duration) {
	w.Stop(i)
	w.insert(int32(i), at)
}

// Stop takes an alarm back.
func (w *Wheel) Stop(i int) {
	a := &w.alarms[i]
	if a.slot == unset {
		return
	}
	if a.next != noAlarm {
		w.alarms[a.next].prev = a.prev
	}
	if a.prev != noAlarm {
		w.alarms[a.prev].next = a.next
	} else if w.heads[a.slot] = a.next; a.next == noAlarm {
		w.occupied[a.slot>>slotBits] &^= 1 << (a.slot & (1<<slotBits - 1))
	}
	a.slot = unset
}

// IsSet tells whether an alarm is to go off, and when.
func (w *Wheel) IsSet(i int) (at time.Duration, set bool) {
	a := &w.alarms[i]
	return a.at, a.slot != unset
}

// Pop takes an alarm that is due, ok being false when there is none. now must
// not go back.
func (w *Wheel) Pop(now time.Duration) (i int, ok bool) {
	for {
		level, slot, start, ok := w.first()
		switch {
		case !ok || start > now:
			w.base = max(w.base, now)
			return 0, false
		case level > 0:
			w.cascade(level, slot, start)
			continue
		}
		w.base = max(w.base, start)
		if i, at := w.earliest(slot); at <= now {
			w.Stop(i)
			return i, true
		}
		return 0, false
	}
}

// Next is a time before which no alarm is due: for one that is far away it is
// well before that.
func (w *Wheel) Next() (at time.Duration, ok bool) {
	level, slot, start, ok := w.first()
	if ok && level == 0 {
		_, start = w.earliest(slot)
	}
	return start, ok
}

// first is the first slot that is not empty, and when it starts. A lower level
// is before any higher one.
func (w *Wheel) first() (level, slot int, start time.Duration, ok bool) {
	for level := range levels {
		if w.occupied[level] == 0 {
			continue
		}
		shift := resolutionBits + level*slotBits
		slot := bits.TrailingZeros64(w.occupied[level])
		round := w.base >> (shift + slotBits) << (shift + slotBits)
		return level, slot, round + time.Duration(slot)<<shift, true
	}
	return 0, 0, 0, false
}

// earliest looks through a slot of the lowest level. Of alarms at the same
// time the one set last comes last.
func (w *Wheel) earliest(slot int) (i int, at time.Duration) {
	i = int(w.heads[slot])
	at = w.alarms[i].at
	for k := w.alarms[i].next; k != noAlarm; k = w.alarms[k].next {
		if w.alarms[k].at <= at {
			i, at = int(k), w.alarms[k].at
		}
	}
	return i, at
}

// cascade moves the alarms of a slot whose time has come to lower levels.
func (w *Wheel) cascade(level, slot int, start time.Duration) {
	w.base = max(w.base, start)
	head := &w.heads[level<<slotBits|slot]
	i := *head
	*head = noAlarm
	w.occupied[level] &^= 1 << slot
	for i != noAlarm {
		next := w.alarms[i].next
		w.insert(i, w.alarms[i].at)
		i = next
	}
}

// insert puts an alarm at the head of its slot: the level is that of the
// highest digit in which its time and the base differ.
func (w *Wheel) insert(i int32, at time.Duration) {
	slotted := max(at, w.base)
	level := max(0, bits.Len64(uint64(slotted^w.base))-resolutionBits-1) / slotBits
	within := int32(slotted>>(resolutionBits+level*slotBits)) & (1<<slotBits - 1)
	slot := int32(level<<slotBits) | within
	head := w.heads[slot]
	w.alarms[i] = alarm{at: at, next: head, prev: noAlarm, slot: slot}
	if head != noAlarm {
		w.alarms[head].prev = i
	}
	w.heads[slot] = i
	w.occupied[level] |= 1 << within
}
