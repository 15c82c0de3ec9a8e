package compose

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v4"

	"plan/internal/envfile"
	"plan/internal/units"
)

// written is Compose files as they are written, and what is put in for their variables.
type written struct {
	names    string            // of the files, for people
	folder   string            // that their paths are relative to
	file     string            // of variables
	model    map[string]any    // what the files say before variables are put in
	services map[string]any    // the services of that
	alone    bool              // the model lacks what the files include or extend
	values   map[string]string // of the variables that may stand in the files
	missing  map[string]bool   // variables that the files demand and nobody gave
}

// placeholder is put in for a variable that the files demand and nobody gave.
const placeholder = "plan-init-needs-"

// read reads the files with their variables as they stand.
func (w *written) read(ctx context.Context, details types.ConfigDetails) {
	details.Environment = types.Mapping{}
	model, err := careful(func() (map[string]any, error) {
		return loader.LoadModelWithContext(ctx, details, func(o *loader.Options) {
			setProjectName(o, w.folder, nil)
			o.SkipInterpolation, o.SkipValidation, o.ResolvePaths = true, true, false
		})
	})
	if err != nil { // the path of an include may be a variable
		w.alone, model = true, map[string]any{}
		for _, file := range details.ConfigFiles {
			var one map[string]any
			if yaml.Unmarshal(file.Content, &one) == nil { // else Compose says afterwards why it cannot be read
				override(model, one)
			}
		}
	}
	w.model = model
	w.services, _ = model["services"].(map[string]any)
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

// service is what the files say of a service before variables are put in; nil where nothing.
func (w *written) service(name string) map[string]any {
	model, _ := w.services[name].(map[string]any)
	return model
}

// value is what Compose puts in for a part of a text.
func (w *written) value(p part) string {
	switch value, set := w.values[p.variable]; {
	case p.variable == "":
		return p.literal
	case w.missing[p.variable] && p.demanded:
		return placeholder + p.variable
	case set && (value != "" || !p.empty):
		return value
	}
	return p.fallback
}

// filled is a text with what Compose puts in for its variables.
func (w *written) filled(t template) string {
	var b strings.Builder
	for _, p := range t {
		b.WriteString(w.value(p))
	}
	return b.String()
}

// unfilled are the words of an entrypoint or a command as the Compose file has them, one
// for each word with its variables filled in.
func (w *written) unfilled(service, attribute string, words []string) []string {
	var raw types.ShellCommand
	model := w.service(service)
	switch v := model[attribute].(type) {
	case string:
		_ = raw.DecodeMapstructure(v)
	case []any:
		noText := func(e any) bool { _, text := e.(string); return !text }
		if !slices.ContainsFunc(v, noText) {
			_ = raw.DecodeMapstructure(v)
		}
	}
	return w.matched(raw, words)
}

// matched are the words of a command before its variables were filled in, one for each
// word after that: a variable may be no word or several. Where it cannot be determined
// which word is which, it is the whole command.
func (w *written) matched(raw, words []string) []string {
	whole := strings.Join(raw, " ")
	var list []string
	for _, unfilled := range raw {
		t, fit := parse(unfilled)
		filled, rest := w.filled(t), words[len(list):]
		var split types.ShellCommand
		switch {
		case fit && len(rest) > 0 && rest[0] == filled:
			list = append(list, unfilled)
			continue
		case !fit && len(raw) == len(words):
			list = append(list, whole)
			continue
		case fit && split.DecodeMapstructure(filled) == nil && len(split) <= len(rest) &&
			slices.Equal(split, rest[:len(split)]):
			list = append(list, slices.Repeat([]string{unfilled}, len(split))...)
			continue
		}
		break
	}
	return append(list, slices.Repeat([]string{whole}, len(words)-len(list))...)
}

// options are how Compose itself reads, but for variables that must be given:
// those may become variables of the plan.
func (w *written) options() func(*loader.Options) {
	return func(o *loader.Options) {
		setProjectName(o, w.folder, w.values)
		o.Interpolate.Substitute = w.substitute
		o.SkipResolveEnvironment = true // resolveEnvironments does
		o.Profiles = strings.Split(w.values["COMPOSE_PROFILES"], ",")
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
func (w *written) readError(err error) error {
	if len(w.missing) > 0 {
		return fmt.Errorf("%s cannot be read: %s: %s (%w)", w.names, w.setVariables(), w.requiredVariables(), err)
	}
	if unset := w.unset(); len(unset) > 0 && ofNothing.MatchString(err.Error()) {
		return fmt.Errorf("%s cannot be read: %s: %s", w.names, w.setVariables(), strings.Join(unset, ", "))
	}
	if strings.Contains(err.Error(), "neither an image nor a build context") {
		return fmt.Errorf("%s only changes services of another file: name that file first: "+
			"plan init --from FILE --from %s (%w)", w.names, w.names, err)
	}
	if size := wrongSize(w.services, err); size != "" {
		return fmt.Errorf("%s cannot be read as a Compose file: %s", w.names, size)
	}
	// "false schema" is how a schema says that nothing may stand there.
	said := strings.ReplaceAll(err.Error(), " false schema", " is not known to Compose")
	return fmt.Errorf("%s cannot be read as a Compose file: %s", w.names, said)
}

// setVariables says where variables without a value are set: .env is usually copied from
// an example.
func (w *written) setVariables() string {
	name := filepath.Base(w.file)
	if !isFile(w.file) {
		if example := envfile.Example(w.file); example != "" {
			return fmt.Sprintf("copy %s to %s and set these variables there", filepath.Base(example), name)
		}
	}
	return "set these variables in the environment or in " + name
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
func (w *written) unset() []string {
	var list []string
	met := map[string]bool{}
	add := func(model any, in string) {
		words, _ := model.(map[string]any)
		for _, word := range formed {
			for _, p := range references(words[word]) {
				if w.values[p.variable] == "" && p.fallback == "" && !met[p.variable] {
					met[p.variable] = true
					list = append(list, fmt.Sprintf("%s (%s)", p.variable, strings.Replace(word, "volumes", "a volume", 1)+in))
				}
			}
		}
	}
	for _, service := range slices.Sorted(maps.Keys(w.services)) {
		add(w.services[service], " of "+service)
	}
	add(map[string]any{"networks": w.model["networks"], "volumes": w.model["volumes"]}, "")
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

func (w *written) requiredVariables() string {
	return strings.Join(slices.Sorted(maps.Keys(w.missing)), ", ")
}
