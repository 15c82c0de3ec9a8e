package compose

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

// project is Compose files that have been read.
type project struct {
	*types.Project
	raw     map[string]any    // their services before variables were put in; nil where they cannot be read so
	values  map[string]string // of the variables that may stand in them
	missing map[string]bool   // variables that the files demand and nobody gave
	files   string            // for people
}

// placeholder is put in for a variable that the files demand and nobody gave.
const placeholder = "plan-init-needs-"

func read(ctx context.Context, files, environ []string) (*project, error) {
	folder, err := filepath.Abs(filepath.Dir(files[0]))
	if err != nil {
		return nil, err
	}
	values, err := environment(folder, environ)
	if err != nil {
		return nil, err
	}
	s := &project{values: values, missing: map[string]bool{}, files: strings.Join(files, ", ")}
	details := types.ConfigDetails{WorkingDir: folder, Environment: maps.Clone(values)}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		absolute := filepath.Join(folder, filepath.Base(file))
		if file != files[0] {
			if absolute, err = filepath.Abs(file); err != nil {
				return nil, err
			}
		}
		details.ConfigFiles = append(details.ConfigFiles,
			types.ConfigFile{Filename: absolute, Content: version.ReplaceAll(content, nil)})
	}
	// The services are read once more with their variables as they stand.
	asWritten := details
	asWritten.Environment = types.Mapping{}
	model, err := loader.LoadModelWithContext(ctx, asWritten, func(o *loader.Options) {
		setProjectName(o, folder, nil)
		o.SkipInterpolation, o.SkipValidation, o.ResolvePaths = true, true, false
	})
	if err == nil {
		s.raw, _ = model["services"].(map[string]any)
	}
	s.Project, err = loader.LoadWithContext(ctx, details, s.options(folder))
	if err != nil {
		return nil, s.readError(err)
	}
	return s, nil
}

// environment is what variables get their values from: the process first, then
// the file .env beside the Compose file.
func environment(folder string, environ []string) (map[string]string, error) {
	values := map[string]string{}
	for _, entry := range environ {
		if name, value, ok := strings.Cut(entry, "="); ok && name != "" {
			values[name] = value
		}
	}
	file := filepath.Join(folder, ".env")
	if off, _ := strconv.ParseBool(values["COMPOSE_DISABLE_ENV_FILE"]); off {
		return values, nil
	}
	if info, err := os.Stat(file); err != nil || info.IsDir() {
		return values, nil
	}
	read, err := dotenv.GetEnvFromFile(values, []string{file})
	if err != nil {
		return nil, err
	}
	maps.Copy(read, values)
	return read, nil
}

// version is a line that Compose no longer heeds, and warns about.
var version = regexp.MustCompile(`(?m)^version:[ \t]*["']?[0-9.]+["']?[ \t]*(#.*)?\r?$`)

// options are how Compose itself reads, but for variables that must be given:
// those may become variables of the plan.
func (s *project) options(folder string) func(*loader.Options) {
	return func(o *loader.Options) {
		setProjectName(o, folder, s.values)
		o.Interpolate.Substitute = s.substitute
		o.Profiles = strings.Split(s.values["COMPOSE_PROFILES"], ",")
	}
}

// setProjectName names the project as Compose does, after its folder; a name in the
// file is stronger, one in the environment strongest.
func setProjectName(o *loader.Options, folder string, values map[string]string) {
	if name := values["COMPOSE_PROJECT_NAME"]; name != "" {
		o.SetProjectName(name, true)
		return
	}
	name := loader.NormalizeProjectName(filepath.Base(folder))
	if name == "" {
		name = "compose"
	}
	o.SetProjectName(name, false)
}

// readError says what is wrong with the files.
func (s *project) readError(err error) error {
	if len(s.missing) > 0 {
		return fmt.Errorf("%s cannot be read before these variables have a value, in the environment or in .env: %s (%w)",
			s.files, s.requiredVariables(), err)
	}
	var unset []string // variables that volumes have and nobody gave, each with its place
	for _, service := range slices.Sorted(maps.Keys(s.raw)) {
		model, _ := s.raw[service].(map[string]any)
		for _, p := range references(model["volumes"]) {
			if s.values[p.variable] == "" && p.fallback == "" {
				unset = append(unset, fmt.Sprintf("%s (a volume of %s)", p.variable, service))
			}
		}
	}
	if strings.Contains(err.Error(), "empty section between colons") && len(unset) > 0 {
		return fmt.Errorf("%s cannot be read before these variables have a value, in the environment or in .env: %s",
			s.files, strings.Join(unset, ", "))
	}
	if strings.Contains(err.Error(), "neither an image nor a build context") {
		return fmt.Errorf("%s only changes services of another file: name that before it: plan init --from FILE --from %s (%w)", s.files, s.files, err)
	}
	// "false schema" is how a schema says that nothing may stand there.
	said := strings.ReplaceAll(err.Error(), " false schema", " is not known to Compose")
	return fmt.Errorf("%s cannot be read as a Compose file: %s", s.files, said)
}

func (s *project) requiredVariables() string {
	return strings.Join(slices.Sorted(maps.Keys(s.missing)), ", ")
}
