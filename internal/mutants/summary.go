package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// leastShare is the minimum share of killed mutants among those that compile.
const leastShare = 0.9

// summary is the result of all mutants, with the list of accepted survivors.
type summary struct {
	results  []result
	accepted []name
}

// tally counts the mutants of a group.
type tally struct{ all, killed, timedOut, noCompile, survived int }

func (t *tally) add(f outcome) {
	t.all++
	switch f {
	case killed:
		t.killed++
	case timedOut:
		t.killed++
		t.timedOut++
	case noCompile:
		t.noCompile++
	case survived:
		t.survived++
	}
}

// share returns the share of killed mutants among those that compile.
func (t tally) share() float64 { return float64(t.killed) / float64(max(1, t.killed+t.survived)) }

func (t tally) row(group string) string {
	return fmt.Sprintf("%-16s %8d %7d %12d %9d %6.1f %%", group, t.all, t.killed, t.noCompile, t.survived, 100*t.share())
}

// print writes counts, survivors and faults. It returns errMissed if there are
// faults.
func (s summary) print(out io.Writer) error {
	survivors := s.survivors()
	for _, r := range survivors {
		fmt.Fprintf(out, "%s:%d %s: %s\n", r.File, r.Line, r.Function, r.Change)
	}
	if len(survivors) > 0 {
		fmt.Fprintln(out)
	}
	total := s.counts(out)
	unlisted, stale := s.unlisted(survivors), s.stale(survivors)
	printRows(out, "These survived and are not in docs/mutants.md: write a test that fails on them, or a row with the reason:", unlisted)
	printRows(out, "These are in docs/mutants.md and did not survive: take their rows out:", stale)
	if total.share() < leastShare {
		fmt.Fprintf(out, "\n%.1f %% were killed, under %.0f %%.\n", 100*total.share(), 100*leastShare)
	}
	if len(unlisted)+len(stale) > 0 || total.share() < leastShare {
		return errMissed
	}
	return nil
}

func (s summary) survivors() []result {
	return slices.DeleteFunc(slices.Clone(s.results), func(r result) bool { return r.outcome != survived })
}

// counts writes a row for each group, in the order of the results.
func (s summary) counts(out io.Writer) (total tally) {
	var groups []string
	counts := map[string]*tally{}
	for _, r := range s.results {
		if counts[r.Group] == nil {
			groups = append(groups, r.Group)
			counts[r.Group] = &tally{}
		}
		counts[r.Group].add(r.outcome)
		total.add(r.outcome)
	}
	fmt.Fprintf(out, "%-16s %8s %7s %12s %9s %8s\n", "", "mutants", "killed", "not compiled", "survived", "killed")
	for _, group := range groups {
		fmt.Fprintln(out, counts[group].row(group))
	}
	fmt.Fprintln(out, total.row("all"))
	if total.timedOut > 0 {
		fmt.Fprintf(out, "%d of the killed made the tests hang.\n", total.timedOut)
	}
	return total
}

func (s summary) unlisted(survivors []result) []name {
	var names []name
	for _, r := range survivors {
		if !slices.Contains(s.accepted, r.name()) {
			names = append(names, r.name())
		}
	}
	return names
}

func (s summary) stale(survivors []result) []name {
	return slices.DeleteFunc(slices.Clone(s.accepted), func(n name) bool {
		return slices.ContainsFunc(survivors, func(r result) bool { return r.name() == n })
	})
}

// printRows prints mutants as rows of the table.
func printRows(out io.Writer, what string, names []name) {
	if len(names) == 0 {
		return
	}
	var rows strings.Builder
	for _, n := range names {
		rows.WriteString(n.row() + "\n")
	}
	fmt.Fprintf(out, "\n%s\n%s", what, &rows)
}
