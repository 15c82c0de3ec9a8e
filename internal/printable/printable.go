// Package printable finds the characters of a text that change what a terminal shows instead of being shown: control
// characters, and marks that reverse the direction of text. It knows nothing of where a text comes from.
package printable

import (
	"regexp"
	"strings"
	"unicode"
)

// Is reports whether a character is shown as itself. Tab and newline are.
func Is(r rune) bool {
	return r == '\t' || r == '\n' ||
		!unicode.IsControl(r) && !unicode.Is(unicode.Bidi_Control, r) && r != '\u2028' && r != '\u2029'
}

// colour is a sequence that changes only how the text after it looks: bold, a colour (ECMA-48, SGR).
var colour = regexp.MustCompile(`(?:\x1b\[|\x{9b})[0-9:;]*m`)

// Text returns the text without colours, and with U+FFFD instead of each other character that is not shown as itself.
func Text(text string) string { return SameLength(colour.ReplaceAllString(text, "")) }

// SameLength returns the text with U+FFFD instead of each character that is not shown as itself. It keeps the number of
// characters.
func SameLength(text string) string {
	return strings.Map(func(r rune) rune {
		if Is(r) {
			return r
		}
		return unicode.ReplacementChar
	}, text)
}

// Foreign returns the first character of a text that is not shown as itself, or is a tab or a newline; false without
// one.
func Foreign(text string) (rune, bool) {
	for _, r := range text {
		if !Is(r) || r == '\t' || r == '\n' {
			return r, true
		}
	}
	return 0, false
}
