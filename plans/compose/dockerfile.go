package compose

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// dockerfile is what the file that an image is built of says of how it is run.
type dockerfile struct {
	base                string // of the stage that is built
	entrypoint, command []string
	exposed             []string
	environment         map[string]string
	copied              [][]string // the words of each COPY and ADD
}

var (
	joined      = regexp.MustCompile(`\\[ \t]*\r?\n`)
	instruction = regexp.MustCompile(`^\s*([A-Za-z]+)\s+(.*?)\s*$`)
)

// dockerfile reads the one that a service is built of; nothing of it where there is
// none on this machine.
func (s *project) dockerfile(x types.ServiceConfig) dockerfile {
	if x.Build == nil {
		return dockerfile{}
	}
	text := x.Build.DockerfileInline
	if text == "" {
		path := x.Build.Dockerfile
		if !filepath.IsAbs(path) {
			path = filepath.Join(x.Build.Context, path)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return dockerfile{}
		}
		text = string(content)
	}
	return parseDockerfile(text, x.Build.Target)
}

// parseDockerfile reads the stage that is built, and those that it begins with.
func parseDockerfile(text, target string) dockerfile {
	stages, at := map[string]dockerfile{}, ""
	var d dockerfile
	for line := range strings.Lines(joined.ReplaceAllString(text, " ")) {
		found := instruction.FindStringSubmatch(line)
		if found == nil {
			continue
		}
		word, rest := strings.ToUpper(found[1]), found[2]
		fields := strings.Fields(rest)
		switch word {
		case "FROM":
			if at != "" && at == strings.ToLower(target) {
				return d
			}
			stages[at] = d
			fields = withoutOptions(fields)
			if len(fields) == 0 {
				continue
			}
			d, at = dockerfile{base: fields[0]}, ""
			if before, is := stages[strings.ToLower(fields[0])]; is {
				d = before
			}
			if len(fields) == 3 {
				at = strings.ToLower(fields[2])
			}
		case "ENTRYPOINT":
			d.entrypoint, d.command = commandWords(rest), nil
		case "CMD":
			d.command = commandWords(rest)
		case "EXPOSE":
			d.exposed = append(d.exposed, fields...)
		case "ENV":
			d.environment = with(d.environment, rest)
		case "COPY", "ADD":
			d.copied = append(d.copied, withoutOptions(fields))
		}
	}
	return d
}

// commandWords are the words of a command in either form: a list, or a text for a shell.
func commandWords(text string) []string {
	var list []string
	if json.Unmarshal([]byte(text), &list) == nil {
		return list
	}
	return []string{"sh", "-c", text}
}

// with adds what an ENV says: `A=b C="d"`, or in the old form `A b`.
func with(before map[string]string, text string) map[string]string {
	values := map[string]string{}
	for name, value := range before {
		values[name] = value
	}
	fields := strings.Fields(text)
	if len(fields) > 1 && !strings.Contains(fields[0], "=") {
		values[fields[0]] = strings.Join(fields[1:], " ")
		return values
	}
	for _, field := range fields {
		if name, value, is := strings.Cut(field, "="); is {
			values[name] = strings.Trim(value, `"'`)
		}
	}
	return values
}
