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

// child is what a process used and left.
type child struct {
	started int64 // nanoseconds of CLOCK_MONOTONIC
	wall    time.Duration
	cpu     time.Duration // user and system, of all that it waited for too
	peak    int64         // bytes resident
	exit    int
	late    bool // it was killed at its deadline
	stdout  string
}

// grace is how long a generator may take beside its load: to start, and to
// wait for answers and sum up at the end.
const grace = 75 * time.Second

// sampling is how often a process's peak is looked at. The kernel keeps the
// peak, but forgets it with the process; what it tells of an ended process
// would include what this program is.
const sampling = 20 * time.Millisecond

// run carries a call out on the generators' core. What it prints is kept in
// files that begin with prefix.
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

// start starts a command on the generators' core, which it inherits from the
// calling thread, and says when.
func (c cores) start(command *exec.Cmd, clock referee.Clock) (at int64, err error) {
	if err := pin(0, c.generator); err != nil {
		return 0, err
	}
	at = clock.Now()
	err = command.Start()
	return at, errors.Join(err, pin(0, c.referee))
}

// watch waits for a command that was started, and ends it and all that it
// started with the context or after its deadline.
func watch(ctx context.Context, command *exec.Cmd, deadline time.Duration) (child, error) {
	pid := command.Process.Pid
	result := child{peak: peak(pid)} // it may be gone before the first tick
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
			kill() // what it may have left behind
			return result.ended(ctx, command, err)
		}
	}
}

// ended adds what the kernel tells of the process.
func (c child) ended(ctx context.Context, command *exec.Cmd, err error) (child, error) {
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return c, err
	}
	state := command.ProcessState
	c.cpu, c.exit = state.UserTime()+state.SystemTime(), state.ExitCode()
	return c, ctx.Err()
}

// peak is the most memory that a process had resident so far, in bytes; 0
// where it has none any more.
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

// words is what the generator left to be read: what it printed, or what is made
// of it afterwards.
func (c child) words(ctx context.Context, then []string) (string, error) {
	if len(then) == 0 {
		return c.stdout, nil
	}
	ctx, cancel := context.WithTimeout(ctx, grace)
	defer cancel()
	out, err := exec.CommandContext(ctx, then[0], then[1:]...).Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w", strings.Join(then, " "), err)
	}
	return string(out), nil
}
