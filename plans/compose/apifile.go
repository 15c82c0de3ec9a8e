package compose

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// addedFile is a Compose file that was taken besides those that were named.
type addedFile struct {
	project *project
	files   []string   // all, the one that was taken first
	target  loadTarget // what it was looked for
}

// findAPIFile looks for the file of the API where the named ones have only load
// generators: a Compose file in the same folder that has what they ask. nil where
// there is none, or more than one.
func (s *project) findAPIFile(ctx context.Context, o Options) *addedFile {
	for _, x := range s.AllServices() {
		if s.tool(x).role != loadRole {
			return nil
		}
	}
	var found []*addedFile
	paths, _ := filepath.Glob(filepath.Join(filepath.Dir(o.Files[0]), "*.y*ml")) // the pattern is well-formed
	for _, path := range paths {
		if slices.ContainsFunc(o.Files, func(file string) bool { return filepath.Clean(file) == path }) {
			continue
		}
		files := append([]string{path}, o.Files...)
		both, err := read(ctx, files, o.Environ)
		if err != nil {
			continue // it is another kind of file, or no whole one
		}
		for _, a := range both.loadTargets() {
			if x, on := both.Services[a.service]; on && both.tool(x).role != loadRole {
				found = append(found, &addedFile{both, files, a})
				break
			}
		}
	}
	if len(found) != 1 {
		return nil
	}
	return found[0]
}

// noteAssumptions notes what was decided of the API and may have been meant otherwise.
func (c *converter) noteAssumptions(beside *addedFile) {
	if beside != nil {
		c.note("", "", fmt.Sprintf("%s is taken too: it has %s, which %s asks", filepath.Base(beside.files[0]),
			beside.target.service, beside.target.by))
	}
	if r := c.project.tool(c.project.Services[c.selection.api]).role; roleNames[r] != "" {
		c.note(c.selection.api, "", fmt.Sprintf("it is %s, and no API: it is tested since --service says so", roleNames[r]))
	}
	var same []string
	choice := chooser{c.project}
	for name := range c.project.Services {
		if name != c.selection.api && choice.canBeAPI(name) && choice.runSame([]string{c.selection.api, name}) {
			same = append(same, name)
		}
	}
	if slices.Sort(same); len(same) > 0 {
		c.note(c.selection.api, "",
			fmt.Sprintf("%s: the same again: write replicas = %d to test all of them", strings.Join(same, ", "), len(same)+1))
	}
}
