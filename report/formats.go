package report

import (
	"io"
	"slices"

	"plan/runner/journal"
)

// Format is a file format of a run.
type Format struct {
	Name  string // in --report NAME=PATH
	Doc   string // a few words
	Write func(w io.Writer, run journal.Run) error
}

// formats are all formats. The flag --report, its completion and its errors come
// from this table.
var formats = []Format{
	{Name: "json", Doc: "format 1", Write: jsonReport},
	{Name: "csv", Doc: "one line for each trial", Write: csvReport},
}

// Formats returns all formats.
func Formats() []Format { return slices.Clone(formats) }
