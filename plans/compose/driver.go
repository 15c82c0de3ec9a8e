package compose

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"plan/plans/locust"
)

// driver writes Locust as what puts the load on the API, if its file is there.
func (c *converter) driver() ([]string, bool) {
	if c.selection.locust == nil || c.Options.Requests != nil {
		return nil, false
	}
	x := *c.selection.locust
	file := locustOf(c.project, x).locustfile()
	if file == "" {
		return nil, false
	}
	if c.shape = shapeOf(file); c.shape != "" && c.Options.Stages != nil {
		return nil, false
	}
	lines := []string{"file = " + quote(c.fromPlan(file)), "image = " + c.image(x)}
	words, raw := locustOf(c.project, x).started()
	var started []locustWord
	for i := range words {
		started = append(started, locustWord{serviceWriter{c}.argument(x.Name, "command", words, i), words[i], raw[i]})
	}
	tags, args := locustArguments(started)
	files := filesOf(file)
	for i, a := range args {
		// A file that an option names, such as one of --config, is copied beside the locustfile.
		option, inside := "", a.text
		if name, value, assigned := strings.Cut(a.text, "="); assigned && strings.HasPrefix(name, "-") {
			option, inside = name+"=", value
		}
		for _, place := range places(x, inside) {
			name, err := filepath.Rel(filepath.Dir(file), place)
			if strings.Contains(inside, ".") && isFile(place) && err == nil && !strings.HasPrefix(name, "..") {
				inside, files = filepath.ToSlash(name), append(files, place)
				break
			}
		}
		if path.IsAbs(inside) {
			c.note(x.Name, "command", inside+" is not beside the locustfile: the image must have it")
		}
		args[i].text = option + inside
	}
	if len(tags) == 0 {
		tags = locustTags(c.project, x)
	}
	x.Environment = maps.Clone(x.Environment)
	maps.DeleteFunc(x.Environment, func(name string, _ *string) bool { _, is := locust.OfVariable(name); return is })
	ofFiles := c.fileVariables(x)
	values := map[string]string{}
	for name := range ofFiles {
		values[name] = *x.Environment[name]
	}
	environment := serviceWriter{c}.variables(x, values)
	for name, v := range ofFiles {
		environment = append(environment, key(name)+" = var."+v.name)
	}
	slices.Sort(environment)
	if len(environment) > 0 {
		lines = append(lines, "environment = {\n"+strings.Join(environment, "\n")+"\n}")
	}
	list := func(name string, items []string) {
		if len(items) > 0 {
			lines = append(lines, fmt.Sprintf("%s = [%s]", name, strings.Join(items, ", ")))
		}
	}
	inShell := scriptOf(startWords(x)) >= 0
	written := func(arguments []locustWord) (items []string) {
		for _, a := range arguments {
			item := c.texts.text(x.Name, a.name, a.raw, a.text, false)
			if inShell && strings.Contains(a.text, "$") {
				c.note(x.Name, "command", item+" has a variable of the shell, which the driver does not have: write its value")
			}
			items = append(items, item)
		}
		return items
	}
	list("args", written(args))
	list("tags", written(tags))
	slices.Sort(files)
	files = slices.Compact(files)
	for i := range files {
		files[i] = quote(c.fromPlan(files[i]))
	}
	list("files", files)
	if needs := requirements(x, startWords(x)); needs != "" {
		lines = append(lines, "requirements = "+quote(c.fromPlan(needs)))
	}
	return lines, true
}

var (
	imported = regexp.MustCompile(`(?m)^[ \t]*(?:from[ \t]+\.?([A-Za-z_]\w*)|import[ \t]+([A-Za-z_][\w, \t]*))`)
	fileText = regexp.MustCompile(`["']([\w./-]+\.\w+)["']`)
)

// filesOf are the files beside a Python file that it needs: modules that it imports, what
// they import, and files that a text in it names. A package is copied as a whole; of a
// folder without __init__.py, the modules are.
func filesOf(file string) []string {
	folder := filepath.Dir(file)
	var list []string
	met := map[string]bool{file: true}
	ahead, whole := []string{file}, map[string]bool{} // whole: files of a package, which has its data too
	add := func(files ...string) {
		for _, f := range files {
			if !met[f] {
				met[f], list, ahead = true, append(list, f), append(ahead, f)
			}
		}
	}
	for len(ahead) > 0 {
		path := ahead[0]
		ahead = ahead[1:]
		content, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		for _, name := range importsOf(string(content)) {
			module := filepath.Join(folder, name)
			switch {
			case isFile(module + ".py"):
				add(module + ".py")
			case met[module]:
			case isFile(filepath.Join(module, "__init__.py")):
				met[module], list = true, append(list, module)
				for _, f := range modulesIn(module) {
					met[f], whole[f], ahead = true, true, append(ahead, f)
				}
			case name != "locust": // the package that is installed comes first
				add(modulesIn(module)...)
			}
		}
		if whole[path] {
			continue
		}
		for _, found := range fileText.FindAllStringSubmatch(string(content), -1) {
			named := filepath.Join(folder, found[1])
			if !filepath.IsAbs(found[1]) && isFile(named) && strings.HasPrefix(named, folder+string(filepath.Separator)) &&
				!met[named] {
				met[named], list = true, append(list, named)
			}
		}
	}
	return list
}

// shapeOf is the class of a locustfile that sets the number of users; "" for none.
func shapeOf(file string) string {
	content, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	var modules [][]byte
	for _, beside := range filesOf(file) {
		for _, path := range modulesIn(beside) {
			if module, err := os.ReadFile(path); err == nil {
				modules = append(modules, module)
			}
		}
	}
	return locust.Shape(content, modules...)
}

// importsOf are the first parts of the names of the modules that a Python text imports.
func importsOf(text string) []string {
	var names []string
	for _, found := range imported.FindAllStringSubmatch(text, -1) {
		names = append(names, strings.FieldsFunc(found[1]+found[2],
			func(r rune) bool { return r == ',' || r == ' ' || r == '\t' })...)
	}
	return names
}

// modulesIn are the Python files in a folder and in those below it, or a file itself.
func modulesIn(folder string) []string {
	var list []string
	_ = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return nil // what cannot be read is not imported
		case entry.IsDir() && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "__pycache__"):
			return fs.SkipDir
		case entry.Type().IsRegular() && filepath.Ext(path) == ".py":
			list = append(list, path)
		}
		return nil
	})
	return list
}

// requirements is the file that pip installs before Locust starts; "" for none.
func requirements(x types.ServiceConfig, starts []string) string {
	for _, words := range commandsOf(starts) {
		at := slices.IndexFunc(words, func(w string) bool { return w == "-r" || w == "--requirement" })
		if at < 0 || at+1 >= len(words) || !slices.Contains(words[:at], "install") {
			continue
		}
		for _, place := range places(x, words[at+1]) {
			if isFile(place) {
				return place
			}
		}
	}
	return ""
}

// locustWord is a word that Locust is started with.
type locustWord struct{ name, text, raw string }

// value is the word without an option before it.
func (a locustWord) value() locustWord {
	option, text, _ := strings.Cut(a.text, "=")
	return locustWord{a.name, text, strings.TrimPrefix(a.raw, option+"=")}
}

// locustArguments are the tags of Locust's words, and the other options and user classes
// that a plan does not set itself.
func locustArguments(started []locustWord) (tags, args []locustWord) {
	for i := 0; i < len(started); i++ {
		word := started[i]
		option, is := locust.OfWord(word.text)
		assigned := strings.Contains(word.text, "=")
		switch {
		case i == 0 && path.Base(word.text) == "locust":
		case option.Variable == tagsVariable:
			if assigned {
				tags = append(tags, word.value())
			}
			for i+1 < len(started) && !strings.HasPrefix(started[i+1].text, "-") {
				i++
				tags = append(tags, started[i])
			}
		case option.Valued && !assigned:
			i++
		case is:
		default:
			args = append(args, word)
		}
	}
	return tags, args
}

const tagsVariable = "LOCUST_TAGS"

// locustTags are the tags of the variable of Locust's service: one, or several as [a, b].
func locustTags(s *project, x types.ServiceConfig) (tags []locustWord) {
	value := x.Environment[tagsVariable]
	if value == nil || *value == "" {
		return nil
	}
	model := s.written.service(x.Name)
	raw := unfilledPairs(model["environment"])[tagsVariable]
	split := func(text string) []string {
		inner, opened := strings.CutPrefix(text, "[")
		inner, closed := strings.CutSuffix(inner, "]")
		if !opened || !closed {
			return []string{text}
		}
		return strings.Split(inner, ",")
	}
	texts, raws := split(*value), split(raw)
	for i, text := range texts {
		of := raw
		if len(raws) == len(texts) {
			of = strings.TrimSpace(raws[i])
		}
		tags = append(tags, locustWord{tagsVariable, strings.TrimSpace(text), of})
	}
	return tags
}
