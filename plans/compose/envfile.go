package compose

import (
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"

	"plan/internal/envfile"
)

// resolveEnvironments adds the variables of files to those of the services. A file that
// is not there adds none: it may be made before the plan runs.
func (s *project) resolveEnvironments() error {
	files := map[string][]types.EnvFile{}
	there := map[string]types.ServiceConfig{}
	for name, x := range s.Services {
		if s.own[name] == nil { // else they were resolved before
			s.own[name] = slices.AppendSeq([]string{}, maps.Keys(x.Environment))
		}
		files[name] = x.EnvFiles
		x.EnvFiles = slices.DeleteFunc(slices.Clone(x.EnvFiles), func(file types.EnvFile) bool { return !isFile(file.Path) })
		there[name] = x
	}
	read := *s.Project
	read.Services = there
	resolved, err := read.WithServicesEnvironmentResolved(false)
	if err != nil {
		return err
	}
	for name, x := range resolved.Services {
		x.EnvFiles = files[name]
		resolved.Services[name] = x
	}
	s.Project = resolved
	return nil
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// envFiles writes the files of variables of a service. It returns the variables that a
// plan reads from them.
func (w serviceWriter) envFiles(p *page, s types.ServiceConfig) map[string]string {
	// References in the files take first, when the plan is read, the environment of the
	// command, then that of the service.
	set := func(name string) (string, bool) {
		if value, is := envfile.Lookup(w.converter.Options.Environ, name); is {
			return value, true
		}
		if value := s.Environment[name]; value != nil && slices.Contains(w.converter.project.own[s.Name], name) {
			return *value, true
		}
		return "", false
	}
	values := map[string]string{}
	var items []string
	for _, file := range s.EnvFiles {
		path := w.converter.besidePlan(file.Path)
		if slices.Contains(items, quote(path)) {
			continue
		}
		if data, err := os.ReadFile(file.Path); err == nil {
			own, err := envfile.Parse(data, set, values)
			if err != nil { // Compose takes it in another format
				continue
			}
			maps.Copy(values, own)
		} else if !file.Required {
			w.converter.note(s.Name, "env_file", path+" does not exist, and is not required: it is left out")
			continue
		} else {
			missing := path + " does not exist: create it before the run"
			if example := envfile.Example(file.Path); example != "" { // that it is usually copied from
				missing += ", such as from " + filepath.Base(example)
			}
			w.converter.note(s.Name, "env_file", missing)
		}
		items = append(items, quote(path))
	}
	if len(items) > 0 {
		p.list("env_file", items)
	}
	return values
}

// readFiles reads the files of variables of a service, which are named the last one first,
// as a plan reads them. One that does not exist, and is required, is noted.
func (c *converter) readFiles(s types.ServiceConfig) (files []string, read map[string]string) {
	process := func(name string) (string, bool) { return envfile.Lookup(c.Options.Environ, name) }
	read = map[string]string{}
	for _, file := range slices.Backward(s.EnvFiles) { // a later file overrides those before
		path := c.besidePlan(file.Path)
		data, err := os.ReadFile(file.Path)
		if err != nil && file.Required {
			c.note(s.Name, "env_file", path+" does not exist: create it and run plan init again")
		}
		own, failed := envfile.Parse(data, process, nil)
		if err != nil || failed != nil || slices.Contains(files, path) {
			continue
		}
		files = append(files, path)
		for name, value := range own {
			if _, later := read[name]; !later {
				read[name] = value
			}
		}
	}
	return files, read
}

// fileVariables are variables of the plan for those that a service has from its files,
// where the files themselves cannot be written: they are read when the plan is. One that
// the plan would read differently is left out.
func (c *converter) fileVariables(s types.ServiceConfig) map[string]*variable {
	files, read := c.readFiles(s)
	list := map[string]*variable{}
	for _, name := range slices.Sorted(maps.Keys(read)) {
		value, set := envfile.Lookup(c.Options.Environ, name)
		if got := s.Environment[name]; got != nil && *got == read[name] && (!set || value == *got) &&
			!slices.Contains(c.project.own[s.Name], name) {
			list[name] = c.variables.ofFiles(s.Name, name, *got, files)
		}
	}
	return list
}

// origins are the Compose files as the plan names them, the last one first: it overrides
// those before.
func (c *converter) origins() []string {
	var list []string
	for _, file := range slices.Backward(c.Options.Files) {
		list = append(list, c.besidePlan(file))
	}
	return list
}

// noteOrigin notes that a variable of the plan has the value of a variable of a service,
// if that can be read from the Compose files when the plan is.
func (c *converter) noteOrigin(x *variable, service, name, value string) {
	if x.origin != "" || !x.secret || value == "" {
		return
	}
	at := service + "." + name
	for _, file := range slices.Backward(c.Options.Files) {
		data, err := os.ReadFile(file)
		if err != nil {
			return
		}
		values, err := envfile.ParseCompose(data, func(name string) (string, bool) {
			if c.project.above != "" || c.Options.EnvFile != "" { // the plan reads the file .env beside the Compose file
				return envfile.Lookup(c.Options.Environ, name)
			}
			value, is := c.project.written.values[name]
			return value, is
		})
		if got, is := values[at]; err != nil || is && got != value {
			return
		} else if is {
			x.origin = at
			return
		}
	}
}
