// Package envfile reads files of environment variables, as Compose reads those of
// env_file: one NAME=value on each line, with quotes, comments and variables.
//
// It knows nothing of plans and of Compose files. An error never quotes the file,
// since it may hold secrets.
package envfile

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/dotenv"
)

var (
	lineNumber = regexp.MustCompile(`^line \d+`)
	// operators are references that distinguish a variable that is not set from an
	// empty one.
	operators = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)[-?+]`)
)

// Parse returns the variables of a file, less those that earlier files have with the
// same value. A reference such as ${NAME} takes what set has, else what the file or an
// earlier one has, else nothing.
func Parse(data []byte, set func(name string) (string, bool), earlier map[string]string) (map[string]string, error) {
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	optional := map[string]bool{}
	for _, found := range operators.FindAllSubmatch(data, -1) {
		optional[string(found[1])] = true
	}
	values := maps.Clone(earlier)
	if values == nil {
		values = map[string]string{}
	}
	lookup := func(name string) (string, bool) {
		if value, is := set(name); is {
			return value, true
		}
		value, is := values[name]
		// Of a plain reference that is not set, the parser would print a warning.
		return value, is || !optional[name] && !inherited(data, name)
	}
	if err := dotenv.ParseWithFormat(bytes.NewReader(data), "", values, lookup, ""); err != nil {
		for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
			err = inner
		}
		if at := lineNumber.FindString(err.Error()); at != "" {
			return nil, fmt.Errorf("%s is not NAME=value", at)
		}
		return nil, errors.New("a reference in it has no value, or cannot be read")
	}
	maps.DeleteFunc(values, func(name, value string) bool {
		before, is := earlier[name]
		return is && before == value
	})
	return values, nil
}

// Lookup returns the value of a variable in "NAME=value" texts, such as those of an
// environment; the last one counts.
func Lookup(environ []string, name string) (value string, is bool) {
	for _, entry := range slices.Backward(environ) {
		if value, is := strings.CutPrefix(entry, name+"="); is {
			return value, true
		}
	}
	return "", false
}

// Example is the file beside another one that it is usually copied from, by a path in
// the same form; "" if there is none.
func Example(path string) string {
	folder, base := filepath.Split(path)
	for _, name := range []string{base + ".example", base + ".sample", base + ".template", base + ".dist",
		"example" + base, "sample" + base} {
		if info, err := os.Stat(folder + name); err == nil && info.Mode().IsRegular() {
			return folder + name
		}
	}
	return ""
}

// inherited reports whether a name stands alone on a line: its value is that of the
// environment, and without one there is no variable.
func inherited(data []byte, name string) bool {
	return regexp.MustCompile(`(?m)^[ \t]*(?:export[ \t]+)?` + regexp.QuoteMeta(name) + `[ \t]*$`).Match(data)
}
