// Package shellword writes texts as words of a POSIX shell, for command lines that people copy.
package shellword

import (
	"strings"
	"unicode"
)

// Quote returns the text as one word of a shell: as it is where no shell reads a character of it otherwise, else in
// single quotes.
func Quote(text string) string {
	special := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("._-/:@,+", r)
	}
	if text != "" && !strings.ContainsFunc(text, special) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// Join returns the texts as a command line.
func Join(words []string) string {
	var quoted []string
	for _, word := range words {
		quoted = append(quoted, Quote(word))
	}
	return strings.Join(quoted, " ")
}
