package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"plan/internal/bench/peers"
	"plan/internal/bench/referee"
)

// child holds what a process used and printed.
type child struct {
	started int64 // nanoseconds of CLOCK_MONOTONIC
	wall    time.Duration
	cpu     time.Duration // user and system time, children included
	peak    int64         // highest resident memory in bytes
	exit    int
	late    bool // killed at its deadline
	stdout  string
}

// grace is the time that a generator may take in addition to its load: to
// start, to wait for responses and to summarise.
const grace = 75 * time.Second

// sampling is the interval in which the peak of a process is read. The kernel
// records the peak only while the process exists; the figure of an ended
// process includes this program's memory from before exec.
const sampling = 20 * time.Millisecond

// run executes a call on the generators' core. It stores the output in files
// that start with prefix.
func (c cores) run(ctx context.Context, call peers.Call, prefix string, deadline time.Duration) (child, error) {
	if err := os.MkdirAll(filepath.Dir(prefix), 0o755); err != nil {
		return child{}, err
	}
	out, err := os.Create(prefix + ".out")
	if err != nil {
		return child{}, err
	}
	defer out.Close()
	complaints, err := os.Create(prefix + ".err")
	if err != nil {
		return child{}, err
	}
	defer complaints.Close()
	command := exec.Command(call.Arguments[0], call.Arguments[1:]...)
	command.Env = append(os.Environ(), call.Environ...)
	command.Stdin, command.Stdout, command.Stderr = strings.NewReader(call.Input), out, complaints
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	clock, err := referee.NewClock()
	if err != nil {
		return child{}, err
	}
	began, err := c.start(command, clock)
	if err != nil {
		return child{}, err
	}
	result, err := watch(ctx, command, deadline)
	result.started, result.wall = began, time.Duration(clock.Now()-began)
	if err != nil {
		return result, err
	}
	text, err := os.ReadFile(out.Name())
	result.stdout = string(text)
	return result, err
}

// start starts a command and returns the time. The command inherits the core of
// the calling thread.
func (c cores) start(command *exec.Cmd, clock referee.Clock) (at int64, err error) {
	if err := pin(0, c.generator); err != nil {
		return 0, err
	}
	at = clock.Now()
	err = command.Start()
	return at, errors.Join(err, pin(0, c.referee))
}

// watch waits for a command. It kills the command and its children when ctx
// ends, or after the deadline.
func watch(ctx context.Context, command *exec.Cmd, deadline time.Duration) (child, error) {
	pid := command.Process.Pid
	result := child{peak: peak(pid)} // it may end before the first tick
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	tick, limit := time.NewTicker(sampling), time.After(deadline)
	defer tick.Stop()
	kill := func() { syscall.Kill(-pid, syscall.SIGKILL) }
	stop := ctx.Done()
	for {
		select {
		case <-tick.C:
			result.peak = max(result.peak, peak(pid))
		case <-stop:
			kill()
			stop = nil
		case <-limit:
			kill()
			result.late = true
		case err := <-ended:
			kill() // processes that it left behind
			return result.ended(ctx, command, err)
		}
	}
}

// ended adds the kernel's figures about the process.
func (c child) ended(ctx context.Context, command *exec.Cmd, err error) (child, error) {
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return c, err
	}
	state := command.ProcessState
	c.cpu, c.exit = state.UserTime()+state.SystemTime(), state.ExitCode()
	return c, ctx.Err()
}

// peak returns the highest resident memory of a process so far, in bytes; 0
// after its end.
func peak(pid int) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	line, _, _ := strings.Cut(rest, "\n")
	kilobytes, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(line, "kB")), 10, 64)
	return kilobytes << 10
}
