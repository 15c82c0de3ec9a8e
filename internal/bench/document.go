package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"plan/internal/bench/peers"
)

// The text between these lines of the document is written by hand and kept.
const (
	notesBegin = "<!-- by hand, kept: -->"
	notesEnd   = "<!-- end of what is kept -->"
	noNotes    = "Nobody has looked into it yet."
)

// publish writes the document, and prints the goals.
func publish(out io.Writer, o options, w world, records []record) error {
	notes := noNotes
	old, err := os.ReadFile(o.doc)
	if err == nil {
		notes = kept(string(old))
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(o.doc), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(o.doc, []byte(document(o, w, records, notes)), 0o644); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s\nAll tables are in %s, the runs in %s.\n", goalTable(o, w, records), o.doc, o.results())
	return err
}

// kept returns the hand-written part of an earlier document.
func kept(old string) string {
	_, rest, begins := strings.Cut(old, notesBegin)
	notes, _, ends := strings.Cut(rest, notesEnd)
	if !begins || !ends {
		return noNotes
	}
	return strings.TrimSpace(notes)
}

// document returns the whole document.
func document(o options, w world, records []record, notes string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Benchmarks\n\nThe load engine beside other load generators, as `make bench` found it on %s. ", w.at.UTC().Format("2 January 2006"))
	b.WriteString("It wrote this file too, but for the part on goals that are missed.\n\n")
	b.WriteString("## Goals\n\n" + goalTable(o, w, records) + "\n" + explanation)
	b.WriteString("\n## Where a goal is missed, and why\n\n" + notesBegin + "\n" + notes + "\n" + notesEnd + "\n")
	for _, s := range sections() {
		for _, shape := range chosen(o) {
			if shape.name == s.shape {
				fmt.Fprintf(&b, "\n## %s\n\n%s %d s a run.\n\n%s", s.title, s.text, shape.seconds, s.table(shape, w, records,
					o.includes))
			}
		}
	}
	b.WriteString("\n" + method + "\n## Where\n\n" + w.describe())
	return b.String()
}

const explanation = `Each figure is the median of the rounds, with the least and the greatest beside it. A ratio is ours divided by theirs of
the same round, and then the median: machines get faster and slower within minutes.
`

const method = `## How it is measured

- One generator at a time, on a core of its own. The service is on another core: a server that is the referee as well. It
  counts requests and connections and notes when requests come; a generator that sent anything else than what it was
  asked for has failed.
- Generators take turns, round by round; every second round goes the other way. Those that no goal is compared with are
  measured in fewer rounds: see the column of runs.
- *CPU a request*: user and system time of the process, from its start to its end, divided by the requests that the
  referee counted. vegeta's report is made afterwards and costs nothing here.
- *Peak MB*: the most memory that was resident, in millions of bytes.
- *Latencies and errors* are the generator's own word. *By the log*: from the request's place in the schedule to its
  answer, as the referee noted both; only where all requests of the schedule came.
- *Arithmetic*: of a constant schedule, the requests that fall into the stall wait evenly between all of it and nothing.
- *All active*: from the start of the process until as many connections as users have sent a request.
- A run during which other processes used more than a third of a CPU was repeated, three times at most, and the one that
  was disturbed least counts; \* marks those in which it still was more.

## How to run it again

` + "```" + `
make bench                              # all of it, on a quiet machine with two cores
make bench rounds=1 seconds=3           # whether it works
make bench shapes=sat,jitter peers=wrk,vegeta
make bench resume=true                  # go on where it was stopped; rounds that were disturbed are measured again
` + "```" + `

It installs what is missing: as root on Debian or Ubuntu with apt-get, and with ` + "`go install`" + ` into the user's cache. Only a
whole run writes this file; others write theirs into bin/bench.
`

// goalTable returns the table of goals.
func goalTable(o options, w world, records []record) string {
	var b strings.Builder
	b.WriteString(row("what", "ours", "compared with", "it", "ours / it", "goal", "reached") + strings.Repeat("|---",
		7) + "|\n")
	for _, g := range goals(chosen(o)) {
		f := g.find(records)
		if _, here := w.find(g.against); g.against != "" && !here {
			f.unmeasured = g.against + " is not installed: " + w.get(g.against)
		}
		b.WriteString(f.row())
	}
	b.WriteString(w.allocation.row())
	return b.String()
}

func (f finding) row() string {
	ours := f.unit.spread(f.ours) + f.unit.name
	if f.ours.N == 0 {
		ours = "-"
	}
	if f.disturbed {
		ours += " \\*"
	}
	if !f.relative() {
		return row(f.what, ours, "", "", "", f.target(), f.verdict())
	}
	quotient, theirs := ratios(f.ratio), "-"
	if f.theirs.N > 0 {
		theirs = f.unit.spread(f.theirs) + f.unit.name
	}
	if f.rule == near {
		quotient = plain.spread(f.ratio)
	}
	return row(f.what, ours, f.reference(), theirs, quotient, f.target(), f.verdict())
}

func (a allocation) row() string {
	what := fmt.Sprintf("allocations a request (`%s`, `%s` in `engine`)", allocationBenchmark, allocationTest)
	switch {
	case a.failed != "":
		return row(what, "-", "", "", "", "0", a.failed)
	case a.perRequest > 0 || !a.exact:
		return row(what, plain.number(a.perRequest), "", "", "", "0", "**no**")
	}
	return row(what, "0", "", "", "", "0", "yes")
}

// get returns how to install a missing peer.
func (w world) get(peer string) string {
	for _, p := range w.absent {
		if p.Name == peer {
			return "`" + p.Get + "`"
		}
	}
	return ""
}

// describe returns a description of the machine and of the versions.
func (w world) describe() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %d CPUs, %.0f GB of memory, %s. Generators on CPU %d, the referee on CPU %d. %s.\n\n",
		w.cpu, w.cpus, float64(w.memory)/1e9, w.kernel, w.cores.generator, w.cores.referee, w.at.UTC().Format(time.RFC3339))
	b.WriteString(row("generator", "version") + "|---|---|\n")
	for _, p := range peers.All("") {
		switch g, here := w.find(p.Name); {
		case here:
			b.WriteString(row(p.Name, g.version))
		default:
			b.WriteString(row(p.Name, "not installed: "+w.get(p.Name)))
		}
	}
	return b.String()
}
