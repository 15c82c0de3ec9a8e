// Command mutants changes the code of verdicts and searches, one place at a
// time, and lists the changes that no unit test detects. It is run with make
// mutants.
//
// It does not touch the source tree: the go command reads each changed file
// from an overlay. A change that makes a test fail or hang is killed; one that
// does not compile does not count; one that all tests pass has survived, and
// must be listed in docs/mutants.md with the reason.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := execute(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

// campaign defines what is changed, and which file lists the accepted
// survivors.
type campaign struct {
	root     string // of the module
	targets  []target
	review   []edit
	accepted string // file
	workers  int
	patience time.Duration // added to the time limit of tests
}

var errMissed = errors.New("the goal was missed: see above")

func execute(ctx context.Context, arguments []string, out io.Writer) error {
	flags := flag.NewFlagSet("mutants", flag.ExitOnError)
	in := flags.String("in", "", "only what lies in this folder or file, such as runner/search or runner/exit.go")
	workers := flags.Int("workers", runtime.NumCPU(), "how many are tested at the same time")
	flags.Parse(arguments)
	if flags.NArg() > 0 {
		return fmt.Errorf("unknown argument %q: name a folder or a file with --in", flags.Arg(0))
	}
	c := campaign{root: ".", targets: targets, review: review, accepted: "docs/mutants.md", workers: *workers, patience: 10 * time.Second}
	return c.run(ctx, *in, out)
}

// run creates the mutants within a path, tests them and prints the results. It
// returns errMissed if too few were killed, or if the list of accepted
// survivors differs from the results.
func (c campaign) run(ctx context.Context, in string, out io.Writer) error {
	accepted, err := readAccepted(c.accepted)
	if err != nil {
		return err
	}
	all, err := c.mutants(ctx)
	if err != nil {
		return err
	}
	all = within(all, in)
	if len(all) == 0 {
		return fmt.Errorf("nothing is changed in %q", in)
	}
	results, err := c.test(ctx, all)
	if err != nil {
		return err
	}
	accepted = slices.DeleteFunc(accepted, func(n name) bool { return !inside(n.file, in) })
	return summary{results: results, accepted: accepted}.print(out)
}
