// Package tty lays out text for a terminal: tables, lines of at most so many
// cells, colour, a line that moves, and figures that may be unknown.
//
// It does not know what the text is about.
package tty

import (
	"strings"
	"unicode"

	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"plan/internal/printable"
)

// Clean returns a text as one line without control characters, which a text of a
// service may have.
func Clean(text string) string {
	return strings.Join(strings.FieldsFunc(twwidth.Filter().ReplaceAllString(text, ""), func(r rune) bool {
		return !printable.Is(r) || unicode.IsSpace(r)
	}), " ")
}

// Wrap breaks a text into lines of at most width cells, between words where it can.
func Wrap(text string, width int) string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		for twwidth.Width(word) > width {
			head := twwidth.Truncate(word, width)
			word = word[len(head):]
			lines, line = appendText(lines, line), ""
			lines = append(lines, head)
		}
		if line != "" && twwidth.Width(line)+1+twwidth.Width(word) > width {
			lines, line = appendText(lines, line), ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	return strings.Join(appendText(lines, line), "\n")
}

func appendText(lines []string, line string) []string {
	if line == "" {
		return lines
	}
	return append(lines, line)
}

// Join joins the texts that are not empty, each cleaned.
func Join(separator string, texts ...string) string {
	var parts []string
	for _, text := range texts {
		if text = Clean(text); text != "" {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, separator)
}

// Cut returns a line of at most width cells; an ellipsis ends a longer one.
func Cut(line string, width int) string {
	if twwidth.Width(line) <= width {
		return line
	}
	if width < 1 {
		return ""
	}
	return twwidth.Truncate(line, width-1) + "…"
}
