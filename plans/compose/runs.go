package compose

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// starts are the words that a service is started with, as far as the Compose
// file and the Dockerfile that it is built of say them. An entrypoint of the
// Compose file takes the image's command away.
func (s *project) starts(x types.ServiceConfig) []string {
	entrypoint, command := []string(x.Entrypoint), []string(x.Command)
	d := s.dockerfile(x)
	if x.Entrypoint == nil {
		entrypoint = d.Entrypoint
		if x.Command == nil {
			command = d.Command
		}
	}
	return append(slices.Clone(entrypoint), command...)
}

// unfilledStarts are the words of starts as the Compose file has them; those of a
// Dockerfile are empty.
func (s *project) unfilledStarts(x types.ServiceConfig) []string {
	raw := append(s.unfilled(x.Name, "entrypoint", x.Entrypoint), s.unfilled(x.Name, "command", x.Command)...)
	return append(make([]string, len(s.starts(x))-len(raw)), raw...)
}

// base is the image that a service is, or is built on.
func (s *project) base(x types.ServiceConfig) string {
	if d := s.dockerfile(x); d.Base != "" {
		return d.Base
	}
	return x.Image
}

// running is the tool that a service runs. Of a shell's commands one that goes on
// says more than those that end; where all end, it is a job.
func (s *project) running(x types.ServiceConfig) tool {
	commands := commandsOf(s.starts(x))
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
	wrappers = []string{"exec", "env", "nohup", "time", "tini", "dumb-init", "then", "do", "else", "if", "while", "until",
		"!", "(", "{", "sudo", "--", "opentelemetry-instrument"}
	// runners start what stands behind their word "run".
	runners = []string{"uv", "poetry", "pipenv", "pdm", "hatch", "rye"}
)

// commandsOf are the commands that words come to: those of a shell's script, or
// themselves, without what only starts them.
func commandsOf(words []string) [][]string {
	var list [][]string
	script := scriptOf(words)
	if script < 0 {
		if words = unwrapped(words); len(words) == 0 {
			return nil
		}
		return [][]string{words}
	}
	for _, command := range split(words[script]) {
		if command = unwrapped(command); len(command) > 0 {
			list = append(list, command)
		}
	}
	return list
}

// split are the commands of a shell's script, each as its words: without quotes, comments
// and redirections. Nothing is filled in.
func split(script string) [][]string {
	var list [][]string
	var words []string
	var word strings.Builder
	var quote byte // that is open
	inWord, redirects := false, false
	operator, end := "", "" // of a redirection; the line that ends a document in the script
	endWord := func() {
		if inWord && !redirects {
			words = append(words, word.String())
		}
		if inWord && redirects && operator == "<<" {
			end = strings.TrimPrefix(word.String(), "-")
		}
		redirects = redirects && !inWord
		inWord = false
		word.Reset()
	}
	endCommand := func() {
		endWord()
		if len(words) > 0 {
			list = append(list, words)
		}
		words, redirects = nil, false
	}
	write := func(c byte) {
		inWord = true
		word.WriteByte(c)
	}
	is := func(i int, of string) bool { return i < len(script) && strings.IndexByte(of, script[i]) >= 0 }
	for i := 0; i < len(script); i++ {
		switch c := script[i]; {
		case c == '\\' && quote != '\'' && i+1 < len(script):
			i++
			if quote != 0 && !is(i, "$`\"\\\n") {
				write(c)
			}
			if script[i] != '\n' {
				write(script[i])
			}
		case c == quote:
			quote = 0
		case quote != 0:
			write(c)
		case c == '"' || c == '\'':
			quote, inWord = c, true
		case is(i, " \t\r"):
			endWord()
		case c == '#' && !inWord:
			for i+1 < len(script) && script[i+1] != '\n' {
				i++
			}
		case is(i, "<>") || c == '&' && is(i+1, ">"):
			if strings.Trim(word.String(), "0123456789") == "" { // the number of a file
				inWord = false
			}
			endWord()
			redirects, operator = true, string(c)
			for ; is(i+1, "<>&|"); i++ {
				operator += string(script[i+1])
			}
		case is(i, ";|&\n"):
			endCommand()
			for end != "" && c == '\n' && i < len(script) { // a line of the document
				line, _, _ := strings.Cut(script[i+1:], "\n")
				i += len(line) + 1
				if strings.TrimSpace(line) == end {
					end = ""
				}
			}
		default:
			write(c)
		}
	}
	endCommand()
	return list
}

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
