package compose

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// mostSources are as many files of a service as are read, sourceMost is how long each may
// be, and mostMet are as many entries of folders as are looked at: more are data.
const (
	mostSources = 500
	sourceMost  = 256 << 10
	mostMet     = 20_000
)

var (
	codeFiles = regexp.MustCompile(`(?i)\.(?:py|js|mjs|ts|go|java|kt|scala|rb|rs|cs|php|r|jl)$`)
	noSources = []string{"node_modules", "venv", "env", "site-packages", "__pycache__"}
)

// sourcesOf is the text of the code and the configuration that a service runs, as far as its
// Dockerfile copies it or the Compose file mounts it from this machine. It is not known
// where there is no code, or more than is read.
func sourcesOf(x types.ServiceConfig) (text string, known bool) {
	var roots []string
	for _, words := range dockerfileOf(x).Copied {
		for _, source := range words[:max(0, len(words)-1)] {
			found, _ := filepath.Glob(filepath.Join(x.Build.Context, source)) // else it is no path
			roots = append(roots, found...)
		}
	}
	for _, v := range x.Volumes {
		if v.Type == types.VolumeTypeBind {
			roots = append(roots, v.Source)
		}
	}
	var b strings.Builder
	read, met, code := map[string]bool{}, 0, false
	for _, root := range roots {
		err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
			name := filepath.Base(file)
			isCode := codeFiles.MatchString(name)
			if met++; met > mostMet || len(read) > mostSources {
				return fs.ErrInvalid
			}
			switch {
			case err != nil || read[file]:
			case entry.IsDir() && file != root && (strings.HasPrefix(name, ".") || slices.Contains(noSources, name)):
				return fs.SkipDir
			case entry.Type().IsRegular() && (isCode || settingFiles.MatchString(name) && !composeFiles.MatchString(name)):
				read[file], code = true, code || isCode
				if info, err := entry.Info(); err == nil && info.Size() <= sourceMost {
					content, _ := os.ReadFile(file) // what cannot be read says nothing
					b.Write(append(content, '\n'))
				}
			}
			return nil
		})
		if err != nil {
			return "", false
		}
	}
	return b.String(), code
}

// namedIn reports whether a text has a name of a service as a word.
func namedIn(text string, x types.ServiceConfig) bool {
	return slices.ContainsFunc(namesOf(x), func(name string) bool {
		return name != "" && regexp.MustCompile(`(?:^|[^\w-])`+regexp.QuoteMeta(name)+`(?:[^\w-]|$)`).MatchString(text)
	})
}
