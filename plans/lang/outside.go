package lang

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"plan/plans"
	"plan/plans/diag"
)

// reads records a file or a folder that the plan reads, if it is outside of the plan's folder.
func (p *program) reads(path string, at diag.SourceRange) {
	if target, outside := p.outsideOf(path); outside {
		p.reaches("reads", target, at)
	}
}

// mounts records a folder that a service mounts, which need not be outside of the plan's.
func (p *program) mounts(path string, at diag.SourceRange) {
	p.reaches("mounts", "the folder "+resolved(path), at)
}

// builds records what a build reads: the folder of the context, and the Dockerfile, which may be elsewhere.
func (p *program) builds(b plans.Build, context, dockerfile diag.SourceRange) {
	p.reads(b.Context, context)
	if b.Dockerfile == "" {
		dockerfile = context
	}
	if target, outside := beyond(b.Context, b.File()); outside {
		p.reads(target, dockerfile)
	}
}

// writes records the files of a report that are outside of the folder in which the command runs. A report of several
// files is a folder, in which any of them may be a link.
func (p *program) writes(path string, at diag.SourceRange) {
	folder, err := filepath.Abs(".")
	if err != nil {
		p.reaches("writes", path, at)
		return
	}
	absolute := path
	if !filepath.IsAbs(path) {
		absolute = filepath.Join(folder, path)
	}
	target, outside := beyond(folder, absolute)
	switch {
	case outside && (target == filepath.Join(resolved(folder), path) || target == filepath.Clean(path)):
		p.reaches("writes", path, at) // no link leads there
	case outside:
		p.reaches("writes", target, at)
	}
	entries, _ := os.ReadDir(absolute) // of a file none
	for _, entry := range entries {
		target, outside := beyond(folder, filepath.Join(absolute, entry.Name()))
		if outside && entry.Type()&os.ModeSymlink != 0 {
			p.reaches("writes", target, at)
		}
	}
}

// reaches records something once.
func (p *program) reaches(does, what string, at diag.SourceRange) {
	if r := (plans.Reach{Does: does, What: what, At: at}); !slices.Contains(p.outside, r) {
		p.outside = append(p.outside, r)
	}
}

// outsideOf returns where a file is, with links resolved, and whether that is outside of the plan's folder.
func (p *program) outsideOf(path string) (target string, outside bool) {
	return beyond(filepath.Dir(p.resolvePath(filepath.Base(p.file))), path)
}

// beyond returns where a file is, with links resolved, and whether that is outside of a folder.
func beyond(folder, path string) (target string, outside bool) {
	target = resolved(path)
	relative, err := filepath.Rel(resolved(folder), target)
	return target, err != nil || relative == ".." || strings.HasPrefix(relative, "../")
}

// resolved returns a path with the links of what is there resolved. What is not there is made in its nearest folder.
func resolved(path string) string {
	rest := ""
	for at := path; ; at = filepath.Dir(at) {
		if target, err := filepath.EvalSymlinks(at); err == nil {
			return filepath.Join(target, rest)
		}
		if at == filepath.Dir(at) {
			return path
		}
		rest = filepath.Join(filepath.Base(at), rest)
	}
}
