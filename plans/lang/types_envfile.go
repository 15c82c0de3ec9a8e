package lang

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"plan/internal/envfile"
	"plan/internal/secret"
	"plan/plans"
	"plan/plans/diag"
)

func toEnvFiles(_ *attrType, name string, v cty.Value) (any, *violation) {
	list := []string{}
	for _, e := range v.AsValueSlice() {
		file := e.AsString()
		if file == "" || strings.ContainsRune(file, 0) {
			return nil, form(name, file, "the name of a file", `["./.env"]`)
		}
		if slices.Contains(list, file) {
			return nil, wrong("P0420", "remove one of them", "%s has %q twice", name, file)
		}
		list = append(list, file)
	}
	return list, nil
}

// envFiles reads the files of environment variables of a service, whose variables
// references in them may name. They are read only once, as other files. One that is
// not there is a warning as long as values of variables may be missing, too.
func (b *builder) envFiles(r *decodedBlock, environment map[string]string) []plans.EnvFile {
	files, known := b.program.envFiles[r.address]
	if known {
		return files
	}
	before := map[string]string{}
	set := func(name string) (string, bool) {
		if value, is := envfile.Lookup(b.program.environ, name); is {
			return value, true
		}
		value, is := environment[name]
		return value, is
	}
	for _, name := range get[[]string](r, "env_file") {
		at := r.rangeOf("env_file")
		data, err := b.program.readVariables(name, b.diags.sourceRange(at, ""))
		if err != nil {
			severity, help := diag.Error, b.program.unreadHelp(name, err)
			if errors.Is(err, fs.ErrNotExist) {
				if b.program.lenient {
					severity = diag.Warning
				}
				if example := envfile.Example(b.program.resolvePath(name)); example != "" {
					help = fmt.Sprintf("copy %s there, and put your values in",
						filepath.Join(filepath.Dir(name), filepath.Base(example)))
				}
			}
			b.diags.add(severity, "P0002", at, fmt.Sprintf("%s: %v", name, err), help)
			files = append(files, plans.EnvFile{Path: name})
			continue
		}
		values, err := envfile.Parse(data, set, before)
		if err != nil {
			b.diags.error("P0002", at, fmt.Sprintf("%s: %v", name, err), "write NAME=value on each line, as for Compose")
		}
		for variable, value := range values {
			// A shorter one would be in many other words.
			if len(value) >= secret.MinLength && (secret.Pair(variable, value) || secret.Text(value)) {
				b.diags.secret(value)
			}
		}
		maps.Copy(before, values)
		files = append(files, plans.EnvFile{Path: name, Values: values})
	}
	b.program.envFiles[r.address] = files
	return files
}
