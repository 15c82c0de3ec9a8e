// Package built names the version of a build.
package built

import (
	"regexp"
	"runtime/debug"
	"strings"
)

// Version returns the tag that the command was built from, as "0.2.0", else "dev" with at
// most twelve digits of the commit where that is known. A dev build meets every
// `requires`. revision is that of git: a tag, with the commits since then, else a commit;
// "" where the build did not set it.
func Version(revision string) string {
	info, known := debug.ReadBuildInfo()
	if !known {
		info = &debug.BuildInfo{}
	}
	return versionOf(revision, *info)
}

func versionOf(revision string, info debug.BuildInfo) string {
	if revision == "" {
		revision = info.Main.Version // of `go install`, and of go build with -buildvcs
	}
	if tag.MatchString(revision) && !unreleased.MatchString(revision) {
		return strings.TrimPrefix(revision, "v")
	}
	found := "" // the commit
	if parts := commit.FindStringSubmatch(revision); parts != nil {
		found = parts[1]
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && found == "" {
			found = s.Value
		}
	}
	if found == "" {
		return "dev"
	}
	return "dev-" + found[:min(len(found), 12)]
}

var (
	tag = regexp.MustCompile(`^v\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$`)
	// unreleased is the suffix of git and the go command where the source is not that
	// of the tag.
	unreleased = regexp.MustCompile(`-\d+-g[0-9a-f]+|[-.]\d{14}-[0-9a-f]{12}|-dirty$`)
	commit     = regexp.MustCompile(`(?:^|-g|[-.]\d{14}-)([0-9a-f]{7,40})(?:-dirty|\+dirty)?$`)
)
