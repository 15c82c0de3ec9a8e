package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// cores are two CPU cores: one for the referee and this program, and one for
// the generators.
type cores struct{ referee, generator int }

// twoCores returns the first and the last core that this process may use.
func twoCores() (cores, error) {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return cores{}, err
	}
	if set.Count() < 2 {
		return cores{}, errors.New("two cores are needed, one for the generators and one for the referee")
	}
	var usable []int
	for core := 0; len(usable) < set.Count(); core++ {
		if set.IsSet(core) {
			usable = append(usable, core)
		}
	}
	return cores{referee: usable[0], generator: usable[len(usable)-1]}, nil
}

// pin pins a thread to a core; thread 0 is the calling one.
func pin(thread, core int) error {
	var set unix.CPUSet
	set.Set(core)
	return unix.SchedSetaffinity(thread, &set)
}

// pinAll pins all threads of this process to a core. Later threads inherit it.
func pinAll(core int) error {
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return err
	}
	for _, thread := range threads {
		id, err := strconv.Atoi(thread.Name())
		if err != nil {
			return err
		}
		if err := pin(id, core); err != nil && !errors.Is(err, unix.ESRCH) {
			return err
		}
	}
	return nil
}

// raiseFiles raises the limit of open files of this process and its children to
// the hard limit, and fails if that is less than needed.
func raiseFiles(needed uint64) error {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return err
	}
	limit.Max = max(limit.Max, needed)
	limit.Cur = limit.Max
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("%d open files are needed: raise the limit (ulimit -Hn), or run this as root: %w", needed, err)
	}
	return nil
}
