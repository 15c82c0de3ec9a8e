// Package wheel implements a hierarchical timing wheel (Varghese and Lauck,
// 1987) for a fixed number of alarms. Setting and stopping an alarm takes
// constant time and no allocation. Alarms are exact to the nanosecond.
//
// It has no clock: the caller passes the time. It is not safe for concurrent
// use.
package wheel

import (
	"math/bits"
	"time"
)

const (
	slotBits       = 6                  // 64 slots per level: one word shows which are occupied
	resolutionBits = 14                 // a slot of the lowest level is 1<<14 ns, about 16 µs
	levels         = 8                  // total range 1<<62 ns, 146 years
	noAlarm        = -1                 // end of a slot's list
	unset          = levels << slotBits // slot of an alarm that is not set
)

// Wheel holds alarms. Times are durations since an origin that the caller
// chooses, and must not be negative.
type Wheel struct {
	base     time.Duration // no alarm is in a slot before this time
	alarms   []alarm
	occupied [levels]uint64
	heads    [levels << slotBits]int32
}

// alarm is an element of the doubly linked list of its slot.
type alarm struct {
	at         time.Duration
	next, prev int32
	slot       int32
}

// New returns a wheel with the alarms 0 to n-1, none of them set.
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

// Set sets alarm i to a time. It replaces an earlier time.
func (w *Wheel) Set(i int, at time.Duration) {
	w.Stop(i)
	w.insert(int32(i), at)
}

// Stop cancels an alarm.
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

// IsSet returns the time of an alarm, and whether it is set.
func (w *Wheel) IsSet(i int) (at time.Duration, set bool) {
	a := &w.alarms[i]
	return a.at, a.slot != unset
}

// Pop cancels and returns an alarm that is due at now; ok is false if there is
// none. now must not decrease from call to call.
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

// Next returns a time before which no alarm is due. It is a lower bound:
// distant alarms may be due much later.
func (w *Wheel) Next() (at time.Duration, ok bool) {
	level, slot, start, ok := w.first()
	if ok && level == 0 {
		_, start = w.earliest(slot)
	}
	return start, ok
}

// first returns the first occupied slot and its start. All slots of a lower
// level are before those of higher levels.
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

// earliest returns the first alarm of a slot of the lowest level. Alarms with
// equal times come in the order in which they were set.
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

// insert adds an alarm to the head of its slot. Its level is that of the
// highest digit in which its time differs from base.
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
