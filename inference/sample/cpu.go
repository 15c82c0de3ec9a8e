package sample

import (
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// burners is the number of predictions that use CPU at the same time; each
// needs a thread.
const burners = 64

// burn uses CPU time of its own thread.
func burn(amount time.Duration) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for end := threadTime() + amount; threadTime() < end; {
		for x := range 1000 { // read the clock every few µs only
			runtime.KeepAlive(x)
		}
	}
}

// threadTime returns the CPU time that the calling thread has used.
func threadTime() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		panic(err) // impossible: every Linux has this clock
	}
	return time.Duration(t.Nano())
}
