package main

import "plan/cmd/plan/internal/built"

// revision is set by the linker in `make build`, from git: a tag, with the commits
// since then, else a commit. It is "" in other builds.
var revision string

// version is that of the command, which `requires` in a plan is compared with.
var version = built.Version(revision)
