package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// name identifies a mutant independent of edits elsewhere in its file: it has
// no line number.
type name struct{ file, function, change string }

func (m mutant) name() name { return name{m.File, m.Function, m.Change} }

// readAccepted reads the table of accepted survivors: rows of file, function,
// change and reason. Cells may be formatted as code.
func readAccepted(path string) ([]name, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var accepted []name
	for i, line := range strings.Split(string(text), "\n") {
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		var cells []string // split at its bars, except those after a backslash
		for _, cell := range strings.Split(strings.ReplaceAll(line, `\|`, "\n"), "|") {
			cell = strings.ReplaceAll(strings.TrimSpace(cell), "\n", "|")
			cells = append(cells, strings.TrimSuffix(strings.TrimPrefix(cell, "`"), "`"))
		}
		cells = cells[1 : len(cells)-1] // without the parts outside of the first and last bar
		if len(cells) != 4 || slices.Contains(cells, "") {
			return nil, fmt.Errorf("%s:%d: a row is file, function, change and reason, each of them given", path, i+1)
		}
		one := name{cells[0], cells[1], cells[2]}
		if slices.Contains(accepted, one) {
			return nil, fmt.Errorf("%s:%d: the row is there twice", path, i+1)
		}
		accepted = append(accepted, one)
	}
	return accepted, nil
}

// row returns the row of a mutant in the table, without the reason.
func (n name) row() string {
	return fmt.Sprintf("| `%s` | `%s` | `%s` | ", n.file, n.function, strings.ReplaceAll(n.change, "|", `\|`))
}
