package compose

import (
	"errors"

	substitution "github.com/compose-spec/compose-go/v2/template"
)

// substitute puts the variables into a text, and a placeholder where the text demands one that nobody gave.
func (w *written) substitute(text string, values substitution.Mapping) (string, error) {
	given := func(name string) (string, bool) {
		if w.missing[name] {
			return placeholder + name, true
		}
		return values(name)
	}
	filled, err := substitution.Substitute(text, given)
	var required *substitution.MissingRequiredError
	for errors.As(err, &required) && !w.missing[required.Variable] {
		w.missing[required.Variable] = true
		filled, err = substitution.Substitute(text, given)
	}
	return filled, err
}
