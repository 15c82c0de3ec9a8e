package compose

import (
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/compose-spec/compose-go/v2/types"

	"plan/internal/shell"
)

// findLocust finds the service that runs Locust: rather a master than another one, and a
// worker, which is only part of one, where there is nothing else.
func (s *project) findLocust() *types.ServiceConfig {
	var found *types.ServiceConfig
	most := 0
	for _, name := range slices.Sorted(maps.Keys(s.AllServices())) {
		x := s.AllServices()[name]
		rank := 2
		switch {
		case s.tool(x).name != "locust":
			continue
		case locustOf(s, x).isWorker():
			rank = 1
		case strings.Contains(name, "master"):
			rank = 3
		}
		if rank > most {
			found, most = &x, rank
		}
	}
	return found
}

// locustService is a service that runs Locust.
type locustService struct {
	project *project
	service types.ServiceConfig
}

func locustOf(s *project, x types.ServiceConfig) locustService { return locustService{s, x} }

// isWorker reports whether another Locust tells the service what to do.
func (l locustService) isWorker() bool {
	value := dockerfileOf(l.service).Environment[workerVariable]
	if given := l.service.Environment[workerVariable]; given != nil {
		value = *given
	}
	return slices.Contains(l.words(), "--worker") ||
		slices.Contains([]string{"true", "yes", "on", "1"}, strings.ToLower(value))
}

const workerVariable = "LOCUST_MODE_WORKER"

// locustfile is the file that the service runs, as it lies on this
// machine; "" if it is not found.
func (l locustService) locustfile() string {
	inside := "locustfile.py"
	if found := configFile.FindStringSubmatch(l.config()); found != nil {
		inside = found[1]
	}
	if value := dockerfileOf(l.service).Environment["LOCUST_LOCUSTFILE"]; value != "" {
		inside = value
	}
	if value := l.service.Environment["LOCUST_LOCUSTFILE"]; value != nil && *value != "" {
		inside = *value
	}
	started := l.words()
	if value := optionOf(started, "-f", "--locustfile"); value != "" {
		inside = value
	}
	candidates := places(l.service, inside)
	// Its Dockerfile may copy it under another name.
	for _, c := range dockerfileOf(l.service).Copied {
		if len(c) == 2 && path.Base(c[1]) == path.Base(inside) {
			candidates = append(candidates, filepath.Join(l.service.Build.Context, c[0]))
		}
	}
	for _, candidate := range candidates {
		if isFile(candidate) {
			return candidate
		}
	}
	return ""
}

// configFile is the locustfile that a configuration of Locust names.
var configFile = regexp.MustCompile(`(?m)^\s*locustfile\s*[=:]\s*["']?([^\s"']+)`)

// config is the text of the configuration that the service reads, as far as
// it lies on this machine.
func (l locustService) config() string {
	for _, inside := range []string{optionOf(l.words(), "--config"), "locust.conf", "pyproject.toml"} {
		if inside == "" {
			continue
		}
		for _, candidate := range places(l.service, inside) {
			if isFile(candidate) {
				return withoutComments(candidate)
			}
		}
	}
	return ""
}

// locustLoad are the users, the users that start per second and the runtime that a Locust
// service sets itself, as a plan writes them; "" where it sets none.
type locustLoad struct{ users, spawnRate, runtime string }

// rise is how long the users need to start; a plan starts them within 10 s, at most 100 a
// second, if no rate is set.
func (l locustLoad) rise() time.Duration {
	users, _ := strconv.ParseFloat(l.users, 64)
	rate, err := strconv.ParseFloat(strings.TrimSuffix(l.spawnRate, "/s"), 64)
	if err != nil {
		rate = min(100, max(1, users/10))
	}
	return time.Duration((users - 1) / rate * float64(time.Second))
}

func (l locustService) load() locustLoad {
	words, config := l.words(), l.config()
	// Options override the environment, and that the configuration.
	setting := func(name string, form *regexp.Regexp, options ...string) string {
		value := optionOf(words, append(options, "--"+name)...)
		variable := "LOCUST_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
		if given := l.service.Environment[variable]; value == "" && given != nil {
			value = *given
		}
		line := regexp.MustCompile(`(?m)^\s*` + name + `\s*[=:]\s*["']?([^\s"']+)`)
		if found := line.FindStringSubmatch(config); value == "" && found != nil {
			value = found[1]
		}
		if !form.MatchString(value) {
			return ""
		}
		return value
	}
	load := locustLoad{users: setting("users", wholeNumber, "-u"), runtime: setting("run-time", locustTime, "-t")}
	if rate := setting("spawn-rate", decimalNumber, "-r"); rate != "" {
		load.spawnRate = rate + "/s"
	}
	if wholeNumber.MatchString(load.runtime) {
		load.runtime += "s"
	}
	return load
}

var (
	wholeNumber   = regexp.MustCompile(`^[1-9][0-9]{0,5}$`)
	decimalNumber = regexp.MustCompile(`^(?:[1-9][0-9]{0,5}(?:\.[0-9]{1,3})?|0\.[0-9]{0,2}[1-9])$`)
	// locustTime is a time of Locust: seconds, or 1h30m.
	locustTime = regexp.MustCompile(`^(?:[1-9][0-9]{0,5}|(?:[1-9][0-9]*h)?(?:[1-9][0-9]*m)?(?:[1-9][0-9]*s)?)$`)
)

// optionOf is the value of an option in the words of a command, in either form; "" if it
// is not there.
func optionOf(words []string, names ...string) string {
	value := ""
	for i, word := range words {
		name, assigned, is := strings.Cut(word, "=")
		switch {
		case !slices.Contains(names, name):
		case is:
			value = assigned
		case i+1 < len(words):
			value = words[i+1]
		}
	}
	return value
}

// places are where a file of a container may lie on this machine: where a
// folder of the host is mounted, or where the image is built.
func places(x types.ServiceConfig, inside string) []string {
	var list []string
	for _, v := range x.Volumes {
		if v.Type != types.VolumeTypeBind {
			continue
		}
		if rest, ok := strings.CutPrefix(path.Clean("/"+inside), v.Target); ok {
			list = append(list, filepath.Join(v.Source, rest))
		}
		list = append(list, filepath.Join(v.Source, inside), filepath.Join(v.Source, path.Base(inside)))
		if path.Base(v.Source) == path.Base(inside) {
			list = append(list, v.Source)
		}
	}
	if x.Build != nil {
		list = append(list, filepath.Join(x.Build.Context, inside), filepath.Join(x.Build.Context, path.Base(inside)))
	}
	return list
}

// words are Locust's own words of what the service starts with, also where a
// shell starts it.
func (l locustService) words() []string {
	words, _ := l.started()
	return words
}

// started are Locust's own words, and each as the Compose file has it.
func (l locustService) started() (words, raw []string) {
	x, all := l.service, startWords(l.service)
	raw = append(l.project.written.unfilled(x.Name, "entrypoint", x.Entrypoint),
		l.project.written.unfilled(x.Name, "command", x.Command)...)
	raw = append(make([]string, len(all)-len(raw)), raw...) // words of a Dockerfile are not the Compose file's
	commands := commandsOf(all)
	i := slices.IndexFunc(commands, func(words []string) bool { return path.Base(words[0]) == "locust" })
	if i < 0 {
		return all, raw
	}
	words = commands[i]
	script := scriptOf(all)
	if script < 0 {
		return words, raw[len(raw)-len(words):]
	}
	if unfilled, err := shell.Commands(raw[script], asWritten); err == nil { // a $$ may be no shell
		if list := started(unfilled); len(list) == len(commands) {
			return words, l.project.written.matched(list[i], words)
		}
	}
	return words, l.project.written.matched([]string{raw[script]}, words)
}

// locustNotes tell what became of Locust.
func (c *converter) locustNotes(driven bool) {
	if c.selection.locust == nil {
		return
	}
	x := *c.selection.locust
	if requests := c.Options.Requests; requests != nil {
		c.note(x.Name, "", "it is Locust, and is left out: the requests of the plan are those of "+requests.From)
		return
	}
	own := locustOf(c.project, x).load()
	switch {
	case c.shape != "" && driven:
		c.note(x.Name, "", fmt.Sprintf("check.locust runs it: its %s sets the number of users, so search.memory and "+
			"ramp.users have a scenario instead", c.shape))
	case c.shape != "":
		c.note(x.Name, "", fmt.Sprintf("it is Locust, and is left out: its %s sets the number of users, as the stages do",
			c.shape))
		return
	case !driven:
		c.note(x.Name, "", "it is Locust, but its locustfile.py was not found: the plan has a scenario instead")
		return
	default:
		c.note(x.Name, "", "it is Locust, the driver of the stages: host, users, spawn rate and runtime come from the plan")
		if own.users != "" {
			c.note(x.Name, "", fmt.Sprintf("check.locust has the load that it sets itself: %s users", own.users))
		}
	}
	for _, a := range generatorsOf(c.project).targetsOf(x) {
		if a.path != "" && a.path != "/" {
			c.note(x.Name, "", fmt.Sprintf("its host has the path %s, which is not sent: the plan sets the host without a "+
				"path", a.path))
		}
	}
}
