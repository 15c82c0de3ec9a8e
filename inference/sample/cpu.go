package sample

import (
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// burners is how many predictions burn CPU at a time; each needs a thread.
const burners = 64

// burn uses CPU time of its own thread, however long that takes.
func burn(amount time.Duration) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for end := threadTime() + amount; threadTime() < end; {
		for x := range 1000 { // fewer looks at the clock, a few µs apart
			runtime.KeepAlive(x)
		}
	}
}

// threadTime is the CPU time that the calling thread has used.
func threadTime() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		panic(err) // cannot be: every Linux has this clock
	}
	return time.Duration(t.Nano())
}
