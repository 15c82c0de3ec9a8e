package compose

import (
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// findLocust finds the service that runs Locust; a worker is only part of one.
func (s *project) findLocust() *types.ServiceConfig {
	var found *types.ServiceConfig
	for _, name := range slices.Sorted(maps.Keys(s.AllServices())) {
		x := s.AllServices()[name]
		if s.tool(x).name != "locust" || slices.Contains(x.Command, "--worker") {
			continue
		}
		if found == nil || strings.Contains(name, "master") {
			found = &x
		}
	}
	return found
}

// locustfile is the file that a Locust service runs, as it lies on this
// machine; "" if it is not found.
func (s *project) locustfile(x types.ServiceConfig) string {
	inside := "locustfile.py"
	if value := s.dockerfile(x).environment["LOCUST_LOCUSTFILE"]; value != "" {
		inside = value
	}
	if value := x.Environment["LOCUST_LOCUSTFILE"]; value != nil && *value != "" {
		inside = *value
	}
	started := s.locustWords(x)
	for i, word := range started {
		if value, ok := strings.CutPrefix(word, "--locustfile="); ok {
			inside = value
		} else if (word == "-f" || word == "--locustfile") && i+1 < len(started) {
			inside = started[i+1]
		}
	}
	candidates := places(x, inside)
	// Its Dockerfile may copy it under another name.
	for _, c := range s.dockerfile(x).copied {
		if len(c) == 2 && path.Base(c[1]) == path.Base(inside) {
			candidates = append(candidates, filepath.Join(x.Build.Context, c[0]))
		}
	}
	for _, candidate := range candidates {
		if info, err := os.Stat(candidate); err == nil && info.Mode().IsRegular() {
			return candidate
		}
	}
	return ""
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

// locustWords are Locust's own words of what a service starts with, also where a
// shell starts it.
func (s *project) locustWords(x types.ServiceConfig) []string {
	started := s.starts(x)
	for _, words := range commandsOf(started) {
		if path.Base(words[0]) == "locust" {
			return words
		}
	}
	return started
}

// driver writes Locust as what puts the load on the API, if its file is there.
func (c *converter) driver() ([]string, bool) {
	if c.selection.locust == nil {
		return nil, false
	}
	x := *c.selection.locust
	file := c.project.locustfile(x)
	if file == "" {
		return nil, false
	}
	return []string{"file = " + quote(c.fromPlan(file)), "image = " + c.image(x)}, true
}

// locustNotes tell what became of Locust.
func (c *converter) locustNotes(driven bool) {
	if c.selection.locust == nil {
		return
	}
	x := *c.selection.locust
	if !driven {
		c.note(x.Name, "", "it is Locust, but its locustfile.py was not found: the scenario of the plan takes its place")
		return
	}
	c.note(x.Name, "", "it is Locust, and drives the load of the stages: its address, users, spawn rate and runtime come from the plan")
	file := c.project.locustfile(x)
	found, _ := filepath.Glob(filepath.Join(filepath.Dir(file), "*.py")) // the pattern is well-formed
	var modules []string                                                 // other Python files in its folder
	for _, other := range found {
		if name := filepath.Base(other); other != file && name != "__init__.py" {
			modules = append(modules, name)
		}
	}
	if len(modules) > 0 {
		c.note(x.Name, "", fmt.Sprintf("only the locustfile is put into the container: if it imports %s, the image must have that", strings.Join(modules, ", ")))
	}
	if dropped := unmappedOptions(c.project.locustWords(x)); len(dropped) > 0 {
		c.note(x.Name, "command", strings.Join(dropped, ", ")+": a driver has no options of its own")
	}
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(x.Environment)),
		func(name string) bool { return slices.Contains(planned, name) })
	if len(names) > 0 {
		c.note(x.Name, "environment", fmt.Sprintf("%s: a driver has no environment of its own", strings.Join(names, ", ")))
	}
}

// planned are the variables of Locust whose part the plan plays.
var planned = []string{
	"LOCUST_AUTOSTART", "LOCUST_HEADLESS", "LOCUST_HOST", "LOCUST_LOCUSTFILE", "LOCUST_RUN_TIME",
	"LOCUST_SPAWN_RATE", "LOCUST_USERS",
	"LOCUST_MODE_MASTER", "LOCUST_MODE_WORKER", "LOCUST_MASTER_NODE_HOST", "LOCUST_WEB_HOST", "LOCUST_WEB_PORT",
}

// plannedOptions are the options of Locust whose part the plan plays, and whether
// a value follows.
var plannedOptions = map[string]bool{
	"-f": true, "--locustfile": true, "-H": true, "--host": true, "-u": true, "--users": true, "-r": true,
	"--spawn-rate": true, "-t": true, "--run-time": true,
	"--web-host": true, "--web-port": true, "-P": true, "--headless": false, "--autostart": false,
	"--autoquit": true, "--master": false,
	"--expect-workers": true, "--only-summary": false, "--print-stats": false, "--html": true, "--csv": true,
	"--csv-full-history": false, "--logfile": true,
}

// unmappedOptions are the options and user classes of Locust that the plan has no place
// for, each with its value.
func unmappedOptions(started []string) []string {
	var list []string
	for i := 0; i < len(started); i++ {
		word := started[i]
		option, _, assigned := strings.Cut(word, "=")
		valued, is := plannedOptions[option]
		switch {
		case i == 0 && path.Base(word) == "locust":
		case is && valued && !assigned:
			i++
		case is:
		case strings.HasPrefix(word, "-") && !assigned && i+1 < len(started) && !strings.HasPrefix(started[i+1], "-"):
			list = append(list, word+" "+started[i+1])
			i++
		default:
			list = append(list, word)
		}
	}
	return list
}
