package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"plan/containers/docker"
	"plan/runner"
)

// interrupts handles signals: the first one cancels the context, the second one
// calls the function of onSecond and ends the process. A closed output, such as
// that of tee after the same Ctrl-C, does not end the process: it still has to
// remove what it made.
type interrupts struct {
	signals chan os.Signal
	cancel  context.CancelFunc
	mu      sync.Mutex
	second  func()
}

func interruptible(ctx context.Context) (context.Context, *interrupts) {
	ctx, cancel := context.WithCancel(ctx)
	i := &interrupts{signals: make(chan os.Signal, 2), cancel: cancel, second: func() {}}
	signal.Ignore(syscall.SIGPIPE)
	signal.Notify(i.signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	go i.wait()
	return ctx, i
}

func (i *interrupts) wait() {
	if _, open := <-i.signals; !open {
		return
	}
	i.cancel()
	if _, open := <-i.signals; !open {
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.second()
	os.Exit(runner.ExitInterrupted)
}

func (i *interrupts) onSecond(do func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.second = do
}

func (i *interrupts) stop() {
	signal.Stop(i.signals)
	close(i.signals)
	i.cancel()
}

// listTime is how long the engine may take to list the resources of a run.
const listTime = 3 * time.Second

// printLeftResources prints the resources that a run leaves when it is stopped at once.
func printLeftResources(env environment, engine *docker.Docker, id string) {
	ctx, cancel := context.WithTimeout(context.Background(), listTime)
	defer cancel()
	left, err := engine.Resources(ctx)
	fmt.Fprintln(env.stderr, "\nstopped at once")
	if err != nil {
		fmt.Fprintf(env.stderr, "what is left could not be listed: %v\n", err)
	}
	for _, thing := range left {
		fmt.Fprintf(env.stderr, "left: %s\n", thing)
	}
	fmt.Fprintf(env.stderr, "remove what is left with: plan clean %s\n", id)
}
