// Package dockerfile reads from a Dockerfile how the image that it builds is run, and
// whether the engine's builder can build it. It builds nothing.
package dockerfile

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// Stage is how an image of a stage is run. What a stage does not say comes from the
// stage that it begins with.
type Stage struct {
	Base                string // image that it begins with
	Entrypoint, Command []string
	Exposed             []string
	Environment         map[string]string
	Healthcheck         []string   // "CMD" with words, or "CMD-SHELL" with a text; nil: none
	Copied              [][]string // the words of each COPY and ADD, without options
}

// Read reads the stage that is built: the target, or the last one if target is "". Args
// are build arguments. It is the zero Stage where the text cannot be read.
func Read(text, target string, args map[string]string) Stage {
	result, err := parser.Parse(strings.NewReader(text))
	if err != nil {
		return Stage{}
	}
	stages, at := map[string]Stage{}, ""
	var now Stage
	ownCommand := false        // the command is of the stage itself
	values := maps.Clone(args) // of ARG and ENV
	if values == nil {
		values = map[string]string{}
	}
	expand := func(text string) string {
		return expansion.ReplaceAllStringFunc(text, func(found string) string {
			m := expansion.FindStringSubmatch(found)
			if value := values[m[1]+m[2]]; value != "" {
				return value
			}
			return m[3]
		})
	}
	for _, n := range result.AST.Children {
		words := wordsOf(n)
		switch strings.ToUpper(n.Value) {
		case "FROM":
			if at != "" && strings.EqualFold(at, target) {
				return now
			}
			stages[strings.ToLower(at)], at = now, ""
			if len(words) == 0 {
				continue
			}
			base := expand(words[0])
			now, ownCommand = Stage{Base: base}, false
			if before, is := stages[strings.ToLower(base)]; is {
				now = before
				now.Environment = maps.Clone(before.Environment)
				now.Exposed, now.Copied = slices.Clone(before.Exposed), slices.Clone(before.Copied)
			}
			if len(words) == 3 {
				at = words[2]
			}
		case "ARG":
			for _, word := range words {
				if name, value, is := strings.Cut(word, "="); is && values[name] == "" {
					values[name] = strings.Trim(expand(value), `"'`)
				}
			}
		case "ENV":
			for i := 0; i+1 < len(words); i += 3 { // name, value, separator
				if now.Environment == nil {
					now.Environment = map[string]string{}
				}
				value := strings.Trim(expand(words[i+1]), `"'`)
				now.Environment[words[i]], values[words[i]] = value, value
			}
		case "ENTRYPOINT":
			now.Entrypoint = command(n, words)
			if !ownCommand {
				now.Command = nil
			}
		case "CMD":
			now.Command, ownCommand = command(n, words), true
		case "EXPOSE":
			for _, word := range words {
				now.Exposed = append(now.Exposed, expand(word))
			}
		case "HEALTHCHECK":
			now.Healthcheck = nil
			if len(words) > 1 && strings.EqualFold(words[0], "CMD") {
				now.Healthcheck = append([]string{"CMD"}, words[1:]...)
				if !n.Attributes["json"] {
					now.Healthcheck = []string{"CMD-SHELL", strings.Join(words[1:], " ")}
				}
			}
		case "COPY", "ADD":
			now.Copied = append(now.Copied, words)
		}
	}
	return now
}

// wordsOf are those behind the name of an instruction and its options.
func wordsOf(n *parser.Node) []string {
	var words []string
	for next := n.Next; next != nil; next = next.Next {
		words = append(words, next.Value)
	}
	return words
}

var expansion = regexp.MustCompile(`\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)(?::?-([^{}]*))?\})`)

// command is the words of a command in either form: a list, or a text for a shell.
func command(n *parser.Node, words []string) []string {
	if n.Attributes["json"] {
		return append([]string{}, words...)
	}
	return []string{"sh", "-c", strings.Join(words, " ")}
}

// buildKitOptions are options of instructions that only BuildKit knows.
var buildKitOptions = map[string][]string{
	"RUN":  {"--mount", "--network", "--security", "--device"},
	"COPY": {"--link", "--chmod", "--parents", "--exclude"},
	"ADD":  {"--link", "--chmod", "--checksum", "--keep-git-dir", "--exclude", "--unpack"},
}

var (
	// platform is a build argument that only BuildKit sets, platforms are such in a text.
	platform  = regexp.MustCompile(`^(?:BUILD|TARGET)(?:PLATFORM|OS|ARCH|VARIANT)$`)
	platforms = regexp.MustCompile(`\$\{?(?:BUILD|TARGET)(?:PLATFORM|OS|ARCH|VARIANT)\b`)
	// released is a release of Docker's own syntax: what of it only BuildKit knows is seen in the instructions.
	released = regexp.MustCompile(`^(?:docker\.io/)?docker/dockerfile(?::[\d.]+)?$`)
	// repository is a source of ADD that BuildKit clones, and the engine's builder takes as a
	// file.
	repository = regexp.MustCompile(`^(?:https?://[^?#]*\.git(?:[?#].*)?|(?:git|ssh)://.*|[\w.-]+@[\w.-]+:.*)$`)
)

// NeedsBuildKit returns what of a Dockerfile the engine's own builder does not know, with
// its line, in order; nothing where it knows all. Args are the names of the build arguments
// that are given: those that only BuildKit sets by itself are then set too.
func NeedsBuildKit(text string, args []string) []string {
	var reasons []string
	if syntax, _, at, is := parser.DetectSyntax([]byte(text)); is && !released.MatchString(syntax) {
		reasons = append(reasons, fmt.Sprintf("# syntax=%s in line %d", syntax, at[0].Start.Line))
	}
	result, err := parser.Parse(strings.NewReader(text))
	if err != nil {
		return reasons
	}
	for _, n := range result.AST.Children {
		for _, what := range needs(n, args) {
			reasons = append(reasons, fmt.Sprintf("%s in line %d", what, n.StartLine))
		}
	}
	return reasons
}

// needs are the parts of an instruction that the engine's own builder does not know, with
// the names of the arguments that it is given.
func needs(n *parser.Node, args []string) []string {
	var list []string
	name := strings.ToUpper(n.Value)
	for _, flag := range n.Flags {
		option, _, _ := strings.Cut(flag, "=")
		if slices.Contains(buildKitOptions[name], option) {
			list = append(list, name+" "+option)
		}
	}
	if len(n.Heredocs) > 0 {
		return append(list, "a heredoc")
	}
	words := wordsOf(n)
	switch name {
	case "FROM":
		if found := platforms.FindString(n.Original); found != "" {
			list = append(list, strings.TrimLeft(found, "${"))
		}
	case "ARG": // a default would be its value
		list = append(list, slices.DeleteFunc(words, func(word string) bool {
			return !platform.MatchString(word) || slices.Contains(args, word)
		})...)
	case "ADD":
		if len(words) > 0 && slices.ContainsFunc(words[:len(words)-1], repository.MatchString) {
			list = append(list, "ADD of a Git repository")
		}
		list = append(list, intoFolder(name, words)...)
	case "COPY":
		list = append(list, intoFolder(name, words)...)
	case "ONBUILD":
		if n.Next != nil && len(n.Next.Children) > 0 {
			list = append(list, needs(n.Next.Children[0], args)...)
		}
	}
	return list
}

// intoFolder is a copy of several files to a folder whose name has no slash at its end.
func intoFolder(name string, words []string) []string {
	if len(words) < 3 || strings.HasSuffix(words[len(words)-1], "/") || strings.Contains(words[len(words)-1], "$") {
		return nil
	}
	return []string{name + " of several files to a folder without / at its end"}
}
