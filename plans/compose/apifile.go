package compose

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v4"
)

// addedFile is a Compose file that was taken besides those that were named.
type addedFile struct {
	project *project
	files   []string   // all, the one that was taken first
	target  loadTarget // what it was looked for
	met     bool       // its load generator is on a network with the target
}

// readAll reads the files of the options. Those of other folders that have only load
// generators are read as the projects that they are: Compose would look for their files
// beside the first one.
func readAll(ctx context.Context, o Options) (*project, error) {
	var together []string
	var apart []*project
	elsewhere := func(file string) bool { return filepath.Dir(file) != filepath.Dir(o.Files[0]) }
	for _, file := range o.Files {
		if elsewhere(file) || len(together) == 0 {
			alone, err := read(ctx, []string{file}, o)
			if err == nil && alone.onlyGenerators() && slices.ContainsFunc(o.Files, elsewhere) {
				apart = append(apart, alone)
				continue
			}
		}
		together = append(together, file)
	}
	if len(together) == 0 {
		return read(ctx, o.Files, o)
	}
	s, err := read(ctx, together, o)
	if err != nil {
		return nil, err
	}
	for _, other := range apart {
		s = s.withGenerators(other)
	}
	return s, nil
}

// undefined is how Compose's reader says that the files do not have what they name.
var undefined = regexp.MustCompile(`undefined (service|network|volume|config|secret) "?([A-Za-z0-9_.-]+)`)

// lacking names the Compose files beside the named ones that have what these lack, if the error is about that.
func lacking(ctx context.Context, o Options, err error) error {
	all, first := o, err
	var added []string
	for err != nil {
		found := undefined.FindStringSubmatch(err.Error())
		if found == nil {
			break
		}
		file := fileWith(filepath.Dir(o.Files[0]), found[1]+"s", found[2])
		if file == "" || slices.Contains(all.Files, file) {
			return first
		}
		added = append(added, file)
		slices.Sort(added) // which of several is missed first is of chance
		all.Files = slices.Concat(added, o.Files)
		_, err = readAll(ctx, all)
	}
	if len(added) == 0 {
		return first
	}
	return fmt.Errorf("%s names what only %s has: name all files: plan init --from %s", strings.Join(o.Files, ", "),
		strings.Join(added, ", "), strings.Join(all.Files, " --from "))
}

// fileWith is the Compose file of a folder that has an entry under a word, one with Compose's own name first; "" for
// none.
func fileWith(folder, word, entry string) string {
	paths, _ := filepath.Glob(filepath.Join(folder, "*.y*ml")) // the pattern is well-formed
	for _, path := range append(Find(folder), paths...) {
		content, err := os.ReadFile(path)
		var model map[string]any
		if err != nil || yaml.Unmarshal(content, &model) != nil {
			continue
		}
		if entries, _ := model[word].(map[string]any); slices.Contains(slices.Collect(maps.Keys(entries)), entry) {
			return path
		}
	}
	return ""
}

// onlyGenerators reports whether a project has load generators alone.
func (s *project) onlyGenerators() bool {
	for _, x := range s.AllServices() {
		if s.tool(x).role != loadRole {
			return false
		}
	}
	return len(s.AllServices()) > 0
}

// withGenerators is a project with the load generators of another one, which has its
// own folder and names its images after itself.
func (s *project) withGenerators(of *project) *project {
	joined := *s
	both := *s.Project
	files := *s.written
	joined.Project, joined.written = &both, &files
	both.Services, files.services = maps.Clone(s.Services), maps.Clone(s.written.services)
	for name, x := range of.AllServices() {
		if _, taken := both.Services[name]; taken {
			continue
		}
		if x.Image == "" {
			x.Image, x.PullPolicy = of.builtName(name), types.PullPolicyNever
		}
		both.Services[name] = x
		files.services[name] = of.written.services[name]
	}
	files.names += ", " + of.written.names
	return &joined
}

// findAPIFile looks for the file of the API where the named ones have only load
// generators: a Compose file that has what they ask, in the same folder, else in the one
// above or in one beside. nil where there is none, or none that is sure to be meant: the
// files that may be are returned too.
func (s *project) findAPIFile(ctx context.Context, o Options) (*addedFile, []string) {
	if !s.onlyGenerators() {
		return nil, nil
	}
	here := filepath.Dir(o.Files[0])
	for _, place := range []string{here, filepath.Join(here, ".."), filepath.Join(here, "..", "*")} {
		found := s.apiFilesIn(ctx, place, o)
		for _, name := range cli.DefaultFileNames { // of several in one folder, Compose itself reads this one
			same := func(f *addedFile) bool { return f.files[0] == filepath.Join(place, name) }
			if i := slices.IndexFunc(found, same); i >= 0 {
				found = found[i : i+1]
			}
		}
		var files []string
		for _, f := range found {
			files = append(files, f.files[0])
		}
		if len(found) == 1 && (place == here || found[0].meant(here)) {
			return found[0], nil
		}
		if len(found) > 0 {
			return nil, files
		}
	}
	return nil, nil
}

// apiFilesIn are the Compose files in folders of a pattern that have what the load
// generators of a project ask.
func (s *project) apiFilesIn(ctx context.Context, place string, o Options) (found []*addedFile) {
	paths, _ := filepath.Glob(filepath.Join(place, "*.y*ml")) // the pattern is well-formed
	for _, path := range paths {
		if slices.ContainsFunc(o.Files, func(file string) bool { return same(file, path) }) {
			continue
		}
		files := append([]string{path}, o.Files...)
		named := o
		named.Files = files
		both, err := readAll(ctx, named)
		if err != nil {
			continue // it is another kind of file, or no whole one
		}
		for _, name := range slices.Sorted(maps.Keys(s.AllServices())) {
			x := s.AllServices()[name]
			targets := generatorsOf(both).targetsOf(x)
			asked := slices.IndexFunc(targets, func(a loadTarget) bool {
				to, on := both.AllServices()[a.service]
				return on && both.tool(to).role != loadRole
			})
			if ours := x.Image == "" || x.Image == both.Services[name].Image; ours && asked >= 0 {
				found = append(found, &addedFile{both, files, targets[asked], s.reachesIn(x, both, targets[asked].service)})
				break
			}
		}
	}
	return found
}

// reachesIn reports whether a service finds one of another project by its name: both are on
// an external network, or one that the projects give the same name.
func (s *project) reachesIn(x types.ServiceConfig, other *project, name string) bool {
	for key := range x.Networks {
		for there := range other.AllServices()[name].Networks {
			if s.Networks[key].Name == other.Networks[there].Name {
				return true
			}
		}
	}
	return false
}

// meant reports whether a file of another folder is sure to be meant by the files of a
// folder: it is of the same repository, and either of the folder above or of a project
// that the load generators meet on a network.
func (f *addedFile) meant(here string) bool {
	folder := filepath.Dir(f.files[0])
	above := same(folder, filepath.Join(here, ".."))
	return !isRepository(here) && (above || f.met && !isRepository(folder))
}

// isRepository reports whether a folder is the root of a repository of git.
func isRepository(folder string) bool {
	_, err := os.Stat(filepath.Join(folder, ".git"))
	return err == nil
}

// generatorsBeside looks for a Compose file with load generators alone, in the folder of
// the files or in one below it, where the files have none. It returns its path and what
// they ask of the files' services.
func generatorsBeside(ctx context.Context, s *project, o Options) (file string, targets []loadTarget) {
	for _, x := range s.AllServices() {
		if s.tool(x).role == loadRole {
			return "", nil
		}
	}
	for _, place := range []string{"", "*"} {
		paths, _ := filepath.Glob(filepath.Join(filepath.Dir(o.Files[0]), place, "*.y*ml")) // the pattern is well-formed
		for _, path := range paths {
			if slices.ContainsFunc(o.Files, func(file string) bool { return same(file, path) }) {
				continue
			}
			other, err := read(ctx, []string{path}, o)
			if err != nil || !other.onlyGenerators() {
				continue
			}
			for _, a := range generatorsOf(s.withGenerators(other)).targets() {
				if _, on := s.AllServices()[a.service]; on {
					return path, append(targets, a)
				}
			}
		}
	}
	return "", nil
}

// same reports whether two paths are those of one file.
func same(a, b string) bool {
	one, err := os.Stat(a)
	other, errOther := os.Stat(b)
	return err == nil && errOther == nil && os.SameFile(one, other)
}

// noteAssumptions notes what was decided of the API and may have been meant otherwise.
func (c *converter) noteAssumptions(beside *addedFile) {
	if beside != nil {
		c.note("", "", fmt.Sprintf("%s is used too: it has %s, which %s calls", c.fromPlan(beside.files[0]),
			beside.target.service, beside.target.by))
	}
	if r := c.project.role(c.selection.api); roleNames[r] != "" {
		c.note(c.selection.api, "", fmt.Sprintf("it is %s, not an API; it is tested because of --service", roleNames[r]))
	}
	var same []string
	choice := chooser{c.project}
	for name := range c.project.Services {
		if name != c.selection.api && c.project.canBeAPI(name) && choice.runSame([]string{c.selection.api, name}) {
			same = append(same, name)
		}
	}
	if slices.Sort(same); len(same) > 0 {
		c.note(c.selection.api, "",
			fmt.Sprintf("%s: copies of this service: write replicas = %d to test all of them",
				strings.Join(same, ", "), len(same)+1))
	}
}
