package main

import (
	"regexp"
	"runtime/debug"
	"strings"
)

// revision is what `make build` was given by git: a tag, with commits behind it
// where there are some, else a commit. "" of any other build. The linker sets
// it, and nothing else does.
var revision string

// version of the command; `requires` in a plan is held against it.
var version = versionOf(revision, buildInfo())

func buildInfo() debug.BuildInfo {
	if info, ok := debug.ReadBuildInfo(); ok {
		return *info
	}
	return debug.BuildInfo{}
}

// versionOf is the tag that a command was built from, as "0.2.0", or else
// "dev" with the commit where that is known: such a build is no version, and
// meets every `requires`.
func versionOf(revision string, info debug.BuildInfo) string {
	if revision == "" {
		revision = info.Main.Version // of `go install`, and of go build with -buildvcs
	}
	if tag.MatchString(revision) && !unreleased.MatchString(revision) {
		return strings.TrimPrefix(revision, "v")
	}
	if commit := commitOf(revision, info); commit != "" {
		return "dev-" + commit
	}
	return "dev"
}

var (
	tag = regexp.MustCompile(`^v\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$`)
	// unreleased is what git and the go command write behind a tag where the
	// source is not that of the tag.
	unreleased = regexp.MustCompile(`-\d+-g[0-9a-f]+|[-.]\d{14}-[0-9a-f]{12}|-dirty$`)
	commit     = regexp.MustCompile(`(?:^|-g|[-.]\d{14}-)([0-9a-f]{7,40})(?:-dirty|\+dirty)?$`)
)

// commitOf is the commit of a build, in twelve digits at most; "" where nothing
// says it.
func commitOf(revision string, info debug.BuildInfo) string {
	found := ""
	if parts := commit.FindStringSubmatch(revision); parts != nil {
		found = parts[1]
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && found == "" {
			found = s.Value
		}
	}
	return found[:min(len(found), 12)]
}
