package main

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"plan/internal/bench/peers"
)

// options are the command line flags.
type options struct {
	rounds  int
	seconds int      // of each load; 0 means the shape's
	repeats int      // of a disturbed run
	shapes  []string // by name
	peers   []string // by name; empty means all
	plan    string   // path of our program
	folder  string   // of the results
	doc     string
	resume  bool
}

const (
	usualRounds = 5
	usualDoc    = "docs/benchmarks.md"
)

func parseOptions(arguments []string) (options, error) {
	var o options
	var shapeNames, peerNames string
	flags := flag.NewFlagSet("bench", flag.ExitOnError)
	flags.IntVar(&o.rounds, "rounds", usualRounds, "how often each is measured")
	flags.IntVar(&o.seconds, "seconds", 0, "length of each load (0: as the shape has it)")
	flags.IntVar(&o.repeats, "repeats", 3, fmt.Sprintf("how often a run is repeated while other processes use more than %.2f CPUs", disturbance))
	flags.StringVar(&shapeNames, "shapes", "", "only these, with commas between: "+strings.Join(names(shapes()), ","))
	flags.StringVar(&peerNames, "peers", "", "only these beside ours, with commas between, such as wrk,k6")
	flags.StringVar(&o.plan, "plan", "bin/plan", "our program")
	flags.StringVar(&o.folder, "folder", "bin/bench", "where results and what the generators printed are kept")
	flags.StringVar(&o.doc, "doc", "", "document to write (default "+usualDoc+" where nothing was left out, else benchmarks.md in the folder)")
	flags.BoolVar(&o.resume, "resume", false, "keep the rounds in the folder that are whole and undisturbed, and measure the others")
	flags.Parse(arguments)
	o.shapes, o.peers = list(shapeNames), list(peerNames)
	known := names(shapes())
	for _, name := range o.shapes {
		if !slices.Contains(known, name) {
			return o, fmt.Errorf("no shape %q: there are %s", name, strings.Join(known, ", "))
		}
	}
	var generators []string
	for _, p := range peers.All("") {
		generators = append(generators, p.Name)
	}
	for _, name := range o.peers {
		if !slices.Contains(generators, name) {
			return o, fmt.Errorf("no peer %q: there are %s", name, strings.Join(generators, ", "))
		}
	}
	switch {
	case flags.NArg() > 0:
		return o, fmt.Errorf("%q is no flag: see --help", flags.Arg(0))
	case o.rounds < 1 || o.seconds < 0 || o.seconds == 1 || o.repeats < 0:
		return o, fmt.Errorf("at least 1 round and 2 seconds are needed")
	}
	if _, err := os.Stat(o.plan); err != nil {
		return o, fmt.Errorf("our own program is missing: %w: make build makes it", err)
	}
	whole := o.rounds >= usualRounds && o.seconds == 0 && len(o.shapes)+len(o.peers) == 0
	if whole {
		o.doc = cmp.Or(o.doc, usualDoc)
	}
	o.doc = cmp.Or(o.doc, filepath.Join(o.folder, "benchmarks.md"))
	return o, nil
}

// results returns the path of the file with the measurements, one line per run.
func (o options) results() string { return filepath.Join(o.folder, "results.jsonl") }

// includes reports whether a peer takes part.
func (o options) includes(peer string) bool {
	return peer == peers.Ours || len(o.peers) == 0 || slices.Contains(o.peers, peer)
}

func list(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, ",")
}
