package journal

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Changes returns how the plan, its variables and its files differ from those of a
// run, a line for each difference. A run that ended before its inputs were known has
// only its plan.
func (r Run) Changes(plan Plan, now Inputs) []string {
	var all []string
	if r.Plan.SHA256 != plan.SHA256 {
		all = append(all, plan.File+" has other content")
	}
	if r.Inputs == nil {
		return all
	}
	for _, name := range union(r.Inputs.Variables, now.Variables) {
		before, is := r.Inputs.Variables[name], now.Variables[name]
		switch {
		case before == is:
		case before.Hash != "" || is.Hash != "":
			all = append(all, "var."+name+", a secret, has another value")
		default:
			all = append(all, fmt.Sprintf("var.%s was %s, and is now %s", name, before.text(), is.text()))
		}
	}
	for _, path := range union(r.Inputs.Files, now.Files) {
		if r.Inputs.Files[path] != now.Files[path] {
			all = append(all, "the file "+path+" has other content")
		}
	}
	return all
}

func (i Input) text() string {
	if i == (Input{}) {
		return "not declared"
	}
	return i.Value
}

// ChangedImages returns how images differ from those of earlier inputs, a line for
// each one.
func (i Inputs) ChangedImages(now map[string]Digest) []string {
	var all []string
	for _, reference := range union(i.Images, now) {
		if before, is := i.Images[reference], now[reference]; before != is {
			all = append(all, fmt.Sprintf("the image %s was %s, and is now %s", reference, before.text(), is.text()))
		}
	}
	return all
}

// Comparable reports whether the digest is one of the content alone: that of a secret
// depends on its run.
func (d Digest) Comparable() bool { return strings.HasPrefix(string(d), "sha256:") }

func (d Digest) text() string {
	if d == "" {
		return "not used"
	}
	return string(d)
}

// Changes returns how the engine and its machine differ from an earlier state, a
// line for each difference.
func (h Host) Changes(now Host) []string {
	var all []string
	for _, one := range []struct {
		what        string
		before, now any
	}{
		{"the host", h.Name, now.Name},
		{"the memory of the host", h.Memory, now.Memory},
		{"its number of CPUs", h.CPUs, now.CPUs},
		{"its operating system", h.OS, now.OS},
		{"its kernel", h.Kernel, now.Kernel},
		{"the version of the engine", h.Engine, now.Engine},
		{"the version of its control groups", h.CgroupVersion, now.CgroupVersion},
	} {
		if one.before != one.now {
			all = append(all, fmt.Sprintf("%s was %v, and is now %v", one.what, one.before, one.now))
		}
	}
	return all
}

// Resumable reports whether a run can be resumed: it was killed, it was interrupted, or
// the engine was lost.
func (h Header) Resumable() bool { return h.Unfinished || h.ExitCode == Interrupted || h.EngineLost }

// Interrupted is the exit code of a run that was interrupted.
const Interrupted = 130

// Replayable returns the lines of a run that a resumed run repeats: those before
// the first line that an interruption or a lost engine caused.
func Replayable(lines []Line) []Line {
	end := slices.IndexFunc(lines, func(l Line) bool {
		stopped := func(r Reason) bool { return r == User || r == EngineLost }
		return l.End != nil || l.Stage != nil && stopped(l.Stage.AbortedBy) ||
			l.Trial != nil && l.Trial.Reason != nil && stopped(*l.Trial.Reason)
	})
	if end < 0 {
		return lines
	}
	return lines[:end]
}

// union returns the keys of both maps, sorted.
func union[V any](a, b map[string]V) []string {
	keys := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.SortFunc(keys, strings.Compare)
	return slices.Compact(keys)
}
