package main

import (
	"context"
	"fmt"
	"go/ast"
	"slices"
	"strings"
)

// target is a package that is changed everywhere, or in some declarations.
type target struct {
	folder string
	// names of the functions, methods as type.name, constants and variables
	// that are changed; none: all that the package has.
	names []string
	tests []string // folders of the packages whose tests are to notice it
}

// targets are what is changed throughout: each comparison, each "and" and
// "or", each number, each constant that is given a name, each "not".
var targets = []target{
	{folder: "runner/search", tests: []string{"runner/search"}},
	{folder: "runner/judge", tests: []string{"runner/judge", "runner"}},
	{folder: "engine", tests: []string{"runner/judge"}, names: []string{"Result.MostFrequentError"}},
	{folder: "runner/journal", tests: []string{"runner/judge", "runner/journal"}, names: []string{
		"Verdict.Counts", "Trial.StoppedByGuard", "Explanations", "Reason.Explain",
		"Run.Disproof", "Run.configuredAs", "same", "Run.asksNoMore", "Stage.Counted",
	}},
	{folder: "plans", tests: []string{"plans", "runner/guard", "runner"}, names: []string{
		"Hold", "Settings.Containers", "Recover", "QuietWait", "Extended",
	}},
	{folder: "runner", tests: []string{"runner"}, names: []string{
		// exit codes
		"ExitMet", "ExitNotMet", "ExitUsage", "ExitEnvironment", "ExitGuard", "ExitInconclusive", "ExitInterrupted",
		"exits", "exitCode", "stageExitCode", "Worse", "rank",
		// trials
		"cannotStartError", "conclude", "stopOf",
		// searches
		"run.search", "run.findAnswer", "run.runStrategy", "run.usesFirstLook", "run.tryCell",
		"run.missingRuntime", "spareSamples",
		// answers that are disproved, and what runs again
		"run.tryRecommended", "run.runAndRecord", "uses", "run.runWithReruns", "run.resumeDisproved",
		// ramps, checks and what may repeat a trial
		"run.ramp", "run.findUsers", "run.check", "run.runWithRetry", "run.prepareRetry", "run.waitForQuietHost",
		"abortedBy", "loadUsers",
	}},
	{folder: "runner/ramp", tests: []string{"runner/ramp", "runner"}, names: []string{
		"Steps.Add", "conclude", "Users.Bound", "Users.Answer", "Users.Conclude", "mostPassed", "loadedOf", "Growth.Shown",
	}},
	{folder: "runner/guard", tests: []string{"runner/guard", "runner"}},
	{folder: "runner/watch", tests: []string{"runner/watch", "runner"}, names: []string{
		"Watch.handle", "Watch.addTo", "Watch.sample", "WaitForQuiet", "quietFor",
	}},
	{folder: "runner/helpers", tests: []string{"runner/helpers", "runner"}, names: []string{
		"Helpers.Attribute", "Helpers.failedDependency", "Helpers.endedHelper", "dependencyTimeout", "helper.handle", "helper.endReason", "helper.endReasonSince",
	}},
	{folder: "runner/answer", tests: []string{"runner/answer", "runner"}, names: []string{
		"tried", "slack", "estimateMemory", "busyShare", "estimateCPUs", "ceiling", "answerOf",
		"Search.Counts", "Search.Above", "Search.Bound", "Search.Spend", "Search.Stop", "Search.Conclude", "Search.found", "Search.top", "Search.LastAt", "Search.Disprove",
	}},
	{folder: "runner/compare", tests: []string{"runner/compare"}},
	{folder: "runner/requests", tests: []string{"runner/requests", "runner"}, names: []string{
		// processes that are asked before a load
		"minStreak", "longStreak", "longWait", "processes.holders", "processes.listeners", "processes.acceptor", "processes.sockets",
		"processes.single", "processes.acceptorsKnown", "processes.connectionsNeeded", "spreading.pick", "spreading.serving", "spreading.complete", "spreading.done",
		"Settle",
		// requests before and after a load
		"mostTries", "Tries", "FirstTries", "triesAt",
	}},
}

// edit is a change of one place that the rules above do not make, or that is
// asked for by name. The place is text that is there once in a declaration,
// wherever among the targets that is.
type edit struct {
	name          string // of a function, a constant or a variable
	before, after string
	promise       string // what nobody holds where it survives
}

const reviewGroup = "the review's 25"

// review are the changes of a review of the tests, half of which survived then,
// and more of the same kind in the same parts.
var review = []edit{
	{"sigKilled", "128 + 9", "128 + 10", "exit code 137 alone is no witness of out of memory"},
	{"Observation.Decisive", "Replica.killed, ", "", "a replica that was killed decides"},
	{"Replica.killed", "*r.State.ExitCode == sigKilled", "false", "a kill that nobody explains is inconclusive"},
	{"Replica.Restarted", "r.Starts > 1", "r.Starts > 2", "a service that is started again fails"},
	{"Replica.ended", " || r.Restarted()", "", "a service that was restarted fails"},
	{"Replica.Restarted", " || r.State.Restarts > 0", "", "a service that the engine restarts fails"},
	{"Replica.Restarted", "r.Starts > 1 || ", "", "a service that is seen to start again fails"},
	{"outOfMemory", "!r.ended()", "r.State.Running", "a restarted service was no worker"},
	{"outOfMemory", "phase == journal.PhaseStart", "phase == journal.PhaseFirst", "memory that a start needs is told as such"},
	{"Hold", "5 * time.Second", "3 * time.Second", "a service without a load lives on for 5 s before it passes"},
	{"exits", environment + ",\n\t" + guard, guard + ",\n\t" + environment, "the guard outranks the environment"},
	{"Worse", "max(", "min(", "the worst of what happened is the exit code"},
	{"stageExitCode", "journal.Inconclusive, journal.Invalid:", "journal.Inconclusive:", "a load that could not be driven gives no verdict"},
	{"CannotStart", "case 126, 127:", "case 126:", "a command that does not exist is the plan's fault"},
	{"CannotStart", " || len(state.Witnesses) > 0", "", "what ran out of memory could start"},
	{"CannotStart", "o.Phase != journal.PhaseStart || ", "", "an end after readiness is an exit"},
	{"Guard.spare", "-units.Bytes(users)*userMemory", "", "the guard counts the memory of users"},
	{"Guard.spare", "-g.Floor", "", "the guard keeps the floor free"},
	{"Guard.Admit", "reserved(limits)", "limits.Memory", "the guard counts every replica"},
	{"Guard.Affordable", "reserved(stage.LimitsAt(c))", "stage.LimitsAt(c).Memory", "a search counts every replica"},
	{"run.search", "loadUsers(stage)", "0", "a search counts the memory of users"},
	{"estimateMemory", "+int64(slack)", "", "samples miss what lies between them"},
	{"Steps.Add", "!slices.ContainsFunc(", "true || slices.ContainsFunc(", "held lies below the first step that failed"},
	{"conclude", "!aborted", "(!aborted || true)", "a ramp that was cut off gives no answer"},
	{"Helpers.Attribute", " || v.Reason.Explain().OOM", "", "out of memory is the service's own doing"},
}

// Rows of the table of exit codes.
const (
	environment = `{ExitEnvironment, "the environment is not ready: engine, network, image, preflight, push; or a report was not written"}`
	guard       = `{ExitGuard, "stopped by the guard, or a budget used up, before the answer was proven"}`
)

// mutants are all changes, those of the review first, each once.
func (c campaign) mutants(ctx context.Context) ([]mutant, error) {
	sources, err := load(ctx, c.root, folders(c.targets))
	if err != nil {
		return nil, err
	}
	var all []mutant
	for _, e := range c.review {
		m, err := c.place(e, sources)
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	for _, t := range c.targets {
		found, err := t.mutants(sources[t.folder])
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return once(all), nil
}

func folders(targets []target) []string {
	var list []string
	for _, t := range targets {
		list = append(list, t.folder)
	}
	return list
}

// mutants are those of one target.
func (t target) mutants(s *source) ([]mutant, error) {
	there := map[string]bool{}
	var found []mutant
	for i, file := range s.files {
		f := &finder{source: s, path: s.paths[i], text: s.texts[i]}
		for name, node := range named(file) {
			there[name] = true
			if len(t.names) == 0 || slices.Contains(t.names, name) {
				f.function = name
				ast.Inspect(node, f.visit)
			}
		}
		times := map[[2]string]int{} // changes of one function that have equal text are numbered
		for _, m := range f.found {
			key := [2]string{m.Function, m.Change}
			if times[key]++; times[key] > 1 {
				m.Change += fmt.Sprintf(" (%d)", times[key])
			}
			found = append(found, m)
		}
	}
	for _, name := range t.names {
		if !there[name] {
			return nil, fmt.Errorf("%s has no %s: correct the table of targets", t.folder, name)
		}
	}
	for i := range found {
		found[i].Group, found[i].tests = t.folder, t.tests
	}
	return found, nil
}

// place finds where an edit is meant.
func (c campaign) place(e edit, sources map[string]*source) (mutant, error) {
	var found []mutant
	for _, t := range c.targets {
		s := sources[t.folder]
		for i, file := range s.files {
			for name, node := range named(file) {
				if name != e.name {
					continue
				}
				text, from, end := s.texts[i], s.offset(node.Pos()), s.offset(node.End())
				for {
					next := strings.Index(text[from:end], e.before)
					if next < 0 {
						break
					}
					at := from + next
					from = at + len(e.before)
					found = append(found, mutant{
						source: s, Group: reviewGroup, File: s.paths[i], Function: e.name, Change: changeText(e.before, e.after), tests: t.tests,
						Line: 1 + strings.Count(text[:at], "\n"), offset: at, end: from, text: e.after,
					})
				}
			}
		}
	}
	if len(found) != 1 {
		return mutant{}, fmt.Errorf("%q is %d times in a %s of the targets, not once: correct the table of the review", e.before, len(found), e.name)
	}
	return found[0], nil
}

// once leaves out what makes the same text of a file as a mutant before.
func once(all []mutant) []mutant {
	seen := map[[2]string]bool{}
	return slices.DeleteFunc(all, func(m mutant) bool {
		key := [2]string{m.File, m.applied()}
		was := seen[key]
		seen[key] = true
		return was
	})
}

// applied is the text of the mutant's file.
func (m mutant) applied() string {
	text := m.source.text(m.File)
	return text[:m.offset] + m.text + text[m.end:]
}

// within are the mutants in a folder or a file; all where none is named.
func within(all []mutant, in string) []mutant {
	return slices.DeleteFunc(all, func(m mutant) bool { return !inside(m.File, in) })
}

// inside says whether a file is, or lies in, a path from the module's root.
func inside(file, path string) bool {
	path = strings.Trim(strings.TrimPrefix(path, "./"), "/")
	return path == "" || file == path || strings.HasPrefix(file, path+"/")
}
