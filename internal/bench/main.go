// Command bench compares the load engine with other load generators, and writes
// the results to a document. It is run with make bench.
//
// Each generator runs with its usual command line, as a process on a core of
// its own. Figures come from the kernel and from the referee that receives the
// requests; only latencies are the generator's own. The command knows nothing
// of how the load engine works.
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
	runtime.LockOSThread() // child processes inherit this thread's core and end with it
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := execute(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// refereeWord is the argument that makes this program the referee.
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
