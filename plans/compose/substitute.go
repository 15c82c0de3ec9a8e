package compose

import (
	"errors"
	"strings"

	substitution "github.com/compose-spec/compose-go/v2/template"
)

// substitute puts the variables into a text, one after the other: told of all
// at once, Compose's reader would print a warning for each that is not set.
func (s *project) substitute(text string, values substitution.Mapping) (string, error) {
	given := func(name string) (string, bool) {
		if s.missing[name] {
			return placeholder + name, true
		}
		return values(name)
	}
	var filled strings.Builder
	for _, piece := range pieces(text) {
		value, err := substitution.SubstituteWithOptions(piece, given, substitution.WithoutLogging)
		var required *substitution.MissingRequiredError
		for errors.As(err, &required) && !s.missing[required.Variable] {
			s.missing[required.Variable] = true
			value, err = substitution.SubstituteWithOptions(piece, given, substitution.WithoutLogging)
		}
		if err != nil {
			return "", err
		}
		filled.WriteString(value)
	}
	return filled.String(), nil
}

// pieces cuts a text before and after each variable in braces.
func pieces(text string) []string {
	var list []string
	start := 0
	for at := 0; at < len(text); at++ {
		switch {
		case strings.HasPrefix(text[at:], "$$"):
			at++
		case strings.HasPrefix(text[at:], "${"):
			end := at + closing(text[at:])
			list = append(list, text[start:at], text[at:end])
			start, at = end, end-1
		}
	}
	return append(list, text[start:])
}

// closing is where the braces that a text begins with are closed, or its end.
func closing(text string) int {
	depth := 0
	for i, r := range text {
		switch r {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(text)
}
