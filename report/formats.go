package report

import (
	"io"
	"slices"

	"plan/runner/journal"
)

// Format is a form in which a run is written to a file.
type Format struct {
	Name  string // in --report NAME=PATH
	Doc   string // a few words
	Write func(w io.Writer, run journal.Run) error
}

// formats has every form. Flags, their completion and what they refuse are made
// from it.
var formats = []Format{
	{Name: "json", Doc: "format 1", Write: JSON},
	{Name: "csv", Doc: "one line for each trial", Write: CSV},
}

// Formats returns all of them.
func Formats() []Format { return slices.Clone(formats) }
