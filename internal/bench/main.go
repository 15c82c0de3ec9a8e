// Command bench measures the load engine beside other load generators, and
// writes what came out as a document. It is run with make bench.
//
// Every generator is called as people call it, as a process of its own on a
// core of its own; what it did is taken from the kernel and from the referee
// that it loads, and only latencies are its own word. It knows nothing of how
// the load engine works.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"plan/internal/bench/referee"
)

func main() {
	runtime.LockOSThread() // what is started inherits this thread's core, and ends with it
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := execute(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// refereeWord makes of this program the referee.
const refereeWord = "referee"

func execute(ctx context.Context, arguments []string) error {
	if len(arguments) == 2 && arguments[0] == refereeWord {
		return referee.Serve(arguments[1], os.Stdin, os.Stdout)
	}
	o, err := parseOptions(arguments)
	if err != nil {
		return err
	}
	records, world, err := measureAll(ctx, o)
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("stopped; what was measured is in %s: go on with --resume", o.results())
	}
	if err != nil {
		return err
	}
	return publish(os.Stdout, o, world, records)
}
