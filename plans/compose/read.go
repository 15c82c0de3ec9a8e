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
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/sirupsen/logrus"
	"go.yaml.in/yaml/v4"

	"plan/internal/envfile"
	"plan/internal/units"
)

// project is Compose files that have been read.
type project struct {
	*types.Project
	raw     map[string]any      // their services before variables were put in
	model   map[string]any      // the same of all that they have
	alone   bool                // of that, without what the files include or extend
	values  map[string]string   // of the variables that may stand in them
	missing map[string]bool     // variables that the files demand and nobody gave
	own     map[string][]string // names in `environment` of the services, not in their files of variables
	beside  []loadTarget        // what load generators of a file beside ask, where these have none
	created []string            // networks that one of the files creates and another one calls external
	offered []string            // files that may have the API, where these have load generators alone
	files   string              // for people
	folder  string              // that their paths are relative to
	above   string              // the same where it is not that of the first of them
}

// placeholder is put in for a variable that the files demand and nobody gave.
const placeholder = "plan-init-needs-"

// read reads Compose files as Compose does: with the paths relative to the folder of the first one, or, as with
// --project-directory, to one above it if only there all images can be built.
func read(ctx context.Context, files, environ []string) (*project, error) {
	logrus.SetOutput(io.Discard) // Compose's reader warns there, also of files that are read only to see what they are
	folder, err := filepath.Abs(filepath.Dir(files[0]))
	if err != nil {
		return nil, err
	}
	s, err := readIn(ctx, folder, files, environ)
	if err != nil || s.buildsIn(folder) {
		return s, err
	}
	for above := range 3 {
		base := filepath.Join(folder, strings.Repeat("../", above+1))
		if !s.buildsIn(base) {
			continue
		}
		if other, err := readIn(ctx, base, files, environ); err == nil {
			other.above = base
			return other, nil
		}
	}
	return s, nil
}

// readIn reads Compose files whose paths are relative to a folder.
func readIn(ctx context.Context, folder string, files, environ []string) (*project, error) {
	values, err := environment(folder, environ)
	if err != nil {
		return nil, err
	}
	s := &project{values: values, missing: map[string]bool{}, own: map[string][]string{},
		files: strings.Join(files, ", "), folder: folder}
	details := types.ConfigDetails{WorkingDir: folder, Environment: maps.Clone(values)}
	for _, file := range files {
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
	// The services are read once more with their variables as they stand.
	asWritten := details
	asWritten.Environment = types.Mapping{}
	model, err := careful(func() (map[string]any, error) {
		return loader.LoadModelWithContext(ctx, asWritten, func(o *loader.Options) {
			setProjectName(o, folder, nil)
			o.SkipInterpolation, o.SkipValidation, o.ResolvePaths = true, true, false
		})
	})
	if err != nil { // the path of an include may be a variable
		s.alone, model = true, map[string]any{}
		for _, file := range details.ConfigFiles {
			var one map[string]any
			if yaml.Unmarshal(file.Content, &one) == nil { // else Compose says below why it cannot be read
				override(model, one)
			}
		}
	}
	s.raw, _ = model["services"].(map[string]any)
	s.model = model
	s.Project, err = careful(func() (*types.Project, error) {
		return loader.LoadWithContext(ctx, details, s.options(folder))
	})
	if err == nil {
		err = errors.Join(s.resolveEnvironments(), unnamed(s.Project))
	}
	if err != nil {
		return nil, s.readError(err)
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

// override puts the entries of a map over those of another one, and into maps in it.
func override(model, by map[string]any) {
	for key, value := range by {
		before, isMap := model[key].(map[string]any)
		if after, is := value.(map[string]any); is && isMap {
			override(before, after)
			continue
		}
		model[key] = value
	}
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
// the file .env beside the Compose file.
func environment(folder string, environ []string) (map[string]string, error) {
	values := map[string]string{}
	for _, entry := range environ {
		if name, value, ok := strings.Cut(entry, "="); ok && name != "" {
			values[name] = value
		}
	}
	file := filepath.Join(folder, variablesFile)
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

// variablesFile is the file of variables that Compose reads beside the Compose file.
const variablesFile = ".env"

// version is a line that Compose no longer heeds, and warns about.
var version = regexp.MustCompile(`(?m)^version:[ \t]*["']?[0-9.]+["']?[ \t]*(#.*)?\r?$`)

// options are how Compose itself reads, but for variables that must be given:
// those may become variables of the plan.
func (s *project) options(folder string) func(*loader.Options) {
	return func(o *loader.Options) {
		setProjectName(o, folder, s.values)
		o.Interpolate.Substitute = s.substitute
		o.SkipResolveEnvironment = true // resolveEnvironments does
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
		return fmt.Errorf("%s cannot be read: %s: %s (%w)", s.files, s.setVariables(), s.requiredVariables(), err)
	}
	if unset := s.unset(); len(unset) > 0 && ofNothing.MatchString(err.Error()) {
		return fmt.Errorf("%s cannot be read: %s: %s", s.files, s.setVariables(), strings.Join(unset, ", "))
	}
	if strings.Contains(err.Error(), "neither an image nor a build context") {
		return fmt.Errorf("%s only changes services of another file: name that file first: plan init --from FILE --from %s (%w)", s.files, s.files, err)
	}
	if size := wrongSize(s.raw, err); size != "" {
		return fmt.Errorf("%s cannot be read as a Compose file: %s", s.files, size)
	}
	// "false schema" is how a schema says that nothing may stand there.
	said := strings.ReplaceAll(err.Error(), " false schema", " is not known to Compose")
	return fmt.Errorf("%s cannot be read as a Compose file: %s", s.files, said)
}

// setVariables says where variables without a value are set: .env is usually copied from
// an example.
func (s *project) setVariables() string {
	if !isFile(filepath.Join(s.folder, variablesFile)) {
		if example := envfile.Example(filepath.Join(s.folder, variablesFile)); example != "" {
			return fmt.Sprintf("copy %s to %s and set these variables there", filepath.Base(example), variablesFile)
		}
	}
	return "set these variables in the environment or in " + variablesFile
}

// ofNothing is what Compose's reader says of a value that is empty.
var ofNothing = regexp.MustCompile(`empty section between colons|no port specified|invalid size: ''|parsing "":|<empty>|has no name|container_name '' does not match`)

// formed are the words of services and of the file whose values have a form that nothing
// has not.
var formed = slices.Concat(limitWords, []string{
	"container_name", "deploy", "expose", "extra_hosts", "networks", "ports", "scale", "shm_size", "tmpfs", "ulimits", "volumes",
})

// unset are the variables without a value in words whose values have a form, each with
// the first word that has it.
func (s *project) unset() []string {
	var list []string
	met := map[string]bool{}
	add := func(model any, in string) {
		words, _ := model.(map[string]any)
		for _, word := range formed {
			for _, p := range references(words[word]) {
				if s.values[p.variable] == "" && p.fallback == "" && !met[p.variable] {
					met[p.variable] = true
					list = append(list, fmt.Sprintf("%s (%s)", p.variable, strings.Replace(word, "volumes", "a volume", 1)+in))
				}
			}
		}
	}
	for _, service := range slices.Sorted(maps.Keys(s.raw)) {
		add(s.raw[service], " of "+service)
	}
	add(map[string]any{"networks": s.model["networks"], "volumes": s.model["volumes"]}, "")
	return list
}

// misfit is how Compose's reader says that a size or a number has no form that it knows.
var misfit = regexp.MustCompile(`'?services[\[.]([^\].]+)\]?\.([a-z_.]*(?:cpu|mem|shm)[a-z_.]*)'?:? (?:invalid|strconv|failed to cast)`)

// wrongSize says which size or number of a service is none, and how Compose has it; ""
// where the error is another one.
func wrongSize(services map[string]any, err error) string {
	var list []string
	for _, found := range misfit.FindAllStringSubmatch(err.Error(), -1) {
		service, word := found[1], found[2]
		model, _ := services[service].(map[string]any)
		parts := strings.Split(word, ".")
		for _, part := range parts[:len(parts)-1] {
			model, _ = model[part].(map[string]any)
		}
		text := fmt.Sprint(model[parts[len(parts)-1]])
		help := "write a size such as 512M"
		if strings.Contains(word, "cpu") {
			help = "write a number such as 0.5"
			if n, err := units.ParseCPUs(strings.Replace(text, ",", ".", 1)); err == nil {
				help = "write " + number(float64(n)/1000)
			}
		} else if b, err := units.ParseBytes(text); err == nil {
			help = "write " + amount(b)
		}
		list = append(list, fmt.Sprintf("%s of %s is %q, which Compose does not know: %s", word, service, text, help))
	}
	return strings.Join(list, "; ")
}

func (s *project) requiredVariables() string {
	return strings.Join(slices.Sorted(maps.Keys(s.missing)), ", ")
}
