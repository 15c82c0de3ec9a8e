package compose

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"plan/internal/shell"
)

// startWords are the words that a service is started with, as far as the Compose
// file and the Dockerfile that it is built of say them. An entrypoint of the
// Compose file takes the image's command away.
func startWords(x types.ServiceConfig) []string {
	entrypoint, command := []string(x.Entrypoint), []string(x.Command)
	d := dockerfileOf(x)
	if x.Entrypoint == nil {
		entrypoint = d.Entrypoint
		if x.Command == nil {
			command = d.Command
		}
	}
	return append(slices.Clone(entrypoint), command...)
}

// baseImage is the image that a service is, or is built on.
func baseImage(x types.ServiceConfig) string {
	if d := dockerfileOf(x); d.Base != "" {
		return d.Base
	}
	return x.Image
}

// runningTool is the tool that a service runs. Of a shell's commands one that goes on
// says more than those that end; where all end, it is a job.
func runningTool(x types.ServiceConfig) tool {
	commands := commandsOf(startWords(x))
	ending := len(commands) > 0
	for _, words := range slices.Backward(commands) {
		t := toolOf(words)
		switch {
		case t.role == jobRole:
		case t.role == idleRole && len(commands) > 1: // it keeps the container of the commands before
			ending = false
		case t.role != unknownRole:
			return t
		default:
			ending = false
		}
	}
	if ending {
		return tool{name: path.Base(commands[len(commands)-1][0]), role: jobRole}
	}
	return tool{}
}

// toolOf is what one command runs.
func toolOf(words []string) tool {
	known := joinTools(products, programs)
	name := strings.ToLower(path.Base(words[0]))
	if len(words) > 1 {
		if t, is := known[name+" "+words[1]]; is {
			return t
		}
		if name == "celery" && slices.Contains(words, "beat") { // it only puts work into a queue
			return tool{name: "celery beat", role: monitorRole}
		}
		if strings.HasPrefix(words[1], "flower") || name == "celery" && slices.Contains(words, "flower") {
			return known["flower"]
		}
	}
	switch {
	case slices.Contains(chores, name):
		return tool{name: name, role: jobRole}
	case slices.Contains(shells, name) && len(words) == 1:
		return tool{name: name, role: idleRole}
	}
	return known[name]
}

var (
	shells   = []string{"sh", "bash", "ash", "dash", "zsh"}
	assigned = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*=`)

	// wrappers start what stands behind them.
	wrappers = []string{"exec", "env", "nohup", "time", "tini", "dumb-init", "sudo", "--", "opentelemetry-instrument"}
	// runners start what stands behind their word "run".
	runners = []string{"uv", "poetry", "pipenv", "pdm", "hatch", "rye"}
)

// commandsOf are the commands that words come to: those of a shell's script, or
// themselves, without what only starts them.
func commandsOf(words []string) [][]string {
	script := scriptOf(words)
	if script < 0 {
		if words = unwrapped(words); len(words) == 0 {
			return nil
		}
		return [][]string{words}
	}
	return started(split(words[script]))
}

// started are the words of a script's commands, without what only starts them.
func started(commands []shell.Command) (list [][]string) {
	for _, c := range commands {
		if words := unwrapped(c.Words); len(words) > 0 {
			list = append(list, words)
		}
	}
	return list
}

// split are the commands of a shell's script, as far as it can be read. Nothing is filled
// in.
func split(script string) []shell.Command { return shell.Readable(script, asWritten) }

func asWritten(part string) (string, error) { return part, nil }

// scriptOf is the place of the script that a shell is given in its words; -1 for none.
func scriptOf(words []string) int {
	started := unwrapped(words)
	if len(started) == 0 || !slices.Contains(shells, path.Base(started[0])) {
		return -1
	}
	option := func(w string) bool { return strings.HasPrefix(w, "-") && strings.HasSuffix(w, "c") }
	if i := slices.IndexFunc(started, option) + 1; i > 0 && i < len(started) {
		return len(words) - len(started) + i
	}
	return -1
}

// unwrapped is a command without what only starts it: `uv run python -m uvicorn
// main:app` runs uvicorn.
func unwrapped(words []string) []string {
	for len(words) > 0 {
		name := path.Base(words[0])
		switch {
		case assigned.MatchString(words[0]), slices.Contains(wrappers, name):
			words = words[1:]
		case slices.Contains(runners, name) && len(words) > 1 && words[1] == "run":
			words = words[2:]
			for len(words) > 0 && strings.HasPrefix(words[0], "-") {
				words = words[1:]
			}
		case strings.HasPrefix(name, "python") && slices.Contains(words, "-m"):
			words = words[slices.Index(words, "-m")+1:]
		case strings.HasPrefix(name, "python") && slices.IndexFunc(words, isScript) > 0:
			words = words[slices.IndexFunc(words, isScript):]
		default:
			return words
		}
	}
	return nil
}

// isScript reports whether a word names a file of Python.
func isScript(word string) bool { return strings.HasSuffix(word, ".py") }
