package compose

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/sirupsen/logrus"
)

// project is Compose files that have been read.
type project struct {
	*types.Project
	written *written
	own     map[string][]string // names in `environment` of the services, not in their files of variables
	beside  []loadTarget        // what load generators of a file beside ask, where these have none
	created []string            // networks that one of the files creates and another one calls external
	offered []string            // files that may have the API, where these have load generators alone
	above   string              // the folder that their paths are relative to, where it is not that of the first of them
}

// read reads Compose files as Compose does: with the paths relative to the folder of the first one, or, as with
// --project-directory, to one above it if only there all images can be built.
func read(ctx context.Context, files []string, o Options) (*project, error) {
	logrus.SetOutput(io.Discard) // Compose's reader warns there, also of files that are read only to see what they are
	folder, err := filepath.Abs(filepath.Dir(files[0]))
	if err != nil {
		return nil, err
	}
	s, err := readIn(ctx, folder, files, o)
	if err != nil || s.buildsIn(folder) {
		return s, err
	}
	for above := range 3 {
		base := filepath.Join(folder, strings.Repeat("../", above+1))
		if !s.buildsIn(base) {
			continue
		}
		if other, err := readIn(ctx, base, files, o); err == nil {
			other.above = base
			return other, nil
		}
	}
	return s, nil
}

// readIn reads Compose files whose paths are relative to a folder.
func readIn(ctx context.Context, folder string, names []string, o Options) (*project, error) {
	file := filepath.Join(folder, variablesFile)
	if o.EnvFile != "" {
		absolute, err := filepath.Abs(o.EnvFile)
		if err != nil {
			return nil, err
		}
		file = absolute
	}
	values, err := environment(file, o)
	if err != nil {
		return nil, err
	}
	files := &written{values: values, missing: map[string]bool{}, names: strings.Join(names, ", "), folder: folder,
		file: file}
	details := types.ConfigDetails{WorkingDir: folder, Environment: maps.Clone(values)}
	for _, file := range names {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		absolute, err := filepath.Abs(file)
		if err != nil {
			return nil, err
		}
		if IsDockerfile(file) {
			content = ofDockerfile(absolute)
		}
		details.ConfigFiles = append(details.ConfigFiles,
			types.ConfigFile{Filename: absolute, Content: version.ReplaceAll(content, nil)})
	}
	files.read(ctx, details)
	s := &project{written: files, own: map[string][]string{}}
	s.Project, err = careful(func() (*types.Project, error) {
		return loader.LoadWithContext(ctx, details, files.options())
	})
	if err == nil {
		err = errors.Join(s.resolveEnvironments(), unnamed(s.Project))
	}
	if err != nil {
		return nil, files.readError(err)
	}
	s.nameAddresses()
	s.ownNetworks(details.ConfigFiles)
	return s, nil
}

// careful calls Compose's reader, which panics at what it does not expect.
func careful[T any](read func() (T, error)) (what T, err error) {
	defer func() {
		if unexpected := recover(); unexpected != nil {
			err = fmt.Errorf("the reader of Compose stops: %v", unexpected)
		}
	}()
	return read()
}

// IsDockerfile reports whether a file is called as a Dockerfile is.
func IsDockerfile(path string) bool {
	name := strings.ToLower(filepath.Base(path))
	return strings.HasPrefix(name, "dockerfile") || strings.HasSuffix(name, ".dockerfile")
}

// ofDockerfile is a Compose file with one service, called after the folder, that is built
// of a Dockerfile.
func ofDockerfile(path string) []byte {
	folder, file := filepath.Split(path)
	build := map[string]any{"context": folder, "dockerfile": file}
	text, _ := json.Marshal(map[string]any{"services": map[string]any{ // it is of texts only
		cmp.Or(loader.NormalizeProjectName(filepath.Base(folder)), "api"): map[string]any{"build": build},
	}})
	return text
}

// unnamed is an error where a network or volume has an empty name.
func unnamed(p *types.Project) error {
	for key, n := range p.Networks {
		if n.Name == "" {
			return fmt.Errorf("networks.%s has no name", key)
		}
	}
	for key, v := range p.Volumes {
		if v.Name == "" {
			return fmt.Errorf("volumes.%s has no name", key)
		}
	}
	return nil
}

// environment is what variables get their values from: the process first, then
// the file of variables. One that the options do not name may be missing.
func environment(file string, o Options) (map[string]string, error) {
	values := map[string]string{}
	for _, entry := range o.Environ {
		if name, value, ok := strings.Cut(entry, "="); ok && name != "" {
			values[name] = value
		}
	}
	if o.EnvFile == "" {
		if off, _ := strconv.ParseBool(values["COMPOSE_DISABLE_ENV_FILE"]); off {
			return values, nil
		}
		if info, err := os.Stat(file); err != nil || info.IsDir() {
			return values, nil
		}
	}
	read, err := dotenv.GetEnvFromFile(values, []string{file})
	if err != nil {
		return nil, err
	}
	maps.Copy(read, values)
	return read, nil
}

// variablesFile is the file of variables that Compose reads beside the Compose file unless another one is named.
const variablesFile = ".env"

// version is a line that Compose no longer heeds, and warns about.
var version = regexp.MustCompile(`(?m)^version:[ \t]*["']?[0-9.]+["']?[ \t]*(#.*)?\r?$`)
