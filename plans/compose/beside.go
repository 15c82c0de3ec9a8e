package compose

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// addition is a Compose file that was taken besides those that were named.
type addition struct {
	stack *stack
	files []string // all, the one that was taken first
	asked asked    // what it was looked for
}

// beside looks for the file of the API where the named ones have only load
// generators: a Compose file in the same folder that has what they ask. nil where
// there is none, or more than one.
func (s *stack) beside(ctx context.Context, o Options) *addition {
	for _, x := range s.AllServices() {
		if s.tool(x).role != loads {
			return nil
		}
	}
	var found []*addition
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
		for _, a := range both.targets() {
			if x, on := both.Services[a.service]; on && both.tool(x).role != loads {
				found = append(found, &addition{both, files, a})
				break
			}
		}
	}
	if len(found) != 1 {
		return nil
	}
	return found[0]
}

// doubts notes what was decided of the API and may have been meant otherwise.
func (c *converter) doubts(beside *addition) {
	if beside != nil {
		c.note("", "", fmt.Sprintf("%s is taken too: it has %s, which %s asks", filepath.Base(beside.files[0]), beside.asked.service, beside.asked.by))
	}
	if r := c.stack.tool(c.stack.Services[c.cast.api]).role; called[r] != "" {
		c.note(c.cast.api, "", fmt.Sprintf("it is %s, and no API: it is tested since --service says so", called[r]))
	}
	var same []string
	choice := chooser{c.stack}
	for name := range c.stack.Services {
		if name != c.cast.api && choice.possible(name) && choice.equals([]string{c.cast.api, name}) {
			same = append(same, name)
		}
	}
	if slices.Sort(same); len(same) > 0 {
		c.note(c.cast.api, "", fmt.Sprintf("%s: the same again: write replicas = %d to test all of them", strings.Join(same, ", "), len(same)+1))
	}
}
