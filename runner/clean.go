package runner

import (
	"strings"
	"unicode"

	"plan/plans"
)

// CleanCommand returns the command line that removes what a run left on a platform; nil is Docker.
func CleanCommand(run string, where *plans.Platform) string {
	if where == nil {
		return "plan clean " + run
	}
	command := "plan clean " + run + " --platform " + where.Name
	for _, flag := range []struct{ name, value string }{{"context", where.Context}, {"namespace", where.Namespace}} {
		if flag.value != "" {
			command += " --" + flag.name + " " + shellWord(flag.value)
		}
	}
	return command
}

// shellWord returns a text as one word of a shell: names of contexts may have any character.
func shellWord(text string) string {
	if !strings.ContainsFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("._-/:@", r)
	}) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
